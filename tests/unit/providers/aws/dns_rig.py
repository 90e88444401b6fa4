"""What the tests of `aws-route53` share: a name in new zones of a local cloud, and what stands there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.unit.providers.aws.rig import StubMachine
from vipswitch.model import NodeId, Place, Vip
from vipswitch.providers.aws.route53.provider import AwsRoute53
from vipswitch.providers.aws.route53.settings import Route53Settings, ZoneId
from vipswitch.testing.aws import REGION, AwsCloud, Topology, zones

if TYPE_CHECKING:
    from mypy_boto3_route53 import Route53Client

DOMAIN = "example.com"
NAME = f"db.{DOMAIN}"
VIP = Vip("primary", ())
A, B = NodeId("10.0.1.10"), NodeId("10.0.2.10")


def record(name: str, type_: str, *values: str, ttl: int = 10, **more: object) -> Any:
    """A record set as the API takes it."""
    records = {"TTL": ttl, "ResourceRecords": [{"Value": value} for value in values]} if values else {}
    return {"Name": name, "Type": type_, **records, **more}


@dataclass(frozen=True, slots=True)
class DnsRig:
    """Zones that no other test uses; the nodes' addresses are in their config."""

    cloud: AwsCloud
    route53: Route53Client
    topology: Topology
    zones: tuple[ZoneId, ...]
    folder: Path

    @property
    def zone(self) -> ZoneId:
        return self.zones[0]

    def provider(self, node: str | None = A, *, mac: str = "", **settings: object) -> AwsRoute53:
        """The provider on a machine whose config says `node`, with the first zone unless told otherwise."""
        given: dict[str, Any] = {"name": NAME, "zones": (self.zone,), "region": REGION, **settings}
        machine = StubMachine(mac or self.topology.nodes[0].mac, self.folder, NodeId(node) if node else None)
        return AwsRoute53(Route53Settings(**given), VIP, machine)

    def make(self, *records: Any, action: str = "CREATE", zone: ZoneId | None = None) -> None:
        """Somebody else changes records."""
        changes: list[Any] = [{"Action": action, "ResourceRecordSet": each} for each in records]
        self.route53.change_resource_record_sets(
            HostedZoneId=zone or self.zone, ChangeBatch={"Changes": changes}
        )

    def values(
        self, name: str = NAME, type_: str = "A", zone: ZoneId | None = None
    ) -> tuple[str, ...] | None:
        """What the zone itself says, None without such a record."""
        found = zones.records(self.cloud, zone or self.zone).get((f"{name}.", type_))
        return found.values if found else None

    def ttl(self, type_: str = "A") -> int:
        """For how long resolvers may keep the name's record."""
        return zones.records(self.cloud, self.zone)[f"{NAME}.", type_].ttl

    def asked(self) -> list[str]:
        """The actions asked of the cloud so far, in order."""
        return [call.action for call in self.cloud.journal.calls()]

    def place(self, number: int = 0) -> Place:
        return Place(f"{self.zones[number]}/{NAME}")
