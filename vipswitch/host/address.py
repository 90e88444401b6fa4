"""A VIP's address on this host: looked for, put on, taken off. No other address is touched.

Rules: addresses are compared as `ipaddress` objects, on every link. A VIP is put on with the host
prefix (/32, /128): it brings no subnet route and cannot become anyone's primary. It is taken off
wherever and with whatever prefix it is found. A change that fails is judged by what is on the host
afterwards, not by its words: "File exists" may speak of something else, and kernels reword it.

An IPv6 VIP skips duplicate address detection (RFC 4862 5.4: a second without the address, and a lost
one when the old node still answers) and is deprecated (RFC 6724 rule 3), or the node's own
connections would leave from the VIP. Source: ip-address(8).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_interface
from typing import TYPE_CHECKING

from vipswitch.errors import HostError, PermissionDenied
from vipswitch.host.change import Change, make
from vipswitch.host.links import read_links

if TYPE_CHECKING:
    from vipswitch.host.interface import Interface, Link
    from vipswitch.host.privilege import Command, Runner
    from vipswitch.model import Address

_SYSCTL = "/proc/sys/net/ipv4/conf"


def find_address(links: Sequence[Link], address: Address) -> list[tuple[Link, Interface]]:
    """Where exactly this address is, with the prefix it has there."""
    return [(link, found) for link in links for found in link.addresses if found.ip == address]


def add_address(runner: Runner, address: Address, link: Link) -> None:
    """Put `address` on `link`, as it was just read; nothing happens when it is there with any prefix.

    Raises HostError when it is not there afterwards; PermissionDenied.
    """
    if find_address([link], address):
        return
    changes = _changes(address, link.name)
    failure = make(changes[0], runner, allow=changes)
    if failure and not find_address(_read_link(runner, link.name), address):
        raise HostError(f"{runner.text(changes[0].command)}: {failure}", hint=_add_hint(link))


def remove_address(runner: Runner, address: Address) -> None:
    """Take `address` off every link; nothing happens when it is on none.

    Every place is tried before the first failure is raised: HostError or PermissionDenied.
    """
    found = find_address(read_links(runner), address)
    failures = [failure for link, there in found for failure in _take_off(runner, link, there)]
    if failures and find_address(read_links(runner), address):
        raise failures[0]


def commands(address: Address, link_name: str) -> tuple[Command, Command]:
    """The two changes that a VIP needs on this link, in the words of `ip`."""
    add, delete = _changes(address, link_name)
    return add.command, delete.command


def _changes(address: Address, link_name: str) -> tuple[Change, Change]:
    alone = ip_interface((address.packed, address.max_prefixlen))
    return Change("add", alone, link_name), Change("del", alone, link_name)


def _read_link(runner: Runner, name: str) -> list[Link]:
    return [link for link in read_links(runner) if link.name == name]


def _add_hint(link: Link) -> str:
    return f"see `ip addr show dev {link.name}`; for IPv6, net.ipv6.conf.{link.name}.disable_ipv6 must be 0"


def _take_off(runner: Runner, link: Link, there: Interface) -> Iterator[HostError | PermissionDenied]:
    """What kept the address from being taken off this link, if anything did."""
    change = Change("del", there, link.name)
    add, _ = _changes(there.ip, link.name)
    try:
        _refuse_to_take_others(link, there)
        failure = make(change, runner, allow=(add, change))
    except (HostError, PermissionDenied) as denied:
        yield denied
    else:
        if failure:
            yield HostError(f"{runner.text(change.command)}: {failure}")


def _refuse_to_take_others(link: Link, there: Interface) -> None:
    """The kernel deletes a subnet's secondary addresses with its primary, unless told to promote one.

    A VIP of ours has a subnet to itself. One that another tool put on with the subnet's prefix can
    have become the primary, and the node's own address its secondary.
    """
    same = [a for a in link.addresses if a.network == there.network]
    if there.version == 4 and same[0] == there and len(same) > 1 and not _promotes(link):
        raise HostError(
            f"address {there} on {link.name}: taking it off would take {same[1]} off too",
            hint=f"sysctl -w net.ipv4.conf.{link.name.replace('.', '/')}.promote_secondaries=1",
        )


def _promotes(link: Link) -> bool:
    return any(_flag(f"{_SYSCTL}/{name}/promote_secondaries") for name in ("all", link.name))


def _flag(path: str) -> bool:
    try:
        with open(path, encoding="ascii") as file:
            return file.read().strip() != "0"
    except OSError:
        return False
