"""What a hook and the agent say to each other: round trips, and everything that is not a request."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest

from vipswitch import wire
from vipswitch.wire import END, LONGEST, Request, parsed, written

PLAIN = Request("up", ("10.99.0.50",), (4711, 180023))
FULL = Request(
    "down",
    ("primary",),
    (4711, 180023),
    runner=(4700, 180020),
    caller=(801, 1520, "pgpool"),
    wait_s=9.962,
    config="/etc/vipswitch/a file.toml",
    detach=True,
    verbose=True,
)
PAUSE = Request("pause", ("primary", "replica", "fd00::50"), (1, 2), wait_s=5.0)
RESUME_ALL = Request("resume", (), (1, 2), wait_s=0.0)


def said(request: Request) -> tuple[object, ...]:
    """Everything that a request says."""
    return tuple(getattr(request, name) for name in Request.__slots__)


def read_back(request: Request) -> Request:
    raw = written(request)
    assert raw.endswith(END)
    return parsed(raw.removesuffix(END))


@pytest.mark.parametrize("request_", [PLAIN, FULL, PAUSE, RESUME_ALL], ids=["plain", "full", "pause", "all"])
def test_what_is_written_is_read_back(request_: Request) -> None:
    """Word for word."""
    assert said(read_back(request_)) == said(request_)


def test_the_protocol_is_as_documented() -> None:
    """Both sides can be upgraded in any order, so its text is a promise."""
    assert written(FULL) == (
        b"vipswitch/1 down\nname primary\nby 4711 180023\nrunner 4700 180020\ncaller 801 1520 pgpool\n"
        b"wait 9.962\nconfig /etc/vipswitch/a file.toml\ndetach yes\nverbose yes\n\n"
    )


def test_what_is_left_out_has_its_usual_meaning() -> None:
    """The shortest request that is one."""
    found = parsed(b"vipswitch/1 up\nname a\nby 1 2")
    assert said(found) == said(Request("up", ("a",), (1, 2), wait_s=10.0))


@dataclass(frozen=True)
class Bad:
    """Something that is no request, and a word of what is said about it."""

    raw: bytes
    why: str


GOOD = b"vipswitch/1 up\nname a\nby 1 2"

MALFORMED = [
    Bad(b"", "speaks"),
    Bad(b"\n", "speaks"),
    Bad(b"GET / HTTP/1.1\r\nHost: a", "speaks"),
    Bad(b"vipswitch/2 up\nname a\nby 1 2", "speaks"),
    Bad(b"vipswitch/1", "no request"),
    Bad(b"vipswitch/1 ", "no request"),
    Bad(b"vipswitch/1 status\nname a\nby 1 2", "no request"),
    Bad(b"vipswitch/1 up down\nname a\nby 1 2", "no request"),
    Bad(b"\xff\xfe", "decode"),
    Bad(b"vipswitch/1 up\nname \xff\nby 1 2", "decode"),
    Bad(b"vipswitch/1 up\nby 1 2", "one name"),
    Bad(b"vipswitch/1 up\nname a\nname b\nby 1 2", "one name"),
    Bad(b"vipswitch/1 up\nname a", "no number"),
    Bad(b"vipswitch/1 up\nname\nby 1 2", "key and a value"),
    Bad(b"vipswitch/1 up\nname \nby 1 2", "key and a value"),
    Bad(GOOD + b"\n", "key and a value"),
    Bad(GOOD + b"\nby 1 2", "twice"),
    Bad(GOOD + b"\nwait 1\nwait 2", "twice"),
    Bad(GOOD + b"\nsudo yes", "unknown"),
    Bad(GOOD + b"\nNAME b", "unknown"),
    Bad(GOOD + b"\nwait -1", "no number"),
    Bad(GOOD + b"\nwait 1e3", "no number"),
    Bad(GOOD + b"\nwait nan", "no number"),
    Bad(GOOD + b"\nwait inf", "no number"),
    Bad(GOOD + b"\nwait .5", "no number"),
    Bad(GOOD + b"\nwait 1.2.3", "no number"),
    Bad(GOOD + b"\nwait " + b"9" * 20, "no number"),
    Bad("vipswitch/1 up\nname a\nby \u0661 2".encode(), "no number"),
    Bad(b"vipswitch/1 up\nname a\nby 1", "no number"),
    Bad(b"vipswitch/1 up\nname a\nby 1 2 3", "no number"),
    Bad(b"vipswitch/1 up\nname a\nby -1 2", "no number"),
    Bad(GOOD + b"\ncaller 1 pg-pool", "no program"),
    Bad(GOOD + b"\ncaller 1 2 ../sh", "no program"),
    Bad(GOOD + b"\ncaller 1 2 " + b"a" * 33, "no program"),
    Bad(GOOD + b"\ncaller 1 pgpool", "no number"),
    Bad(GOOD + b"\nrunner 1 x", "no number"),
    Bad(GOOD + b"\ndetach no", "not yes"),
    Bad(GOOD + b"\nverbose 1", "not yes"),
]


@pytest.mark.parametrize("bad", MALFORMED, ids=lambda bad: repr(bad.raw[-30:]))
def test_what_is_no_request_is_refused_with_a_reason(bad: Bad) -> None:
    """The reason is one line: it goes back to whoever sent it."""
    with pytest.raises(ValueError) as caught:
        parsed(bad.raw)
    assert bad.why in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_largest_numbers_are_cut_to_a_size_that_fits() -> None:
    """What is compared with kernel times must not overflow anything."""
    found = parsed(b"vipswitch/1 up\nname a\nby 9999999999999999999 9999999999999999999")
    assert max(found.by) == 2**62


@pytest.mark.parametrize(
    "request_",
    [
        Request("up", ("a\nby 1 1",), (1, 2)),
        Request("up", ("a",), (1, 2), config="/x\nverbose yes"),
        Request("up", ("a" * LONGEST,), (1, 2)),
        Request("up", ("\udcff",), (1, 2)),
    ],
    ids=["line break in a name", "line break in a path", "too long", "not UTF-8"],
)
def test_what_cannot_be_said_is_not_sent(request_: Request) -> None:
    """The hook does the work itself then."""
    with pytest.raises(ValueError):
        written(request_)


def anything(luck: random.Random) -> bytes:
    """Noise, or a request in which something was changed."""
    if luck.random() < 0.2:
        return luck.randbytes(luck.randrange(200))
    raw = bytearray(written(luck.choice([PLAIN, FULL, PAUSE, RESUME_ALL])).removesuffix(END))
    for _ in range(luck.randrange(1, 4)):
        at = luck.randrange(len(raw) + 1)
        piece = luck.choice(
            [luck.randbytes(1), b"\n", b" ", b"0", b"name x\n", b"\xc3\xa9", raw[at : at + 9]]
        )
        raw[at : at + luck.randrange(6)] = piece
    return bytes(raw)


def test_noise_is_a_request_or_a_reason_and_nothing_else() -> None:
    """Whatever is accepted says the same when it is written again."""
    luck = random.Random(20251129)
    accepted = 0
    for _ in range(5000):
        try:
            found = parsed(anything(luck))
        except ValueError:
            continue
        accepted += 1
        again = read_back(found)
        assert again.wait_s == pytest.approx(found.wait_s, abs=0.001, rel=1e-6)
        again.wait_s = found.wait_s
        assert said(again) == said(found)
        assert found.what in wire.ORDERS + wire.QUESTIONS
    assert 100 < accepted < 4900
