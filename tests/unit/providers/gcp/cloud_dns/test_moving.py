"""Reading and claiming names, where Cloud DNS refuses, fails or says odd things."""

from __future__ import annotations

import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path

import pytest

from tests.contract.gcp_cloud_dns_cloud import CHANGE, DOMAIN, NAME, TEXT, CloudDnsCloud
from tests.unit.providers.gcp.cloud_dns.rig import provider_on, refusal, seen, take
from tests.unit.providers.gcp.rig import soon
from vipswitch.errors import ConfigError, Conflict, OutcomeUnknown, PermissionDenied, Unavailable
from vipswitch.model import Holding
from vipswitch.providers.gcp.ids import Name

ROOT = Path(__file__).parents[5]


def data(cloud: CloudDnsCloud, type_: str = "A", name: str = NAME) -> list[str] | None:
    """What stands in the first zone."""
    found = cloud.record(cloud.zones[0], type_, name)
    return found and found["rrdatas"]


def test_a_takeover_replaces_what_was_seen(cloud: CloudDnsCloud) -> None:
    """The address and the TTL, whatever that was."""
    cloud.say(cloud.zones[0], (NAME, "A", ["10.0.3.4"]), ttl=300)
    provider = provider_on(cloud, ttl=5)
    take(provider, seen(provider))
    record = cloud.record(cloud.zones[0]) or {}
    assert (record["rrdatas"], record["ttl"]) == ([cloud.node_id("a")], 5)


def test_a_claim_of_what_is_as_it_should_be_writes_nothing(cloud: CloudDnsCloud) -> None:
    """Cloud DNS would refuse a change that deletes and adds the same."""
    provider = provider_on(cloud)
    take(provider, seen(provider))
    cloud.gcp.journal.clear()
    take(provider, seen(provider))
    assert cloud.writes() == []


def test_a_claim_without_a_look_takes_one(cloud: CloudDnsCloud) -> None:
    """It is bound to what is there now, and so refuses what must not be replaced."""
    provider = provider_on(cloud)
    take(provider, None)
    assert data(cloud) == [cloud.node_id("a")]
    cloud.say(cloud.zones[0], (NAME, "A", ["10.0.9.8", "10.0.9.9"]))
    with pytest.raises(ConfigError, match="has 2 values"):
        take(provider, None)


def test_an_up_takes_its_own_old_mark_away_and_leaves_anothers(cloud: CloudDnsCloud) -> None:
    """In the change of the address; another's says nothing of it."""
    provider, [zone, *_] = provider_on(cloud), cloud.zones
    for marked_by, left in (("a", None), ("b", [f'"released {cloud.node_id("b")} 7"'])):
        cloud.say(zone, (NAME, "A", [cloud.node_id("c")]))
        cloud.say(zone, (TEXT, "TXT", [f'"released {cloud.node_id(marked_by)} 7"']))
        take(provider, seen(provider))
        assert data(cloud) == [cloud.node_id("a")]
        assert data(cloud, "TXT", TEXT) == left


def test_ipv6_alone(cloud: CloudDnsCloud) -> None:
    """A holder is then its IPv6 address, however the zone spells it."""
    provider = provider_on(cloud, None, types=("AAAA",))
    cloud.say(cloud.zones[0], (NAME, "AAAA", ["FD20:0:0:3:0::4"]))
    assert seen(provider).holder == str(ip_address("fd20:0:0:3::4"))
    take(provider, seen(provider))
    assert data(cloud, "AAAA") == [cloud.address("a", "AAAA")]


def test_a_name_at_the_zones_own_name(cloud: CloudDnsCloud) -> None:
    """Beside the zone's SOA and NS, which stay."""
    provider = provider_on(cloud, name=DOMAIN)
    take(provider, seen(provider))
    assert data(cloud, name=DOMAIN) == [cloud.node_id("a")]
    assert data(cloud, "SOA", DOMAIN)


def test_a_cname_in_the_way_is_a_matter_of_the_config(cloud: CloudDnsCloud) -> None:
    """Told by the read: no Conflict, which would be tried again."""
    cloud.say(cloud.zones[0], (NAME, "A", []), (NAME, "CNAME", ["other.example.com."]))
    wrong = refusal(provider_on(cloud))
    assert isinstance(wrong, ConfigError)
    assert "is a CNAME (other.example.com.)" in wrong.message


def test_a_missing_zone_is_a_matter_of_the_config(cloud: CloudDnsCloud) -> None:
    """404 is nobody only where the zone is there."""
    provider = provider_on(cloud, zones=(Name("gone"), cloud.zones[0]))
    assert isinstance(refusal(provider), ConfigError)
    assert seen(provider, 1).holder == cloud.node_id("c")
    with pytest.raises(ConfigError):
        take(provider, Holding(None))


