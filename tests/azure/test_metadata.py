"""The metadata service of one machine."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.azure.place import VIP, Place
from vipswitch.testing.azure import MetadataServer
from vipswitch.testing.wire import Answer, Request

INSTANCE = "/metadata/instance?api-version=2021-02-01"
TOKEN = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.azure.com"


def _get(service: MetadataServer, target: str, **headers: str) -> tuple[int, dict[str, Any]]:
    sent = headers or {"metadata": "true"}
    answer: Answer = service.handle(Request("GET", target, sent))
    return answer.status, json.loads(answer.body)


def test_the_instance_document_follows_the_nic(place: Place) -> None:
    """Addresses, in their order; no NIC id, and no public address of the Standard SKU."""
    service = place.nodes[0].metadata
    place.cloud.put(place.nodes[0].nic_id, place.with_vip(0, publicIPAddress={"id": place.public_ip}))
    status, document = _get(service, INSTANCE)
    interface = document["network"]["interface"][0]
    assert status == 200
    assert interface["ipv4"]["ipAddress"] == [
        {"privateIpAddress": "10.0.1.4", "publicIpAddress": ""},
        {"privateIpAddress": VIP, "publicIpAddress": ""},
    ]
    assert interface["ipv4"]["subnet"] == [{"address": "10.0.1.0", "prefix": "24"}]
    assert interface["macAddress"] == "000D3A000000"
    assert "nic-node1" not in json.dumps(document)


def test_public_addresses_of_the_standard_sku_are_in_a_document_of_their_own(place: Place) -> None:
    """Each beside its private one, as if behind a load balancer; without any there is no document."""
    service = place.nodes[0].metadata
    target = "/metadata/loadbalancer?api-version=2021-02-01"
    assert _get(service, target)[0] == 404
    place.cloud.put(place.nodes[0].nic_id, place.with_vip(0, publicIPAddress={"id": place.public_ip}))
    told = _get(service, target)[1]["loadbalancer"]["publicIpAddresses"]
    assert [(each["privateIpAddress"], each["frontendIpAddress"]) for each in told] == [(VIP, "203.0.113.10")]


def test_the_instance_document_names_the_machine(place: Place) -> None:
    """What a node learns of itself."""
    compute = _get(place.nodes[1].metadata, INSTANCE)[1]["compute"]
    assert compute["resourceId"] == place.nodes[1].machine_id
    assert (compute["name"], compute["resourceGroupName"]) == ("node2", place.cloud.group)
    assert (compute["subscriptionId"], compute["location"]) == (place.cloud.subscription, "westeurope")
    assert compute["zone"] == "2"


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        (INSTANCE, {"accept": "*/*"}),
        (INSTANCE, {"metadata": "true", "x-forwarded-for": "10.0.0.1"}),
        ("/metadata/instance", {"metadata": "true"}),
        (TOKEN, {"accept": "*/*"}),
        (TOKEN.partition("&")[0], {"metadata": "true"}),
    ],
)
def test_requests_without_what_they_need_are_refused(
    target: str, headers: dict[str, str], place: Place
) -> None:
    """The header, the api-version, the resource; and none that came through a proxy."""
    assert _get(place.nodes[0].metadata, target, **headers)[0] == 400


@pytest.mark.parametrize(
    ("identities", "asked", "error"),
    [
        (("one",), None, None),
        (("one",), "one", None),
        (("one", "two"), "two", None),
        (("one", "two"), None, "Multiple user assigned identities exist"),
        (("one",), "two", "Identity not found"),
        ((), None, "Identity not found"),
    ],
)
def test_one_of_several_identities_must_be_named(
    identities: tuple[str, ...], asked: str | None, error: str | None, place: Place
) -> None:
    """A token is for one client."""
    service = place.nodes[0].metadata
    service.identities = identities
    status, document = _get(service, TOKEN if asked is None else f"{TOKEN}&client_id={asked}")
    if error is not None:
        assert status == 400
        assert error in document["error_description"]
        return
    assert (status, document["token_type"], document["client_id"]) == (200, "Bearer", asked or "one")
    assert place.cloud.arm.tokens.client(document["access_token"]) == (asked or "one")
    assert all(isinstance(value, str) for value in document.values())


@pytest.mark.parametrize("status", [404, 410, 429, 500])
def test_an_unwell_service_answers_everything_so(status: int, place: Place) -> None:
    """Until it is well again."""
    service = place.nodes[0].metadata
    service.respond(status)
    assert [_get(service, INSTANCE)[0], _get(service, TOKEN)[0]] == [status, status]
    service.respond(None)
    assert _get(service, INSTANCE)[0] == 200


def test_each_node_has_its_own_service(served: Place) -> None:
    """Over http, as the real one; the cloud's own address is the first node's."""
    urls = [node.metadata_url for node in served.nodes]
    names = [
        requests.get(url + INSTANCE, headers={"Metadata": "true"}, timeout=5).json()["compute"]["name"]
        for url in urls
    ]
    assert (names, served.cloud.metadata_url) == (["node1", "node2"], urls[0])


def test_a_stalled_service_answers_when_it_goes_on(served: Place) -> None:
    """A client's own time limit ends first."""
    service = served.nodes[0].metadata
    service.stall()
    with pytest.raises(requests.Timeout):
        requests.get(service.url + INSTANCE, headers={"Metadata": "true"}, timeout=0.1)
    service.resume()
    assert requests.get(service.url + INSTANCE, headers={"Metadata": "true"}, timeout=5).status_code == 200
    assert len(service.requests) == 2
