"""The cloud beside Google's own discovery documents: what is answered, and what may be asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.gcp import discovery
from tests.gcp.client import Plain, reason, refused
from tests.gcp.place import ALIAS, EXTERNAL, NAME, Place
from vipswitch.testing.gcp import fields, methods
from vipswitch.testing.gcp.errors import GcpError
from vipswitch.testing.gcp.methods import Method

_PROTO = {"string": fields.STRING, "integer": fields.INTEGER, "boolean": fields.BOOLEAN}


@pytest.mark.parametrize("method", methods.ALL, ids=lambda method: method.id)
def test_methods_are_those_of_the_documents(method: Method) -> None:
    """Verb, path, query parameters, and the type of the body."""
    known = discovery.method(method.id)
    service = "compute/v1/" if method.id.startswith("compute") else ""
    assert (known["httpMethod"], _unnamed(service + known["flatPath"])) == (
        method.verb,
        _unnamed(method.path),
    )
    assert set(method.query) == {n for n, p in known["parameters"].items() if p["location"] == "query"}
    assert known.get("request", {}).get("$ref") == method.takes or method.verb == "POST"


def _unnamed(path: str) -> str:
    """A path whatever the names in it are called."""
    return re.sub(r"\{\w+\}", "{}", path)


def test_common_parameters_are_those_of_the_documents() -> None:
    """What every method takes."""
    assert set(discovery.document("compute")["parameters"]) == methods.COMMON


@pytest.mark.parametrize("type_", fields.TYPES)
def test_request_fields_are_those_of_the_documents(type_: str) -> None:
    """Each name and the kind of its value, no more and no fewer."""
    service = "dns" if type_ in discovery.document("dns")["schemas"] else "compute"
    known = discovery.properties(service, type_)
    table = fields.TYPES[type_]
    assert set(table) == set(known)
    for name, kind in table.items():
        assert kind in (fields.ANY, _kind(known[name])), name


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"])
    if schema["type"] == "array":
        return f"[{_kind(schema['items'])}]"
    if schema["type"] == "object":
        return fields.MAP if "additionalProperties" in schema else fields.ANY
    return _PROTO[schema["type"]]


Read = Callable[[Place], dict[str, Any]]
READS: dict[str, Read] = {
    "compute.projects.get": lambda place: place.ask.json("/compute/v1/projects/vipswitch-test"),
    "compute.zones.get": lambda place: place.ask.json("zones/europe-west1-b"),
    "compute.zones.list": lambda place: place.ask.json("zones"),
    "compute.networks.get": lambda place: place.ask.json("global/networks/vpc"),
    "compute.networks.list": lambda place: place.ask.json("global/networks"),
    "compute.subnetworks.get": lambda place: place.ask.json("regions/europe-west1/subnetworks/subnet1"),
    "compute.subnetworks.list": lambda place: place.ask.json("regions/europe-west1/subnetworks"),
    "compute.subnetworks.aggregatedList": lambda place: place.ask.json("aggregated/subnetworks"),
    "compute.addresses.get": lambda place: place.ask.json("regions/europe-west1/addresses/vip"),
    "compute.addresses.list": lambda place: place.ask.json("regions/europe-west1/addresses"),
    "compute.addresses.aggregatedList": lambda place: place.ask.json("aggregated/addresses"),
    "compute.instances.get": lambda place: place.ask.json(place.path()),
    "compute.instances.list": lambda place: place.ask.json("zones/europe-west1-b/instances"),
    "compute.instances.aggregatedList": lambda place: place.ask.json("aggregated/instances"),
    "compute.routes.get": lambda place: place.ask.json("global/routes/vip"),
    "compute.routes.list": lambda place: place.ask.json("global/routes"),
    "compute.instances.testIamPermissions": lambda place: place.ask.done(
        "POST", place.path(method="testIamPermissions"), {"permissions": ["compute.instances.use"]}
    ),
    "dns.managedZones.testIamPermissions": lambda place: place.ask.done(
        "POST", "managedZones/public:testIamPermissions", {"permissions": ["dns.changes.create"]}
    ),
    "dns.managedZones.get": lambda place: place.ask.json("managedZones/public"),
    "dns.managedZones.list": lambda place: place.ask.json("managedZones"),
    "dns.resourceRecordSets.list": lambda place: place.ask.json("managedZones/public/rrsets"),
    "dns.resourceRecordSets.get": lambda place: place.ask.json("managedZones/public/rrsets/example.com./SOA"),
    "dns.changes.list": lambda place: place.ask.json("managedZones/public/changes"),
}


@pytest.mark.parametrize("id_", READS)
@pytest.mark.parametrize("numbers", [False, True])
def test_what_is_read_is_known_to_the_documents(id_: str, numbers: bool, place: Place) -> None:
    """Each name in an answer is a property, and each value of its type, at every depth."""
    place.cloud.write("POST", "global/routes", place.route())
    place.cloud.set_instance(place.nodes[0].instance, status="TERMINATED", canIpForward=False)
    place.hold(ALIAS)
    config = {"name": "of tests", "natIP": EXTERNAL}
    place.cloud.write("POST", f"{place.nodes[0].instance}/addAccessConfig", config, networkInterface="nic0")
    _change(place)
    place.cloud.rules.project_numbers = numbers
    assert discovery.unknown(id_, READS[id_](place)) == []


def _change(place: Place) -> dict[str, Any]:
    added = {"name": NAME, "type": "A", "ttl": 20, "rrdatas": ["10.0.1.50"]}
    return place.ask.done("POST", "managedZones/public/changes", {"additions": [added]})


WRITES: dict[str, Read] = {
    "compute.routes.insert": lambda place: place.ask.done("POST", "global/routes", place.route()),
    "compute.instances.updateNetworkInterface": lambda place: place.ask.done(
        "PATCH", place.path(method="updateNetworkInterface"), place.alias(ALIAS), networkInterface="nic0"
    ),
    "compute.instances.addAccessConfig": lambda place: place.ask.done(
        "POST", place.path(method="addAccessConfig"), {"natIP": EXTERNAL}, networkInterface="nic0"
    ),
    "compute.instances.deleteAccessConfig": lambda place: place.ask.done(
        "POST", place.path(method="deleteAccessConfig"), networkInterface="nic0", accessConfig="none"
    ),
    "compute.instances.setLabels": lambda place: place.ask.done(
        "POST", place.path(method="setLabels"), {"labels": {}, "labelFingerprint": _labels(place)}
    ),
}


def _labels(place: Place) -> str:
    return str(place.ask.json(place.path())["labelFingerprint"])


@pytest.mark.parametrize("id_", WRITES)
def test_operations_are_known_to_the_documents(id_: str, place: Place) -> None:
    """While they run and when they have ended, with warnings and with errors."""
    place.cloud.set_instance(place.nodes[0].instance, status="TERMINATED")
    operation = WRITES[id_](place)
    assert discovery.unknown(id_, operation) == []
    scope = "global" if "/global/" in operation["selfLink"] else "zone"
    assert discovery.unknown(f"compute.{scope}Operations.get", place.ask.ended(operation)) == []


def test_changes_are_known_to_the_documents(place: Place) -> None:
    """When they are made, and when they are done."""
    assert discovery.unknown("dns.changes.create", _change(place)) == []
    place.cloud.finish()
    assert discovery.unknown("dns.changes.get", place.ask.json("managedZones/public/changes/1")) == []


def test_every_method_has_been_asked() -> None:
    """None of the cloud's methods is without its test here; those that are told by another are named."""
    alike = {"compute.routes.delete", "dns.changes.create", "dns.changes.get"}
    asked = {*READS, *WRITES, *alike}
    left = {m.id for m in methods.ALL if "Operations." not in m.id and "testIam" not in m.id} - asked
    assert left == set()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"nextHop": "x"}, 'Unknown name "nextHop": Cannot find field.'),
        ({"params": {}, "fingerprint": "x"}, 'Unknown name "fingerprint": Cannot find field.'),
        ({"priority": "high"}, "Invalid value at 'priority'"),
        ({"tags": "all"}, "Invalid value at 'tags'"),
        ({"tags": [1]}, "Invalid value at 'tags[0]'"),
    ],
)
def test_fields_that_no_document_knows_are_refused(
    body: dict[str, object], told: str, place: Place, ask: Plain
) -> None:
    """400, with the name and where it stands; nothing is done."""
    status, _, text = refused(ask("POST", "global/routes", {**place.route(), **body}))
    assert status == 400
    assert told in text
    assert place.cloud.routes() == []


def test_deep_fields_are_checked_too(place: Place, ask: Plain) -> None:
    """By the place where they stand."""
    body = place.alias(ALIAS)
    body["aliasIpRanges"][0]["range"] = "x"
    path = place.path(method="updateNetworkInterface")
    _, _, text = refused(ask("PATCH", path, body, networkInterface="nic0"))
    assert """Unknown name "range" at 'aliasIpRanges[0]'""" in text


def test_query_parameters_that_no_document_knows_are_refused(place: Place, ask: Plain) -> None:
    """Of a method, and of all methods."""
    assert reason(ask("GET", "global/routes", destRange="x")) == (400, "badRequest")
    assert ask("GET", "global/routes", alt="json", prettyPrint="false").status == 200


def test_numbers_may_be_text() -> None:
    """As google-cloud-dns sends a TTL."""
    fields.check({"ttl": "20"}, "ResourceRecordSet")
    with pytest.raises(GcpError):
        fields.check({"ttl": "long"}, "ResourceRecordSet")
