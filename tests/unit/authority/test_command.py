"""The command authority: exit statuses are verdicts, words are for people, and nothing hangs."""

from __future__ import annotations

import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.authority.programs import ask, script
from vipswitch.authority import Answer, Verdict, build
from vipswitch.authority.settings import CommandSettings


def answer(folder: Path, body: str, *words: str, timeout_s: float = 10.0) -> Answer:
    """What is answered when this is the command."""
    return build(CommandSettings((str(script(folder, body)), *words))).ask(ask(), timeout_s)


@pytest.mark.parametrize(
    ("body", "verdict", "why"),
    [
        ("exit 0", Verdict.YES, "exit status 0"),
        ("echo; echo ' b leads '; exit 1", Verdict.NO, "exit status 1: b leads"),
        ("echo yes; exit 2", Verdict.UNKNOWN, "exit status 2: yes"),
        ("echo yes >&2; exit 255", Verdict.UNKNOWN, "exit status 255: yes"),
        ("kill -TERM $$", Verdict.UNKNOWN, "ended by signal 15"),
        (r"printf 'a\033[2Jb\n'; exit 1", Verdict.NO, "exit status 1: a?[2Jb"),
        (r"printf '\377\n'; exit 1", Verdict.NO, "exit status 1: \N{REPLACEMENT CHARACTER}"),
    ],
)
def test_exit_status_is_the_verdict(tmp_path: Path, body: str, verdict: Verdict, why: str) -> None:
    """What it says is only shown."""
    given = answer(tmp_path, body)
    assert (given.verdict, given.why) == (verdict, f"{tmp_path}/program: {why}")


def test_question_is_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no part of the agent's own is, where credentials may lie."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    answer(tmp_path, f"env > {tmp_path}/env")
    environment = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
    assert {name: value for name, value in environment.items() if name.startswith("VIPSWITCH")} == {
        "VIPSWITCH_VIP": "primary",
        "VIPSWITCH_NODE": "eni-1",
        "VIPSWITCH_HOLDER": "eni-2",
        "VIPSWITCH_HOLDER_HOST": "10.0.2.10",
    }
    assert "AWS_SECRET_ACCESS_KEY" not in environment


def test_words_reach_it_as_they_are(tmp_path: Path) -> None:
    """There is no shell that could read a meaning into them."""
    answer(tmp_path, f'printf "%s|" "$@" > {tmp_path}/words', "a b", "", "$(id)", ";")
    assert (tmp_path / "words").read_text() == "a b||$(id)|;|"


def test_nobody_is_asked_about_a_vip_without_a_holder(tmp_path: Path) -> None:
    """There is none that could be known, connected and not leader."""
    authority = build(CommandSettings((str(script(tmp_path, f"touch {tmp_path}/ran")),)))
    assert authority.ask(replace(ask(), holder=None), 1.0).verdict is Verdict.UNKNOWN
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("exec sleep 60", "did not end in time"),
        ("sleep 60 & exit 0", "did not end in time"),
        ("trap '' TERM INT; sleep 60; exit 0", "did not end in time"),
        ("exec >&- 2>&-; sleep 60; exit 0", "did not end in time"),
        ("yes", "said more than 64 KiB"),
    ],
)
@pytest.mark.timed
def test_what_does_not_end_is_killed_with_its_children_and_unknown(
    tmp_path: Path, body: str, why: str
) -> None:
    """Whatever its exit status would have been."""
    began = time.monotonic()
    given = answer(tmp_path, f"echo $$ > {tmp_path}/pid; {body}", timeout_s=0.5)
    assert time.monotonic() - began < 2
    assert given.verdict is Verdict.UNKNOWN
    assert why in given.why
    assert _ended(int((tmp_path / "pid").read_text()))


def test_absent_command_is_unknown(tmp_path: Path) -> None:
    """Absent is not no."""
    given = build(CommandSettings((str(tmp_path / "absent"),))).ask(ask(), 1.0)
    assert given == Answer(Verdict.UNKNOWN, f"{tmp_path}/absent: no such file or directory")


def _ended(group: int) -> bool:
    """Whether within a second no process of the group is left but what init has not reaped yet."""
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        if not _living(group):
            return True
        time.sleep(0.01)
    return False


def _living(group: int) -> list[str]:
    """What `ps` shows of the processes of the group that are no zombies."""
    shown = subprocess.run(["ps", "-eo", "pgid=,stat=,args="], capture_output=True, text=True, check=True)
    lines = [line.split(maxsplit=2) for line in shown.stdout.splitlines()]
    return [" ".join(line) for line in lines if line[0] == str(group) and not line[1].startswith("Z")]
