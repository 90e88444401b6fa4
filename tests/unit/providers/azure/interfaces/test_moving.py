"""Which write comes next, decided from a reading: every case of a takeover, without a server."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.unit.providers.azure.interfaces.documents import VIP, configuration, nic, plain
from vipswitch.errors import Refused, Unavailable, VipswitchError
from vipswitch.model import NodeId
from vipswitch.providers.azure.configurations import Nic, with_address, without_address
from vipswitch.providers.handover.moving import Reading, Write, at_work, holder, next_write

A, B, C = (NodeId(f"database/nic-{name}") for name in "abc")
UNREAD = Unavailable("network interface database/nic-c: no answer")


@dataclass(frozen=True)
class TheVip:
    """An address."""

    part: str = "vip"
    subject: str = "private-ip 10.0.1.50"

    def on(self, nic: Nic) -> bool:
        return nic.at(VIP) is not None

    def complete(self, nic: Nic) -> bool:
        return True

    def put_on(self, nic: Nic) -> Nic:
        return with_address(nic, VIP, "vip")

    def taken_off(self, nic: Nic) -> Nic:
        return without_address(nic, VIP)

    def elsewhere(self, nic: Nic) -> bool:
        return False


def _nic(name: str, said: str) -> Nic | VipswitchError:
    """`said`: the state, and + where the VIP is."""
    if said == "?":
        return UNREAD
    state = {"s": "Succeeded", "u": "Updating", "f": "Failed"}[said[0]]
    more = [configuration("vip", str(VIP))] if said.endswith("+") else []
    return nic(plain(f"nic-{name}", f"10.0.1.{ord(name)}", *more, state=state))


def _seen(own: str, b: str = "s", c: str = "s") -> Reading[Nic]:
    mine = _nic("a", own)
    assert isinstance(mine, Nic)
    return Reading(mine, {B: _nic("b", b), C: _nic("c", c)})


@pytest.mark.parametrize(
    ("seen", "who"),
    [
        (_seen("s+"), A),
        (_seen("u+"), A),
        (_seen("s", b="s+"), B),
        (_seen("s", c="u+"), C),
        (_seen("s"), None),
        (_seen("f+"), None),
        (_seen("s", b="f+"), B),
        (_seen("s", b="f+", c="s+"), C),
        (_seen("f+", b="s+"), B),
        (_seen("s+", c="?"), A),
        (_seen("s", b="s+", c="?"), B),
    ],
)
def test_whoever_shows_it_has_it(seen: Reading[Nic], who: NodeId | None) -> None:
    """Ours does not count where the operation failed, and is written again; another's does."""
    found = holder(TheVip(), seen)
    assert (found.id if found else None) == who


@pytest.mark.parametrize("seen", [_seen("s", c="?"), _seen("f+", c="?"), _seen("s", b="f+", c="?")])
def test_unknown_is_not_nobody(seen: Reading) -> None:
    """One that could not be read may have it."""
    with pytest.raises(Unavailable, match="nic-c"):
        holder(TheVip(), seen)


@pytest.mark.parametrize(
    ("seen", "awaited", "who"),
    [
        (_seen("s", b="s+"), (), None),
        (_seen("s", b="u+"), (), B),
        (_seen("u", b="s+"), (), A),
        (_seen("u+"), (), A),
        (_seen("s+", b="u"), (B,), None),
        (_seen("s", b="u"), (), None),
        (_seen("s", b="u"), (B,), B),
        (_seen("s", b="u", c="u"), (C,), C),
        (_seen("s", b="f"), (B,), None),
    ],
)
def test_only_operations_that_matter_are_waited_for(
    seen: Reading[Nic], awaited: tuple[NodeId, ...], who: NodeId | None
) -> None:
    """Its holder's, our own, and that of the one which is known to be giving it away."""
    found = at_work(TheVip(), seen, awaited)
    assert (found.id if found else None) == who


@pytest.mark.parametrize(
    ("seen", "awaited", "who", "last"),
    [
        (_seen("s", b="s+"), (), B, False),
        (_seen("f+", b="s+"), (), B, False),
        (_seen("s", b="f+"), (), B, False),
        (_seen("s"), (), A, True),
        (_seen("f+"), (), A, True),
        (_seen("s", b="f"), (), A, True),
        (_seen("s", b="f"), (B,), B, False),
        (_seen("s", b="f"), (C,), A, True),
        (_seen("f"), (A,), A, True),
    ],
)
def test_the_old_interface_is_written_before_our_own(
    seen: Reading[Nic], awaited: tuple[NodeId, ...], who: NodeId, last: bool
) -> None:
    """The other way round ARM refuses; a failed removal is written once more."""
    write = next_write(TheVip(), seen, awaited)
    assert (write.nic.id, write.last) == (who, last)
    assert TheVip().on(write.nic) is last


def test_two_writes_lead_there_from_any_holder() -> None:
    """The first takes it off, the second puts it on, and each is bound to what was read."""
    seen = _seen("s", c="s+")
    first = next_write(TheVip(), seen, ())
    between = Reading(seen.own, {**seen.others, first.nic.id: first.nic})
    second = next_write(TheVip(), between, (C,))
    assert first == Write(without_address(seen.others[C], VIP), last=False)  # type: ignore[arg-type]
    assert second == Write(with_address(seen.own, VIP, "vip"), last=True)


class NoRoom(TheVip):
    """An address that our own interface cannot take."""

    def put_on(self, nic: Nic) -> Nic:
        raise Refused("no room")


def test_nothing_is_taken_from_anybody_if_it_cannot_be_given_to_us() -> None:
    """The VIP stays where it is."""
    with pytest.raises(Refused, match="no room"):
        next_write(NoRoom(), _seen("s", b="s+"), ())


def test_token_tells_one_state_from_another() -> None:
    """Every interface that was read is in it; one that was not read is not."""
    assert (
        _seen("s").token == 'database/nic-a=W/"nic-a-1" database/nic-b=W/"nic-b-1" database/nic-c=W/"nic-c-1"'
    )
    assert "nic-c" not in _seen("s", c="?").token
