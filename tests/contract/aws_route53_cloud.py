"""`aws-route53` as a contract cloud: two private zones, both of which say node c."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.contract.aws_cloud import AwsContractCloud
from vipswitch.model import NodeId, Place, Vip
from vipswitch.provider import Provider
from vipswitch.providers.aws.route53.provider import AwsRoute53
from vipswitch.providers.aws.route53.settings import Route53Settings, ZoneId
from vipswitch.testing.aws import REGION, Topology, zones
from vipswitch.testing.cloud import NODES, Named

DOMAIN = "example.internal"
NAME = f"db.{DOMAIN}"


class Route53Cloud(AwsContractCloud):
    """Nodes are their private addresses; a name with the zone's next record behind it."""

    claim = "ChangeResourceRecordSets"
    vip = Vip("primary", ())
    gone: tuple[str, ...] = ()

    def __init__(
        self,
        folder: Path,
        make: Callable[..., Provider] = AwsRoute53,
        *,
        txt: bool = False,
        latency_s: float = 0.0,
    ) -> None:
        self._make = make
        self._txt = txt
        super().__init__(folder, latency_s=latency_s)

    def seed(self, topology: Topology) -> None:
        """Zones that say node c; in the first of them another name comes next."""
        self.addresses = {
            name: NodeId(str(node.private_ip)) for name, node in zip(NODES, topology.nodes, strict=True)
        }
        vpc = topology.vpc_id
        self.zones = tuple(ZoneId(zones.hosted_zone(self.aws, DOMAIN, private_vpc=vpc)) for _ in range(2))
        for zone in self.zones:
            self.change(zone, "CREATE", NAME, self.addresses["c"])
            self.change(zone, "CREATE", f"e.{DOMAIN}", "10.0.9.9")

    def change(
        self, zone: str, action: str, name: str, value: str, *, type_: str = "A", ttl: int = 10
    ) -> None:
        """One change of a record, by somebody else."""
        records = [{"Value": value}]
        record = {"Name": name, "Type": type_, "TTL": ttl, "ResourceRecords": records}
        self.aws.route53().change_resource_record_sets(
            HostedZoneId=zone,
            ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]},  # type: ignore[typeddict-item]
        )

    def node_id(self, node: str) -> NodeId:
        """The node's private address."""
        return self.addresses[node]

    def settings(self, only: tuple[ZoneId, ...] = ()) -> Route53Settings:
        """Every setting that has no default, and the way to this cloud."""
        return Route53Settings(
            region=REGION,
            route53_endpoint_url=self.aws.url,
            name=NAME,
            zones=only or self.zones,
            txt=self._txt,
        )

    def provider(self, node: str, only: tuple[ZoneId, ...] = ()) -> Provider:
        """The provider as it runs on that node, whose address is in its config."""
        return self._make(self.settings(only), self.vip, Named(self.addresses[node], self.folder))

    def truth(self) -> Mapping[Place, NodeId | None]:
        """What the zones' records are, whatever the API says of them; a zone that is gone has none."""
        return {Place(f"{zone}/{NAME}"): self._said(zone) for zone in self.zones if zone not in self.gone}

    def _said(self, zone: str) -> NodeId | None:
        found = zones.records(self.aws, zone).get((f"{NAME}.", "A"))
        return NodeId(",".join(found.values)) if found else None

    def empty(self, place: Place) -> None:
        """The name has no record any more."""
        zone = place.id.partition("/")[0]
        found = zones.records(self.aws, zone)[f"{NAME}.", "A"]
        self.change(zone, "DELETE", NAME, *found.values, ttl=found.ttl)

    def remove(self, place: Place) -> None:
        """The zone is emptied and deleted."""
        zone = place.id.partition("/")[0]
        for (name, type_), found in zones.records(self.aws, zone).items():
            if type_ not in ("NS", "SOA"):
                self.change(zone, "DELETE", name, *found.values, type_=type_, ttl=found.ttl)
        self.aws.route53().delete_hosted_zone(Id=zone)
        self.gone = (*self.gone, zone)
