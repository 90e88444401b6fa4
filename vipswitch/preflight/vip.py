"""One VIP: the host it would be put on, who this node is, what its provider sees, who holds it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from vipswitch.config import VipConfig
from vipswitch.deadline import Deadline
from vipswitch.errors import VipswitchError
from vipswitch.host import Host
from vipswitch.model import Address, Holding, NodeId, Vip
from vipswitch.preflight.examination import Part, findings_of
from vipswitch.preflight.findings import error, ok, warning
from vipswitch.provider import Discovers, Finding, Provider
from vipswitch.selection import capabilities_of
from vipswitch.wiring import host_for, provider_for

_HOW = {
    "capability": "this process may change addresses",
    "setuid": "`ip` is setuid root",
    "sudo": "sudo changes addresses for us without a password",
    "password": "sudo may ask for a password, which a hook cannot give",
    "none": "nothing lets this user change addresses",
}
_ALLOWED = ("capability", "setuid", "sudo")


def vip_parts(
    vip: VipConfig, cache: Path, kept: Path, deadline: Deadline, *, nodes: Sequence[NodeId] = ()
) -> Iterator[Part]:
    """Everything about one VIP. `cache` is empty, so that the metadata service is really asked.

    What the config names by a tag is looked up anew and put into `kept`, where the hooks find it.
    """
    host = host_for(vip)
    provider = provider_for(vip, host, cache, nodes=nodes)
    name = vip.vip.name
    if capabilities_of(vip).needs_address:
        yield Part("host", partial(look_at_host, host, vip.vip.addresses), name)
    yield Part("node", partial(look_at_node, provider, deadline), name)
    if isinstance(provider, Discovers):
        keeping = provider_for(vip, host, kept, nodes=nodes)
        yield Part("tags", partial(look_at_tags, keeping, kept, deadline), name)
    yield Part(vip.provider, partial(provider.check, deadline), name)
    yield Part("holder", partial(look_at_holders, provider, host, vip.vip, deadline), name)


def look_at_host(host: Host, addresses: Iterable[Address]) -> Iterator[Finding]:
    """The interface is there and up, and this process could put each address on it."""
    link = host.link()
    subject = f"interface {link.name}"
    if link.up:
        yield ok(subject, "is up")
    else:
        fix = f"ip link set {link.name} up, and look at what it is plugged into"
        yield error(subject, "is down or has no carrier", fix)
    for address in addresses:
        answer = host.privilege(address)
        about = f"{_HOW[answer.how]} (`ip addr add {address}`, uid {os.geteuid()})"
        good = answer.how in _ALLOWED
        yield ok("privilege", about) if good else error("privilege", about, answer.hint)


def look_at_node(provider: Provider, deadline: Deadline) -> Iterator[Finding]:
    """This node has a name that the cloud knows."""
    yield ok("node", f"this node is {provider.node(deadline)}")


def look_at_tags(provider: Provider, kept: Path, deadline: Deadline) -> Iterator[Finding]:
    """What the config names by a tag, as it is now; nothing is said where it names ids."""
    if not isinstance(provider, Discovers) or not provider.tags:
        return
    provider.discover(deadline, anew=True)
    for tag, found in provider.tags.items():
        yield ok(tag, f"is {', '.join(found)}")
    if not os.access(kept, os.W_OK):
        message = f"not kept: {kept} is not there for this user"
        yield warning("tags", message, "the first hook looks them up; or run `vipswitch check` as its user")


def look_at_holders(provider: Provider, host: Host, vip: Vip, deadline: Deadline) -> Iterator[Finding]:
    """Who holds each place now, and whether an address was left behind on this host."""
    me = _known(provider, deadline)
    if isinstance(provider, Discovers):
        provider.discover(deadline)
    read = provider.read(provider.places, deadline) if provider.places else {}
    for place, answer in read.items():
        if isinstance(answer, VipswitchError):
            yield from findings_of(str(place), answer)
        else:
            yield ok(str(place), _holder(answer, me))
    holders = {answer.holder for answer in read.values() if isinstance(answer, Holding)}
    if type(provider).capabilities.needs_address:
        yield from _addresses(host, vip, elsewhere=me is not None and bool(holders) and me not in holders)


def _addresses(host: Host, vip: Vip, *, elsewhere: bool) -> Iterator[Finding]:
    """After a kill of everything no hook takes the address off; it stays until somebody does."""
    for address in vip.addresses:
        here = host.has(address)
        if here and elsewhere:
            message = "is on this host, although this node does not hold the VIP"
            yield warning(str(address), message, f"if this node does not lead: vipswitch down {vip.name}")
        else:
            yield ok(str(address), f"is {'' if here else 'not '}on this host")


def _known(provider: Provider, deadline: Deadline) -> NodeId | None:
    """None where this node is unknown, which is a finding of its own."""
    with contextlib.suppress(VipswitchError):
        return provider.node(deadline)
    return None


def _holder(holding: Holding, me: NodeId | None) -> str:
    mine = ", this node" if holding.holder is not None and holding.holder == me else ""
    return f"held by {holding.holder or 'nobody'}{mine}{f' ({holding.note})' if holding.note else ''}"
