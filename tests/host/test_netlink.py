"""Conversations with a kernel that answers oddly, late or not at all.

The kernel's part is played over a real pair of datagram sockets: for each request the next row of its
datagrams is sent. What the true kernel does is tried in test_links.py and test_address.py.
"""

from __future__ import annotations

import errno
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress

import pytest

from vipswitch.errors import HostError
from vipswitch.host.messages import DONE, ERROR, Answer, Request
from vipswitch.host.netlink import Conversation, ask

INTERRUPTED = 0x10
LISTING, CHANGE = Request(22, 0x301, b""), Request(20, 0x5, b"")

Kernel = Callable[..., Conversation]


def message(kind: int, number: int, payload: bytes = b"", flags: int = 2) -> bytes:
    """One message, whose payload needs no padding."""
    return struct.pack("=IHHII", 16 + len(payload), kind, flags, number, 0) + payload


def item(number: int, name: bytes, flags: int = 2) -> bytes:
    """One entry of a listing; `name` has four bytes."""
    return message(20, number, name, flags)


def ended(number: int, code: int = 0, *, kind: int = DONE, flags: int = 2) -> bytes:
    """The end of a listing, or an acknowledgement."""
    return message(kind, number, struct.pack("=i", -code), flags)


def play(theirs: socket.socket, rows: Sequence[Sequence[bytes]]) -> None:
    """The kernel's part, until we hang up."""
    with theirs, suppress(BrokenPipeError):
        for row in rows:
            if not theirs.recv(100):
                return
            for datagram in row:
                theirs.send(datagram)
        theirs.recv(100)


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    """Makes a conversation in which the rows of datagrams are the answers, and then silence."""
    with ExitStack() as ends:

        def make(*rows: Sequence[bytes], within_s: float = 5.0) -> Conversation:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            player = threading.Thread(target=play, args=(theirs, rows))
            player.start()
            ends.callback(player.join)
            return Conversation(ends.enter_context(ours), time.monotonic() + within_s)

        yield make


def names(conversation: Conversation) -> list[bytes]:
    """What a listing has."""
    return [entry.payload for entry in conversation.dump(LISTING)]


def test_a_listing_comes_in_several_datagrams(kernel: Kernel) -> None:
    """It is whole when its end has come, in a datagram of its own or not."""
    first, second = item(1, b"eth0") + item(1, b"eth1"), item(1, b"eth2")
    assert names(kernel([first, second, ended(1)])) == [b"eth0", b"eth1", b"eth2"]
    assert names(kernel([first, second + ended(1)])) == [b"eth0", b"eth1", b"eth2"]
    assert names(kernel([ended(1)])) == []


def test_answers_to_another_request_are_passed_over(kernel: Kernel) -> None:
    """Late ones, also their ends and errors, belong to nobody."""
    others = [item(7, b"old0"), ended(7), ended(7, errno.EPERM, kind=ERROR)]
    assert names(kernel([*others, item(1, b"eth0") + item(7, b"old1") + ended(1)])) == [b"eth0"]
    assert kernel([*others, ended(1, kind=ERROR)]).change(CHANGE) == Answer(0)


@pytest.mark.parametrize(
    "marked",
    [
        [item(1, b"old0", INTERRUPTED | 2), item(1, b"old1"), ended(1)],
        [item(1, b"old0"), item(1, b"old1", INTERRUPTED | 2), ended(1)],
        [item(1, b"old0"), ended(1, flags=INTERRUPTED | 2)],
    ],
)
def test_a_listing_that_was_interrupted_is_asked_for_again(kernel: Kernel, marked: list[bytes]) -> None:
    """Nothing of it is kept; wherever the mark is, it is read to its end first."""
    assert names(kernel(marked, [item(2, b"new0"), ended(2)])) == [b"new0"]


def test_a_listing_that_never_stands_still_is_given_up(kernel: Kernel) -> None:
    """After some tries it is an error, not a listing that may lack something."""
    rows = [[ended(number, flags=INTERRUPTED | 2)] for number in range(1, 100)]
    with pytest.raises(HostError, match="changed whenever they were read"):
        kernel(*rows).dump(LISTING)


@pytest.mark.parametrize(
    "end", [ended(1, errno.EMSGSIZE), ended(1, errno.EBUSY, kind=ERROR)], ids=["at its end", "at once"]
)
def test_a_listing_that_fails_is_an_error(kernel: Kernel, end: bytes) -> None:
    """What came before is not taken for all there is."""
    with pytest.raises(OSError, match="RTNETLINK answers"):
        kernel([item(1, b"eth0"), end]).dump(LISTING)


