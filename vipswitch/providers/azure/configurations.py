"""What the document of a network interface says, and the same document with one ip configuration changed.

Rules: pure. A PUT replaces the whole network interface, so its document is kept as ARM gave it, with
whatever newer version of the API put into it, and an edit is a copy that differs in one ip configuration
and in nothing else. The primary configuration is never taken off, never made and never given another
address; of its own it gives the new configuration its subnet and its application security groups, so that
what is allowed to reach the node is allowed to reach the VIP. Ids are compared without regard to case, as
ARM does.
Source: Azure REST API, "Network Interfaces - Create Or Update"; "Naming rules for Azure resources".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import Any

from vipswitch.errors import ConfigError, Refused
from vipswitch.model import Address, NodeId

Document = Mapping[str, Any]
"""JSON as ARM writes it."""


MOST = 256
"""So many ip configurations a network interface may have."""


class Provisioning(StrEnum):
    """How ARM's last operation on an object stands; what is neither of the others is still at work."""

    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    UPDATING = "Updating"


@dataclass(frozen=True, slots=True)
class Configuration:
    """One ip configuration; `subnet` and `public_ip` are ids in lower case, empty for none."""

    name: str
    address: Address | None
    primary: bool
    subnet: str
    public_ip: str


@dataclass(frozen=True, slots=True)
class Nic:
    """A network interface as it was read; `machine` is the id of its virtual machine, empty for none."""

    id: NodeId
    etag: str
    state: Provisioning
    machine: str
    location: str
    configurations: tuple[Configuration, ...]
    document: Document

    @property
    def token(self) -> str:
        """Every change of it has another one."""
        return self.etag

    @property
    def at_work(self) -> bool:
        """Whether its last operation is not over."""
        return self.state is Provisioning.UPDATING

    @property
    def failed(self) -> bool:
        """Whether its last operation failed."""
        return self.state is Provisioning.FAILED

    @property
    def primary(self) -> Configuration:
        """The one configuration that every network interface has."""
        return next((each for each in self.configurations if each.primary), self.configurations[0])

    @property
    def subnet(self) -> str:
        """The subnet that all its configurations are of."""
        return self.primary.subnet

    def at(self, address: Address) -> Configuration | None:
        """The configuration that has the address, if one has."""
        return next((each for each in self.configurations if each.address == address), None)

    def named(self, name: str) -> Configuration | None:
        """The configuration of that name, which knows no case."""
        return next((each for each in self.configurations if each.name.lower() == name.lower()), None)

    def with_public_ip(self, public_ip: str) -> Configuration | None:
        """The configuration that a public IP hangs on, if it does."""
        wanted = public_ip.lower()
        return next((each for each in self.configurations if each.public_ip == wanted), None)


def nic_of(id: NodeId, document: Document) -> Nic:
    """What a document says."""
    said = document.get("properties") or {}
    return Nic(
        id,
        etag=document.get("etag") or "",
        state=_state(said),
        machine=_id(said.get("virtualMachine")),
        location=document.get("location") or "",
        configurations=tuple(_configuration(raw) for raw in said.get("ipConfigurations") or ()),
        document=document,
    )


def with_address(nic: Nic, address: Address, name: str, public_ip: str = "") -> Nic:
    """The same with a configuration for the address, and the public IP on it, if one is given.

    One that has the address already stays as it is, but for its public IP. Refused where that is another one,
    or is on another address, or where there is no room.
    """
    there, has = nic.at(address), nic.with_public_ip(public_ip) if public_ip else None
    if has is not None and has != there:
        raise Refused(
            f"network interface {nic.id}: {has.name}, not the VIP, has public IP {_last(has.public_ip)}",
            hint="take it off there: it is to go with the VIP's address",
        )
    if there is None and len(nic.configurations) >= MOST:
        raise Refused(
            f"network interface {nic.id}: has {MOST} ip configurations, as many as Azure allows",
            hint="take off one that nobody needs",
        )
    if there is None:
        return _edited(nic, [*_raw(nic), _new(nic, address, _free(nic, name), public_ip)])
    return put_on(nic, there.name, public_ip) if public_ip else nic


