"""What is done to a cluster, one function per scenario; what must come of it stands in `judge`.

Rules: a scenario notes what there is after each thing it does, and asserts nothing, so that the
counter-example runs to the end as well. A cluster's start is what costs, so each scenario does several
things. What takes as long as it would outside does so in the full run only.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from botocore.exceptions import ClientError

from tests.e2e import acts
from tests.e2e.pacemaker import judge
from tests.e2e.pacemaker.evidence import Evidence
from tests.e2e.pacemaker.stage import ADDRESS, VIP, Lab
from vipswitch.testing.aws import AwsCloud

OUTAGE_S = 60.0
BROWN_OUT_S, BROWN_OUT_SHORTLY_S = 40.0, 9.0
STOPPED_S = 5.0
SETTLED_WITHIN_S = 30.0
FENCED_WITHIN_S = 40.0
AFTERWARDS_S = 4.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is done, and what must come of it; `fences` says whether the cluster may fence."""

    act: Callable[[Lab], None]
    violations: Callable[[Evidence], list[str]]
    fences: bool = False


def steady(lab: Lab) -> None:
    """With fencing: no connection to the API lasts, at monitors and around a move; the route is led astray by
    hand, then deleted; at last the nodes do not see each other."""
    old, new = _nodes(lab)
    lab.settle(old, SETTLED_WITHIN_S)
    lab.note("started")
    lab.cloud.aws.faults.drop_before(None)
    time.sleep(acts.long(BROWN_OUT_S, BROWN_OUT_SHORTLY_S))
    lab.note("brown-out")
    _move(lab, new)
    time.sleep(STOPPED_S)
    lab.cloud.aws.faults.clear()
    lab.settle(new, SETTLED_WITHIN_S)
    lab.note("moved")
    _lead(lab, to=old)
    lab.note("led astray")
    lab.settle(new, SETTLED_WITHIN_S)
    lab.note("astray")
    _lead(lab, to=None)
    lab.settle(new, SETTLED_WITHIN_S)
    lab.note("deleted")
    lab.cloud.vpc.router.split(*lab.cloud.vpc.nodes)
    _wait_for_fencing(lab, FENCED_WITHIN_S)
    _settle_anywhere(lab)
    time.sleep(AFTERWARDS_S)
    lab.note("partition")


def away(lab: Lab) -> None:
    """The API answers 503 around a move."""
    old, new = _nodes(lab)
    lab.settle(old, SETTLED_WITHIN_S)
    lab.note("started")
    lab.cloud.aws.faults.throttle(None)
    _move(lab, new)
    time.sleep(OUTAGE_S)
    lab.note("during the outage")
    lab.cloud.aws.faults.clear()
    lab.settle(new, SETTLED_WITHIN_S)
    lab.note("moved")


def outage(lab: Lab) -> None:
    """The same; later the node with the VIP is killed and comes back, and then both."""
    old, new = _nodes(lab)
    away(lab)
    _let_go(lab)
    lab.cluster.nodes[new].kill()
    lab.settle(old, 25.0)
    lab.note("killed")
    lab.cluster.start()
    lab.settle(old, 20.0)
    lab.note("returned")
    for node in lab.cluster.nodes.values():
        node.kill()
    _lead(lab, to=new)
    lab.cluster.start()
    lab.cluster.wait_for_rest()
    _settle_anywhere(lab)
    lab.note("all returned")


def _nodes(lab: Lab) -> tuple[str, str]:
    """Who has the VIP, and the other."""
    old = lab.cluster.where(VIP)
    assert old is not None
    return old, next(name for name in lab.cluster.nodes if name != old)


def _move(lab: Lab, to: str) -> None:
    """As a person does it, who lets the cluster choose again afterwards."""
    lab.cluster.ask("crm_resource", "--resource", VIP, "--move", "--node", to)


def _let_go(lab: Lab) -> None:
    lab.cluster.ask("crm_resource", "--resource", VIP, "--clear")


def _lead(lab: Lab, *, to: str | None) -> None:
    """By hand: the routes lead to this node, or there are none."""
    interface = {host.name: str(id) for id, host in lab.cloud.interfaces().items()}

    def lead(aws: AwsCloud) -> None:
        for table in lab.cloud.tables:
            route = {"RouteTableId": table, "DestinationCidrBlock": f"{ADDRESS}/32"}
            with suppress(ClientError):  # the counter-example may have none
                aws.ec2().delete_route(**route)
            if to is not None:
                aws.ec2().create_route(**route, NetworkInterfaceId=interface[to])

    lab.cloud.ask(lead)


def _settle_anywhere(lab: Lab) -> None:
    deadline = time.monotonic() + SETTLED_WITHIN_S
    while time.monotonic() < deadline:
        where = lab.cluster.where(VIP)
        if where is not None and lab.holders() == lab.addresses() == [where]:
            return
        time.sleep(0.3)


def _wait_for_fencing(lab: Lab, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not lab.fenced and time.monotonic() < deadline:
        time.sleep(0.2)


SCENARIOS: Mapping[str, Scenario] = {
    "steady": Scenario(steady, judge.steady, fences=True),
    "away": Scenario(away, judge.away),
    "outage": Scenario(outage, judge.outage),
}
