"""What real clouds do one way or another, the local one does either way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.azure.client import Plain, code
from tests.azure.place import VIP, Place, route
from vipswitch.testing.wire import Answer


def _operation(ask: Plain, answer: Answer) -> Answer:
    url = answer.headers["Azure-AsyncOperation"]
    return ask("GET", "/" + url.split("/", 3)[3].partition("?")[0])


def _body(answer: Answer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.body)
    return found


@pytest.mark.parametrize(
    ("put_answer", "state", "runs"),
    [
        ("updating", "Updating", True),
        ("succeeded-with-operation", "Succeeded", True),
        ("succeeded", "Succeeded", False),
    ],
)
def test_a_put_is_answered_in_three_ways(
    put_answer: Any, state: str, runs: bool, place: Place, ask: Plain
) -> None:
    """As Updating with an operation, as Succeeded with one, and as Succeeded without any."""
    place.cloud.rules.put_answer = put_answer
    answer = ask("PUT", place.nodes[0].nic_id, place.with_vip(0))
    assert _body(answer)["properties"]["provisioningState"] == state
    assert ("Azure-AsyncOperation" in answer.headers) is runs
    assert bool(place.cloud.arm.operations.running()) is runs


@pytest.mark.parametrize(
    ("put_answer", "final", "stays"),
    [
        ("updating", False, False),
        ("updating", True, True),
        ("succeeded-with-operation", False, True),
        ("succeeded", False, True),
    ],
)
def test_the_etag_of_a_put_is_final_or_not(
    put_answer: Any, final: bool, stays: bool, place: Place, ask: Plain
) -> None:
    """Another etag at the end of the operation makes a chain of writes read in between."""
    place.cloud.rules.put_answer, place.cloud.rules.put_etag_final = put_answer, final
    given = _body(ask("PUT", place.route, route("10.0.1.4")))["etag"]
    place.cloud.finish()
    assert (place.cloud.get(place.table)["etag"] == given) is stays


@pytest.mark.parametrize("seconds", [None, 10])
def test_retry_after_is_there_or_not(seconds: int | None, place: Place, ask: Plain) -> None:
    """On the answer to a write, on a running operation, and on the refusal of a second write."""
    place.cloud.rules.retry_after = seconds
    first = ask("PUT", place.route, route("10.0.1.4"))
    second = ask("PUT", place.route, route("10.0.1.5"))
    looked = _operation(ask, first)
    expected = None if seconds is None else str(seconds)
    assert [one.headers.get("Retry-After") for one in (first, second, looked)] == [expected] * 3
    assert "Retry-After" not in _operation(ask, first).headers


@pytest.mark.parametrize(
    ("second_write", "status", "error"),
    [
        ("retryable", 429, "RetryableErrorDueToAnotherOperation"),
        ("conflict", 409, "AnotherOperationInProgress"),
        ("bad-request", 400, "AnotherOperationInProgress"),
    ],
)
def test_a_second_write_during_an_operation_is_refused(
    second_write: Any, status: int, error: str, place: Place, ask: Plain
) -> None:
    """In one of three ways, and nothing has changed."""
    place.cloud.rules.second_write = second_write
    ask("PUT", place.route, route("10.0.1.4"))
    refusal = ask("PUT", place.route, route("10.0.1.5"))
    assert (refusal.status, code(refusal)) == (status, error)
    assert place.cloud.get(place.route)["properties"]["nextHopIpAddress"] == "10.0.1.4"


@pytest.mark.parametrize("seconds", [None, 14])
def test_a_nic_takes_one_write_at_a_time(seconds: int | None, place: Place, ask: Plain) -> None:
    """Also its deletion waits; when to come again is said in the text, too."""
    place.cloud.rules.retry_after = seconds
    ask("PUT", place.nodes[0].nic_id, place.with_vip(0))
    refusals = [ask("PUT", place.nodes[0].nic_id, place.nic(0)), ask("DELETE", place.nodes[0].nic_id)]
    assert [code(one) for one in refusals] == ["RetryableErrorDueToAnotherOperation"] * 2
    assert f"retried in {seconds or 1} seconds" in refusals[0].body.decode()


def test_a_second_write_may_supersede_the_first(place: Place, ask: Plain) -> None:
    """The first operation ends Canceled, and the second one's route stands."""
    place.cloud.rules.second_write = "supersede"
    first = ask("PUT", place.route, route("10.0.1.4"))
    second = ask("PUT", place.route, route("10.0.1.5"))
    assert second.status == 200
    assert _body(_operation(ask, first))["status"] == "Canceled"
    place.cloud.finish()
    assert _body(_operation(ask, second))["status"] == "Succeeded"
    assert place.cloud.get(place.route)["properties"]["nextHopIpAddress"] == "10.0.1.5"


