"""The agent's socket: whole requests of those who may make them, and nobody keeps anybody else waiting."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vipswitch.agent.desk import Desk, Reply
from vipswitch.agent.peers import Peer
from vipswitch.deadline import SystemClock
from vipswitch.errors import HostError
from vipswitch.wire import LONGEST, Request, written

ORDER = Request("up", ("primary",), (4711, 180023))
SOON_S = 10.0


class Office:
    """A desk at work in a thread of its own, and those who come to it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.served: list[str] = []
        self.peers: list[Peer] = []
        self.serves: Callable[[Request, Peer, Reply], None] = self._serve
        self.admitted = True
        self.desk = Desk(path, lambda peer: self.admitted, lambda *word: self.serves(*word))
        self.desk.open()
        self.thread = threading.Thread(target=self.desk.run)
        self.thread.start()
        self._visitors = contextlib.ExitStack()

    def visitor(self, *packets: bytes) -> socket.socket:
        """Somebody who connects and sends these."""
        visitor = self._visitors.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        visitor.settimeout(SOON_S)
        visitor.connect(str(self.path))
        for packet in packets:
            visitor.sendall(packet)
        return visitor

    def close(self) -> None:
        self.desk.close()
        self.thread.join(SOON_S)
        self._visitors.close()

    def _serve(self, request: Request, peer: Peer, reply: Reply) -> None:
        self.served.append(request.what)
        self.peers.append(peer)
        reply.taken()
        reply.exit(0)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Open."""
    office = Office(tmp_path / "agent.sock")
    yield office
    office.close()


def heard(visitor: socket.socket) -> bytes:
    """Everything until the other side closes."""
    said = b""
    with contextlib.suppress(ConnectionResetError):
        while chunk := visitor.recv(4096):
            said += chunk
    return said


def test_a_whole_request_is_served(office: Office) -> None:
    """With the peer as the kernel knows it."""
    assert heard(office.visitor(written(ORDER))) == b"taken\nexit 0\n"
    assert (office.served, office.peers[0].pid) == (["up"], os.getpid())


def test_a_request_may_come_in_pieces(office: Office) -> None:
    """A stream knows no packets."""
    raw = written(ORDER)
    assert heard(office.visitor(*[raw[i : i + 1] for i in range(len(raw))])) == b"taken\nexit 0\n"


def test_what_comes_after_a_request_is_not_read(office: Office) -> None:
    """One connection, one request."""
    assert heard(office.visitor(written(ORDER) + b"vipswitch/1 down\n\n")) == b"taken\nexit 0\n"
    assert office.served == ["up"]


@pytest.mark.parametrize(
    ("raw", "answer"),
    [
        (b"GET / HTTP/1.1\r\n\n\n", b"no speaks 'GET', not vipswitch/1\n"),
        (b"\n\n", b"no speaks '', not vipswitch/1\n"),
        (b"vipswitch/1 up\n\n", b"no an order is for one name\n"),
        (
            b"\xff" * 10 + b"\n\n",
            b"no 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte\n",
        ),
        (b"a" * (LONGEST + 1), b"no longer than 4096 bytes\n"),
        (b"a\nb\n" * LONGEST, b"no longer than 4096 bytes\n"),
    ],
    ids=["http", "nothing", "half an order", "noise", "too long", "much too long"],
)
def test_what_is_no_request_is_sent_away_and_the_next_is_served(
    office: Office, raw: bytes, answer: bytes
) -> None:
    """With a reason, and without reading the rest."""
    assert heard(office.visitor(raw)) in (answer, b"")  # the reason is lost where the rest is unread
    assert heard(office.visitor(written(ORDER))) == b"taken\nexit 0\n"
    assert office.served == ["up"]


def test_who_may_not_give_orders_is_sent_away_unheard(office: Office) -> None:
    """Nothing of the request is looked at."""
    office.admitted = False
    assert heard(office.visitor()) == b"no not allowed to give orders, see [agent] users and groups\n"
    assert office.served == []


def test_the_silent_are_sent_away_after_a_second(office: Office) -> None:
    """Also those who began to say something."""
    mute, half = office.visitor(), office.visitor(written(ORDER)[:-1])
    assert heard(mute) == heard(half) == b"no no whole request within 1 s\n"


def test_hundreds_who_say_nothing_keep_nobody_waiting(office: Office) -> None:
    """They drive out each other: whoever has waited longest makes room."""
    crowd = [office.visitor() for _ in range(200)]
    assert heard(office.visitor(written(ORDER))) == b"taken\nexit 0\n"
    assert heard(crowd[0]) == b"no too many are waiting\n"


def test_a_peer_that_does_not_listen_keeps_nobody_waiting(office: Office) -> None:
    """What it does not read is dropped, and with it the conversation."""

    def talks(request: Request, peer: Peer, reply: Reply) -> None:
        for _ in range(100_000 if request.what == "down" else 0):
            reply.say("a long story")
        office._serve(request, peer, reply)

    office.serves = talks
    deaf = office.visitor(written(Request("down", ("primary",), (1, 2))))
    assert heard(office.visitor(written(ORDER))) == b"taken\nexit 0\n"
    deaf.close()


def test_a_peer_that_is_gone_does_no_harm(office: Office) -> None:
    """A hook that was killed right after it had given its order."""
    office.visitor(written(ORDER)).close()
    assert SystemClock().until(lambda: office.served == ["up"], SOON_S)
    assert heard(office.visitor(written(ORDER))) == b"taken\nexit 0\n"


def test_a_bug_in_serving_one_does_not_end_the_desk(office: Office) -> None:
    """It is said to whoever met with it, and the next one is served."""

    def fails(request: Request, peer: Peer, reply: Reply) -> None:
        raise ZeroDivisionError("a bug")

    office.serves = fails
    assert heard(office.visitor(written(ORDER))) == b"no internal error: ZeroDivisionError: a bug\n"
    office.serves = office._serve
    assert heard(office.visitor(written(ORDER))) == b"taken\nexit 0\n"


def test_what_is_said_after_the_exit_code_is_not_sent(office: Office) -> None:
    """The conversation is over."""

    def goes_on(request: Request, peer: Peer, reply: Reply) -> None:
        reply.exit(0)
        reply.say("and another thing")
        reply.exit(1)

    office.serves = goes_on
    assert heard(office.visitor(written(ORDER))) == b"exit 0\n"


def test_what_is_said_is_one_line(office: Office) -> None:
    """An error of several lines must not look like the agent's next word."""

    def says(request: Request, peer: Peer, reply: Reply) -> None:
        reply.say("denied\nexit 0")
        reply.exit(3)

    office.serves = says
    assert heard(office.visitor(written(ORDER))) == b"say denied exit 0\nexit 3\n"


def test_the_socket_is_for_owner_and_group(office: Office) -> None:
    """Nobody else can even connect."""
    assert stat.S_IMODE(office.path.stat().st_mode) == 0o660
    assert office.path.stat().st_gid == office.path.parent.stat().st_gid


def test_a_socket_that_was_left_behind_is_replaced(tmp_path: Path) -> None:
    """By an agent that was killed."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as old:
        old.bind(str(tmp_path / "agent.sock"))
    office = Office(tmp_path / "agent.sock")
    assert heard(office.visitor(written(ORDER))) == b"taken\nexit 0\n"
    office.close()


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    """Before the agent says that it is ready."""
    desk = Desk(tmp_path / "none" / "agent.sock", lambda peer: True, lambda *word: None)
    with pytest.raises(HostError, match="No such file"):
        desk.open()


def test_a_closed_desk_is_found_by_nobody(tmp_path: Path) -> None:
    """The hooks do their work themselves at once, and nothing stays open."""
    office = Office(tmp_path / "agent.sock")
    before = len(os.listdir("/proc/self/fd"))
    office.close()
    assert not (tmp_path / "agent.sock").exists()
    assert len(os.listdir("/proc/self/fd")) < before
