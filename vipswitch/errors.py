"""Everything that can go wrong, by what the operator does next.

    VipswitchError
    ├── ConfigError        edit the config, or create what it names            exit 2
    ├── PermissionDenied   grant the right that the message names              exit 3
    ├── Lost               nothing: another node, or a newer order here, won   exit 4
    ├── Unavailable        try again later; the API or its network is down     exit 5
    │   ├── TimeUp         the same, with more time                            exit 5
    │   └── Undone         the same; the cloud took back what it had accepted  exit 5
    │       └── Overtaken  the same; what another node asked for had come first exit 5
    ├── OutcomeUnknown     look again: a write may or may not have happened    exit 6
    ├── Refused            change the set-up in the cloud                      exit 7
    ├── HostError          look at this host: its interface or `ip` failed     exit 8
    ├── Conflict           never shown: the switch reads again and decides
    ├── Halfway            never shown: the switch reads, and makes the second write
    └── Interrupted        nothing: you asked for it                           exit 128 + signal

Exit 0 is success and exit 1 a bug in vipswitch. Foreign errors become these where they appear.
"""

from __future__ import annotations

from collections.abc import Iterable

# From the mildest to the worst: the exit code of several results is the one furthest to the right.
_SEVERITY = (0, 5, 6, 4, 8, 7, 3, 2, 1)


class VipswitchError(Exception):
    """What happened, subject first, and a hint that says what to do about it."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(VipswitchError):
    """The config or the command line names something that is not there or not possible."""

    exit_code = 2


class PermissionDenied(VipswitchError):
    """The cloud or the host refuses us; the message names the action and the resource."""

    exit_code = 3


class Lost(VipswitchError):
    """Another node holds the VIP by a later decision, or a newer order on this node replaced ours."""

    exit_code = 4


class Unavailable(VipswitchError):
    """The request was not carried out and may be made again: throttled, refused, unreachable.

    `after_s` is how long the cloud asks us to wait before that, where it says so.
    """

    exit_code = 5

    def __init__(self, message: str, *, hint: str = "", after_s: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.after_s = after_s


class TimeUp(Unavailable):
    """The deadline passed before the work was done."""


class Undone(Unavailable):
    """A write that the cloud had accepted was not carried out: superseded, or failed for now."""


class Overtaken(Undone):
    """A write that the cloud had accepted was not carried out, because the place had changed by then."""


class OutcomeUnknown(VipswitchError):
    """A write was sent and its answer was lost: only a read can tell whether it happened."""

    exit_code = 6


class Refused(VipswitchError):
    """The cloud understood and will refuse again, however often it is asked."""

    exit_code = 7


class HostError(VipswitchError):
    """The host's own address could not be read or changed."""

    exit_code = 8


class Conflict(VipswitchError):
    """The place is not as it was when it was read, so the write was not made."""


class Halfway(VipswitchError):
    """The first of the two writes that a claim takes was accepted; the second needs another look."""


class Interrupted(VipswitchError):
    """A signal asked us to stop before the next write."""

    def __init__(self, signal_number: int, name: str) -> None:
        super().__init__(f"stopped by {name} before the next write")
        self.exit_code = 128 + signal_number


def worst(codes: Iterable[int]) -> int:
    """The exit code that stands for several results."""
    return max(codes, key=_severity, default=0)


def _severity(code: int) -> int:
    return _SEVERITY.index(code) if code in _SEVERITY else len(_SEVERITY)
