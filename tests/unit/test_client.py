"""The thin client against an agent that plays its part from a script, on a real socket."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vipswitch import client, processes
from vipswitch.callers import hook
from vipswitch.wire import END, Request, parsed

ORDER = Request("up", ("primary",), (4711, 180023), wait_s=5.0)
HURRIED = Request("up", ("primary",), (4711, 180023), wait_s=0.0)

Part = Callable[[socket.socket], object]


@contextlib.contextmanager
def agent(folder: Path, part: Part) -> Iterator[tuple[str, list[Request]]]:
    """An agent that takes one visitor and plays its part; where it listens, and what it was asked."""
    path, asked = folder / "agent.sock", list[Request]()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()

        def play() -> None:
            with listener.accept()[0] as visitor:
                raw = b""
                while not raw.endswith(END):
                    raw += visitor.recv(4096)
                asked.append(parsed(raw.removesuffix(END)))
                with contextlib.suppress(OSError):
                    part(visitor)

        player = threading.Thread(target=play)
        player.start()
        yield str(path), asked
        player.join(10.0)
        assert not player.is_alive()


def says(*packets: bytes) -> Part:
    """Send these, and close."""

    def part(visitor: socket.socket) -> None:
        for packet in packets:
            visitor.sendall(packet)

    return part


def is_silent_after(*packets: bytes) -> Part:
    """Send these, and then nothing until the visitor goes."""

    def part(visitor: socket.socket) -> None:
        says(*packets)(visitor)
        visitor.recv(1)

    return part


def handed_over(folder: Path, part: Part, order: Request = ORDER) -> tuple[int | None, list[str]]:
    """The exit code of the hook, None where it is on its own, and what it says."""
    said: list[str] = []
    with agent(folder, part) as (path, _):
        return client.hand_over(order, path, said.append), said


def test_the_exit_code_is_the_agents(tmp_path: Path) -> None:
    """With the lines for people that came before it."""
    heard = handed_over(tmp_path, says(b"taken\n", b"say rtb-1: denied\nsay hint: allow it\n", b"exit 3\n"))
    assert heard == (3, ["rtb-1: denied", "hint: allow it"])


def test_the_agent_is_asked_what_was_ordered(tmp_path: Path) -> None:
    """The request goes over the wire whole."""
    with agent(tmp_path, says(b"taken\nexit 0\n")) as (path, asked):
        assert client.hand_over(ORDER, path, lambda line: None) == 0
    assert (asked[0].what, asked[0].names, asked[0].by) == ("up", ("primary",), (4711, 180023))


WHOLE = b"taken\nsay one line\nexit 4\n"


@pytest.mark.parametrize(
    "packets",
    [[WHOLE], [WHOLE[i : i + 1] for i in range(len(WHOLE))], [WHOLE[:9], WHOLE[9:21], WHOLE[21:]]],
    ids=["all in one", "byte by byte", "split within lines"],
)
def test_lines_are_lines_however_they_come(tmp_path: Path, packets: list[bytes]) -> None:
    """A stream knows no packets."""
    assert handed_over(tmp_path, says(*packets)) == (4, ["one line"])


def test_words_of_a_newer_agent_are_passed_over(tmp_path: Path) -> None:
    """A line that this hook does not know does it no harm."""
    assert handed_over(tmp_path, says(b"taken\nprogress 50\n\nexit 0\n")) == (0, [])


def test_an_agent_that_refuses_leaves_the_hook_to_itself(tmp_path: Path) -> None:
    """And the reason is said."""
    heard = handed_over(tmp_path, says(b"no it has read /etc/a.toml, not /etc/b.toml\n"))
    assert heard == (None, ["the agent does not do it: it has read /etc/a.toml, not /etc/b.toml"])


@pytest.mark.parametrize("answer", [b"", b"tak", b"HTTP/1.1 400 Bad Request\n", b"exit 0\n", b"\xff\xfe\n"])
def test_an_answer_that_is_none_leaves_the_hook_to_itself(tmp_path: Path, answer: bytes) -> None:
    """Nothing but `taken` means that the order is written down."""
    assert handed_over(tmp_path, says(answer)) == (None, [])


def test_an_agent_that_does_not_answer_in_time_is_left_alone(tmp_path: Path) -> None:
    """After 200 ms the hook does the work itself."""
    assert handed_over(tmp_path, is_silent_after()) == (None, [])


def test_an_agent_that_ends_after_it_has_taken_the_order_leaves_the_hook_to_itself(tmp_path: Path) -> None:
    """It was killed: both do the same, and the generation sees to it that it is done once."""
    heard = handed_over(tmp_path, says(b"taken\nsay half a li"))
    assert heard == (None, ["the agent ended before the order did: going on without it"])


def test_a_result_that_is_no_number_leaves_the_hook_to_itself(tmp_path: Path) -> None:
    """Success is never guessed."""
    assert handed_over(tmp_path, says(b"taken\nexit fine\n")) == (None, [])


def test_a_result_that_does_not_come_in_time_is_a_failure_that_says_what_goes_on(tmp_path: Path) -> None:
    """The caller waits no longer; the order is the agent's."""
    code, said = handed_over(tmp_path, is_silent_after(b"taken\n"), HURRIED)
    assert (code, said) == (5, ["up primary: not done in 0.0 s, the agent goes on with it"])


