"""Armed faults do what they say, to the calls that they are for, as often as they say."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.azure.client import Plain, code
from tests.azure.place import Place, route
from vipswitch.testing.azure import Drop

WRITE = "Microsoft.Network/routeTables/routes/write"


def _write(place: Place, ask: Plain, hop: str = "10.0.1.5") -> int:
    return ask("PUT", place.route, route(hop)).status


def _hop(place: Place) -> str | None:
    found = place.cloud.get(place.table)["properties"]["routes"]
    return found[0]["properties"]["nextHopIpAddress"] if found else None


@pytest.mark.parametrize("seconds", [None, 7])
def test_throttling_refuses_as_often_as_it_was_armed(seconds: int | None, place: Place, ask: Plain) -> None:
    """429, with or without Retry-After, and nothing is done."""
    place.cloud.faults.throttle(2, WRITE, retry_after=seconds)
    refusals = [ask("PUT", place.route, route("10.0.1.5")) for _ in range(2)]
    assert [(one.status, code(one)) for one in refusals] == [(429, "TooManyRequests")] * 2
    assert {one.headers.get("Retry-After") for one in refusals} == {None if seconds is None else "7"}
    assert (_hop(place), _write(place, ask)) == (None, 201)


@pytest.mark.parametrize("status", [500, 503])
def test_an_unavailable_cloud_does_nothing(status: int, place: Place, ask: Plain) -> None:
    """The write before its commit."""
    place.cloud.faults.unavailable(1, WRITE, status=status)
    assert (_write(place, ask), _hop(place)) == (status, None)


def test_an_answer_may_be_lost_after_the_commit(place: Place, ask: Plain) -> None:
    """5xx, or no answer at all, and the write is done."""
    place.cloud.faults.unavailable_after(1, WRITE)
    assert (_write(place, ask), _hop(place)) == (503, "10.0.1.5")
    place.cloud.finish()
    place.cloud.faults.drop_after(1, WRITE)
    with pytest.raises(Drop):
        _write(place, ask, "10.0.1.4")
    assert _hop(place) == "10.0.1.4"


def test_a_dropped_request_does_nothing(place: Place, ask: Plain) -> None:
    """The connection ends before the work."""
    place.cloud.faults.drop_before(1, WRITE)
    with pytest.raises(Drop):
        _write(place, ask)
    assert _hop(place) is None


def test_a_denial_names_action_and_scope(place: Place, ask: Plain) -> None:
    """403, until it is disarmed; the token is not in the text."""
    rule = place.cloud.faults.deny(WRITE)
    refusal = json.loads(ask("PUT", place.route, route("10.0.1.5")).body)["error"]
    assert refusal["code"] == "AuthorizationFailed"
    assert f"'{WRITE}' over scope '{place.route}'" in refusal["message"]
    assert "bearer" not in refusal["message"]
    rule.disarm()
    assert _write(place, ask) == 201


def test_refused_tokens_are_answered_with_a_challenge(place: Place, ask: Plain) -> None:
    """401 ExpiredAuthenticationToken and WWW-Authenticate."""
    place.cloud.faults.refuse_tokens(1)
    refusal = ask("GET", place.table)
    assert (refusal.status, code(refusal)) == (401, "ExpiredAuthenticationToken")
    assert refusal.headers["WWW-Authenticate"].startswith("Bearer authorization_uri=")


def test_no_token_is_no_entry(place: Place) -> None:
    """401 with a challenge."""
    refusal = Plain(place.cloud, None)("GET", place.table)
    assert (refusal.status, code(refusal)) == (401, "AuthenticationFailed")
    assert "WWW-Authenticate" in refusal.headers


def test_a_delayed_write_waits_alone(place: Place, ask: Plain) -> None:
    """Others are answered meanwhile."""
    place.cloud.faults.delay(0.2, WRITE)
    with ThreadPoolExecutor(1) as threads:
        write = threads.submit(_write, place, ask)
        assert ask("GET", place.table).status == 200
        assert not write.done()
        assert write.result() == 201


def test_a_held_write_does_its_work_when_it_is_released(place: Place, ask: Plain) -> None:
    """That is how the write of a dead process reaches the cloud late."""
    gate = place.cloud.faults.hold(WRITE)
    with ThreadPoolExecutor(1) as threads:
        write = threads.submit(_write, place, ask)
        assert gate.arrived.wait(5)
        assert _hop(place) is None
        gate.release()
        assert (write.result(), _hop(place)) == (201, "10.0.1.5")


def test_a_held_answer_has_its_work_done(place: Place, ask: Plain) -> None:
    """Only the client does not know."""
    gate = place.cloud.faults.hold_answer(WRITE)
    with ThreadPoolExecutor(1) as threads:
        write = threads.submit(_write, place, ask)
        assert gate.arrived.wait(5)
        assert _hop(place) == "10.0.1.5"
        gate.release()
        assert write.result() == 201


def test_clearing_lets_held_calls_go_on(place: Place, ask: Plain) -> None:
    """And disarms everything else."""
    gate = place.cloud.faults.hold(WRITE)
    place.cloud.faults.deny("*/read")
    with ThreadPoolExecutor(1) as threads:
        write = threads.submit(_write, place, ask)
        assert gate.arrived.wait(5)
        place.cloud.faults.clear()
        assert write.result() == 201
    assert ask("GET", place.table).status == 200


def test_a_foreign_write_comes_between_read_and_write(place: Place, ask: Plain) -> None:
    """What the client read is old when its write arrives."""
    place.cloud.put(place.route, route("10.0.1.4"))
    etag = place.cloud.get(place.table)["etag"]
    other = f"{place.table}/routes/other"
    place.cloud.faults.foreign_write(WRITE, lambda: place.cloud.put(other, route("10.0.1.9", "10.9.0.51/32")))
    assert ask("PUT", place.route, route("10.0.1.5"), if_match=etag).status == 412
    assert place.cloud.get(other)


def test_a_callback_comes_between_commit_and_answer(place: Place, ask: Plain) -> None:
    """It finds the write done, and may write itself."""
    seen: list[str | None] = []
    place.cloud.faults.after_commit(WRITE, lambda: seen.append(_hop(place)))
    _write(place, ask)
    assert seen == ["10.0.1.5"]


def test_a_stuck_operation_never_ends(place: Place, ask: Plain) -> None:
    """Neither by looking nor by time; another write may supersede it."""
    place.cloud.faults.stuck(1, WRITE)
    _write(place, ask)
    assert [place.cloud.finish(), *[ask("GET", place.table).status for _ in range(5)]] == [None, *[200] * 5]
    assert ask.json(place.route)["properties"]["provisioningState"] == "Updating"
    assert _write(place, ask, "10.0.1.4") == 429
    place.cloud.rules.second_write = "supersede"
    assert _write(place, ask, "10.0.1.4") == 200


def test_a_stuck_operation_may_be_freed(place: Place, ask: Plain) -> None:
    """By the test, not by the cloud."""
    place.cloud.faults.stuck(1, WRITE)
    _write(place, ask)
    place.cloud.finish(stuck=True)
    assert ask.json(place.route)["properties"]["provisioningState"] == "Succeeded"


def test_a_creation_that_is_superseded_leaves_nothing(place: Place, ask: Plain) -> None:
    """Neither a route nor a table; tags that were set since stay."""
    place.cloud.faults.supersede(2)
    table = f"{place.table}-new"
    ask("PUT", table, {"location": place.cloud.location})
    _write(place, ask)
    place.cloud.rules.second_write = "supersede"
    tags = {"operation": "Merge", "properties": {"tags": {"mark": "node1"}}}
    ask("PATCH", f"{place.table}/providers/Microsoft.Resources/tags/default", tags)
    place.cloud.finish()
    assert (ask("GET", table).status, _hop(place)) == (404, None)
    assert place.cloud.get(place.table)["tags"] == {"mark": "node1"}


def test_an_operation_may_end_as_if_superseded(place: Place, ask: Plain) -> None:
    """All is as it was before the write that was accepted, and well."""
    place.cloud.put(place.route, route("10.0.1.4"))
    place.cloud.faults.supersede(1, WRITE)
    assert _write(place, ask) == 200
    place.cloud.finish()
    assert _hop(place) == "10.0.1.4"
    assert ask.json(place.route)["properties"]["provisioningState"] == "Succeeded"


def test_stale_reads_show_what_was_before_the_next_write(place: Place, ask: Plain) -> None:
    """So many of them, with the etag of then; writes see the truth."""
    place.cloud.put(place.route, route("10.0.1.4"))
    before = ask.json(place.table)
    place.cloud.faults.stale_reads(2)
    _write(place, ask)
    assert [ask.json(place.table), ask.json(place.table)] == [before, before]
    assert ask.json(place.route)["properties"]["nextHopIpAddress"] == "10.0.1.5"


def test_stale_reads_may_not_see_a_new_record_set(place: Place, ask: Plain) -> None:
    """Also what was not there before is not there for so long."""
    path = f"{place.zone}/A/www"
    place.cloud.faults.stale_reads(1)
    ask("PUT", path, {"properties": {"TTL": 20, "ARecords": [{"ipv4Address": "10.0.0.1"}]}})
    assert [ask("GET", path).status, ask("GET", path).status] == [404, 200]


@pytest.mark.parametrize(
    ("which", "hit"),
    [
        ({"on": "vip"}, True),
        ({"on": "other"}, False),
        ({"source": "127.0.0.1"}, True),
        ({"source": "10.0.0.9"}, False),
        ({"where": lambda call: b"10.0.1.5" in call.body}, True),
        ({"where": lambda call: b"10.0.1.4" in call.body}, False),
    ],
)
def test_faults_are_for_the_calls_that_were_named(
    which: dict[str, object], hit: bool, place: Place, ask: Plain
) -> None:
    """By resource, by client, or by whatever a test asks."""
    place.cloud.faults.unavailable(1, None, **which)  # type: ignore[arg-type]
    assert (_write(place, ask) == 503) is hit


def test_the_barrier_meets_every_request_before_its_work(place: Place, ask: Plain) -> None:
    """It runs on the request's own thread, and others go on while it waits."""
    both = threading.Barrier(2, timeout=5)
    place.cloud.barrier = lambda _: both.wait()
    with ThreadPoolExecutor(2) as threads:
        statuses = list(threads.map(lambda hop: _write(place, ask, hop), ("10.0.1.4", "10.0.1.5")))
    assert sorted(statuses) == [201, 429]
