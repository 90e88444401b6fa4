"""Reading, claiming and releasing Elastic IPs, as the cloud sees it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.unit.providers.aws.elastic_rig import ElasticRig, seen
from tests.unit.providers.aws.rig import soon
from vipswitch.errors import ConfigError, Conflict, Refused, Unavailable
from vipswitch.model import Holding
from vipswitch.testing.aws import MetadataServer
from vipswitch.testing.aws.live import live

ROOT = Path(__file__).parents[4]
GONE = "eipalloc-0123456789abcdef0"


@pytest.fixture
def metadata(elastic: ElasticRig, monkeypatch: pytest.MonkeyPatch) -> Iterator[MetadataServer]:
    """The metadata service of the first node, which follows its addresses."""
    rig = elastic.rig
    with MetadataServer(live(rig.cloud, rig.topology, rig.nodes[0])) as server:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")
        yield server


def test_a_takeover_is_one_write_for_each_elastic_ip(elastic: ElasticRig, metadata: MetadataServer) -> None:
    """No read before it, no second call after it; each to a private address of this node of its own."""
    provider = elastic.provider(0, given=None)
    for place in provider.places:
        elastic.give(place, 1)
    node = provider.node(soon())
    elastic.forget()
    for place in provider.places:
        provider.claim(place, node, None, soon())
    assert elastic.asked() == ["AssociateAddress"] * 2
    wanted = [(elastic.id(0), str(elastic.private(0, host))) for host in (60, 61)]
    assert [elastic.maps_to(place) for place in provider.places] == wanted


def test_a_restore_is_one_request_that_moves_nothing(elastic: ElasticRig, metadata: MetadataServer) -> None:
    """What maps to nothing is associated; whoever has come since keeps it."""
    provider = elastic.provider(0, given=None)
    place = provider.places[0]
    nobody = seen(provider, place)
    elastic.forget()
    provider.restore(place, elastic.id(0), nobody, soon())
    assert elastic.asked() == ["AssociateAddress"]
    assert elastic.maps_to(place) == (elastic.id(0), str(elastic.private(0)))
    with pytest.raises(Conflict, match="somebody has it by now"):
        elastic.provider(1).restore(place, elastic.id(1), nobody, soon())
    assert elastic.maps_to(place) == (elastic.id(0), str(elastic.private(0)))


def test_a_restore_of_what_another_was_seen_to_hold_asks_nothing(elastic: ElasticRig) -> None:
    """A repair takes nothing from anybody."""
    provider = elastic.provider()
    place = provider.places[0]
    elastic.give(place, 1)
    theirs = seen(provider, place)
    elastic.forget()
    with pytest.raises(Conflict, match=f"held by {elastic.id(1)}"):
        provider.restore(place, elastic.id(0), theirs, soon())
    assert elastic.asked() == []


def test_a_restore_takes_no_private_address_from_another_elastic_ip(elastic: ElasticRig) -> None:
    """That is refused for good: nobody has this one, so that looking again would not help."""
    provider = elastic.provider()
    first, second = provider.places
    nobody = seen(provider, first)
    elastic.give(second, 0, elastic.private(0))
    with pytest.raises(Refused, match="is already associated with public address"):
        provider.restore(first, elastic.id(0), nobody, soon())
    assert elastic.maps_to(second) == (elastic.id(0), str(elastic.private(0)))


def test_a_node_named_in_the_config_asks_for_its_addresses_once(elastic: ElasticRig) -> None:
    """EC2, because the metadata may be another interface's; what it said is there for the next process."""
    for _ in "ab":
        provider = elastic.provider(1)
        provider.claim(provider.places[0], elastic.id(1), None, soon())
    assert elastic.asked() == ["DescribeNetworkInterfaces", "AssociateAddress", "AssociateAddress"]


def test_without_a_list_it_is_the_primary_address(elastic: ElasticRig) -> None:
    """Which EC2 knows without being told."""
    provider = elastic.provider(private=(), allocations=elastic.allocations[:1])
    [place] = provider.places
    provider.claim(place, elastic.id(0), None, soon())
    assert elastic.asked() == ["AssociateAddress"]
    assert elastic.maps_to(place) == (elastic.id(0), str(elastic.rig.nodes[0].private_ip))
    assert seen(provider, place).holder == elastic.id(0)


def test_a_second_elastic_ip_has_no_place_on_the_primary_address(elastic: ElasticRig) -> None:
    """It would push the first one off, without a word."""
    provider = elastic.provider(private=())
    with pytest.raises(ConfigError) as caught:
        provider.claim(provider.places[1], elastic.id(0), None, soon())
    assert caught.value.message.startswith("private_address: ")
    assert elastic.asked() == []