@pytest.mark.parametrize("when_completed", [True, False])
def test_an_address_is_free_when_its_removal_is_complete_or_at_once(
    when_completed: bool, place: Place, ask: Plain
) -> None:
    """The new NIC's write may be refused although no NIC shows the address any more."""
    place.cloud.rules.released_when_completed = when_completed
    place.cloud.put(place.nodes[0].nic_id, place.with_vip(0, publicIPAddress={"id": place.public_ip}))
    ask("PUT", place.nodes[0].nic_id, place.without_vip(0))
    early = ask("PUT", place.nodes[1].nic_id, place.with_vip(1))
    assert (early.status == 400) is when_completed
    assert ("ipConfiguration" in place.cloud.get(place.public_ip)["properties"]) is when_completed
    place.cloud.finish()
    assert ask("PUT", place.nodes[1].nic_id, place.with_vip(1)).status == 200


@pytest.mark.parametrize("keeps", [True, False])
def test_a_failed_removal_keeps_the_address_or_not(keeps: bool, place: Place, ask: Plain) -> None:
    """Until the old NIC has been written again, if it does."""
    place.cloud.rules.failed_keeps = keeps
    place.cloud.put(place.nodes[0].nic_id, place.with_vip(0))
    place.cloud.faults.fail_operation("InternalServerError")
    ask("PUT", place.nodes[0].nic_id, place.without_vip(0))
    place.cloud.finish()
    assert place.nic(0)["properties"]["provisioningState"] == "Failed"
    assert (ask("PUT", place.nodes[1].nic_id, place.with_vip(1)).status == 400) is keeps
    ask("PUT", place.nodes[0].nic_id, place.nic(0))
    place.cloud.finish()
    assert ask("PUT", place.nodes[1].nic_id, place.with_vip(1)).status == 200


@pytest.mark.parametrize("reverts", [True, False])
def test_a_failed_operation_leaves_what_was_or_what_was_asked(
    reverts: bool, place: Place, ask: Plain
) -> None:
    """The state is Failed either way, and the etag is another."""
    place.cloud.rules.failed_reverts = reverts
    place.cloud.faults.fail_operation("InternalServerError")
    given = _body(ask("PUT", place.nodes[0].nic_id, place.with_vip(0)))["etag"]
    place.cloud.finish()
    assert place.has_vip(0) is not reverts
    assert place.nic(0)["properties"]["provisioningState"] == "Failed"
    assert place.nic(0)["etag"] != given


@pytest.mark.parametrize("honoured", [True, False])
def test_if_none_match_on_a_route_is_honoured_or_ignored(honoured: bool, place: Place, ask: Plain) -> None:
    """If ignored, a second creator replaces the first one's route."""
    place.cloud.rules.child_if_none_match = honoured
    place.cloud.put(place.route, route("10.0.1.4"))
    answer = ask("PUT", place.route, route("10.0.1.5"), if_none_match="*")
    assert answer.status == (412 if honoured else 200)


@pytest.mark.parametrize("compared", [True, False])
def test_if_match_for_a_route_that_is_absent_is_compared_or_refused(
    compared: bool, place: Place, ask: Plain
) -> None:
    """With the table's present etag; an old one is refused either way."""
    place.cloud.rules.child_if_match_absent = compared
    old = place.cloud.get(place.table)["etag"]
    place.cloud.put(f"{place.table}/routes/other", route("10.0.1.4", "10.9.0.51/32"))
    present = place.cloud.get(place.table)["etag"]
    assert ask("PUT", place.route, route("10.0.1.5"), if_match=old).status == 412
    answer = ask("PUT", place.route, route("10.0.1.5"), if_match=present)
    assert answer.status == (201 if compared else 412)


