"""A Pacemaker cluster on the nodes of the fabric, and what can be asked of it.

Rules: the first DC is not waited for as long as on machines that boot at different times; nothing is fenced
until a scenario wants it. Source: "Pacemaker Explained", cluster options; crm_mon(8).
"""

import re
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.pacemaker.node import Node, corosync_conf
from vipswitch.testing.fabric.host import Host

TOKEN_MS = 3000
_ONLINE_WITHIN_S = 60.0
_DEGRADED = "190"
_CIB = """<cib validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0">
  <configuration>
    <crm_config>
      <cluster_property_set id="cib-bootstrap-options">
        <nvpair id="cib-bootstrap-options-dc-deadtime" name="dc-deadtime" value="2s"/>
        <nvpair id="cib-bootstrap-options-stonith-enabled" name="stonith-enabled" value="false"/>
      </cluster_property_set>
    </crm_config>
    <nodes/>
    <resources/>
    <constraints/>
  </configuration>
  <status/>
</cib>
"""


class Cluster:
    """The nodes by their names; a question is asked of the first one that is a member."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = {node.name: node for node in nodes}

    def start(self) -> None:
        """Boot what is off, and start the cluster everywhere."""
        for node in self.nodes.values():
            if not node.running:
                boot(node)
        for node in self.nodes.values():
            node.start()
        self.wait_for_members(self.nodes)

    def ask(self, *command: str, stdin: str = "") -> str:
        """Run a program on a node whose cluster runs."""
        return self.member().run(*command, stdin=stdin)

    def configure(self, lines: str) -> None:
        """Load lines of `crm configure`; CalledProcessError with what crmsh finds wrong in them."""
        self.ask("crm", "-F", "configure", "load", "update", "-", stdin=lines)

    def member(self) -> Node:
        """A node that runs pacemakerd."""
        return next(node for node in self.nodes.values() if node.running and node.pids("pacemakerd"))

    def crash(self, name: str) -> None:
        """The machine of that name is gone."""
        self.nodes[name].crash()

    def wait_for_members(self, names: Iterable[str]) -> None:
        """Until each of these sees all of them as members; TimeoutError."""
        wanted = set(names)
        self.wait_for(lambda: all(wanted <= online(self.nodes[name]) for name in wanted), _ONLINE_WITHIN_S)

    def where(self, resource: str) -> str | None:
        """On which node the cluster takes a resource to be started; None for on none."""
        told = self.member().asked("crm_resource", "--resource", resource, "--locate") or ""
        found = re.findall(r"is running on: (\S+)", told)
        return found[0] if found else None

    def wait_for_where(self, resource: str, node: str | None, within_s: float = 40.0) -> None:
        """Until a resource is started there; TimeoutError."""
        self.wait_for(lambda: self.where(resource) == node, within_s)

    def wait_for_rest(self, within_s: float = 60.0) -> None:
        """Until the cluster has done all that it has decided."""
        self.ask("crm_resource", "--wait", f"--timeout={within_s:.0f}s")

    def failures(self) -> list[str]:
        """The operations that have failed, and what the cluster has counted.

        One that says DEGRADED is shown by Pacemaker and has not failed.
        """
        root = ET.fromstring(self.ask("crm_mon", "-1f", "--output-as=xml"))
        failed = [each for each in root.iter("failure") if each.get("exitcode") != _DEGRADED]
        counted = [each.get("fail-count") for each in root.iter("resource_history") if each.get("fail-count")]
        told = [f"{each.get('op_key')} on {each.get('node')}" for each in failed]
        return [*told, *(f"a failure was counted: {count}" for count in counted)]

    def wait_for(self, happened: Callable[[], bool], within_s: float) -> None:
        """Until it has happened; TimeoutError with what the cluster shows."""
        deadline = time.monotonic() + within_s
        while not happened():
            if time.monotonic() > deadline:
                shown = [node.asked("crm_mon", "-1fr") or node.logs[-2000:] for node in self.nodes.values()]
                raise TimeoutError("\n".join(["not within the time", *shown]))
            time.sleep(0.2)


@contextmanager
def machines(
    hosts: Sequence[Host],
    folder: Path,
    env: Mapping[str, str],
    *,
    token_ms: int = TOKEN_MS,
    transport: str = "udpu",
) -> Iterator[Cluster]:
    """A cluster whose machines are on and whose programs are not yet started; all gone at the end."""
    corosync = corosync_conf(hosts, token_ms=token_ms, transport=transport)
    cluster = Cluster([Node(host, folder / host.name, corosync, env) for host in hosts])
    try:
        for node in cluster.nodes.values():
            boot(node)
        yield cluster
    finally:
        for node in cluster.nodes.values():
            node.crash()


def boot(node: Node) -> None:
    """A machine with the cluster's first configuration."""
    node.boot()
    node.write("/var/lib/pacemaker/cib/cib.xml", _CIB, mode="640")
    node.run("chown", "hacluster:haclient", "/var/lib/pacemaker/cib/cib.xml")


def online(node: Node) -> set[str]:
    """The members that a node sees."""
    told = node.asked("crm_mon", "-1", "--output-as=xml") if node.running else None
    if told is None:
        return set()
    return {
        each.get("name", "")
        for each in ET.fromstring(told).findall("./nodes/node")
        if each.get("online") == "true" and each.get("unclean") == "false"
    }
