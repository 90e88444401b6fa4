"""What is done to a pair, one function per scenario; what must come of it stands in `judge`.

Rules: those of `tests.e2e.scenarios`. A play has several turns, because the start of a lab is its cost; each
turn begins with a mark and has roles of its own.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.e2e import acts
from tests.e2e.evidence import Evidence
from tests.e2e.keepalived import judge
from tests.e2e.keepalived.daemon import BACKUP, MASTER
from tests.e2e.keepalived.lab import Lab
from tests.e2e.keepalived.movers import WITHOUT_LOWER

TAKEN_WITHIN_S = 15.0
SETTLE_S = 1.5
CYCLES = 10
CYCLE_S = 1.0
LATE_CYCLES, LATE_S = 3, 5.0
"""In one of the last rounds a script of each node is started, and begins its work so much later."""

CUT_S = 4.0
HEALS = 5
_FAST = {
    "advert_int 1": """advert_int 0.2
    version 3
    virtual_ipaddress {
        192.0.2.112/32 dev lo
    }"""
}
"""The second version of VRRP, the default, counts in whole seconds; the third insists on an address."""

_LOWERED = -20
_BROKEN = -254


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is done, with which edits of the example's config, and what must come of it.

    `spoiled` is that of `acts.Scenario`.
    """

    act: Callable[[Lab], None]
    violations: Callable[[Evidence], list[str]]
    edits: Mapping[str, str] = field(default_factory=dict)
    spoiled: Callable[[Evidence], bool] = lambda _: False


def turns(lab: Lab) -> None:
    """The VIP goes to and fro: by priority, by a reload, by a stop and the return, at last by a kill."""
    _turn(lab, "priority", "n1", "n2")
    _weigh(lab, "n1", _LOWERED)
    _await_vip(lab, "n2")
    _turn(lab, "back by reload", "n2", "n1")
    _raise_priority(lab)
    _await_vip(lab, "n1")
    _turn(lab, "stopped", "n1", "n2")
    lab.nodes["n1"].stop()
    _await_vip(lab, "n2")
    lab.nodes["n1"].wait()
    _turn(lab, "started", "n2", "n1")
    lab.nodes["n1"].start()
    _await_vip(lab, "n1")
    _turn(lab, "killed", "n1", "n2")
    lab.nodes["n1"].kill()
    _await_vip(lab, "n2")
    lab.mark("end")


def storm(lab: Lab) -> None:
    """n1 fails and comes back each second; one of the last scripts of each node begins after the storm."""
    lab.roles |= {"new": "n1", "old": "n2"}
    lab.mark("storm")
    for cycle in range(CYCLES):
        began = time.monotonic()
        if cycle == CYCLES - LATE_CYCLES:
            lab.sites["n1"].late.write_text(f"FAULT {LATE_S}")
            lab.sites["n2"].late.write_text(f"MASTER {LATE_S}")
        _weigh(lab, "n1", _BROKEN)
        acts.sleep_until(began + CYCLE_S / 5)
        _weigh(lab, "n1", 0)
        acts.sleep_until(began + CYCLE_S)
    lab.mark("end of storm")
    lab.nodes["n1"].wait_for(MASTER, within_s=10)
    lab.nodes["n2"].wait_for(BACKUP, within_s=10)
    time.sleep(LATE_S)
    late = [name for name, site in lab.sites.items() if not site.late.exists()]
    lab.roles["late"] = " ".join(late) if lab.roles["scripts"] == "yes" else "none"
    lab.wait_until(lambda: lab.has_vip("n1"), within_s=10)
    lab.mark("settled")
    time.sleep(2 * SETTLE_S)


def heals(lab: Lab) -> None:
    """Splits that nobody is told of when they heal; a standby that is cut off is MASTER for nobody."""
    router, (one, two) = lab.vpc.router, lab.vpc.nodes
    for number in range(HEALS):
        _split(lab, f"silent {number}", lambda: router.cut(one), lambda: router.heal(one))
        _split(lab, f"peers {number}", lambda: router.split(one, two), lambda: router.join(one, two))
        _cut_standby(lab, f"standby {number}")
    lab.mark("end")


SCENARIOS: Mapping[str, Scenario] = {
    "turns": Scenario(turns, judge.turns),
    "storm": Scenario(storm, judge.storm, _FAST, judge.unsettled),
    "heals": Scenario(heals, judge.heals, WITHOUT_LOWER),
}


def _split(lab: Lab, name: str, divide: Callable[[], None], heal: Callable[[], None]) -> None:
    """Until both are MASTER and the lower one has the VIP, then together again."""
    lab.mark(f"split {name}")
    divide()
    lab.nodes["n2"].wait_for(MASTER, within_s=10)
    lab.wait_until(lambda: lab.has_vip("n2"), within_s=TAKEN_WITHIN_S)
    time.sleep(SETTLE_S)
    _heal(lab, name, heal)


def _cut_standby(lab: Lab, name: str) -> None:
    """It becomes MASTER, and asks a cloud that it does not reach, until it hears the other one again."""
    standby = lab.vpc.nodes[1]
    lab.mark(f"split {name}")
    lab.vpc.router.cut(standby)
    lab.nodes["n2"].wait_for(MASTER, within_s=10)
    time.sleep(CUT_S)
    _heal(lab, name, lambda: lab.vpc.router.heal(standby))


def _heal(lab: Lab, name: str, heal: Callable[[], None]) -> None:
    lab.roles |= {f"heal {name} master": "n1", f"heal {name} other": "n2"}
    heal()
    lab.mark(f"heal {name}")
    lab.nodes["n2"].wait_for(BACKUP, within_s=10)
    lab.wait_until(lambda: lab.has_vip("n1"), within_s=judge.HEALED_WITHIN_S)
    time.sleep(SETTLE_S)
    lab.mark(f"healed {name}")


def _turn(lab: Lab, name: str, old: str, new: str) -> None:
    lab.roles |= {f"{name} old": old, f"{name} new": new}
    lab.mark(name)


def _await_vip(lab: Lab, name: str) -> None:
    """Until this node has it, and then a while, in which nothing may happen."""
    lab.wait_until(lambda: lab.has_vip(name), within_s=TAKEN_WITHIN_S)
    time.sleep(SETTLE_S)


def _weigh(lab: Lab, name: str, added: int) -> None:
    """What is added to a node's priority from now on; keepalived watches the file."""
    lab.sites[name].lower.write_text(f"{added}\n")


def _raise_priority(lab: Lab) -> None:
    """In the config, read again by a reload."""
    node = lab.nodes["n1"]
    node.config.write_text(node.config.read_text().replace("priority 110", "priority 130"))
    node.reload()