@pytest.mark.parametrize("refused", [True, False])
def test_an_old_etag_in_the_body_is_refused_or_ignored(refused: bool, place: Place, ask: Plain) -> None:
    """Without any header; the present one is taken either way."""
    place.cloud.rules.body_etag_refused = refused
    old = place.nic(0)
    place.cloud.put(place.nodes[0].nic_id, old)
    assert ask("PUT", place.nodes[0].nic_id, old).status == (412 if refused else 200)
    place.cloud.finish()
    assert ask("PUT", place.nodes[0].nic_id, place.nic(0)).status == 200


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("quoted", [True, False])
def test_dns_etags_are_given_bare_or_quoted_and_taken_exactly_or_not(
    exact: bool, quoted: bool, place: Place, ask: Plain
) -> None:
    """What was given is always taken; the other form only where quotes make no difference."""
    place.cloud.rules.exact_etags, place.cloud.rules.quoted_dns_etags = exact, quoted
    path = f"{place.zone}/A/www"
    body = {"properties": {"TTL": 20, "ARecords": [{"ipv4Address": VIP}]}}
    given = _body(ask("PUT", path, body))["etag"]
    assert given.startswith('"') is quoted
    other = given.strip('"') if quoted else f'"{given}"'
    assert ask("PUT", path, body, if_match=other).status == (412 if exact else 200)
    assert ask("PUT", path, body, if_match=ask("GET", path).headers["ETag"]).status == 200


@pytest.mark.parametrize("exact", [True, False])
def test_network_etags_are_taken_exactly_or_not(exact: bool, place: Place, ask: Plain) -> None:
    """Some clients drop the W/ of a weak etag."""
    place.cloud.rules.exact_etags = exact
    strong = place.nic(0)["etag"].removeprefix("W/")
    answer = ask("PUT", place.nodes[0].nic_id, place.nic(0), if_match=strong)
    assert answer.status == (412 if exact else 200)


@pytest.mark.parametrize("renewed", [True, False])
def test_a_change_of_tags_renews_the_etag_or_not(renewed: bool, place: Place, ask: Plain) -> None:
    """If it does, a mark that is set makes the next write read again."""
    place.cloud.rules.tags_renew_etag = renewed
    before = place.cloud.get(place.table)["etag"]
    body = {"operation": "Merge", "properties": {"tags": {"mark": "node1"}}}
    ask("PATCH", f"{place.table}/providers/Microsoft.Resources/tags/default", body)
    assert (place.cloud.get(place.table)["etag"] != before) is renewed


@pytest.mark.parametrize("linked", [True, False])
def test_join_actions_are_asked_for_or_not(linked: bool, place: Place, ask: Plain) -> None:
    """A role that allows the write of NICs alone."""
    place.cloud.rules.linked_authorization = linked
    scope = f"/subscriptions/{place.cloud.subscription}"
    role = {"Actions": ["Microsoft.Network/networkInterfaces/*"], "AssignableScopes": [scope]}
    place.cloud.roles.give(role, client=None)
    assert ask("PUT", place.nodes[0].nic_id, place.nic(0)).status == (403 if linked else 200)


@pytest.mark.parametrize("needed", [True, False])
def test_a_look_at_an_operation_needs_a_permission_or_not(needed: bool, place: Place, ask: Plain) -> None:
    """At the subscription, where a role for one group does not reach."""
    place.cloud.rules.operations_need_permission = needed
    group = f"/subscriptions/{place.cloud.subscription}/resourceGroups/{place.cloud.group}"
    place.cloud.roles.give({"Actions": ["*"], "AssignableScopes": [group]}, client=None)
    answer = ask("PUT", place.route, route("10.0.1.4"))
    assert _operation(ask, answer).status == (403 if needed else 200)


@pytest.mark.parametrize("strict", [True, False])
def test_unknown_tokens_are_refused_or_taken(strict: bool, place: Place, ask: Plain) -> None:
    """One that was given out here is taken either way."""
    place.cloud.rules.strict_tokens = strict
    assert ask("GET", place.table).status == (401 if strict else 200)
    assert Plain(place.cloud, place.cloud.token("node1"))("GET", place.table).status == 200
