"""The host's links and addresses, as they are now. Nothing here changes anything.

Rules: addresses are read before links, so that an address whose link is not listed is one whose link
has gone meanwhile. Where netlink is not for this process, `ip` is asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from ipaddress import ip_interface
from typing import TYPE_CHECKING

from vipswitch.host.interface import Interface, Link
from vipswitch.host.messages import Message
from vipswitch.host.netlink import Conversation, ask
from vipswitch.host.rtnetlink import ADDRESSES, LINKS, AddressRecord, LinkRecord, address_record, link_record

if TYPE_CHECKING:
    from vipswitch.host.privilege import Runner
    from vipswitch.model import Address


def read_links(runner: Runner) -> tuple[Link, ...]:
    """All links with all their addresses, lowest index first. Raises HostError."""
    links = ask(_read_links, runner.until)
    return _printed(runner) if links is None else links


def is_on_host(runner: Runner, address: Address) -> bool:
    """Whether exactly this address is on some link; without reading the links. Raises HostError."""
    here = ask(lambda kernel: address.packed in _packed(kernel), runner.until)
    if here is None:
        return any(address == there.ip for link in _printed(runner) for there in link.addresses)
    return here


def _printed(runner: Runner) -> tuple[Link, ...]:
    from vipswitch.host.iproute import print_links  # 1.5 ms, and hardly ever needed

    return print_links(runner)


def _read_links(kernel: Conversation) -> tuple[Link, ...]:
    addresses = _addresses(kernel.dump(ADDRESSES))
    return links_of([link_record(message) for message in kernel.dump(LINKS)], addresses)


def links_of(links: Sequence[LinkRecord], addresses: Sequence[AddressRecord]) -> tuple[Link, ...]:
    """What the kernel lists, put together. Raises ValueError."""
    names = {link.index: link.name for link in links}
    on: dict[int, list[Interface]] = defaultdict(list)
    for address in addresses:
        on[address.index].append(ip_interface((address.packed, address.prefixlen)))
    return tuple(
        Link(
            link.name,
            link.mac,
            tuple(on[link.index]),
            link.up,
            link.altnames,
            None if link.master is None else names.get(link.master, f"if{link.master}"),
        )
        for link in sorted(links, key=lambda link: link.index)
    )


def _packed(kernel: Conversation) -> set[bytes]:
    return {address.packed for address in _addresses(kernel.dump(ADDRESSES))}


def _addresses(listing: Sequence[Message]) -> list[AddressRecord]:
    return [record for record in map(address_record, listing) if record is not None]
