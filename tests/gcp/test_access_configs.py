"""External addresses, and the access configs that give them to instances."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gcp.client import Plain, failed, reason, refused
from tests.gcp.place import EXTERNAL, Place
from vipswitch.testing.gcp.access_configs import EPHEMERAL

NIC = {"networkInterface": "nic0"}


def _add(place: Place, node: int = 0, **body: Any) -> str | None:
    """The code of the error inside the operation of an addition."""
    operation = place.ask.done("POST", place.path(node, "addAccessConfig"), body, **NIC)
    return failed(place.ask.ended(operation))


def _delete(place: Place, name: str, node: int = 0) -> str | None:
    path = place.path(node, "deleteAccessConfig")
    return failed(place.ask.ended(place.ask.done("POST", path, accessConfig=name, **NIC)))


def _address(place: Place) -> dict[str, Any]:
    return place.ask.json("regions/europe-west1/addresses/vip")


def test_an_address_is_used_by_whoever_has_its_config(place: Place) -> None:
    """Status and users follow from the instances, when the operations have ended."""
    assert (_address(place)["status"], "users" in _address(place)) == ("RESERVED", False)
    assert _add(place, name="one", type="ONE_TO_ONE_NAT", natIP=EXTERNAL) is None
    assert place.configs() == [("one", EXTERNAL)]
    assert (_address(place)["status"], _address(place)["users"]) == (
        "IN_USE",
        [place.cloud.link(place.nodes[0].path)],
    )
    assert _delete(place, "one") is None
    assert (place.configs(), _address(place)["status"]) == ([], "RESERVED")


def test_a_nic_has_one_config_at_most(place: Place, ask: Plain) -> None:
    """400 badRequest, whatever it is called."""
    _add(place, name="one")
    told = refused(ask("POST", place.path(method="addAccessConfig"), {"name": "two"}, **NIC))
    assert told == (400, "badRequest", "At most one access config currently supported.")


def test_without_an_address_an_ephemeral_one_is_given(place: Place) -> None:
    """Another one each, free again when its config is gone."""
    _add(place, name="one")
    _add(place, 1, name="two")
    first, second = place.configs()[0][1], place.configs(1)[0][1]
    assert len({first, second}) == 2
    assert all(one.startswith("203.0.113.") for one in (first, second))
    assert str(EPHEMERAL) == "203.0.113.0/24"
    _delete(place, "one")
    _add(place, name="three")
    assert place.configs() == [("three", first)]


def test_an_address_must_be_reserved_in_the_region(place: Place, ask: Plain) -> None:
    """400 invalid with the address and the region."""
    told = refused(ask("POST", place.path(method="addAccessConfig"), {"natIP": "198.51.100.99"}, **NIC))
    assert told[:2] == (400, "invalid")
    assert told[2].endswith(
        "The specified external IP address '198.51.100.99' was not found in region 'europe-west1'."
    )


def test_an_address_has_one_user(place: Place) -> None:
    """The second one fails in its operation, and keeps what it had."""
    _add(place, name="one", natIP=EXTERNAL)
    assert _add(place, 1, name="two", natIP=EXTERNAL) == "EXTERNAL_IP_ADDRESS_IN_USE"
    assert place.configs(1) == []


def test_of_two_that_add_at_once_one_gets_it(place: Place, ask: Plain) -> None:
    """Both are accepted."""
    operations = [
        ask.done("POST", place.path(node, "addAccessConfig"), {"natIP": EXTERNAL}, **NIC) for node in (0, 1)
    ]
    assert [failed(ask.ended(one)) for one in operations] == [None, "EXTERNAL_IP_ADDRESS_IN_USE"]


def test_an_address_of_something_else_is_in_use(place: Place) -> None:
    """A forwarding rule's."""
    place.cloud.use_address("vip", "regions/europe-west1/forwardingRules/balancer")
    assert _address(place)["users"] == [place.cloud.link("regions/europe-west1/forwardingRules/balancer")]
    assert _add(place, natIP=EXTERNAL) == "EXTERNAL_IP_ADDRESS_IN_USE"


def test_deletion_goes_by_the_name_alone(place: Place, ask: Plain) -> None:
    """So that a name that is not used twice is a precondition."""
    _add(place, name="of later", natIP=EXTERNAL)
    assert _delete(place, "of earlier") == "INVALID_FIELD_VALUE"
    assert place.configs() == [("of later", EXTERNAL)]
    assert reason(ask("POST", place.path(method="deleteAccessConfig"), **NIC)) == (400, "required")


def test_a_config_has_its_defaults(place: Place, ask: Plain) -> None:
    """A name, a kind, a tier; a DNS name if one was given."""
    _add(place, publicPtrDomainName="db.example.com.", setPublicPtr=True)
    (config,) = place.nic()["accessConfigs"]
    assert (config["name"], config["type"], config["networkTier"]) == (
        "external-nat",
        "ONE_TO_ONE_NAT",
        "PREMIUM",
    )
    assert config["publicPtrDomainName"] == "db.example.com."
    _delete(place, "external-nat")
    body = {"type": "DIRECT_IPV6"}
    assert reason(ask("POST", place.path(method="addAccessConfig"), body, **NIC)) == (400, "invalid")


@pytest.mark.parametrize("address", ["10.0.1.50", "10.0.1.4"])
def test_internal_addresses_have_users_too(address: str, place: Place, ask: Plain) -> None:
    """Whoever has it as its own or as an alias."""
    place.cloud.add_address("inside", address, subnetwork=place.nodes[0].subnet.id)
    if address == "10.0.1.50":
        assert ask.json("regions/europe-west1/addresses/inside")["status"] == "RESERVED"
        place.hold("10.0.1.50/32")
    told = ask.json("regions/europe-west1/addresses/inside")
    assert (told["addressType"], told["users"]) == ("INTERNAL", [place.cloud.link(place.nodes[0].path)])
