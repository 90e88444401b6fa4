"""What real clouds do one way or another, the local one does either way."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gcp.client import Plain, failed, reason, refused
from tests.gcp.place import ALIAS, EXTERNAL, NAME, Place, furnish
from vipswitch.testing.gcp import GcpCloud

NIC = {"networkInterface": "nic0"}


def _code(ask: Plain, method: str, path: str, body: Any = None, **query: str) -> str | None:
    """The code inside the operation of a write that is accepted."""
    return failed(ask.ended(ask.done(method, path, body, **query)))


@pytest.mark.parametrize("running", [True, False])
def test_a_name_conflict_is_told_in_the_request_or_in_the_operation(
    running: bool, place: Place, ask: Plain
) -> None:
    """Also against an insert that still runs, whose route is then the first one's."""
    ask.done("POST", "global/routes", place.route())
    if not running:
        place.cloud.finish()
    assert reason(ask("POST", "global/routes", place.route(node=1))) == (409, "alreadyExists")
    place.cloud.rules.name_conflict = "operation"
    assert _code(ask, "POST", "global/routes", place.route(node=1)) == "RESOURCE_ALREADY_EXISTS"
    assert ask.json("global/routes/vip")["nextHopInstance"] == place.cloud.link(place.nodes[0].instance)


def test_an_address_conflict_is_told_in_the_request_or_in_the_operation(place: Place, ask: Plain) -> None:
    """Of an alias and of an external address, also against an operation that still runs."""
    writes: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
        ("PATCH", "updateNetworkInterface", place.alias(ALIAS), place.alias(ALIAS, node=1)),
        ("POST", "addAccessConfig", {"natIP": EXTERNAL}, {"natIP": EXTERNAL}),
    ]
    for verb, method, mine, theirs in writes:
        for rule in ("operation", "request"):
            place = furnish(GcpCloud())
            place.cloud.rules.address_conflict = rule  # type: ignore[assignment]  # one of its values
            ask = place.ask
            ask.done(verb, place.path(0, method), mine, **NIC)
            for _ in range(2):
                answer = ask(verb, place.path(1, method), theirs, **NIC)
                assert answer.status == (200 if rule == "operation" else 400)
                place.cloud.finish()
            assert place.aliases(1) == place.configs(1) == []


def test_a_stale_fingerprint_is_told_in_the_request_or_in_the_operation(place: Place, ask: Plain) -> None:
    """412, or CONDITION_NOT_MET."""
    body, path = place.alias(ALIAS), place.path(0, "updateNetworkInterface")
    place.hold("10.0.1.60/32")
    assert reason(ask("PATCH", path, body, **NIC)) == (412, "conditionNotMet")
    place.cloud.rules.fingerprint_conflict = "operation"
    assert _code(ask, "PATCH", path, body, **NIC) == "CONDITION_NOT_MET"
    assert place.aliases() == ["10.0.1.60/32"]


def test_a_second_write_is_refused_or_waits_its_turn(place: Place, ask: Plain) -> None:
    """400 resourceNotReady, or accepted and carried out after the first."""
    ask.done("PATCH", place.path(0, "updateNetworkInterface"), place.alias(ALIAS), **NIC)
    second = ("POST", place.path(0, "addAccessConfig"), {"natIP": EXTERNAL})
    assert reason(ask(*second, **NIC)) == (400, "resourceNotReady")
    place.cloud.rules.second_write = "queued"
    assert _code(ask, *second, **NIC) is None
    assert (place.aliases(), len(place.configs())) == ([ALIAS], 1)


def test_a_route_that_is_being_deleted_is_not_ready(place: Place, ask: Plain) -> None:
    """Or the second deletion is accepted and finds nothing."""
    place.cloud.write("POST", "global/routes", place.route())
    ask.done("DELETE", "global/routes/vip")
    assert reason(ask("DELETE", "global/routes/vip")) == (400, "resourceNotReady")
    place.cloud.rules.second_write = "queued"
    assert _code(ask, "DELETE", "global/routes/vip") == "RESOURCE_NOT_FOUND"