def test_a_zone_of_another_project_is_asked_for_there(cloud: CloudDnsCloud) -> None:
    """Which need not be one that this account may see."""
    provider = provider_on(cloud, zones=(Name("z", project="another-project"),))
    refusal(provider)
    assert "/projects/another-project/managedZones/z/" in cloud.gcp.journal.calls()[-1].path


def test_without_a_project_it_is_this_instances(cloud: CloudDnsCloud) -> None:
    """As the metadata service says it, once."""
    assert seen(provider_on(cloud, project=None)).holder == cloud.node_id("c")


@pytest.mark.parametrize("status", [500, 503])
def test_a_failure_inside_leaves_the_outcome_open(cloud: CloudDnsCloud, status: int) -> None:
    """Of a write; a read may be made again."""
    provider = provider_on(cloud)
    before = seen(provider)
    cloud.gcp.faults.unavailable(None, status=status)
    assert isinstance(refusal(provider), Unavailable)
    with pytest.raises(OutcomeUnknown):
        take(provider, before)


def test_a_lost_answer_and_then_a_conflict_of_our_own_doing(cloud: CloudDnsCloud) -> None:
    """The change was made, its answer lost; whoever writes again by what it saw meets itself."""
    provider = provider_on(cloud)
    before = seen(provider)
    cloud.gcp.faults.drop_after(1, CHANGE)
    with pytest.raises(OutcomeUnknown):
        take(provider, before)
    with pytest.raises(Conflict):
        take(provider, before)
    assert seen(provider).holder == cloud.node_id("a")


def test_want_of_permission_names_it_and_the_zone(cloud: CloudDnsCloud) -> None:
    """That which Google names: what a change does needs its own."""
    provider = provider_on(cloud)
    before = seen(provider)
    cloud.gcp.roles.give(["dns.changes.create", "dns.resourceRecordSets.list"])
    with pytest.raises(PermissionDenied, match=r"denied for dns\.resourceRecordSets\.update") as caught:
        take(provider, before)
    assert "dns.resourceRecordSets.update" in caught.value.hint


@pytest.mark.parametrize("status", [403, 429])
def test_throttling_says_how_long_to_wait(cloud: CloudDnsCloud, status: int) -> None:
    """As Google asks; 403 is no want of permission then."""
    cloud.gcp.faults.throttle(None, status=status, retry_after=7)
    wrong = refusal(provider_on(cloud))
    assert isinstance(wrong, Unavailable)
    assert wrong.after_s == 7.0


def test_an_unreadable_place_does_not_hide_the_others(cloud: CloudDnsCloud) -> None:
    """Each has its answer."""
    provider = provider_on(cloud)
    cloud.gcp.faults.deny(where=lambda call: "/peered/" in call.path)
    answers = provider.read(provider.places, soon())
    assert isinstance(answers[provider.places[0]], Holding)
    assert isinstance(answers[provider.places[1]], PermissionDenied)


def test_a_restore_takes_nothing_from_anybody(cloud: CloudDnsCloud) -> None:
    """Who holds the name and has not let go keeps it, without a request."""
    provider = provider_on(cloud)
    before = seen(provider)
    cloud.gcp.journal.clear()
    with pytest.raises(Conflict):
        provider.restore(provider.places[0], cloud.node_id("a"), before, soon())
    assert cloud.gcp.journal.calls() == ()


def test_without_google_auth_people_are_told_what_to_install(tmp_path: Path) -> None:
    """By whatever asks Google first; what has to be allowed can be told all the same."""
    code = f"""
import sys
sys.modules['google.auth'] = None
from pathlib import Path
from vipswitch.deadline import Deadline, SystemClock
from vipswitch.model import Vip
from vipswitch.providers.gcp.cloud_dns.provider import CloudDnsSettings, GcpCloudDns
from vipswitch.providers.gcp.ids import Name
from vipswitch.testing.cloud import Named

soon = Deadline(5.0, SystemClock())
settings = CloudDnsSettings(name='db.example.com', zones=(Name('z', project='my-project'),))
made = GcpCloudDns(settings, Vip('primary', ()), Named('10.0.1.4', Path({str(tmp_path)!r})))
[wrong] = made.read(made.places, soon).values()
print(wrong.message, wrong.hint, len(made.grants(soon)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.endswith(": not installed pip install 'vipswitch[gcp]' 4\n"), done.stderr


def test_importing_the_provider_imports_no_client() -> None:
    """`--help` and a hook that finds the agent pay nothing for it."""
    code = (
        "import sys, vipswitch.providers.gcp.cloud_dns.provider;"
        "print([m for m in sys.modules if m.split('.')[0] in ('google', 'requests', 'urllib3', 'http')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
