"""Looking at one part after the other: a part that fails neither stops nor hides the rest.

An error that a failover would meet too is an error here, with its own exit code. Where the answer is
only missing (an API that is down, no time left) the finding is a warning: not looked at is not well,
and not broken either.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from vipswitch.config import ConfigProblems
from vipswitch.errors import Conflict, Interrupted, OutcomeUnknown, Unavailable, VipswitchError, worst
from vipswitch.preflight.findings import error, warning
from vipswitch.provider import Finding, Level

log = logging.getLogger(__name__)

_ERROR_FOUND = 2
_NO_HINT = "run `vipswitch check -vv`, which says more"


@dataclass(frozen=True, slots=True)
class Part:
    """Something to look at, and the look itself, which may raise one of our errors half way.

    `vip` stands before each of its subjects, since a config may have many.
    """

    subject: str
    look: Callable[[], Iterable[Finding]]
    vip: str = ""


class Examination:
    """All findings so far, and the exit code that they amount to."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._codes: list[int] = []
        self._told: set[tuple[str, str]] = set()

    @property
    def exit_code(self) -> int:
        """0 without an error; else what the worst one means, 2 for those that are just findings."""
        return worst(self._codes)

    def look(self, part: Part) -> None:
        """Add what there is to say about one part; raises only Interrupted."""
        try:
            for finding in part.look():
                self._add(part, finding, _ERROR_FOUND)
        except Interrupted:
            raise
        except VipswitchError as wrong:
            self._failed(part, wrong)
        except OSError as wrong:
            message = f"could not be looked at: {wrong.filename}: {wrong.strerror}"
            self._add(part, warning(part.subject, message, "run this as a user that may look there"), 0)
        except Exception as bug:  # the last line of defence: a plugin's bug must not hide the rest
            log.debug("bug while looking at %s", part.subject, exc_info=True)
            message = f"internal error: {type(bug).__name__}: {bug}"
            fix = "run `vipswitch check -vv` and report what it prints"
            self._add(part, error(part.subject, message, fix), 1)

    def _failed(self, part: Part, wrong: VipswitchError) -> None:
        """Said once for each VIP: an interface that is not there fails one part after the other."""
        if (part.vip, wrong.message) not in self._told:
            self._told.add((part.vip, wrong.message))
            for finding in findings_of(part.subject, wrong):
                self._add(part, finding, wrong.exit_code)

    def _add(self, part: Part, finding: Finding, code: int) -> None:
        subject = f"{part.vip}: {finding.subject}" if part.vip else finding.subject
        self.findings.append(replace(finding, subject=subject))
        self._told.add((part.vip, finding.message))
        if finding.level is Level.ERROR:
            self._codes.append(code)


def findings_of(subject: str, wrong: VipswitchError) -> list[Finding]:
    """What an error means to the preflight; every mistake of a config is a finding of its own."""
    if isinstance(wrong, ConfigProblems):
        return [error(p.where, p.message, p.hint or _NO_HINT) for p in wrong.problems]
    if isinstance(wrong, Unavailable | OutcomeUnknown | Conflict):
        return [warning(subject, f"could not be looked at: {wrong.message}", wrong.hint or "try again later")]
    return [error(subject, wrong.message, wrong.hint or _NO_HINT)]