@pytest.mark.parametrize(
    ("rule", "status", "code"),
    [("operation", 200, "INVALID_FIELD_VALUE"), ("silent", 200, None), ("request", 404, None)],
)
def test_the_deletion_of_an_absent_config_is_told_in_three_ways(
    rule: Any, status: int, code: str | None, place: Place, ask: Plain
) -> None:
    """In the operation, in the request, or not at all."""
    place.cloud.rules.absent_access_config = rule
    answer = ask("POST", place.path(0, "deleteAccessConfig"), accessConfig="none", **NIC)
    assert answer.status == status
    if status == 200:
        assert _code(ask, "POST", place.path(1, "deleteAccessConfig"), accessConfig="none", **NIC) == code


@pytest.mark.parametrize(("rule", "shown"), [(True, "10.0.1.50/32"), (False, "10.0.1.50")])
def test_an_alias_is_shown_with_its_length_or_without(
    rule: bool, shown: str, place: Place, ask: Plain
) -> None:
    """The fingerprint is the same; a wider range has its length always."""
    place.cloud.rules.alias_with_prefix = rule
    place.hold(ALIAS, "10.0.1.64/28")
    assert place.aliases() == [shown, "10.0.1.64/28"]
    place.hold(*place.aliases())
    assert place.aliases() == [shown, "10.0.1.64/28"]


@pytest.mark.parametrize("seconds", [0.0, 3.0])
def test_an_alias_is_free_at_once_or_a_while_later(seconds: float) -> None:
    """To others and to the one that had it."""
    now = [0.0]
    place = furnish(GcpCloud(now=lambda: now[0]))
    place.cloud.rules.alias_free_after_s = seconds
    place.hold(ALIAS)
    place.hold()

    def take(node: int) -> str | None:
        path = place.path(node, "updateNetworkInterface")
        return _code(place.ask, "PATCH", path, place.alias(ALIAS, node=node), **NIC)

    if seconds:
        assert [take(0), take(1)] == ["IP_IN_USE_BY_ANOTHER_RESOURCE"] * 2
        now[0] = seconds
    assert take(1) is None


@pytest.mark.parametrize("whole", [False, True])
def test_a_fingerprint_is_of_the_aliases_or_of_all(whole: bool, place: Place) -> None:
    """Another access config makes it another one, or does not."""
    place.cloud.rules.whole_fingerprint = whole
    before = place.nic()["fingerprint"]
    method = f"{place.nodes[0].instance}/addAccessConfig"
    place.cloud.write("POST", method, {"natIP": EXTERNAL}, networkInterface="nic0")
    assert (place.nic()["fingerprint"] != before) is whole


@pytest.mark.parametrize("at_once", [False, True])
def test_a_write_may_be_done_when_it_is_answered(at_once: bool, place: Place, ask: Plain) -> None:
    """An operation that has ended, and a change that is done."""
    place.cloud.rules.done_at_once = at_once
    operation = ask.done("POST", "global/routes", place.route())
    assert operation["status"] == ("DONE" if at_once else "RUNNING")
    added = {"name": NAME, "type": "A", "ttl": 20, "rrdatas": ["10.0.1.50"]}
    change = ask.done("POST", "managedZones/public/changes", {"additions": [added]})
    assert change["status"] == ("done" if at_once else "pending")


@pytest.mark.parametrize(("by_name", "at"), [(False, "[0]"), (True, "[db.example.com.][A]")])
def test_a_record_set_that_exists_is_told_by_number_or_name(by_name: bool, at: str, place: Place) -> None:
    """In a refusal's text, which nobody should read."""
    place.cloud.rules.places_by_name = by_name
    place.cloud.records("public", (NAME, "A", 20, ["10.0.1.50"]))
    added = {"name": NAME, "type": "A", "ttl": 20, "rrdatas": ["10.0.1.51"]}
    answer = place.ask("POST", "managedZones/public/changes", {"additions": [added]})
    assert (
        refused(answer)[2] == f"The resource 'entity.change.additions{at}' named '{NAME} (A)' already exists"
    )


