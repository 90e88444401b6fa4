"""What a hook hears: `taken` when all is written down, then lines for people, then one exit code."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from tests.unit.agent.scene import Ears
from vipswitch.agent.answer import Answer
from vipswitch.errors import HostError, Lost, PermissionDenied, TimeUp, Unavailable, VipswitchError
from vipswitch.model import Place, Verb, Vip
from vipswitch.plan import Claim, Read, RemoveAddress
from vipswitch.result import Result
from vipswitch.world import Acknowledged, AddressFailed, AddressRemoved

PRIMARY, REPLICA = Vip("primary", ()), Vip("replica", ())
ADDRESS = ip_address("10.99.0.50")
PLACE = Place("rtb-1")


def result(vip: Vip, *errors: VipswitchError, verb: Verb = Verb.UP, warnings: tuple[str, ...] = ()) -> Result:
    return Result(vip, verb, errors=errors, warnings=warnings)


@pytest.fixture
def hook() -> Ears:
    """Nothing is heard yet."""
    return Ears()


def test_taken_is_said_once_every_order_of_a_group_is_written_down(hook: Ears) -> None:
    """Before that the hook may still have to do the work itself."""
    answer = Answer(hook, 2)
    answer.taken()
    assert hook.heard == []
    answer.taken()
    assert hook.heard == ["taken"]


def test_the_exit_code_comes_with_the_last_result_and_is_the_worst(hook: Ears) -> None:
    """Whichever comes first."""
    answer = Answer(hook, 2)
    answer.result(result(PRIMARY, PermissionDenied("rtb-1: denied", hint="allow it")), goes_on=False)
    assert hook.heard == ["say rtb-1: denied", "say hint: allow it"]
    answer.result(result(REPLICA, Unavailable("rtb-2: busy")), goes_on=False)
    assert hook.heard[2:] == ["say rtb-2: busy", f"exit {PermissionDenied.exit_code}"]


def test_one_order_refused_and_one_done_is_a_failure(hook: Ears) -> None:
    """A group is up when all of it is."""
    answer = Answer(hook, 2)
    answer.refused(Lost("a newer `down` has replaced this order on this node"))
    answer.taken()
    answer.result(result(REPLICA), goes_on=False)
    said = "say a newer `down` has replaced this order on this node"
    assert hook.heard == [said, "taken", f"exit {Lost.exit_code}"]


def test_that_the_agent_goes_on_is_said_before_the_exit_code(hook: Ears) -> None:
    """What is said after it is not heard."""
    Answer(hook, 1).result(result(PRIMARY, TimeUp("rtb-1: not done")), goes_on=True)
    assert hook.heard == [
        "say rtb-1: not done",
        "say primary up: the agent goes on trying",
        f"exit {TimeUp.exit_code}",
    ]


def test_warnings_are_said_and_do_no_harm(hook: Ears) -> None:
    """Exit code 0 with a line for people."""
    Answer(hook, 1).result(result(PRIMARY, warnings=("not in effect yet",)), goes_on=False)
    assert hook.heard == ["say warning: not in effect yet", "exit 0"]


def test_places_that_fail_for_one_reason_say_so_once(hook: Ears) -> None:
    """Fifty tables, one outage."""
    errors = [Unavailable("the API is busy") for _ in range(50)]
    Answer(hook, 1).result(result(PRIMARY, *errors), goes_on=False)
    assert hook.heard == ["say the API is busy", f"exit {Unavailable.exit_code}"]


# detached


def test_a_detached_hook_is_let_go_when_the_host_is_done_and_not_before(hook: Ears) -> None:
    """What is left is in the cloud, and the agent's."""
    answer = Answer(hook, 1, detach=True)
    watching = answer.watching("primary", Verb.DOWN)
    watching.started(RemoveAddress(ADDRESS))
    assert hook.heard == []
    watching.ended(RemoveAddress(ADDRESS), [AddressRemoved(ADDRESS)], 0.001)
    assert hook.heard == []
    watching.started(Read((PLACE,)))
    assert hook.heard == ["exit 0"]


def test_a_detached_hook_of_a_group_waits_for_every_host_side(hook: Ears) -> None:
    """Two VIPs, two interfaces."""
    answer = Answer(hook, 2, detach=True)
    answer.watching("primary", Verb.DOWN).started(Read((PLACE,)))
    answer.watching("primary", Verb.DOWN).started(Read((PLACE,)))
    assert hook.heard == []
    answer.host_done("replica", result(REPLICA, verb=Verb.DOWN))
    assert hook.heard == ["exit 0"]


def test_a_detached_hook_whose_host_fails_hears_the_result(hook: Ears) -> None:
    """An address that stays on is worth an exit code."""
    answer = Answer(hook, 1, detach=True)
    watching = answer.watching("primary", Verb.DOWN)
    wrong = HostError("ip: no such device")
    watching.started(RemoveAddress(ADDRESS))
    watching.ended(RemoveAddress(ADDRESS), [AddressFailed(ADDRESS, wrong)], 0.001)
    watching.started(Read((PLACE,)))
    failed = result(PRIMARY, wrong, verb=Verb.DOWN)
    answer.host_done("primary", failed)
    assert hook.heard == []
    answer.result(failed, goes_on=False)
    assert hook.heard == ["say ip: no such device", f"exit {HostError.exit_code}"]


def test_a_hook_that_is_not_detached_waits_for_the_cloud(hook: Ears) -> None:
    """Its caller wants to know."""
    answer = Answer(hook, 1)
    answer.watching("primary", Verb.DOWN).started(Read((PLACE,)))
    answer.host_done("primary", result(PRIMARY, verb=Verb.DOWN))
    assert hook.heard == []


def test_the_cloud_of_an_up_lets_nobody_go(hook: Ears) -> None:
    """Its host side is no end in itself."""
    Answer(hook, 1, detach=True).watching("primary", Verb.UP).started(Claim(PLACE, None))
    assert hook.heard == []


# verbose


@pytest.mark.parametrize("verbose", [True, False])
def test_each_step_is_said_to_who_wants_to_hear_it(hook: Ears, verbose: bool) -> None:
    """The same words as in the log."""
    answer = Answer(hook, 1, verbose=verbose)
    answer.watching("primary", Verb.UP).ended(Claim(PLACE, None), [Acknowledged(PLACE)], 0.0123)
    assert hook.heard == (["say vip=primary step=claim rtb-1 done ms=12"] if verbose else [])
