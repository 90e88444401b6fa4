"""A zone of the local Route 53 as clients behind a caching resolver see it.

The clock is real: the record sets live a few seconds, and answers are timed.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from vipswitch.testing.aws import AwsCloud, zones
from vipswitch.testing.fabric import dns
from vipswitch.testing.fabric.dns import Reply
from vipswitch.testing.fabric.namespaces import Namespace, veth

VIP = "vip.example.com"
ONE, TWO = "10.0.1.10", "10.0.2.10"
SERVER, CLIENT = "10.0.200.10", "10.0.200.1"
TTL = 2
SLACK_S = 0.5


@dataclass
class Site:
    """A client with a resolver, in one namespace; the zone's name server is in another."""

    cloud: AwsCloud
    zone: str
    client: Namespace
    resolver: str

    def publish(self, *values: str, ttl: int = TTL) -> None:
        records = [{"Value": value} for value in values]
        change: Any = {"Name": VIP, "Type": "A", "TTL": ttl, "ResourceRecords": records}
        self.cloud.route53().change_resource_record_sets(
            HostedZoneId=self.zone,
            ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": change}]},
        )

    def ask(self, name: str = VIP) -> Reply:
        return self.client.inside(lambda: dns.ask(self.resolver, name))

    def seconds_until(self, reached: Callable[[Reply], bool]) -> float:
        """How long the resolver's answers take to become so; they are asked for 50 times a second."""
        began = time.monotonic()
        while not reached(self.ask()):
            assert time.monotonic() - began < 2 * TTL + SLACK_S
            time.sleep(0.02)
        return time.monotonic() - began


@pytest.fixture
def site(root: None, tmp_path: Path) -> Iterator[Site]:
    if not dns.DNSMASQ.exists():
        pytest.skip("needs dnsmasq (make e2e-deps)")
    server, client = Namespace.create("dns"), Namespace.create("client")
    try:
        veth(server, "eth0", client, "eth0")
        server.ip("address", "add", f"{SERVER}/24", "dev", "eth0")
        client.ip("address", "add", f"{CLIENT}/24", "dev", "eth0")
        with AwsCloud() as cloud:
            zone = zones.hosted_zone(cloud, "example.com")
            zones.propagate_after(cloud, 0)
            pair = server.inside(lambda: dns.sockets(SERVER, dns.PORT))
            with (
                dns.ZoneServer(cloud, zone, pair),
                dns.resolver(client, (SERVER, dns.PORT), tmp_path) as resolver,
            ):
                yield Site(cloud, zone, client, resolver)
        assert client.pids() == []
    finally:
        server.delete()
        client.delete()


def test_an_answer_is_kept_for_its_ttl_and_not_longer(site: Site) -> None:
    """A client may be sent to the old address for so long after a move."""
    site.publish(ONE)
    assert site.ask().values == (ONE,)
    site.publish(TWO)
    took = site.seconds_until(lambda reply: reply.values == (TWO,))
    print(f"the resolver gave the old address for {took:.2f} s of a TTL of {TTL} s")
    assert TTL - 1 - SLACK_S < took < TTL + SLACK_S


def test_the_ttl_of_a_kept_answer_runs_down(site: Site) -> None:
    """So that what a client's own cache keeps ends with it."""
    site.publish(ONE, ttl=60)
    assert site.ask().ttl == 60
    time.sleep(1.1)
    assert site.ask().ttl in (58, 59)
    assert not site.ask().authoritative


def test_an_answer_outlives_the_name_server(site: Site) -> None:
    """It comes from the cache, also when nobody can be asked any more."""
    site.publish(ONE, ttl=60)
    site.ask()
    site.client.ip("link", "set", "eth0", "down")
    assert site.ask().values == (ONE,)


def test_an_absence_is_kept_too(site: Site) -> None:
    """A client that asks before the first address is published waits for the SOA's time."""
    soa: Any = {"Name": "example.com", "Type": "SOA", "TTL": 900}
    soa["ResourceRecords"] = [{"Value": f"ns. mail. 1 7200 900 1209600 {TTL}"}]
    site.cloud.route53().change_resource_record_sets(
        HostedZoneId=site.zone, ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": soa}]}
    )
    assert site.ask().code == "NXDOMAIN"
    site.publish(ONE)
    assert TTL - 1 - SLACK_S < site.seconds_until(lambda reply: reply.values == (ONE,)) < TTL + SLACK_S