def test_a_datagram_that_is_cut_off_is_an_error(kernel: Kernel) -> None:
    """The kernel sends less than we take at once; more would be lost without a word."""
    conversation = kernel([item(1, b"eth0") * 4000 + ended(1)])
    with pytest.raises(OSError, match="longer than 65536 bytes"):
        conversation.dump(LISTING)


def test_bytes_that_are_no_message_are_an_error(kernel: Kernel) -> None:
    """A length that its datagram does not have."""
    with pytest.raises(ValueError, match="a length of"):
        kernel([item(1, b"eth0")[:-2]]).dump(LISTING)


def test_a_refused_change_has_its_number(kernel: Kernel) -> None:
    """It is an answer: whether it matters is for those who asked."""
    assert kernel([ended(1, errno.EEXIST, kind=ERROR)]).change(CHANGE) == Answer(errno.EEXIST)


class Overrun(socket.socket):
    """A socket whose queue was too short for what came (netlink(7), ENOBUFS)."""

    def recvmsg(self, *_: object) -> tuple[bytes, list[tuple[int, int, bytes]], int, object]:
        raise OSError(errno.ENOBUFS, "No buffer space available")


@pytest.fixture
def overrun() -> Iterator[Conversation]:
    """A conversation that loses the first answer."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs, Overrun(fileno=ours.detach()) as lossy:
        yield Conversation(lossy, time.monotonic() + 5.0)


def test_a_lost_acknowledgement_is_no_acknowledgement(overrun: Conversation) -> None:
    """The change may have been made: the caller looks."""
    assert overrun.change(CHANGE).errno == errno.ENOBUFS


def test_a_listing_that_lost_something_is_an_error(overrun: Conversation) -> None:
    """It is never a shorter listing."""
    with pytest.raises(OSError, match="No buffer space"):
        overrun.dump(LISTING)


def test_a_silent_kernel_is_given_up_in_time(kernel: Kernel) -> None:
    """However much it says before it falls silent."""
    started = time.monotonic()
    silences: list[list[list[bytes]]] = [[], [[]], [[item(1, b"eth0")]], [[ended(5)] * 3]]
    for rows in silences:
        conversation = kernel(*rows, within_s=0.05)
        with pytest.raises(TimeoutError):
            conversation.dump(LISTING)
    assert time.monotonic() - started < 2.0


def test_no_request_is_sent_when_its_time_is_over(kernel: Kernel) -> None:
    """A change that nobody waits for any more must not be made."""
    conversation = kernel([ended(1, kind=ERROR)], within_s=-0.001)
    with pytest.raises(TimeoutError):
        conversation.change(CHANGE)


@pytest.mark.timed
def test_a_kernel_that_does_not_return_is_not_waited_for() -> None:
    """Where others hold the kernel's lock, no timeout of a socket helps."""
    release = threading.Event()
    started = time.monotonic()
    with pytest.raises(HostError, match=r"the kernel did not answer within 0\.1 s") as caught:
        ask(lambda _: release.wait(30), time.monotonic() + 0.1)
    assert time.monotonic() - started < 1.0
    assert caught.value.hint.startswith("look at what holds up this host's network configuration")
    release.set()


def test_what_is_left_to_ask_when_no_time_is_left_is_not_asked() -> None:
    """A bound that has passed is an error before the first request."""
    asked: list[Conversation] = []
    with pytest.raises(HostError, match="no time was left"):
        ask(asked.append, time.monotonic() - 0.001)
    assert asked == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (OSError(errno.EMFILE, "Too many open files"), "netlink: too many open files"),
        (ValueError("a length of 3"), "netlink: an answer makes no sense: a length of 3"),
        (HostError("netlink: it never stands still"), "netlink: it never stands still"),
    ],
)
def test_whatever_goes_wrong_is_a_host_error(wrong: Exception, said: str) -> None:
    """In the words of who noticed it."""

    def fail(_: Conversation) -> int:
        raise wrong

    with pytest.raises(HostError) as caught:
        ask(fail, time.monotonic() + 5.0)
    assert caught.value.message == said


@pytest.mark.parametrize("code", [errno.EACCES, errno.EPERM, errno.EAFNOSUPPORT])
def test_netlink_that_is_not_for_this_process_is_no_answer(code: int) -> None:
    """It is told from a failure, because `ip` may be allowed more."""

    def refuse(_: Conversation) -> int:
        raise OSError(code, "refused")

    assert ask(refuse, time.monotonic() + 5.0) is None


def test_a_bug_is_not_hidden() -> None:
    """What a thread raises is raised where it is waited for."""

    def bug(_: Conversation) -> int:
        raise KeyError("index")

    with pytest.raises(KeyError, match="index"):
        ask(bug, time.monotonic() + 5.0)