def test_all_places_are_read_in_one_request(elastic: ElasticRig) -> None:
    """Who holds it, by which association, where; and that nobody does."""
    provider = elastic.provider(1)
    held, free = provider.places
    association = elastic.give(held, 0)
    elastic.forget()
    assert provider.read(provider.places, soon()) == {
        held: Holding(elastic.id(0), association, f"{elastic.public[0]} at {elastic.private(0)}"),
        free: Holding(None, note=str(elastic.public[1])),
    }
    assert elastic.asked() == ["DescribeAddresses"]


def test_a_missing_elastic_ip_does_not_hide_the_others(elastic: ElasticRig) -> None:
    """The one that is there is read; the other one is named."""
    provider = elastic.provider(allocations=(elastic.allocations[0], GONE))
    there, gone = provider.places
    answers = provider.read(provider.places, soon())
    assert answers[there] == Holding(None, note=str(elastic.public[0]))
    wrong = answers[gone]
    assert isinstance(wrong, ConfigError)
    assert wrong.message == f"Elastic IP {GONE}: not found"
    assert "one region" in wrong.hint


def test_at_another_private_address_it_is_not_ours(elastic: ElasticRig) -> None:
    """Packets would arrive where nothing listens: `up` has to move it, and `down` does not end it."""
    provider = elastic.provider()
    place = provider.places[0]
    elastic.give(place, 0, elastic.private(0, 61))
    holding = seen(provider, place)
    assert holding.holder == f"{elastic.id(0)} at {elastic.private(0, 61)}"
    with pytest.raises(Conflict):
        provider.release(place, elastic.id(0), holding, soon())
    provider.claim(place, elastic.id(0), holding, soon())
    assert seen(provider, place).holder == elastic.id(0)
    assert "DisassociateAddress" not in elastic.asked()


def test_at_an_address_that_is_not_listed_it_is_not_ours(elastic: ElasticRig) -> None:
    """Also where the interface has none of those that are."""
    provider = elastic.provider(private=(elastic.private(1),))
    place = provider.places[0]
    elastic.give(place, 0)
    assert seen(provider, place).holder == f"{elastic.id(0)} at {elastic.private(0)}"


def test_release_ends_the_association_that_was_seen(elastic: ElasticRig) -> None:
    """By its own id, and nothing else."""
    provider = elastic.provider()
    place = provider.places[0]
    association = elastic.give(place, 0)
    holding = seen(provider, place)
    elastic.forget()
    provider.release(place, elastic.id(0), holding, soon())
    [call] = elastic.rig.cloud.journal.calls()
    assert (call.action, call.params["AssociationId"]) == ("DisassociateAddress", association)
    assert "PublicIp" not in call.params
    assert elastic.maps_to(place) == (None, None)


@pytest.mark.parametrize("holder", ["another", "nobody"])
def test_release_of_what_is_not_ours_asks_nothing(elastic: ElasticRig, holder: str) -> None:
    """Refused before any request."""
    provider = elastic.provider()
    place = provider.places[0]
    if holder == "another":
        elastic.give(place, 1)
    holding = seen(provider, place)
    elastic.forget()
    with pytest.raises(Conflict):
        provider.release(place, elastic.id(0), holding, soon())
    assert elastic.asked() == []


def test_a_release_that_was_on_the_wire_for_long_hurts_nobody(elastic: ElasticRig) -> None:
    """The next holder has an association of its own; the late request finds its own gone."""
    provider = elastic.provider()
    place = provider.places[0]
    elastic.give(place, 0)
    holding = seen(provider, place)
    gate = elastic.rig.cloud.faults.hold("DisassociateAddress")
    with ThreadPoolExecutor(1) as pool:
        release = pool.submit(provider.release, place, elastic.id(0), holding, soon())
        assert gate.arrived.wait(5)
        winner = elastic.provider(1)
        winner.claim(place, elastic.id(1), None, soon())
        gate.release()
        with pytest.raises(Conflict):
            release.result()
    assert elastic.maps_to(place) == (elastic.id(1), str(elastic.private(1)))


def test_a_release_also_hurts_nobody_who_came_back(elastic: ElasticRig) -> None:
    """The same node with the same address: a later association all the same."""
    provider = elastic.provider()
    place = provider.places[0]
    elastic.give(place, 0)
    old = seen(provider, place)
    elastic.give(place, 1)
    provider.claim(place, elastic.id(0), None, soon())
    with pytest.raises(Conflict):
        provider.release(place, elastic.id(0), old, soon())
    assert elastic.maps_to(place) == (elastic.id(0), str(elastic.private(0)))


