"""`vipswitch check` for secondary private addresses: what a failover needs of AWS, looked at beforehand.

Rules: changes nothing; what could not be looked at is a warning, never fine; every finding that is not fine
says how to mend it. The permissions to move an address cannot be tried: unlike other actions of EC2,
AssignPrivateIpAddresses and its kin have no dry run. Something that puts addresses on this host by itself
is warned of. Source: EC2 API Reference, AssignPrivateIpAddresses, AssignIpv6Addresses; Amazon Linux User
Guides, "ec2-net-utils" and "Networking service"; amazon-ec2-net-utils, `lib.sh` and `ec2net-functions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from vipswitch.deadline import Deadline
from vipswitch.errors import Unavailable, VipswitchError
from vipswitch.model import Address, NodeId
from vipswitch.provider import Finding, Level
from vipswitch.providers.aws.api.meanings import WITHIN_ITS_SUBNET
from vipswitch.providers.aws.looked_at import caller
from vipswitch.providers.aws.node.metadata import Metadata
from vipswitch.providers.aws.secondary_ip.addresses import Attachment, Held, SecondaryAddresses
from vipswitch.providers.aws.secondary_ip.subnets import Subnet, Subnets
from vipswitch.providers.looked_at import trouble

NET_UTILS = {
    Path("/usr/share/amazon-ec2-net-utils"): "systemctl disable --now refresh-policy-routes@INTERFACE.timer",
    Path("/etc/sysconfig/network-scripts/ec2net-functions"): "EC2SYNC=no in ifcfg-INTERFACE",
}
"""Files of amazon-ec2-net-utils 2 (Amazon Linux 2023, Debian) and 1 (Amazon Linux 2), and what stops it."""

_FREE = "choose a free address of the subnet"


class Preflight:
    """One look at the addresses of a VIP, their subnet, and this node's interface.

    `subnet` is the one in the config, if there is one. `net_utils` are files of what else sets addresses,
    and what stops it.
    """

    def __init__(
        self,
        addresses: SecondaryAddresses,
        subnets: Subnets,
        *,
        wanted: Sequence[Address],
        subnet: str | None,
        node: Callable[[Deadline], NodeId],
        net_utils: Mapping[Path, str] = NET_UTILS,
    ) -> None:
        self._addresses = addresses
        self._subnets = subnets
        self._wanted = wanted
        self._subnet = subnet
        self._node = node
        self._net_utils = net_utils

    def findings(self, deadline: Deadline) -> Iterator[Finding]:
        """Everything found; without credentials that is all that there is to find."""
        who = caller(self._subnets.caller, deadline)
        yield who
        if who.level is Level.ERROR:
            return
        interface = self._own_interface(deadline)
        yield _where(interface, self._subnet) if isinstance(interface, Attachment) else interface
        own = interface if isinstance(interface, Attachment) else None
        subnet = self._subnet or (own.subnet if own else None)
        if subnet is not None:
            yield from self._of_addresses(subnet, own, deadline)
        yield _untried(self._wanted)
        yield from (_interference(path, fix) for path, fix in self._net_utils.items() if path.exists())

    def _own_interface(self, deadline: Deadline) -> Attachment | Finding:
        """An id that cannot be found out now could not be found out in a failover either: an error."""
        subject = "network interface"
        try:
            node = self._node(deadline)
        except VipswitchError as wrong:
            return Finding(Level.ERROR, subject, wrong.message, wrong.hint)
        try:
            return self._addresses.attachment(node, deadline)
        except VipswitchError as wrong:
            return trouble(subject, wrong)

    def _of_addresses(self, id: str, own: Attachment | None, deadline: Deadline) -> Iterator[Finding]:
        try:
            subnet = self._subnets.describe(id, deadline)
        except VipswitchError as wrong:
            yield trouble(id, wrong)
            return
        for family in (4, 6):
            wanted = [address for address in self._wanted if address.version == family]
            if wanted:
                yield from self._of_family(wanted, subnet, own, deadline)

    def _of_family(
        self, wanted: Sequence[Address], subnet: Subnet, own: Attachment | None, deadline: Deadline
    ) -> Iterator[Finding]:
        try:
            held = self._addresses.holders(wanted, subnet.id, deadline)
        except VipswitchError as wrong:
            yield trouble(f"private IPv{wanted[0].version} addresses", wrong)
            return
        yield from (_of_address(address, held.get(address), subnet, own) for address in wanted)
        missing = [a for a in wanted if own is None or a not in held or held[a].by != own.id]
        if own is not None and missing:
            yield self._of_room(own, wanted[0].version, len(missing), deadline)

    def _of_room(self, own: Attachment, family: int, missing: int, deadline: Deadline) -> Finding:
        """Whether the interface may have as many addresses more as are missing."""
        subject, taken = f"room on {own.id}", own.taken[family]
        try:
            type_ = self._instance_type(own, deadline)
            limit = self._subnets.room(type_, deadline)[family]
        except VipswitchError as wrong:
            message = f"has {taken} IPv{family} addresses, not compared with its limit: {wrong.message}"
            return Finding(Level.WARNING, subject, message, wrong.hint or "run `vipswitch check` again")
        message = f"has {taken} of the {limit} IPv{family} addresses that a {type_} allows"
        if taken + missing <= limit:
            return Finding(Level.OK, subject, message)
        fix = "take an address off it that is not needed, or choose a larger instance type"
        return Finding(Level.ERROR, subject, f"{message}: no room for {missing} more", fix)

    def _instance_type(self, own: Attachment, deadline: Deadline) -> str:
        """Of the instance that the metadata service tells of, if that is the one with the interface."""
        document = Metadata(deadline).document()
        if document.instance != own.instance:
            told = f"the metadata service is that of {document.instance}, the interface of {own.instance}"
            raise Unavailable(told, hint="run `vipswitch check` on the instance itself")
        return document.instance_type


def _where(own: Attachment, wanted: str | None) -> Finding:
    subject = f"network interface {own.id}"
    if wanted in (None, own.subnet):
        return Finding(Level.OK, subject, f"in {own.subnet}")
    message = f"is in {own.subnet}, the VIP in {wanted}: it cannot come here"
    return Finding(Level.ERROR, subject, message, WITHIN_ITS_SUBNET)


def _of_address(address: Address, held: Held | None, subnet: Subnet, own: Attachment | None) -> Finding:
    subject = f"private-ip {address}"
    if not subnet.has(address):
        return Finding(Level.ERROR, subject, f"is outside {subnet}", WITHIN_ITS_SUBNET)
    if subnet.reserves(address):
        kept = f"is reserved: AWS keeps the first four addresses of {subnet} and the last"
        return Finding(Level.ERROR, subject, kept, _FREE)
    if held is None:
        return Finding(Level.OK, subject, f"in {subnet}, held by nobody")
    if held.primary:
        return Finding(Level.ERROR, subject, f"is the primary address of {held.by}, which never moves", _FREE)
    mine = own is not None and own.id == held.by
    return Finding(Level.OK, subject, f"in {subnet}, held by {'this node' if mine else held.by}")


def _untried(wanted: Sequence[Address]) -> Finding:
    families = {address.version for address in wanted}
    actions = [name for family, name in _ACTIONS if family in families]
    message = f"{' and '.join(actions)} not tried: EC2 has no dry run of them"
    fix = "compare this node's policy with what `vipswitch iam` prints, or rehearse a failover"
    return Finding(Level.WARNING, "permissions", message, fix)


_ACTIONS = (
    (4, "ec2:AssignPrivateIpAddresses"),
    (4, "ec2:UnassignPrivateIpAddresses"),
    (6, "ec2:AssignIpv6Addresses"),
    (6, "ec2:UnassignIpv6Addresses"),
)


def _interference(path: Path, fix: str) -> Finding:
    message = f"{path} is there: amazon-ec2-net-utils also sets addresses, by what the metadata service shows"
    return Finding(Level.WARNING, "host", message, f"keep it off the VIP's interface: {fix}")
