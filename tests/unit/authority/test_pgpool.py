"""The pgpool authority runs pcp_watchdog_info, and believes it only while the holder can be reached."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.authority.programs import ask, script
from vipswitch.authority import Answer, Verdict, build
from vipswitch.authority.settings import PgpoolSettings

HEALED = Path(__file__).with_name("pcp") / "two-healed.txt"


@pytest.fixture
def holder() -> Iterator[socket.socket]:
    """The holder's watchdog port, on an address of its own."""
    with socket.create_server(("127.0.0.2", 0)) as listening:
        yield listening


def answer(folder: Path, body: str, timeout_s: float = 10.0) -> Answer:
    """What is answered when this is pcp_watchdog_info."""
    program = script(folder, body, "pcp_watchdog_info")
    settings = PgpoolSettings("vip switch", folder / "pcppass", "10.0.1.10", 9899, program)
    return build(settings).ask(ask("10.0.1.10", "127.0.0.2"), timeout_s)


def prints(folder: Path, port: int) -> str:
    """A program that tells of a holder at 127.0.0.2 with this watchdog port."""
    text = HEALED.read_text().replace("10.0.2.10", "127.0.0.2").replace("9000", str(port))
    (folder / "output").write_text(text)
    return f"cat {folder}/output"


def test_yes_needs_a_connection_to_the_holder(tmp_path: Path, holder: socket.socket) -> None:
    """The watchdog of a leader that has been cut off calls the others STANDBY for a while."""
    body = prints(tmp_path, holder.getsockname()[1])
    given = answer(tmp_path, body)
    assert given == Answer(Verdict.YES, "10.0.1.10 leads with quorum, and 127.0.0.2 is a connected standby")
    holder.close()
    given = answer(tmp_path, body)
    assert given.verdict is Verdict.UNKNOWN
    assert "connection refused" in given.why


def test_no_password_is_in_the_command_line(tmp_path: Path) -> None:
    """The file is named in the environment; nothing else is in it, and nothing is read from a terminal."""
    answer(
        tmp_path, f'printf "%s|" "$@" > {tmp_path}/words; env > {tmp_path}/env; readlink /proc/self/fd/0 >&2'
    )
    assert (tmp_path / "words").read_text() == "-w|-v|-h|10.0.1.10|-p|9899|-U|vip switch|"
    environment = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
    assert environment.keys() - {"PWD", "SHLVL", "_", "OLDPWD"} == {"PATH", "LC_ALL", "PCPPASSFILE"}
    assert environment["LC_ALL"] == "C"
    assert environment["PCPPASSFILE"] == str(tmp_path / "pcppass")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("echo 'FATAL:  authentication failed' >&2", "FATAL:  authentication failed"),
        ("exit 1", "exit status 1"),
        ("echo yes", "the output is not complete"),
        ("echo Watchdog; exit 1", "Watchdog"),
        ("head -c 70000 /dev/zero", "said more than 64 KiB"),
        ("kill -9 $$", "exit status -9"),
    ],
)
def test_failure_is_unknown_and_says_why(tmp_path: Path, body: str, why: str) -> None:
    """The program's exit status is 0 also where Pgpool-II refuses."""
    given = answer(tmp_path, body)
    assert given.verdict is Verdict.UNKNOWN
    assert why in given.why


def test_absent_program_is_unknown(tmp_path: Path) -> None:
    """Pgpool-II may not be installed here."""
    settings = PgpoolSettings("u", tmp_path, program=tmp_path / "pcp_watchdog_info")
    given = build(settings).ask(ask(), 1.0)
    assert given.verdict is Verdict.UNKNOWN
    assert "no such file" in given.why


@pytest.mark.parametrize(("mine", "theirs"), [(None, "10.0.2.10"), ("10.0.1.10", None)])
def test_node_without_a_host_is_unknown(tmp_path: Path, mine: str | None, theirs: str | None) -> None:
    """Nobody has said which Pgpool-II is whose; nothing is run."""
    program = script(tmp_path, f"touch {tmp_path}/ran", "pcp_watchdog_info")
    given = build(PgpoolSettings("u", tmp_path, program=program)).ask(ask(mine, theirs), 1.0)
    assert given == Answer(Verdict.UNKNOWN, "eni-2 or eni-1 is in no [node.NAME]")
    assert not (tmp_path / "ran").exists()
