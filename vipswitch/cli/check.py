"""`vipswitch check`: look at everything that a failover will need, and say how to mend what is not well."""

from __future__ import annotations

from vipswitch.cli.progress import progress
from vipswitch.cli.show import show_findings
from vipswitch.deadline import Deadline, SystemClock
from vipswitch.edge import stopped_by_signals
from vipswitch.options import Options
from vipswitch.preflight.examination import Examination
from vipswitch.preflight.parts import parts

_DEADLINE_S = 30.0


def check(options: Options) -> int:
    """Show all findings; 0 when none is an error, else what the worst of them means."""
    deadline = Deadline(options.deadline or _DEADLINE_S, SystemClock())
    examination = Examination()
    with progress() as display, stopped_by_signals([deadline]):
        for part in parts(options, deadline):
            about = part.vip or "check"
            display.begin(about, part.subject)
            examination.look(part)
            display.end(about, part.subject)
    show_findings(examination.findings, as_json=options.json)
    return examination.exit_code
