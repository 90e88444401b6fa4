"""The addresses of a node that address records name, and how they are written together as a holder.

Rules: pure. A holder is one address for each record type that moves, A before AAAA, with a comma between.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from ipaddress import ip_address

from vipswitch.errors import ConfigError
from vipswitch.model import Address, NodeId

TYPES = ("A", "AAAA")
"""The types of address records, in the order in which a holder is written."""

_FAMILIES = {"A": 4, "AAAA": 6}


def given(node: str, types: Collection[str], *, on: str) -> NodeId:
    """The addresses that the config gives this node. ConfigError unless there is one for each type.

    `on` is where they may be left out, for people.
    """
    try:
        addresses = [ip_address(part.strip()) for part in node.split(",")]
    except ValueError as exc:
        raise ConfigError(f"node {node}: {exc}", hint=_example(types, on)) from exc
    wanted = {type_: _FAMILIES[type_] for type_ in sorted(types)}
    if sorted(address.version for address in addresses) != sorted(wanted.values()):
        message = f"node {node}: not one address for each of {', '.join(wanted)}"
        raise ConfigError(message, hint=_example(types, on))
    return together(addresses)


def together(addresses: Collection[Address]) -> NodeId:
    """A holder from its addresses."""
    return NodeId(",".join(map(str, sorted(addresses, key=_version))))


def parts(node: NodeId) -> dict[str, Address]:
    """The addresses of a holder by the type of their records. ValueError for what is none."""
    addresses = [ip_address(part.strip()) for part in node.split(",")]
    return {type_of(address): address for address in addresses}


def whole(address: NodeId, known: Iterable[NodeId]) -> NodeId:
    """The first of the nodes that has this address among its own; the address alone where none has."""
    return next((node for node in known if address in _spelled(node)), address)


def type_of(address: Address) -> str:
    """The type of the records that have such an address."""
    return "A" if address.version == 4 else "AAAA"


def _spelled(node: NodeId) -> list[str]:
    """The addresses of a holder, as everybody writes them; none for what is no holder here."""
    try:
        return [str(address) for address in parts(node).values()]
    except ValueError:
        return []


def _version(address: Address) -> int:
    return address.version


def _example(types: Collection[str], on: str) -> str:
    examples = {"A": "10.0.1.10", "AAAA": "fd00::10"}
    wanted = ",".join(examples[type_] for type_ in sorted(types))
    return f'write node = "{wanted}", or leave it out on {on}'
