"""Reading and claiming record sets, where a cloud refuses, fails or says odd things."""

from __future__ import annotations

import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path

import pytest

from tests.contract.azure_dns_cloud import NAME, AzureDnsCloud
from tests.unit.providers.azure.dns.rig import first, provider_on, refusal, seen, soon, take
from vipswitch.errors import ConfigError, Conflict, OutcomeUnknown, PermissionDenied, Refused, Unavailable
from vipswitch.model import Holding, NodeId, Place
from vipswitch.providers.azure.ids import Name
from vipswitch.testing.azure import ArmError

ROOT = Path(__file__).parents[5]


def test_a_takeover_replaces_what_was_seen(cloud: AzureDnsCloud) -> None:
    """The address and the TTL; the name servers are told nothing else."""
    cloud.say(Place("example.internal/A/db"), "10.0.3.4", ttl=300)
    provider = provider_on(cloud, ttl=5)
    take(provider, seen(provider))
    record = cloud.record(first(provider)) or {}
    assert cloud.said(first(provider)) == cloud.node_id("a")
    assert {value for key, value in record.items() if key.lower() == "ttl"} == {5}


def test_a_claim_without_a_look_takes_one(cloud: AzureDnsCloud) -> None:
    """It is bound to what is there now, and so refuses what must not be replaced."""
    provider = provider_on(cloud)
    take(provider, None)
    assert cloud.said(first(provider)) == cloud.node_id("a")
    cloud.say(first(provider), "10.0.9.8", "10.0.9.9")
    with pytest.raises(ConfigError, match="has 2 addresses"):
        take(provider, None)


def test_nobody_is_not_somebody_who_came_meanwhile(cloud: AzureDnsCloud) -> None:
    """A name that was seen empty is only created."""
    provider = provider_on(cloud)
    cloud.empty(first(provider))
    nobody = seen(provider)
    assert nobody == Holding(None)
    cloud.say(first(provider), "10.0.9.9")
    with pytest.raises(Conflict):
        take(provider, nobody)
    assert cloud.said(first(provider)) == "10.0.9.9"


def test_a_record_set_that_was_deleted_meanwhile_is_a_conflict(cloud: AzureDnsCloud) -> None:
    """Its etag stands for nothing any more."""
    provider = provider_on(cloud)
    before = seen(provider)
    cloud.empty(first(provider))
    with pytest.raises(Conflict):
        take(provider, before)
    assert cloud.record(first(provider)) is None


def test_an_empty_record_set_is_nobodys_and_is_replaced(cloud: AzureDnsCloud) -> None:
    """Azure keeps one that has no addresses left."""
    provider = provider_on(cloud)
    cloud.say(first(provider))
    assert seen(provider).holder is None
    take(provider, seen(provider))
    assert cloud.said(first(provider)) == cloud.node_id("a")


def test_an_alias_is_refused_and_stays(public: AzureDnsCloud) -> None:
    """Also one whose address would be this node's: it moves by itself."""
    provider = provider_on(public)
    target = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/publicIPAddresses/pip-1"
    public.say(first(provider), public.address("a", "A"), targetResource={"id": target})
    wrong = refusal(provider)
    assert isinstance(wrong, ConfigError)
    assert "is an alias of pip-1" in wrong.message
    with pytest.raises(ConfigError):
        provider.mark(first(provider), public.node_id("a"), 5, soon())


def test_an_auto_registered_record_is_refused(private: AzureDnsCloud) -> None:
    """Azure itself keeps it, by the name of a virtual machine."""
    provider = provider_on(private)
    private.register(first(provider))
    wrong = refusal(provider)
    assert isinstance(wrong, ConfigError)
    assert "auto-registration" in wrong.message


def test_a_cname_at_the_name_is_a_matter_of_the_config(cloud: AzureDnsCloud) -> None:
    """Azure lets no address be beside it; it is no Conflict, which would be tried again."""
    provider = provider_on(cloud)
    cloud.empty(first(provider))
    cloud.alias_name(first(provider), "other.example.com")
    with pytest.raises(ConfigError, match="CNAME record with the same name") as caught:
        take(provider, seen(provider))
    assert caught.value.hint


def test_a_missing_zone_is_told_from_a_missing_record(cloud: AzureDnsCloud) -> None:
    """Both are 404; the one is a matter of the config, the other is nobody."""
    provider = provider_on(cloud, zones=(Name("example.internal", "nowhere"), Name("example.internal")))
    assert isinstance(refusal(provider), ConfigError)
    cloud.remove(provider.places[1])
    assert isinstance(refusal(provider, 1), ConfigError)
    with pytest.raises(ConfigError):
        take(provider, Holding(None), 1)


def test_a_zone_of_another_subscription_is_asked_for_there(cloud: AzureDnsCloud) -> None:
    """Which this cloud does not have, and says so by its id."""
    elsewhere = "11111111-2222-3333-4444-555555555555"
    provider = provider_on(cloud, zones=(Name("example.internal", "net", elsewhere),))
    assert isinstance(refusal(provider), ConfigError)
    assert elsewhere in cloud.azure.journal.calls()[-1].path


