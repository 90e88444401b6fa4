"""Route tables of another account, by way of a role."""

from __future__ import annotations

import pytest

from tests.unit.providers.aws.rig import Rig, soon
from vipswitch.errors import PermissionDenied, Unavailable
from vipswitch.testing.aws import ACCOUNT

ROLE = f"arn:aws:iam::{ACCOUNT}:role/vipswitch"
FOREIGN_ROLE = "arn:aws:iam::210987654321:role/vipswitch"


def test_tables_are_changed_as_the_role(rig: Rig) -> None:
    """The role is assumed once, with the external id, and its credentials sign the change."""
    provider = rig.provider(assume_role=ROLE, external_id="shared-secret")
    for place in provider.places:
        provider.claim(place, rig.id(0), None, soon())
    [assumed] = [call for call in rig.cloud.journal.calls() if call.action == "AssumeRole"]
    assert assumed.params["RoleArn"] == ROLE
    assert assumed.params["ExternalId"] == "shared-secret"
    assert assumed.params["RoleSessionName"] == "vipswitch"
    assert {rig.holder(place) for place in provider.places} == {rig.id(0)}


def test_the_session_is_tagged(rig: Rig) -> None:
    """So that policies and the audit trail of the other account can tell who asked."""
    provider = rig.provider(assume_role=ROLE, session_tags=(("team", "database"), ("stage", "prod")))
    provider.claim(provider.places[0], rig.id(0), None, soon())
    [assumed] = [call for call in rig.cloud.journal.calls() if call.action == "AssumeRole"]
    sent = {name: value for name, value in assumed.params.items() if name.startswith("Tags.")}
    assert sent == {
        "Tags.member.1.Key": "team",
        "Tags.member.1.Value": "database",
        "Tags.member.2.Key": "stage",
        "Tags.member.2.Value": "prod",
    }


def test_the_interface_is_looked_after_with_the_nodes_own_credentials(rig: Rig) -> None:
    """The role's account does not own this node's network interface."""
    provider = rig.provider(assume_role=ROLE)
    assert list(provider.prepare(rig.id(2), soon())) == []
    assert "AssumeRole" not in rig.asked()
    assert "ModifyNetworkInterfaceAttribute" in rig.asked()


def test_a_role_that_may_not_be_assumed_is_named(rig: Rig) -> None:
    """The action that was denied is AssumeRole, whatever was to be done with it."""
    rig.cloud.faults.deny("AssumeRole")
    provider = rig.provider(assume_role=ROLE)
    with pytest.raises(PermissionDenied) as caught:
        provider.claim(provider.places[0], rig.id(0), None, soon())
    assert caught.value.message == f"role {ROLE}: permission denied for sts:AssumeRole"
    assert "trust policy" in caught.value.hint


def test_trouble_with_the_role_leaves_no_open_outcome(rig: Rig) -> None:
    """STS failed, so the route was never asked for; the next try assumes the role again."""
    rig.cloud.faults.unavailable(1, "AssumeRole")
    rig.cloud.faults.drop_before(1, "AssumeRole")
    provider = rig.provider(assume_role=ROLE)
    for _ in range(2):
        with pytest.raises(Unavailable):
            provider.claim(provider.places[0], rig.id(0), None, soon())
    provider.claim(provider.places[0], rig.id(0), None, soon())
    assert rig.holder(provider.places[0]) == rig.id(0)


def test_hints_name_the_account_of_the_role(rig: Rig) -> None:
    """The policy to change is there, not here."""
    rig.cloud.faults.deny("ReplaceRoute")
    provider = rig.provider(assume_role=FOREIGN_ROLE)
    with pytest.raises(PermissionDenied) as caught:
        provider.claim(provider.places[0], rig.id(0), None, soon())
    assert ":210987654321:route-table/" in caught.value.hint


def test_check_says_who_the_requests_are_made_as(rig: Rig) -> None:
    """The role, not the node's own profile."""
    first = next(iter(rig.provider(assume_role=ROLE).check(soon())))
    assert "assumed-role/vipswitch" in first.message
