"""The edge of the program: errors become lines and exit codes here, and nowhere else.

Two lines for every error, the same for people and for hooks:

    vipswitch: route table rtb-1: permission denied for ec2:ReplaceRoute
    vipswitch: hint: allow ec2:ReplaceRoute on this table
"""

from __future__ import annotations

import contextlib
import logging
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from types import FrameType

from vipswitch.deadline import Deadline
from vipswitch.errors import Interrupted, VipswitchError

log = logging.getLogger("vipswitch")


def lines(error: VipswitchError) -> Iterator[str]:
    """The lines that tell a person of an error."""
    yield from error.message.splitlines() or [type(error).__name__]
    if error.hint:
        yield f"hint: {error.hint}"


def distinct(errors: Iterable[VipswitchError]) -> list[VipswitchError]:
    """Each error once: places that fail for one reason say the same."""
    return list({(error.message, error.hint): error for error in errors}.values())


def guarded(work: Callable[[], int], say: Callable[[str], None]) -> int:
    """Run `work` and return its exit code; whatever it raises becomes lines and a code.

    The last line of defence: an unknown exception is a bug, said in one line without its traceback.
    """
    try:
        return work()
    except VipswitchError as wrong:
        for line in lines(wrong):
            say(line)
        return wrong.exit_code
    except KeyboardInterrupt:
        say("stopped by SIGINT")
        return 128 + signal.SIGINT
    except Exception as bug:
        log.debug("bug", exc_info=True)
        say(f"internal error: {type(bug).__name__}: {bug}")
        say("hint: this is a bug in vipswitch; run again with -vv and report what it prints")
        return 1


@contextlib.contextmanager
def stopped_by_signals(deadlines: Iterable[Deadline]) -> Iterator[None]:
    """INT and TERM end the work before the next write: all deadlines pass at once."""
    watched = list(deadlines)

    def stop(number: int, frame: FrameType | None) -> None:
        for deadline in watched:
            deadline.cancel()
        raise Interrupted(number, signal.Signals(number).name)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def to_stderr(line: str) -> None:
    """One line for people; nothing happens where stderr is gone (None: it was closed at the start)."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(f"vipswitch: {line}\n")
            sys.stderr.flush()