def without_address(nic: Nic, address: Address) -> Nic:
    """The same without the configuration for the address. ConfigError for the primary one."""
    there = nic.at(address)
    if there is not None and there.primary:
        raise primary_never_moves(nic, address)
    return _edited(nic, [raw for raw in _raw(nic) if there is None or raw.get("name") != there.name])


def put_on(nic: Nic, name: str, public_ip: str) -> Nic:
    """The same with the public IP on the configuration of that name; Refused where another is."""
    there = nic.named(name)
    if there is None:
        raise ConfigError(
            f"network interface {nic.id}: has no ip configuration {name}",
            hint="create it, or name another under ip_configuration",
        )
    if there.public_ip not in ("", public_ip.lower()):
        raise Refused(
            f"network interface {nic.id}: ip configuration {name} has public IP {_last(there.public_ip)}",
            hint="take that off, or name another ip configuration: nothing is overwritten",
        )
    return _changed(nic, there.name, lambda said: {**said, "publicIPAddress": {"id": public_ip}})


def taken_off(nic: Nic, public_ip: str) -> Nic:
    """The same without the public IP, whichever configuration it is on."""
    there = nic.with_public_ip(public_ip)
    if there is None:
        return nic
    return _changed(nic, there.name, lambda said: {k: v for k, v in said.items() if k != "publicIPAddress"})


def primary_never_moves(nic: Nic, address: Address) -> ConfigError:
    """What to say of an address that a network interface was created with."""
    return ConfigError(
        f"private address {address}: is the primary address of {nic.id}, which never moves",
        hint="choose a free address of the subnet",
    )


def name_for(vip: str, number: int) -> str:
    """What the configuration of a VIP's address of that number is called, counted from 0."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "-", vip).rstrip("-.")
    return f"vipswitch-{plain}" if number == 0 else f"vipswitch-{plain}-{number + 1}"


def _state(said: Document) -> Provisioning:
    given = said.get("provisioningState") or Provisioning.SUCCEEDED
    return Provisioning(given) if given in list(Provisioning) else Provisioning.UPDATING


def _configuration(raw: Document) -> Configuration:
    said = raw.get("properties") or {}
    given = said.get("privateIPAddress")
    return Configuration(
        raw.get("name") or "",
        address=ip_address(given) if given else None,
        primary=bool(said.get("primary")),
        subnet=_id(said.get("subnet")),
        public_ip=_id(said.get("publicIPAddress")),
    )


def _new(nic: Nic, address: Address, name: str, public_ip: str) -> dict[str, Any]:
    model = next(_properties(nic, nic.primary.name))
    groups = [{"id": group["id"]} for group in model.get("applicationSecurityGroups") or ()]
    return {
        "name": name,
        "properties": {
            "privateIPAddress": str(address),
            "privateIPAddressVersion": f"IPv{address.version}",
            "privateIPAllocationMethod": "Static",
            "primary": False,
            "subnet": {"id": model["subnet"]["id"]},
            **({"applicationSecurityGroups": groups} if groups else {}),
            **({"publicIPAddress": {"id": public_ip}} if public_ip else {}),
        },
    }


def _free(nic: Nic, name: str) -> str:
    """A name that no other configuration has: one of that name may be anybody's."""
    number, free = 1, name
    while nic.named(free) is not None:
        number += 1
        free = f"{name}_{number}"
    return free


def _changed(nic: Nic, name: str, change: Callable[[Document], Document]) -> Nic:
    return _edited(
        nic,
        [
            {**raw, "properties": change(raw.get("properties") or {})} if raw.get("name") == name else raw
            for raw in _raw(nic)
        ],
    )


def _edited(nic: Nic, configurations: Sequence[Document]) -> Nic:
    said = {**(nic.document.get("properties") or {}), "ipConfigurations": list(configurations)}
    return nic_of(nic.id, {**nic.document, "properties": said})


def _raw(nic: Nic) -> Sequence[Document]:
    said = nic.document.get("properties") or {}
    return said.get("ipConfigurations") or ()


def _properties(nic: Nic, name: str) -> Iterator[Document]:
    return (raw.get("properties") or {} for raw in _raw(nic) if raw.get("name") == name)


def _id(reference: Document | None) -> str:
    return ((reference or {}).get("id") or "").lower()


def _last(id: str) -> str:
    return id.rpartition("/")[2]