def test_record_data_may_come_in_another_order(place: Place, ask: Plain) -> None:
    """And a deletion may have to have theirs."""
    data = ["10.0.1.50", "10.0.1.51"]
    place.cloud.records("public", (NAME, "A", 20, data))
    place.cloud.rules.rrdatas_reversed = True
    (found,) = ask.json("managedZones/public/rrsets", name=NAME)["rrsets"]
    assert found["rrdatas"] == data[::-1]
    place.cloud.rules.rrdatas_order_counts = True
    wanted = {"name": NAME, "type": "A", "ttl": 20}
    for order, status in ((data, 412), (data[::-1], 200)):
        body = {"deletions": [{**wanted, "rrdatas": order}]}
        assert ask("POST", "managedZones/public/changes", body).status == status


def test_the_order_of_record_data_need_not_count(place: Place, ask: Plain) -> None:
    """By default a deletion may have any."""
    place.cloud.records("public", (NAME, "A", 20, ["10.0.1.50", "10.0.1.51"]))
    gone = {"name": NAME, "type": "A", "ttl": 20, "rrdatas": ["10.0.1.51", "10.0.1.50"]}
    assert ask("POST", "managedZones/public/changes", {"deletions": [gone]}).status == 200


@pytest.mark.parametrize("numbers", [False, True])
@pytest.mark.parametrize("host", ["www.googleapis.com", "compute.googleapis.com"])
def test_links_have_one_host_or_another_and_id_or_number(
    numbers: bool, host: Any, place: Place, ask: Plain
) -> None:
    """All of an answer's; both are taken."""
    place.cloud.rules.project_numbers, place.cloud.rules.link_host = numbers, host
    project = "123456789012" if numbers else "vipswitch-test"
    base = f"https://{host}/compute/v1/projects/{project}"
    ask.ended(ask.done("POST", "global/routes", place.route()))
    route = ask.json("global/routes/vip")
    assert route["network"] == f"{base}/global/networks/vpc"
    assert route["nextHopInstance"] == f"{base}/zones/europe-west1-b/instances/node1"
    assert ask.json("/compute/v1/projects/123456789012/global/routes/vip") == route
    assert ask.json("global/routes", filter=f'network="{base}/global/networks/vpc"')["items"] == [route]


def test_a_next_hop_needs_use_or_not(place: Place, ask: Plain) -> None:
    """A permission on the instance that a route leads to."""
    place.cloud.roles.give(["compute.routes.create", "compute.networks.updatePolicy"])
    answer = ask("POST", "global/routes", place.route())
    assert reason(answer) == (403, "forbidden")
    assert b"compute.instances.use" in answer.body
    place.cloud.rules.next_hop_needs_use = False
    assert ask("POST", "global/routes", place.route()).status == 200


def test_looking_at_operations_needs_a_permission_or_not(place: Place, ask: Plain) -> None:
    """Of the scope of the operation."""
    operation = ask.done("POST", "global/routes", place.route())
    place.cloud.roles.give(["compute.routes.get"])
    path = f"global/operations/{operation['name']}"
    assert reason(ask("GET", path)) == (403, "forbidden")
    place.cloud.rules.operations_need_permission = False
    assert ask("GET", path).status == 200


def test_tokens_of_others_are_taken_or_not(place: Place, ask: Plain) -> None:
    """One that this cloud gave out always is."""
    assert ask("GET", "global/routes").status == 200
    place.cloud.rules.strict_tokens = True
    assert reason(ask("GET", "global/routes")) == (401, "authError")
    assert Plain(place.cloud, place.cloud.token())("GET", "global/routes").status == 200


def test_a_list_of_all_scopes_may_leave_one_out(place: Place, ask: Plain) -> None:
    """It is no error: a warning stands in the place of what is there."""
    scope = f"zones/{place.nodes[0].zone}"
    assert "instances" in ask.json("aggregated/instances")["items"][scope]
    place.cloud.rules.unreachable = frozenset([scope])
    left = ask.json("aggregated/instances")["items"][scope]
    assert (list(left), left["warning"]["code"]) == (["warning"], "UNREACHABLE")
