"""`vipswitch check` for public IPs: what a failover needs of Azure, looked at beforehand.

Rules: as for ip configurations. Source: Azure documentation, "Public IP addresses".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from vipswitch.deadline import Deadline
from vipswitch.errors import VipswitchError
from vipswitch.model import Address, NodeId
from vipswitch.provider import Finding, Level
from vipswitch.providers.azure.api.client import Clients
from vipswitch.providers.azure.configurations import Nic
from vipswitch.providers.azure.interface_findings import Nodes, Seen, of_peers
from vipswitch.providers.azure.nics import WRITE, Nics
from vipswitch.providers.azure.public_ip.addresses import PublicIp, PublicIps, Reference
from vipswitch.providers.azure.references import JOIN_PUBLIC_IP
from vipswitch.providers.looked_at import trouble


class Preflight:
    """One look at the public IPs of a VIP, and at the network interfaces that they move between."""

    def __init__(
        self,
        clients: Clients,
        nics: Nics,
        public_ips: PublicIps,
        *,
        wanted: Sequence[Reference],
        addresses: Sequence[Address],
        node: Callable[[Deadline], NodeId],
        nodes: Callable[[Deadline], Sequence[NodeId]],
    ) -> None:
        self._looks = Nodes(clients, nics, node, nodes)
        self._public_ips = public_ips
        self._wanted = wanted
        self._addresses = addresses

    def findings(self, deadline: Deadline) -> Iterator[Finding]:
        """Everything found; without credentials that is all that there is to find."""
        return self._looks.findings(self._from_here, [WRITE, JOIN_PUBLIC_IP], deadline)

    def _from_here(self, own: Nic, read: Seen, deadline: Deadline) -> Iterator[Finding]:
        yield from of_peers(own, read, needed=False)
        yield from (finding for what in self._wanted for finding in self._of(what, own, deadline))

    def _of(self, what: Reference, own: Nic, deadline: Deadline) -> Iterator[Finding]:
        try:
            found = self._public_ips.read(what.public_ip, deadline)
            found.interface()
        except VipswitchError as wrong:
            yield trouble(what.subject, wrong)
            return
        yield self._itself(what, found, own)
        try:
            what.put_on(own)
        except VipswitchError as wrong:
            yield trouble(what.subject, wrong)

    def _itself(self, what: Reference, found: PublicIp, own: Nic) -> Finding:
        place = f"is {found.address or 'without an address'}, {found.sku}, in {found.location}"
        if found.location and own.location and found.location.lower() != own.location.lower():
            fix = "choose a public IP of the nodes' region"
            return Finding(Level.ERROR, what.subject, f"{place}; this node is in {own.location}", fix)
        given = [str(address) for address in self._addresses]
        if given and found.address and found.address not in given:
            fix = "correct address or public_ip in the config"
            return Finding(Level.ERROR, what.subject, f"{place}, not {' or '.join(given)}", fix)
        holder = found.interface()
        held = (
            "held by nobody" if holder is None else f"held by {'this node' if holder == own.id else holder}"
        )
        return Finding(Level.OK, what.subject, f"{place}, {held}")
