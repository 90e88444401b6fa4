"""IPv6 addresses, which cannot be reassigned: two requests, and everything that may happen between them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.unit.providers.aws.lan import Lan, place, seen
from tests.unit.providers.aws.rig import soon
from vipswitch.errors import Conflict, OutcomeUnknown, PermissionDenied, Unavailable
from vipswitch.model import Holding, NodeId

ASSIGN, UNASSIGN = "AssignIpv6Addresses", "UnassignIpv6Addresses"


def writes(lan: Lan) -> list[str]:
    """What was asked for that would change something, done or not."""
    return [call.action for call in lan.cloud.journal.calls() if call.mutating]


def test_a_free_address_is_one_request(lan: Lan) -> None:
    """After a clean `down` a takeover is as short as one of IPv4."""
    bed = lan.bed(lan.ipv6())
    bed.up("a")
    bed.down("a")
    lan.cloud.journal.clear()
    assert bed.up("b").errors == ()
    assert writes(lan) == [ASSIGN]
    assert bed.holders() == {lan.id(1)}


def test_a_held_address_is_refused_and_left_alone(lan: Lan) -> None:
    """The first request of an order takes nothing from anybody: it has seen nobody yet."""
    lan.give(lan.ipv6(), 1)
    with pytest.raises(Conflict):
        lan.provider().claim(place(lan.ipv6()), lan.id(0), None, soon())
    assert lan.holder(lan.ipv6()) == lan.id(1)


def test_a_held_address_is_taken_off_its_holder_first(lan: Lan) -> None:
    """Once it was seen who has it."""
    lan.give(lan.ipv6(), 1)
    provider = lan.provider()
    holding = seen(provider, lan.ipv6())
    lan.cloud.journal.clear()
    provider.claim(place(lan.ipv6()), lan.id(0), holding, soon())
    assert lan.asked() == [UNASSIGN, ASSIGN]
    assert lan.holder(lan.ipv6()) == lan.id(0)


def test_the_whole_takeover_from_a_dead_node(lan: Lan) -> None:
    """Refused, read, taken, given, read: five requests, of which two change something."""
    bed = lan.bed(lan.ipv6())
    lan.give(lan.ipv6(), 2)
    bed.switches["a"].provider.read([], bed.deadline())
    lan.cloud.journal.clear()
    assert bed.up("a").errors == ()
    reads = "DescribeNetworkInterfaces"
    assert lan.asked() == [ASSIGN, reads, UNASSIGN, ASSIGN, reads]
    assert len(lan.cloud.journal.writes()) == 2


def test_a_holder_that_has_let_go_meanwhile_is_no_obstacle(lan: Lan) -> None:
    """It has nothing to give, and nobody else has it."""
    lan.give(lan.ipv6(), 1)
    provider = lan.provider()
    holding = seen(provider, lan.ipv6())
    lan.take(lan.ipv6())
    provider.claim(place(lan.ipv6()), lan.id(0), holding, soon())
    assert lan.holder(lan.ipv6()) == lan.id(0)


def test_a_holder_that_is_gone_is_no_obstacle(lan: Lan) -> None:
    """A terminated node's interface goes with it, and its addresses are free."""
    gone = Holding(NodeId("eni-0123456789abcdef0"))
    lan.provider().claim(place(lan.ipv6()), lan.id(0), gone, soon())
    assert lan.holder(lan.ipv6()) == lan.id(0)


def test_whoever_took_it_since_it_was_seen_keeps_it(lan: Lan) -> None:
    """The claim names the holder that it saw, so it takes nothing from another."""
    lan.give(lan.ipv6(), 1)
    provider = lan.provider()
    holding = seen(provider, lan.ipv6())
    lan.give(lan.ipv6(), 2)
    with pytest.raises(Conflict):
        provider.claim(place(lan.ipv6()), lan.id(0), holding, soon())
    assert lan.holder(lan.ipv6()) == lan.id(2)


def test_whoever_comes_between_the_two_requests_keeps_it(lan: Lan) -> None:
    """The second request is refused, and the order looks again."""
    lan.give(lan.ipv6(), 1)
    provider = lan.provider()
    holding = seen(provider, lan.ipv6())
    gate = lan.cloud.faults.hold(ASSIGN)
    with ThreadPoolExecutor(1) as pool:
        claim = pool.submit(provider.claim, place(lan.ipv6()), lan.id(0), holding, soon())
        assert gate.arrived.wait(5)
        lan.give(lan.ipv6(), 2)
        gate.release()
        with pytest.raises(Conflict):
            claim.result()
    assert lan.holder(lan.ipv6()) == lan.id(2)


