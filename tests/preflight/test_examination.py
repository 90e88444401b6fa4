"""The examination: every part has its say, whatever the others do, and the exit code tells the worst."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from vipswitch.config import ConfigProblems
from vipswitch.errors import (
    ConfigError,
    HostError,
    Interrupted,
    OutcomeUnknown,
    PermissionDenied,
    TimeUp,
    Unavailable,
    VipswitchError,
)
from vipswitch.preflight.examination import Examination, Part
from vipswitch.preflight.findings import error, ok, warning
from vipswitch.provider import Finding
from vipswitch.settings import Problem


def looked_at(*looks: Iterable[Finding] | Exception, vip: str = "") -> Examination:
    """An examination of several parts; an exception is raised after a first good finding."""
    examination = Examination()
    for number, look in enumerate(looks):
        examination.look(Part(f"part {number}", lambda look=look: _say(look), vip))  # type: ignore[misc]
    return examination


def _say(look: Iterable[Finding] | Exception) -> Iterator[Finding]:
    if isinstance(look, Exception):
        yield ok("first", "well")
        raise look
    yield from look


def lines(examination: Examination) -> list[str]:
    """The findings, a line each."""
    return [f"{f.level}: {f.subject}: {f.message} | {f.fix}" for f in examination.findings]


def test_an_error_hides_neither_what_came_before_nor_what_comes_after() -> None:
    """Each failing part leaves what it had found, its error with a fix, and the other parts."""
    seen = looked_at(HostError("ip: broken", hint="mend it"), KeyError("bug"), [ok("last", "well")])
    assert lines(seen) == [
        "ok: first: well | ",
        "error: part 0: ip: broken | mend it",
        "ok: first: well | ",
        "error: part 1: internal error: KeyError: 'bug' | "
        "run `vipswitch check -vv` and report what it prints",
        "ok: last: well | ",
    ]


@pytest.mark.parametrize("wrong", [Unavailable("down"), TimeUp("late"), OutcomeUnknown("lost")])
def test_what_could_not_be_looked_at_is_a_warning(wrong: VipswitchError) -> None:
    """Neither well nor broken, so it does not fail the check."""
    seen = looked_at(wrong)
    message = f"warning: part 0: could not be looked at: {wrong.message} | try again later"
    assert lines(seen)[-1] == message
    assert seen.exit_code == 0


def test_a_file_that_we_may_not_look_at_is_a_warning() -> None:
    """The check of one user says less than that of another, and says so."""
    seen = looked_at(PermissionError(13, "Permission denied", "/run/other"))
    assert lines(seen)[-1].startswith(
        "warning: part 0: could not be looked at: /run/other: Permission denied"
    )
    assert seen.exit_code == 0


@pytest.mark.parametrize(
    ("looks", "code"),
    [
        ([[ok("a", "well"), warning("b", "hm", "fix")]], 0),
        ([[error("a", "bad", "fix")]], 2),
        ([PermissionDenied("no")], 3),
        ([HostError("no")], 8),
        ([HostError("broken"), PermissionDenied("no")], 3),
        ([PermissionDenied("no"), [error("a", "bad", "fix")]], 2),
        ([ConfigError("no"), KeyError("bug")], 1),
    ],
)
def test_the_exit_code_is_the_worst_error(looks: list[Iterable[Finding] | Exception], code: int) -> None:
    """2 for a finding, and what a raised error means of itself."""
    assert looked_at(*looks).exit_code == code


def test_every_mistake_of_a_config_is_a_finding() -> None:
    """One run shows them all, each where it stands."""
    seen = looked_at(ConfigProblems([Problem("vip.a.x", "is missing", "set it"), Problem("vip.b", "odd")]))
    assert lines(seen)[1:] == [
        "error: vip.a.x: is missing | set it",
        "error: vip.b: odd | run `vipswitch check -vv`, which says more",
    ]


def test_one_trouble_is_told_once_for_each_vip() -> None:
    """An interface that is not there fails one part after the other."""
    wrong = ConfigError("interface eth9: not on this host", hint="name one of lo")
    seen = looked_at(wrong, wrong, vip="primary")
    expected = "error: primary: part 0: interface eth9: not on this host | name one of lo"
    assert [line for line in lines(seen) if line.startswith("error")] == [expected]


def test_a_signal_ends_it() -> None:
    """Ctrl-C is not a finding."""
    with pytest.raises(Interrupted):
        looked_at(Interrupted(2, "SIGINT"))
