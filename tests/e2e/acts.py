"""What all scenarios do and wait for, and what a scenario is.

Rules: nothing here asserts; a wait that is too long is a TimeoutError, which breaks the scenario off.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from tests.e2e import judge, movers
from tests.e2e.evidence import Evidence
from tests.e2e.lab import Lab
from tests.e2e.pgpool import ESCALATED, LIFECHECK_STARTED, Pgpool
from vipswitch.testing.fabric.host import Host

T = TypeVar("T", float, int)

HALF_VOTES = {"enable_consensus_with_half_votes": "on"}


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is done, in which cluster, and what must come of it.

    `asks` says whether agents may ask Pgpool-II who leads; `spoiled` whether Pgpool-II itself has done, as it
    may under load, what leaves nothing to be judged: then all is played once more.
    """

    act: Callable[[Lab], None]
    violations: Callable[[Evidence, judge.Rules], list[str]]
    nodes: int = 3
    settings: Mapping[str, str] = field(default_factory=dict)
    style: movers.Style = movers.delegate_ip
    asks: bool = False
    spoiled: Callable[[Evidence], bool] = lambda _: False


def full() -> bool:
    """Whether this is the full run (`make test-full`), where nothing is shortened."""
    return int(os.environ.get("VIPSWITCH_REPEAT", "1")) > 1


def long(outside: T, shortly: T) -> T:
    """How long, or how often: as outside in the full run, else not so."""
    return outside if full() else shortly


def leader(lab: Lab, *, lifecheck: bool = True) -> Pgpool:
    """The leader of a cluster that has come to rest.

    While the escalation still pings the VIP, a clean stop would delay its `down`. Before the lifecheck
    starts, nothing but 30 s without beacons tells of a silent fault; one that closes connections is noticed
    without.
    """
    leader = lab.wait_for_up()
    leader.wait_for(ESCALATED, within_s=60)
    for node in lab.nodes.values() if lifecheck else ():
        node.wait_for(LIFECHECK_STARTED, within_s=40)
    lab.roles["old"] = leader.host.name
    return leader


def other(lab: Lab, than: Pgpool) -> Pgpool:
    """The first node that is not this one."""
    return next(node for node in lab.nodes.values() if node is not than)


def await_new(lab: Lab) -> None:
    lab.roles["new"] = lab.wait_for_up(since=lab.marks["fault"]).host.name


def await_down(lab: Lab, node: Pgpool) -> None:
    lab.wait_for(lambda hook: hook.hook == "down" and hook.node == node.host.name, within_s=90)


def await_holder(lab: Lab, node: Pgpool, *, within_s: float) -> None:
    """Wait until all routes lead to this node; what does not come to pass is for the judge to see."""
    deadline = time.monotonic() + within_s
    while {node.host.name} != set(_holders(lab)) and time.monotonic() < deadline:
        time.sleep(0.1)


def _holders(lab: Lab) -> list[str | None]:
    return list({route.table: route.holder for route in lab.vip.truth()}.values())


def await_quiet(lab: Lab, *, quiet_s: float = 5.0, within_s: float = 120.0) -> None:
    """Wait until no hook has run for a while."""
    deadline = time.monotonic() + within_s
    since = time.monotonic()
    while time.monotonic() < min(deadline, since + quiet_s):
        time.sleep(0.2)
        since = max([since, *(hook.ended or time.monotonic() for hook in lab.hooks())])


def sleep_until(moment: float) -> None:
    """Until this moment, if it is not past."""
    time.sleep(max(0.0, moment - time.monotonic()))


def drop_address(lab: Lab, host: Host) -> None:
    host.namespace.ip("address", "del", f"{lab.vip.address}/32", "dev", "eth0")


def storm(host: Host, pairs: int) -> None:
    """Each pair makes Pgpool-II run `up` about twice while the address is missing, one after the other."""
    for number in range(pairs):
        pair = f"storm{number}"
        host.namespace.batch([f"link add {pair} type veth peer name {pair}p", f"link del {pair}"])
