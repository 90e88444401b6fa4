"""Who follows the cluster on each node: `vipswitch follow` of one kind, with the agent, and a script of old.

Rules: what is replaced in an example's `vipswitch.toml` is replaced here and nowhere else. All nodes of a lab
have one host name, so each follower is told by which name the cluster knows its node.
"""

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.e2e import movers
from tests.e2e.aws import Aws
from vipswitch.testing.fabric.host import Host

ROOT = Path(__file__).resolve().parents[3]
NAIVE = "naive"
KINDS = ("patroni", "etcd")
VIP = "10.99.0.50"

_TABLES = ("rtb-0a1b2c3d4e5f60718", "rtb-08172635445362718")
_VIPSWITCH = str(Path(sys.executable).with_name("vipswitch"))
_BEGUN = "follows cluster"


@dataclass(frozen=True, slots=True)
class Site:
    """A node, what the cluster calls it, its folder and the cloud."""

    host: Host
    member: str
    folder: Path
    cloud: Aws

    def environment(self) -> Mapping[str, str]:
        """That of all programs of the node."""
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "PYTHONPATH": str(ROOT),
            "VIPSWITCH_CONFIG": str(self.folder / "vipswitch.toml"),
            "VIPSWITCH_RUN_DIR": str(self.folder / movers.RUN),
            **self.cloud.environment(),
        }


AGENT = (_VIPSWITCH, "agent")


def prepare(site: Site, kind: str) -> None:
    """The example's config of that kind, and the run folder, in their places."""
    site.folder.mkdir(parents=True, exist_ok=True)
    (site.folder / movers.RUN).mkdir()
    text = (ROOT / "examples" / f"follow-{kind}" / "vipswitch.toml").read_text()
    for example, ours in zip(_TABLES, site.cloud.tables, strict=True):
        text = text.replace(example, ours)
    for number, host in enumerate(site.cloud.vpc.nodes, 1):
        text = text.replace(f"10.0.{number}.10", str(host.address))
    (site.folder / "vipswitch.toml").write_text(text)


def command(site: Site, mover: str) -> Sequence[str]:
    """The program that follows."""
    if mover == NAIVE:
        program = str(Path(__file__).with_name("naive.py"))
        return [sys.executable, program, VIP, "eth0", ",".join(site.cloud.tables)]
    return [_VIPSWITCH, "follow", "--member", site.member]


class Follower:
    """One follower; it lives until it is killed."""

    def __init__(self, site: Site, mover: str) -> None:
        self._log = site.folder / "follow.log"
        with self._log.open("ab") as log:
            self._process: subprocess.Popen[bytes] = site.host.namespace.popen(
                command(site, mover), env=site.environment(), output=log
            )

    @property
    def log(self) -> str:
        """What it has logged."""
        return self._log.read_text(errors="replace")

    def wait(self, *, within_s: float = 20.0) -> None:
        """Until it has begun; TimeoutError."""
        deadline = time.monotonic() + within_s
        while _BEGUN not in self.log:
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise TimeoutError(f"nobody follows\n{self.log[-2000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL, and wait for its end."""
        self._process.kill()
        self._process.wait()
