"""`vipswitch up`, `down` and `arping`: orders by a person, for one or several VIPs side by side."""

from __future__ import annotations

from vipswitch import together
from vipswitch.callers.arping import announce
from vipswitch.cli.progress import progress
from vipswitch.cli.show import show_results
from vipswitch.config import Config, VipConfig
from vipswitch.deadline import Deadline, SystemClock
from vipswitch.dryrun import rehearse
from vipswitch.edge import lines, stopped_by_signals, to_stderr
from vipswitch.errors import VipswitchError, worst
from vipswitch.model import Verb
from vipswitch.options import Options
from vipswitch.selection import capabilities_of, selected
from vipswitch.steplog import StepLog
from vipswitch.wiring import commission, switch_for


def order(options: Options) -> int:
    """Carry out `up` or `down` for every VIP named, and show what came of each."""
    verb = Verb(options.command)
    read, vips = selected(options)
    deadlines = [_deadline(vip, options.deadline) for vip in vips]
    if options.dry_run:
        return _rehearse(read, vips, verb, deadlines)
    with progress() as display, stopped_by_signals(deadlines):
        ours = [
            commission(read, vip, verb, display.watching(vip.vip.name, StepLog(vip.vip.name))) for vip in vips
        ]
        results = together.carry_out(ours, deadlines)
    show_results(results, as_json=options.json)
    return worst(result.exit_code for result in results)


def arping(options: Options) -> int:
    """Announce the VIP to the neighbours again, where that reaches anybody."""
    _, vips = selected(options)
    codes = [_announce(vip) for vip in vips if capabilities_of(vip).announces]
    return worst(codes)


def _deadline(vip: VipConfig, seconds: float | None) -> Deadline:
    return Deadline(seconds or capabilities_of(vip).life_s, SystemClock())


def _rehearse(read: Config, vips: list[VipConfig], verb: Verb, deadlines: list[Deadline]) -> int:
    for vip, deadline in zip(vips, deadlines, strict=True):
        switch = switch_for(read, vip, StepLog(vip.vip.name), only_looks=True)
        print(f"{vip.vip.name}: {verb} by {vip.provider}, nothing is changed")
        for line in rehearse(switch, verb, deadline):
            print(f"  {line}")
    return 0


def _announce(vip: VipConfig) -> int:
    try:
        announce(vip)
    except VipswitchError as wrong:
        for line in lines(wrong):
            to_stderr(f"{vip.vip.name}: {line}")
        return wrong.exit_code
    return 0