def test_an_address_that_came_later_is_asked_for_once(elastic: ElasticRig, metadata: MetadataServer) -> None:
    """Assigned after the identity was kept: the metadata service knows it."""
    late = elastic.private(0, 70)
    provider = elastic.provider(given=None, private=(late,), allocations=elastic.allocations[:1])
    node = provider.node(soon())
    elastic.rig.ec2.assign_private_ip_addresses(NetworkInterfaceId=node, PrivateIpAddresses=[str(late)])
    provider.claim(provider.places[0], node, None, soon())
    asked = metadata.requests
    provider.claim(provider.places[0], node, None, soon())
    elastic.rig.ec2.unassign_private_ip_addresses(NetworkInterfaceId=node, PrivateIpAddresses=[str(late)])
    assert metadata.requests == asked


@pytest.mark.parametrize("given", [True, False], ids=["given", "asked for"])
def test_none_of_the_listed_addresses_is_a_matter_of_the_config(
    elastic: ElasticRig, metadata: MetadataServer, given: bool
) -> None:
    """It names the interface and what it has, and nothing is written."""
    provider = elastic.provider(private=(elastic.private(1),), given="" if given else None)
    with pytest.raises(ConfigError) as caught:
        provider.claim(provider.places[0], elastic.id(0), None, soon())
    assert elastic.id(0) in caught.value.message
    assert str(elastic.rig.nodes[0].private_ip) in caught.value.message
    assert "assign-private-ip-addresses" in caught.value.hint
    assert "AssociateAddress" not in elastic.asked()


def test_a_metadata_service_that_is_away_is_not_a_missing_address(
    elastic: ElasticRig, metadata: MetadataServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Could not look is not "not there": the switch tries again."""
    provider = elastic.provider(given=None, private=(elastic.private(0, 70),))
    node = provider.node(soon())
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(Unavailable):
        provider.claim(provider.places[0], node, None, soon())


def test_an_address_that_is_no_longer_there_is_found_out(elastic: ElasticRig) -> None:
    """What was kept is out of date: EC2 refuses, the addresses are asked for, and the next try is right."""
    first, second = elastic.private(0, 70), elastic.private(0, 61)
    ec2 = elastic.rig.ec2
    ec2.assign_private_ip_addresses(NetworkInterfaceId=elastic.id(0), PrivateIpAddresses=[str(first)])
    provider = elastic.provider(private=(first, second), allocations=elastic.allocations[:1])
    [place] = provider.places
    provider.claim(place, elastic.id(0), None, soon())
    ec2.unassign_private_ip_addresses(NetworkInterfaceId=elastic.id(0), PrivateIpAddresses=[str(first)])
    with pytest.raises(Conflict):
        provider.claim(place, elastic.id(0), None, soon())
    provider.claim(place, elastic.id(0), None, soon())
    assert elastic.maps_to(place) == (elastic.id(0), str(second))


def test_dry_run_lines_are_the_requests_that_are_made(elastic: ElasticRig) -> None:
    """In the words of IAM and of the API, so that they can be looked up."""
    provider = elastic.provider(private=(elastic.private(0), elastic.private(1)))
    first, second = elastic.allocations
    node, places = elastic.id(0), provider.places
    associating = f"ec2:AssociateAddress AllocationId={first} NetworkInterfaceId={node}"
    listed = f"PrivateIpAddress={elastic.private(0)}|{elastic.private(1)}"
    assert provider.calls("claim", places[:1], node) == [f"{associating} {listed} AllowReassociation=true"]
    provider.claim(places[0], node, None, soon())
    own = f"PrivateIpAddress={elastic.private(0)}"
    assert provider.calls("claim", places[:1], node) == [f"{associating} {own} AllowReassociation=true"]
    assert provider.calls("read", places, node) == [
        f"ec2:DescribeAddresses Filter.allocation-id={first},{second}"
    ]
    assert provider.calls("release", places[:1], node) == [
        f"ec2:DisassociateAddress AssociationId=(the one that was read of {first})"
    ]
    assert provider.calls("prepare", [], node) == []


def test_only_writes_to_the_same_elastic_ip_wait_for_each_other(elastic: ElasticRig) -> None:
    """Two of them are moved side by side."""
    one, two = (elastic.provider().contention_key(place) for place in elastic.provider().places)
    assert one != two
    assert one == elastic.provider(1).contention_key(elastic.provider(1).places[0])


def test_importing_the_provider_imports_no_sdk() -> None:
    """`--help` and a hook that finds the agent pay nothing for boto3."""
    code = (
        "import sys, vipswitch.providers.aws.elastic_ip;"
        "print([m for m in sys.modules if m.split('.')[0] in ('boto3', 'botocore', 'urllib3', 'http')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
