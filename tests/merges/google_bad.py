"""Providers of Google Cloud that each break one rule, as real scripts and agents do."""

from __future__ import annotations

from vipswitch.deadline import Deadline
from vipswitch.model import Holding, NodeId, Place
from vipswitch.providers.gcp.cloud_dns.provider import GcpCloudDns


class PublishesBlindly(GcpCloudDns):
    """Replaces whatever the name says by now, whatever that was when it was decided to."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        super().claim(place, node, None, deadline)

    def restore(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        self.claim(place, node, seen, deadline)
