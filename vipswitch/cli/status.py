"""`vipswitch status`: who holds each place, and does this host have the address."""

from __future__ import annotations

from vipswitch import together
from vipswitch.cli.progress import progress
from vipswitch.cli.show import show_reports
from vipswitch.deadline import Deadline, SystemClock
from vipswitch.edge import stopped_by_signals
from vipswitch.errors import worst
from vipswitch.options import Options
from vipswitch.selection import selected
from vipswitch.steplog import StepLog
from vipswitch.wiring import switch_for

_DEADLINE_S = 10.0


def status(options: Options) -> int:
    """Show every VIP named; 0 when everything could be read, whoever holds it."""
    read, vips = selected(options)
    deadline = Deadline(options.deadline or _DEADLINE_S, SystemClock())
    with progress(), stopped_by_signals([deadline]):
        switches = [switch_for(read, vip, StepLog(vip.vip.name), only_looks=True) for vip in vips]
        reports = together.status(switches, deadline)
    show_reports(reports, as_json=options.json)
    return worst(report.exit_code for report in reports)