def test_nobody_listening_leaves_the_hook_to_itself(tmp_path: Path) -> None:
    """No agent, a stale socket, a file that is none."""
    said: list[str] = []
    assert client.hand_over(ORDER, str(tmp_path / "none.sock"), said.append) is None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(tmp_path / "stale.sock"))
    assert client.hand_over(ORDER, str(tmp_path / "stale.sock"), said.append) is None
    (tmp_path / "file").touch()
    assert client.hand_over(ORDER, str(tmp_path / "file"), said.append) is None
    assert said == []


def test_an_order_that_cannot_be_said_leaves_the_hook_to_itself(tmp_path: Path) -> None:
    """A name with a line break in it is no name of the protocol."""
    bad = Request("up", ("a\nb",), (1, 2))
    assert client.hand_over(bad, str(tmp_path / "none.sock"), lambda line: None) is None


def test_the_hooks_own_start_counts_against_its_limit() -> None:
    """What was spent before the order is not there to wait with."""
    order = client.order("up", "primary", 10_000_000.0)
    assert 10_000_000.0 - order.wait_s == pytest.approx(processes.age_s(processes.me()), abs=5.0)
    assert client.order("up", "primary", 0.0).wait_s == 0.0
    assert order.by == (processes.me().pid, processes.me().started)


@pytest.mark.parametrize(
    ("run_folder", "variable", "path"),
    [
        ("/srv/run", "/elsewhere", "/srv/run/agent.sock"),
        ("", "/elsewhere", "/elsewhere/agent.sock"),
        ("", "", "/run/vipswitch/agent.sock"),
    ],
)
def test_where_the_agent_listens(
    monkeypatch: pytest.MonkeyPatch, run_folder: str, variable: str, path: str
) -> None:
    """The config's folder, else the environment's, else the usual one."""
    monkeypatch.setenv("VIPSWITCH_RUN_DIR", variable)
    assert client.socket_path(run_folder) == path


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["10.99.0.50"], ("10.99.0.50", {})),
        (["primary", "--detach"], ("primary", {"--detach": ""})),
        (["--deadline", "0.8", "primary"], ("primary", {"--deadline": "0.8"})),
        (["--deadline=0.8", "primary"], ("primary", {"--deadline": "0.8"})),
        (["primary", "--config", "/a.toml", "-v"], ("primary", {"--config": "/a.toml", "-v": ""})),
        (["primary", "-vv", "--verbose"], ("primary", {"-vv": "", "--verbose": ""})),
        (["--config=", "primary"], ("primary", {"--config": ""})),
        (["primary", "--provider", "file"], None),
        (["primary", "--route-tables=rtb-1"], None),
        (["primary", "--help"], None),
        (["primary", "--dry-run"], None),
        (["primary", "replica"], None),
        (["primary", "--deadline"], None),
        (["primary", "-x"], None),
        ([], None),
    ],
    ids=str,
)
def test_a_plain_command_line_is_one_name_and_the_flags_of_every_hook(
    words: list[str], found: tuple[str, dict[str, str]] | None
) -> None:
    """Anything else needs the whole of vipswitch to be understood."""
    assert hook.plain(words) == found
