"""Who may do what: each method needs the permissions that Google's reference gives for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gcp.client import Plain, reason, refused
from tests.gcp.place import ALIAS, EXTERNAL, NAME, Place
from vipswitch.testing.gcp import methods

NIC = {"networkInterface": "nic0"}
SET = {"name": NAME, "type": "A", "ttl": 20, "rrdatas": ["10.0.1.50"]}
OTHER = {**SET, "rrdatas": ["10.0.1.51"]}

Asked = tuple[str, str, Any, dict[str, str]]

WRITES: dict[str, tuple[Asked, tuple[str, ...]]] = {
    "a route's insertion": (
        ("POST", "global/routes", "route", {}),
        ("compute.routes.create", "compute.networks.updatePolicy", "compute.instances.use"),
    ),
    "a route's deletion": (
        ("DELETE", "global/routes/old", None, {}),
        ("compute.routes.delete", "compute.networks.updatePolicy"),
    ),
    "an alias": (
        ("PATCH", "updateNetworkInterface", "alias", NIC),
        (
            "compute.instances.updateNetworkInterface",
            "compute.subnetworks.use",
            "compute.addresses.useInternal",
        ),
    ),
    "an access config's addition": (
        ("POST", "addAccessConfig", {"natIP": EXTERNAL}, NIC),
        ("compute.instances.addAccessConfig", "compute.subnetworks.useExternalIp", "compute.addresses.use"),
    ),
    "an access config's deletion": (
        ("POST", "deleteAccessConfig", None, {**NIC, "accessConfig": "none"}),
        ("compute.instances.deleteAccessConfig",),
    ),
    "a record's creation": (
        ("POST", "managedZones/public/changes", {"additions": [SET]}, {}),
        ("dns.changes.create", "dns.resourceRecordSets.create"),
    ),
    "a record's change": (
        ("POST", "managedZones/private/changes", {"deletions": [SET], "additions": [OTHER]}, {}),
        ("dns.changes.create", "dns.resourceRecordSets.update"),
    ),
    "a record's deletion": (
        ("POST", "managedZones/private/changes", {"deletions": [SET]}, {}),
        ("dns.changes.create", "dns.resourceRecordSets.delete"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WRITES)
def test_a_write_needs_these_permissions_and_no_others(what: str, place: Place) -> None:
    """Without one of them it is refused and that is named; with all of them it is accepted."""
    place.cloud.write("POST", "global/routes", place.route("old"))
    place.cloud.add_address("inside", "10.0.1.50", subnetwork=place.nodes[0].subnet.id)
    zone = place.cloud.path("managedZones/private")
    place.cloud.api.store.change(zone, dnsName="example.com.")
    place.cloud.records("private", (NAME, "A", 20, ["10.0.1.50"]))
    (verb, path, body, query), needed = WRITES[what]
    path = place.path(0, path) if "/" not in path else path
    body = (
        {"route": place.route(), "alias": place.alias(ALIAS)}.get(body, body)
        if isinstance(body, str)
        else body
    )
    for number, left_out in enumerate(needed):
        client = f"client{number}"
        place.cloud.roles.give(set(needed) - {left_out}, client=client)
        answer = Plain(place.cloud, place.cloud.token(client))(verb, path, body, **query)
        assert reason(answer) == (403, "forbidden")
        assert refused(answer)[2].startswith(f"Required '{left_out}' permission for 'projects/")
    place.cloud.roles.give(needed, client="all")
    assert Plain(place.cloud, place.cloud.token("all"))(verb, path, body, **query).status == 200


@pytest.mark.parametrize("method", [m for m in methods.ALL if m.verb == "GET"], ids=lambda method: method.id)
def test_a_read_needs_its_own_permission(method: methods.Method, place: Place) -> None:
    """get for one, list for many."""
    names = {"project": "vipswitch-test", "zone": "europe-west1-b", "region": "europe-west1"}
    path = "/" + method.path.format(**{name: names.get(name, "none") for name in method.pattern.groupindex})
    (needed,) = method.permissions
    service, kind, verb = method.id.split(".")
    wanted = "get" if verb == "get" else "list"
    assert needed == f"{service}.{kind}.{wanted}"
    place.cloud.roles.give(["compute.nothing"], client="nobody")
    place.cloud.roles.give([needed], client="reader")
    assert reason(Plain(place.cloud, place.cloud.token("nobody"))("GET", path)) == (403, "forbidden")
    assert Plain(place.cloud, place.cloud.token("reader"))("GET", path).status in (200, 404)


def test_a_role_is_given_as_the_text_of_gcloud(place: Place) -> None:
    """YAML as `gcloud iam roles create --file` takes it, in some projects or in all."""
    text = """\
title: vipswitch
stage: GA
includedPermissions:
- compute.routes.list
- "compute.routes.get"
"""
    place.cloud.add_project("host", "999999999999")
    place.cloud.roles.give(text, client="node", projects=["host"])
    ask = Plain(place.cloud, place.cloud.token("node"))
    assert ask("GET", "/compute/v1/projects/host/global/routes").status == 200
    assert reason(ask("GET", "global/routes")) == (403, "forbidden")
    place.cloud.roles.clear()
    assert ask("GET", "global/routes").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "{instance}",
        "regions/europe-west1/subnetworks/subnet1",
        "regions/europe-west1/addresses/vip",
        "managedZones/public",
        "global/routes/x",
    ],
)
def test_permissions_are_told(path: str, place: Place) -> None:
    """Those of the asked that the client has; asking needs none."""
    place.cloud.roles.give(["compute.instances.use"], client="node")
    ask = Plain(place.cloud, place.cloud.token("node"))
    verb = ":testIamPermissions" if "managedZones" in path else "/testIamPermissions"
    where = f"{path.replace('{instance}', place.path())}{verb}"
    asked = {"permissions": ["compute.instances.use", "compute.instances.get"]}
    assert ask.done("POST", where, asked) == {"permissions": ["compute.instances.use"]}
    assert ask.done("POST", where, {"permissions": ["compute.instances.get"]}) == {}


def test_who_may_not_see_a_thing_is_told_no_more(place: Place) -> None:
    """403 before 404."""
    place.cloud.roles.give(["compute.routes.list"], client="node")
    ask = Plain(place.cloud, place.cloud.token("node"))
    assert reason(ask("GET", "global/routes/none")) == (403, "forbidden")
