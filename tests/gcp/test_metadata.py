"""The metadata server of an instance."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.gcp.place import ALIAS, EXTERNAL, Place
from vipswitch.testing.wire import Answer, Request

FLAVOR = {"metadata-flavor": "Google"}
ROOT = "/computeMetadata/v1"


def _get(place: Place, path: str, headers: dict[str, str] | None = None, node: int = 0) -> Answer:
    asked = Request("GET", f"{ROOT}{path}", FLAVOR if headers is None else headers)
    return place.nodes[node].metadata.handle(asked)


def _text(place: Place, path: str, node: int = 0) -> str:
    answer = _get(place, path, node=node)
    assert answer.status == 200, answer
    return answer.body.decode()


def _json(place: Place, path: str) -> Any:
    return json.loads(_text(place, path))


def test_an_instance_is_told_who_it_is(place: Place) -> None:
    """As plain text, projects by their number."""
    seed = place.nodes[1]
    told = {
        "/project/project-id": "vipswitch-test",
        "/project/numeric-project-id": "123456789012",
        "/instance/name": "node2",
        "/instance/zone": "projects/123456789012/zones/europe-west1-c",
        "/instance/network-interfaces/0/mac": seed.mac,
        "/instance/network-interfaces/0/ip": "10.0.1.5",
        "/instance/network-interfaces/0/network": "projects/123456789012/networks/vpc",
        "/instance/service-accounts/default/email": seed.account,
        "/instance/service-accounts/default/scopes": "https://www.googleapis.com/auth/cloud-platform",
        "/universe/universe-domain": "googleapis.com",
    }
    assert {path: _text(place, path, 1) for path in told} == told
    assert place.nodes[0].mac != seed.mac


def test_the_header_is_needed_both_ways(place: Place) -> None:
    """403 without it, or with a proxy's; every other answer has it, also that of the ping."""
    assert _get(place, "/instance/name", {}).status == 403
    assert _get(place, "/instance/name", {"metadata-flavor": "other"}).status == 403
    assert _get(place, "/instance/name", {**FLAVOR, "x-forwarded-for": "10.0.0.1"}).status == 403
    assert "Metadata-Flavor" not in _get(place, "/instance/name", {}).headers
    for answer in (_get(place, "/instance/name"), _get(place, "/none"), _get(place, "/instance")):
        assert answer.headers["Metadata-Flavor"] == "Google"
    ping = place.nodes[0].metadata.handle(Request("GET", "/"))
    assert (ping.status, ping.headers["Metadata-Flavor"]) == (200, "Google")


def test_directories_are_listed(place: Place) -> None:
    """With a slash; without one the client is sent there."""
    assert _text(place, "/instance/network-interfaces/") == "0/\n"
    assert "mac\n" in _text(place, "/instance/network-interfaces/0/")
    assert "access-configs/\n" in _text(place, "/instance/network-interfaces/0/")
    sent = _get(place, "/instance/network-interfaces")
    assert (sent.status, sent.headers["Location"]) == (301, f"{ROOT}/instance/network-interfaces/")
    for path in (
        "/none",
        "/instance/name/x",
        "/instance/network-interfaces/7/mac",
        "/instance/network-interfaces/x/",
    ):
        assert _get(place, path).status == 404
    assert place.nodes[0].metadata.handle(Request("GET", "/elsewhere", FLAVOR)).status == 404


def test_a_tree_is_told_as_json(place: Place) -> None:
    """Names without hyphens, numbers as numbers, and no token."""
    instance = _json(place, "/instance/?recursive=true")
    (nic,) = instance["networkInterfaces"]
    assert (nic["mac"], nic["ip"], nic["ipv6s"]) == (place.nodes[0].mac, "10.0.1.4", ["fd20:0:0:1::4"])
    assert nic["accessConfigs"] == [{"externalIp": "", "type": "ONE_TO_ONE_NAT"}]
    assert isinstance(instance["id"], int)
    account = place.nodes[0].account
    assert instance["serviceAccounts"][account] == instance["serviceAccounts"]["default"]
    assert "token" not in json.dumps(instance)
    assert _json(place, "/instance/name?alt=json") == "node1"


def test_the_network_follows_what_is_in_effect(place: Place) -> None:
    """Aliases and the external address, when the operations have ended."""
    place.ask.done(
        "PATCH", place.path(0, "updateNetworkInterface"), place.alias(ALIAS), networkInterface="nic0"
    )
    assert _text(place, "/instance/network-interfaces/0/ip-aliases/") == ""
    place.cloud.finish()
    assert _text(place, "/instance/network-interfaces/0/ip-aliases/0") == ALIAS
    body = {"natIP": EXTERNAL}
    place.cloud.write("POST", f"{place.nodes[0].instance}/addAccessConfig", body, networkInterface="nic0")
    assert _text(place, "/instance/network-interfaces/0/access-configs/0/external-ip") == EXTERNAL


@pytest.mark.parametrize("account", ["default", "node1@vipswitch-test.iam.gserviceaccount.com"])
def test_a_token_is_the_accounts(account: str, place: Place) -> None:
    """Taken where only this cloud's tokens are."""
    place.cloud.rules.strict_tokens = True
    told = _json(place, f"/instance/service-accounts/{account}/token")
    assert (told["token_type"], told["expires_in"]) == ("Bearer", 3599)
    assert place.cloud.api.tokens.client(told["access_token"]) == place.nodes[0].account


def test_a_machine_may_have_no_account(place: Place) -> None:
    """404 for its token and address."""
    path = place.cloud.add_instance("europe-west1-b/plain")
    service = place.cloud.metadata(path, account="")
    asked = f"{ROOT}/instance/service-accounts/default/token"
    assert service.handle(Request("GET", asked, FLAVOR)).status == 404


def test_the_server_may_be_unwell(served: Place) -> None:
    """Another status, or no answer until it is well again; what it was asked is kept."""
    service = served.nodes[0].metadata
    url = f"{served.cloud.metadata_url}{ROOT}/instance/name"
    assert served.cloud.metadata_host == service.host
    service.respond(503)
    assert requests.get(url, headers=FLAVOR, timeout=5).status_code == 503
    service.respond(None)
    assert requests.get(url, headers=FLAVOR, timeout=5).text == "node1"
    service.stall()
    with pytest.raises(requests.Timeout):
        requests.get(url, headers=FLAVOR, timeout=0.05)
    service.resume()
    assert requests.get(url, headers=FLAVOR, timeout=5).text == "node1"
    assert len(service.requests) == 4
