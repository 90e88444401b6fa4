"""The methods of Google Cloud: each with one place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.merges.google_method import GoogleMethod
from tests.merges.method import Line
from vipswitch.model import NodeId, Vip
from vipswitch.providers.gcp.cloud_dns.provider import GcpCloudDns
from vipswitch.providers.gcp.cloud_dns.settings import CloudDnsSettings
from vipswitch.providers.gcp.ids import Name
from vipswitch.testing.wire import Request


class CloudDns(GoogleMethod):
    """`gcp-cloud-dns`, with one zone."""

    name = "gcp-cloud-dns"
    vip = Vip("primary", ())
    provider = GcpCloudDns
    gap_s = 0.0

    def seed(self, holder: str | None) -> None:
        self.gcp.add_zone("zone", "example.com.", private=True)
        if holder is not None:
            self.gcp.records("zone", ("db.example.com.", "A", 5, [self.node_id(holder)]))

    def settings(self) -> CloudDnsSettings:
        return CloudDnsSettings(
            **self._account(), name="db.example.com", zones=(Name("zone"),), types=("A",), ttl=5
        )

    def node_id(self, name: str) -> NodeId:
        return NodeId(str(self.nodes[name].private_ip))

    def holds(self, name: str) -> bool:
        found = self._store.find(self.gcp.path("managedZones/zone/rrsets/db.example.com./A"))
        return found is not None and found["rrdatas"] == [self.node_id(name)]

    def meddle(self, line: Line) -> bool:
        """Give the name a record of another type."""
        target = f"/dns/v1/{self.gcp.path('managedZones/zone/changes')}"
        record = {"name": "db.example.com.", "type": "TXT", "ttl": 300, "rrdatas": ['"somebody\'s"']}
        body = json.dumps({"additions": [record], "deletions": []}).encode()
        return line.handle(Request("POST", target, {"host": "dns.test"}, body)).status < 400

    def meddled(self, documents: Mapping[str, Any]) -> bool:
        return self.gcp.path("managedZones/zone/rrsets/db.example.com./TXT") in documents


METHODS: list[type[GoogleMethod]] = [CloudDns]
