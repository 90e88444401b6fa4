"""A link, and which of the host's links a VIP belongs on.

Rules: a VIP's `interface` is a name, a MAC, a subnet, or nothing: then it is the default route's, IPv4's
first, so that both addresses of a dual stack VIP land on the NIC that the cloud routes to.
Sources: net/ipv4/fib_trie.c and net/ipv6/route.c for the two route tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv6Interface, ip_network

from vipswitch.errors import ConfigError, HostError

Interface = IPv4Interface | IPv6Interface

PROC_NET = "/proc/thread-self/net"
"""The calling thread's network namespace; /proc/net is the first thread's."""

_RTF_UP, _RTF_REJECT = 0x1, 0x200


@dataclass(frozen=True, slots=True)
class Link:
    """One network link, with its addresses in the kernel's order.

    `mac` is None unless its frames are Ethernet (lo, tun). `up`: enabled and with carrier. `master` is
    the link that it is a part of: a bond, a bridge, on Azure the synthetic NIC above a VF.
    """

    name: str
    mac: str | None
    addresses: tuple[Interface, ...]
    up: bool
    altnames: tuple[str, ...] = ()
    master: str | None = None


def choose(links: Sequence[Link], wanted: str | None, *, proc_net: str = PROC_NET) -> Link:
    """The link that `wanted` names. Raises ConfigError, with the links that there are.

    Several links may have one MAC (VLANs, bonds, an Azure VF): parts of another drop out, then the
    first wins. In a subnet, links with a real subnet come before those with only a /32 or /128, which may be
    another VIP (and may not: a node's own address on GCP is a /32); lo never counts.
    """
    name = wanted or default_interface(proc_net)
    found = (_named(links, name) or _with_mac(links, name) or _inside(links, name)) if name else []
    if not found:
        subject = f"interface {wanted}: not on this host" if wanted else "default route: there is none"
        raise ConfigError(subject, hint=f"name one of {', '.join(link.name for link in links)}")
    return found[0]


def default_interface(proc_net: str = PROC_NET) -> str | None:
    """The interface of the default route with the lowest metric; IPv6's only where IPv4 has none."""
    for routes in (_ipv4_defaults(proc_net), _ipv6_defaults(proc_net)):
        best = min(routes, default=None)
        if best:
            return best[1]
    return None


def _named(links: Sequence[Link], name: str) -> list[Link]:
    return [link for link in links if name == link.name or name in link.altnames]


def _with_mac(links: Sequence[Link], mac: str) -> list[Link]:
    same = [link for link in links if link.mac == mac.lower().replace("-", ":")]
    return [link for link in same if link.master is None] or same


def _inside(links: Sequence[Link], subnet: str) -> list[Link]:
    try:
        network = ip_network(subnet, strict=False)
    except ValueError:
        return []
    inside = [(a, link) for link in links if link.name != "lo" for a in link.addresses if a.ip in network]
    return [link for _, link in sorted(inside, key=lambda pair: _is_host_prefix(pair[0]))]


def _is_host_prefix(address: Interface) -> bool:
    return address.network.prefixlen == address.max_prefixlen


def _ipv4_defaults(proc_net: str) -> Iterator[tuple[int, str]]:
    for device, to, _, flags, _, _, metric, mask, *_ in _rows(f"{proc_net}/route"):
        if to == mask == "00000000" and _usable(flags):
            yield int(metric), device


def _ipv6_defaults(proc_net: str) -> Iterator[tuple[int, str]]:
    """A default route of certain source addresses only (`from`) is not the host's."""
    for _, to, _, source, _, metric, _, _, flags, device in _rows(f"{proc_net}/ipv6_route"):
        if to == source == "00" and _usable(flags):
            yield int(metric, 16), device


def _usable(flags: str) -> bool:
    return int(flags, 16) & (_RTF_UP | _RTF_REJECT) == _RTF_UP


def _rows(path: str) -> list[list[str]]:
    """The table's rows; none where this kernel does not have the family."""
    try:
        with open(path, encoding="ascii") as table:
            return [row.split() for row in table if not row.startswith("Iface")]
    except FileNotFoundError:
        return []
    except OSError as exc:
        raise HostError(f"{path}: {exc.strerror}", hint="mount /proc") from exc
