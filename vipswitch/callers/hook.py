"""What every hook does: hand its order over to the agent, else do it itself.

A hook that was given config keys as flags means a VIP that no agent knows, and does it itself.
"""

from __future__ import annotations

import os

from vipswitch import client, processes
from vipswitch.callers.process import detach, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from vipswitch.callers.outliving import LetGo

LONGEST_S = 3600.0
"""The longest deadline that can be given; who gives another hears of it from the parser of the options."""

_VALUES = ("--deadline", "--config")
_SWITCHES = ("--detach", "-v", "-vv", "--verbose")


def run(verb: str, words: Sequence[str], wait_s: float, *, say: Callable[..., None] = say) -> int:
    """Carry out one order and return the hook's exit code; `wait_s` counts from the start of the process.

    `say` is what says lines for people, if not in the way of all hooks.
    """
    detach()
    try:
        client.stop_at_signals()
        code = _handed_over(verb, words, wait_s, say)
        return _alone(verb, words, wait_s, say) if code is None else code
    except client.Stopped as stopped:
        say(f"stopped by signal {stopped.number}; whoever has taken the order goes on with it")
        return 128 + stopped.number


def _alone(verb: str, words: Sequence[str], wait_s: float, say: Callable[..., None]) -> int:
    if "--detach" in words:
        return _outlived(verb, [word for word in words if word != "--detach"], wait_s)
    from vipswitch.callers.alone import carry_out  # 90 ms that a hook with an agent does without

    return carry_out(verb, words, wait_s, say=say)


def _outlived(verb: str, words: Sequence[str], wait_s: float) -> int:
    from vipswitch.callers.outliving import outlived

    bringer = processes.bringer()

    def work(let_go: LetGo | None) -> int:
        from vipswitch.callers.alone import carry_out

        return carry_out(verb, words, wait_s, bringer=bringer, let_go=let_go)

    found = plain(words)
    wait_s = (_waits_s(found[1], wait_s) if found else None) or wait_s
    try:
        code = outlived(work, wait_s - processes.age_s(bringer.by))
    except OSError as wrong:
        say(f"{verb}: done here, not by a process of its own: {wrong.strerror}")
        return work(None)
    if code is None:
        say(f"{verb}: not done in {wait_s:.1f} s, a process of its own goes on with it")
        return client.LATE
    return code


def _handed_over(verb: str, words: Sequence[str], wait_s: float, say: Callable[..., None]) -> int | None:
    found = plain(words)
    if found is None:
        return None
    name, given = found
    waits_s = _waits_s(given, wait_s)
    if waits_s is None:
        return None
    request = client.order(
        verb,
        name,
        waits_s,
        config=given.get("--config") or os.environ.get("VIPSWITCH_CONFIG", ""),
        detach="--detach" in given,
        verbose=bool(given.keys() & {"-v", "-vv", "--verbose"}),
    )
    return client.hand_over(request, client.socket_path(), say)


def _waits_s(given: Mapping[str, str], wait_s: float) -> float | None:
    """How long the hook waits by its words; None for what the parser of the options will refuse."""
    try:
        waits_s = float(given.get("--deadline", wait_s))
    except ValueError:
        return None
    return waits_s if 0.0 < waits_s <= LONGEST_S else None


def plain(words: Sequence[str]) -> tuple[str, dict[str, str]] | None:
    """The one name of a command line and its flags; None for a line that needs to be looked at closely."""
    names: list[str] = []
    given: dict[str, str] = {}
    left = list(words)
    while left:
        word = left.pop(0)
        flag, equals, value = word.partition("=")
        if flag in _VALUES and (equals or left):
            given[flag] = value if equals else left.pop(0)
        elif word in _SWITCHES:
            given[word] = ""
        elif word.startswith("-"):
            return None
        else:
            names.append(word)
    return (names[0], given) if len(names) == 1 else None