def test_a_locked_record_is_refused_and_not_tried_again(cloud: AzureDnsCloud) -> None:
    """409 is no Conflict there: the switch would go on until the deadline."""
    provider = provider_on(cloud)
    text = "The scope 'x' cannot perform write operation because following scope(s) are locked: 'x'."
    cloud.azure.faults.refuse(ArmError(409, "ScopeLocked", text), "*/A/write")
    with pytest.raises(Refused, match="locked") as caught:
        take(provider, seen(provider))
    assert "lock" in caught.value.hint


@pytest.mark.parametrize("status", [500, 503])
def test_a_failure_inside_leaves_the_outcome_open(cloud: AzureDnsCloud, status: int) -> None:
    """Of a write; a read may be made again."""
    provider = provider_on(cloud)
    before = seen(provider)
    cloud.azure.faults.unavailable(2, status=status)
    assert isinstance(refusal(provider), Unavailable)
    with pytest.raises(OutcomeUnknown):
        take(provider, before)


def test_a_lost_answer_and_then_a_412_of_our_own_doing(cloud: AzureDnsCloud) -> None:
    """The write was done, its answer lost; whoever writes again under the old etag meets itself."""
    provider = provider_on(cloud)
    before = seen(provider)
    cloud.azure.faults.drop_after(1, "*/A/write")
    with pytest.raises(OutcomeUnknown):
        take(provider, before)
    with pytest.raises(Conflict):
        take(provider, before)
    assert seen(provider).holder == cloud.node_id("a")


def test_want_of_permission_names_action_and_record_set(cloud: AzureDnsCloud) -> None:
    """So that it can be granted as narrowly."""
    provider = provider_on(cloud)
    before = seen(provider)
    cloud.azure.faults.deny("*/A/write")
    with pytest.raises(PermissionDenied) as caught:
        take(provider, before)
    assert caught.value.hint == (f"allow {cloud.kind.type}/A/write on {cloud.path(first(provider))}")


def test_throttling_says_how_long_to_wait(cloud: AzureDnsCloud) -> None:
    """As Azure asks."""
    cloud.azure.faults.throttle(1, retry_after=7)
    wrong = refusal(provider_on(cloud))
    assert isinstance(wrong, Unavailable)
    assert wrong.after_s == 7.0


def test_an_unreadable_place_does_not_hide_the_others(cloud: AzureDnsCloud) -> None:
    """Each has its answer."""
    provider = provider_on(cloud)
    cloud.azure.faults.deny(where=lambda call: "/others/" in call.path)
    answers = provider.read(provider.places, soon())
    assert isinstance(answers[provider.places[0]], Holding)
    assert isinstance(answers[provider.places[1]], PermissionDenied)


def test_a_place_of_another_provider_is_refused(cloud: AzureDnsCloud) -> None:
    """Not taken for a record set."""
    provider, stranger = provider_on(cloud), Place("example.internal/A/www")
    with pytest.raises(ConfigError):
        provider.claim(stranger, cloud.node_id("a"), Holding(None), soon())
    assert isinstance(provider.read([stranger], soon())[stranger], ConfigError)


def test_a_name_at_the_zones_own_name(cloud: AzureDnsCloud) -> None:
    """The zone calls it @."""
    provider = provider_on(cloud, name="example.internal")
    take(provider, seen(provider))
    assert first(provider) == Place("example.internal/A/@")
    assert cloud.said(first(provider)) == cloud.node_id("a")


def test_ipv6_alone(cloud: AzureDnsCloud) -> None:
    """A holder is then its IPv6 address, however the zone spells it."""
    provider = provider_on(cloud, None, types=("AAAA",))
    cloud.say(first(provider), "FD00:0:0:3:0::4")
    assert seen(provider).holder == str(ip_address("fd00:0:0:3::4"))
    take(provider, seen(provider))
    assert cloud.said(first(provider)) == cloud.addresses["a"][1]


def test_dry_run_lines_are_the_requests_that_are_made(cloud: AzureDnsCloud) -> None:
    """In the words of RBAC, so that they can be looked up; nothing is asked for them."""
    provider, me = provider_on(cloud), NodeId("10.0.1.4")
    type_, place = cloud.kind.type, f"example.internal/A/{NAME.partition('.')[0]}"
    assert provider.calls("read", provider.places[:1], me) == [f"{type_}/A/read {place}"]
    assert provider.calls("claim", provider.places[:1], me) == [
        f"{type_}/A/write {place} If-Match=as read TTL=10 10.0.1.4"
    ]
    assert provider.calls("mark", provider.places[:1], me) == [
        f"{type_}/A/read {place}",
        f"{type_}/A/write {place} If-Match=as read vipswitch-released=released 10.0.1.4 GENERATION",
    ]
    assert provider.calls("release", provider.places, me) == []
    assert cloud.azure.journal.calls() == ()


def test_importing_the_providers_imports_no_sdk() -> None:
    """`--help` and a hook that finds the agent pay nothing for it."""
    code = (
        "import sys, vipswitch.providers.azure.dns.public, vipswitch.providers.azure.dns.private;"
        "print([m for m in sys.modules if m.split('.')[0] in ('azure', 'requests', 'urllib3', 'http')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