@pytest.mark.parametrize("action", [UNASSIGN, ASSIGN])
@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "unavailable", "throttle"])
def test_an_order_outlives_the_loss_of_either_answer(lan: Lan, action: str, fault: str) -> None:
    """Done or not, it is looked at before anything is written again."""
    lan.give(lan.ipv6(), 1)
    bed = lan.bed(lan.ipv6())
    bed.give_addresses("a")  # so that it looks first, and its first request is the one that takes
    getattr(lan.cloud.faults, fault)(1, action)
    assert bed.up("a").errors == ()
    assert bed.holders() == {lan.id(0)}


@pytest.mark.parametrize("action", [UNASSIGN, ASSIGN])
def test_a_lost_answer_leaves_the_outcome_open(lan: Lan, action: str) -> None:
    """To the switch that means: read before the next write."""
    lan.give(lan.ipv6(), 1)
    provider = lan.provider()
    holding = seen(provider, lan.ipv6())
    lan.cloud.faults.drop_after(1, action)
    with pytest.raises(OutcomeUnknown):
        provider.claim(place(lan.ipv6()), lan.id(0), holding, soon())


def test_a_half_done_claim_is_not_one_that_was_not_made(lan: Lan) -> None:
    """The holder has lost the address: to be told "try again" would hide that."""
    lan.give(lan.ipv6(), 1)
    provider = lan.provider()
    holding = seen(provider, lan.ipv6())
    lan.cloud.faults.throttle(1, ASSIGN)
    with pytest.raises(OutcomeUnknown, match=f"{lan.id(1)} has lost it already, so nobody has it"):
        provider.claim(place(lan.ipv6()), lan.id(0), holding, soon())


def test_a_claim_that_never_began_is_one_that_was_not_made(lan: Lan) -> None:
    """Neither the first request nor, without it, a second."""
    lan.give(lan.ipv6(), 1)
    provider = lan.provider()
    holding = seen(provider, lan.ipv6())
    lan.cloud.faults.throttle(1, UNASSIGN)
    lan.cloud.journal.clear()
    with pytest.raises(Unavailable):
        provider.claim(place(lan.ipv6()), lan.id(0), holding, soon())
    assert lan.asked() == [UNASSIGN]


def test_may_take_but_not_give_says_what_it_has_done(lan: Lan) -> None:
    """Half a policy: the error says that nobody has the address now, and what to allow."""
    lan.give(lan.ipv6(), 1)
    provider = lan.provider()
    holding = seen(provider, lan.ipv6())
    lan.cloud.faults.deny(ASSIGN)
    with pytest.raises(PermissionDenied, match="nobody has it") as caught:
        provider.claim(place(lan.ipv6()), lan.id(0), holding, soon())
    assert caught.value.hint.startswith("allow ec2:AssignIpv6Addresses on arn:aws:ec2:")


def test_the_deadline_between_the_two_requests_is_said(lan: Lan) -> None:
    """The second is not sent any more, and the first is not hidden."""
    lan.give(lan.ipv6(), 1)
    provider, deadline = lan.provider(), soon()
    holding = seen(provider, lan.ipv6())
    lan.cloud.faults.after_commit(UNASSIGN, deadline.cancel)
    with pytest.raises(OutcomeUnknown, match=r"the deadline passed before .* so nobody has it"):
        provider.claim(place(lan.ipv6()), lan.id(0), holding, deadline)
    assert lan.asked()[-1] == UNASSIGN


def test_a_death_between_the_two_requests_is_repaired_by_the_next_up(lan: Lan) -> None:
    """On the same node or any other: nobody has the address, so one request assigns it."""
    lan.give(lan.ipv6(), 2)
    lan.provider()._aws.api.unassign(lan.ipv6(), lan.id(2), soon())
    bed = lan.bed(lan.ipv6())
    lan.cloud.journal.clear()
    assert bed.up("b").errors == ()
    assert writes(lan) == [ASSIGN]


def test_a_release_is_one_request_on_ones_own_interface(lan: Lan) -> None:
    """And a late one finds nothing to take."""
    lan.give(lan.ipv6(), 0)
    provider = lan.provider()
    ours = seen(provider, lan.ipv6())
    provider.release(place(lan.ipv6()), lan.id(0), ours, soon())
    assert lan.holder(lan.ipv6()) is None
    lan.give(lan.ipv6(), 1)
    with pytest.raises(Conflict):
        provider.release(place(lan.ipv6()), lan.id(0), ours, soon())
    assert lan.holder(lan.ipv6()) == lan.id(1)


def test_both_families_move_by_one_order(lan: Lan) -> None:
    """A dual-stack VIP: each address has its own way, and one read of each family proves them."""
    bed = lan.bed(lan.ipv4(), lan.ipv6())
    for address in bed.vip.addresses:
        lan.give(address, 1)
    assert bed.up("a").errors == ()
    assert bed.holders() == {lan.id(0)}
    assert bed.down("a").errors == ()
    assert bed.holders() == {None}
