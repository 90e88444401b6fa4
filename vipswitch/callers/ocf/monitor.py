"""`monitor`: is the VIP here. How deep it looks is the operation's `OCF_CHECK_LEVEL`.

     0   the host's address, or, where the method needs none, what became of the last order. Asks nobody.
    10   the cloud as well. Whatever that says, the resource is running: DEGRADED at worst.
    20   the same; GENERIC where the cloud says twice that the VIP is not this node's. Pacemaker recovers.

An API that cannot be asked never makes a resource fail: a failover would not help, and may take a database
along.

The probe (interval 0) asks whether the VIP is here before anything was started. An address on the host proves
that only where the Pacemaker that put it there still lives: it outlives a kill. Otherwise the cloud is asked,
for a short while, and unless it says that the VIP is this node's, the address is taken off: meanwhile the VIP
may have been given to another node, and what is left here would catch this node's own packets for it. That is
the only change that a monitor makes, and only on the host.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from vipswitch import orders, together
from vipswitch.callers.ocf import codes
from vipswitch.callers.ocf.parameters import Parameters
from vipswitch.callers.ocf.vips import HOST_S, Vips, addresses_of, cleared, read
from vipswitch.callers.ocf.voice import Voice
from vipswitch.config import VipConfig
from vipswitch.deadline import Deadline, SystemClock
from vipswitch.edge import lines
from vipswitch.errand import Purpose
from vipswitch.errors import VipswitchError
from vipswitch.folders import run_folder
from vipswitch.host import Host
from vipswitch.model import Holding, State, Verb
from vipswitch.orders import Order, OrderBook, OrderState
from vipswitch.result import Report
from vipswitch.steplog import StepLog
from vipswitch.switch import Switch
from vipswitch.wiring import switch_for

WITH_CLOUD, TRUSTING_CLOUD = 10, 20
"""The depths."""

PROBE_S = 10.0
"""How long a probe asks the cloud: nothing is started anywhere before every node has been probed."""

_APART_S = 1.0
"""Between the two looks that must agree."""


def monitor(resource: Parameters, voice: Voice) -> int:
    """Whether the VIP is here, as deep as asked."""
    try:
        looks = _Looks(read(resource), resource.limit_s)
        return _probed(looks, voice) if resource.probes else _monitored(looks, resource, voice)
    except VipswitchError as wrong:
        return _in_the_dark(resource, wrong, voice)


def _in_the_dark(resource: Parameters, wrong: VipswitchError, voice: Voice) -> int:
    """Where the config, or the host, cannot be read.

    Nothing runs here yet, says a probe. What runs goes on: a config that was broken meanwhile moves no VIP.
    """
    for line in lines(wrong):
        voice(line)
    if not resource.probes:
        return codes.DEGRADED
    cleared(resource, voice, removes=True)
    return codes.NOT_RUNNING


def _monitored(looks: _Looks, resource: Parameters, voice: Voice) -> int:
    if not all(map(looks.is_here, looks.vips)):
        return codes.NOT_RUNNING
    if resource.depth < WITH_CLOUD:
        return codes.SUCCESS
    first = looks.look(looks.limit_s / 2, looks.vips)
    if all(report.state is State.SELF for report in first):
        return codes.SUCCESS
    _tell(first, voice)
    if resource.depth < TRUSTING_CLOUD or not _denied(first):
        return codes.DEGRADED
    time.sleep(_APART_S)
    return codes.GENERIC if _denied(looks.look(looks.limit_s / 2 - _APART_S, looks.vips)) else codes.DEGRADED


def _denied(reports: Sequence[Report]) -> bool:
    """Whether the cloud says of some VIP that it is not, or not everywhere, this node's; and is at rest."""
    return any(
        report.state not in (State.SELF, State.UNKNOWN)
        and not any(isinstance(each, Holding) and each.busy for each in report.places.values())
        for report in reports
    )


def _tell(reports: Sequence[Report], voice: Voice) -> None:
    for report in reports:
        for place, seen in report.places.items():
            if isinstance(seen, VipswitchError):
                voice(f"{place}: {seen.message}")
            elif seen.holder != report.node or seen.released:
                voice(f"{place}: held by {seen.holder or 'nobody'}, not by this node ({report.node})")
        for error in report.errors:
            voice(error.message)


def _probed(looks: _Looks, voice: Voice) -> int:
    """SUCCESS where all are here, GENERIC where some are: Pacemaker stops them then."""
    running = {vip.vip.name: looks.is_here(vip) for vip in looks.vips}
    doubtful = [(vip, last) for vip in looks.vips if looks.is_doubtful(vip, last := looks.last(vip))]
    reports = looks.look(min(looks.limit_s / 2, PROBE_S), [vip for vip, _ in doubtful])
    for (vip, last), report in zip(doubtful, reports, strict=True):
        if report.state is not State.SELF:
            looks.clear(vip, last, voice, because=report.state)
            running[vip.vip.name] = False
    if all(running.values()):
        return codes.SUCCESS
    return codes.GENERIC if any(running.values()) else codes.NOT_RUNNING


@dataclass(frozen=True, slots=True)
class _Looks:
    """Looks at the VIPs of one resource, from this host."""

    found: Vips
    limit_s: float

    @property
    def vips(self) -> Sequence[VipConfig]:
        return self.found.each

    def is_here(self, vip: VipConfig) -> bool:
        """Whether the host has the addresses, or, where it needs none, the last order gave the VIP to it."""
        if addresses := addresses_of(vip):
            return all(Host(None).has(address) for address in addresses)
        last = self.last(vip)
        return last is not None and last.verb is Verb.UP and last.state is OrderState.DONE

    def look(self, seconds: float, vips: Sequence[VipConfig]) -> list[Report]:
        """What the cloud says of each of these; all of them are asked at once."""
        switches = [self._switch(vip, only_looks=True) for vip in vips]
        return together.status(switches, Deadline(seconds, SystemClock()))

    def is_doubtful(self, vip: VipConfig, last: Order | None) -> bool:
        """Whether something is here that a dead Pacemaker has left, or nobody we know of."""
        if last is not None and last.verb is Verb.UP and last.looked_after:
            return False
        return self.is_here(vip) or any(map(Host(None).has, addresses_of(vip)))

    def clear(self, vip: VipConfig, last: Order | None, voice: Voice, *, because: State) -> None:
        """Take off what addresses it has left, under its lock, while `last` is the newest order."""
        if not any(map(Host(None).has, addresses_of(vip))):
            return
        order = last or orders.new(vip.vip.name, Verb.DOWN)
        errand = self._switch(vip, only_looks=False).errand(order, Purpose.CLEAR)
        result = errand.run(Deadline(HOST_S, SystemClock()))
        held = {State.UNKNOWN: "an unknown node", State.NOBODY: "nobody"}.get(because, "another node")
        told = "; ".join(error.message for error in result.errors) or "taken off"
        voice(f"{vip.vip.name}: a left over address of a VIP that is held by {held}: {told}")

    def last(self, vip: VipConfig) -> Order | None:
        """The last order for it."""
        folder = run_folder(self.found.config.tool.run_dir, make=False)
        return OrderBook(folder, SystemClock()).last(vip.vip.name)

    def _switch(self, vip: VipConfig, *, only_looks: bool) -> Switch:
        return switch_for(self.found.config, vip, StepLog(vip.vip.name), only_looks=only_looks)
