"""What `vipswitch check` makes of what could not be looked at, in every cloud.

Rules: what could not be looked at is a warning, never fine; what was found out to be wrong is an error.
"""

from __future__ import annotations

from vipswitch.errors import Unavailable, VipswitchError
from vipswitch.provider import Finding, Level


def trouble(subject: str, wrong: VipswitchError) -> Finding:
    """What could not be found out is a warning; what was found out to be wrong is an error."""
    level = Level.WARNING if isinstance(wrong, Unavailable) else Level.ERROR
    message = wrong.message.removeprefix(f"{subject}: ")
    return Finding(level, subject, message, wrong.hint or "run `vipswitch check` again")
