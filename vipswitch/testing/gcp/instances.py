"""Instances: what they are, and the change of a NIC's alias ranges.

Rules: instances are seeded; of a NIC the PATCH takes the alias ranges and the fingerprint alone. Ranges that
are absent stay, an empty list clears them, another one replaces all. The fingerprint must be given (400) and
be the present one (412). An address is in its subnetwork's primary range or in the secondary one that is
named, is nobody else's, and none of Google's. Sources: NetworkInterface and
compute.instances.updateNetworkInterface in the discovery document; "Configure alias IP ranges".
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from ipaddress import IPv4Network, ip_address, ip_network

from . import errors, networks
from .answers import Json, copied
from .errors import GcpError
from .networks import Network
from .operations import Work
from .request import Call
from .store import Store

_CHANGEABLE = frozenset(("aliasIpRanges", "fingerprint"))


def path(call: Call) -> str:
    names = call.names
    return f"projects/{names['project']}/zones/{names['zone']}/instances/{names['instance']}"


def show(store: Store, instance: Json) -> Json:
    """An instance with what follows: fingerprints, and how alias addresses are written."""
    nics = [_show_nic(store, nic) for nic in instance["networkInterfaces"]]
    return {**instance, "networkInterfaces": nics}


def _show_nic(store: Store, nic: Json) -> Json:
    shown = {**copied(nic), "fingerprint": fingerprint(store, nic)}
    if not store.rules.alias_with_prefix:
        for one in shown.get("aliasIpRanges", ()):
            one["ipCidrRange"] = one["ipCidrRange"].removesuffix("/32")
    return shown


def fingerprint(store: Store, nic: Json) -> str:
    """Of the alias ranges, or of all of the NIC."""
    of = nic if store.rules.whole_fingerprint else [nic["name"], nic.get("aliasIpRanges") or []]
    digest = hashlib.sha256(json.dumps(of, sort_keys=True).encode()).digest()
    return base64.urlsafe_b64encode(digest[:8]).decode()


def nic_of(instance: Json, name: str, instance_path: str) -> Json:
    """The NIC of a name. Raises GcpError if there is none."""
    for nic in instance["networkInterfaces"]:
        if nic["name"] == name:
            return dict(nic)
    where = f"Network interface '{name}' does not exist on '{instance_path}'."
    raise errors.invalid("networkInterface", name, where)


def with_nic(instance: Json, nic: Json) -> list[Json]:
    """The instance's NICs with one in its present form."""
    return [nic if one["name"] == nic["name"] else one for one in instance["networkInterfaces"]]


def update_network_interface(store: Store, call: Call) -> Work:
    """What the PATCH is to do. Raises GcpError."""
    target, name, body = path(call), call.query.get("networkInterface", ""), call.json()
    instance = store.get(target)
    nic = nic_of(instance, name, target)
    for field in sorted(body.keys() - _CHANGEABLE):
        why = "Updating this field is not supported."
        raise errors.invalid(f"networkInterface.{field}", body[field], why)
    if not body.get("fingerprint"):
        raise errors.required("networkInterface.fingerprint")
    if store.rules.fingerprint_conflict == "request":
        _check_fingerprint(store, body, nic, target)
    wanted = _wanted(store, nic, body)
    if store.rules.address_conflict == "request":
        _check_free(store, wanted, nic, target)

    def commit() -> list[Json]:
        present = store.get(target)
        before = nic_of(present, name, target)
        _check_fingerprint(store, body, before, target)
        _check_free(store, wanted, before, target, claimed=False)
        _free(store, before, wanted)
        after = {**before, "aliasIpRanges": wanted} if wanted else _without(before, "aliasIpRanges")
        store.change(target, networkInterfaces=with_nic(present, after))
        return []

    claims = frozenset(_claim(nic, one) for one in wanted if one not in nic.get("aliasIpRanges", ()))
    return Work("updateNetworkInterface", target.rpartition("/instances/")[0], target, commit, instance["id"],
                claims=claims)  # fmt: skip


def _check_fingerprint(store: Store, body: Json, nic: Json, target: str) -> None:
    if body["fingerprint"] != fingerprint(store, nic):
        raise errors.stale(target)


def _wanted(store: Store, nic: Json, body: Json) -> list[Json]:
    """The ranges that there are to be, each with its prefix length. Raises GcpError."""
    if body.get("aliasIpRanges") is None:
        return [dict(one) for one in nic.get("aliasIpRanges", ())]
    return [_range(store, nic, one, number) for number, one in enumerate(body["aliasIpRanges"])]


def _range(store: Store, nic: Json, one: Json, number: int) -> Json:
    at = f"networkInterface.aliasIpRanges[{number}]"
    text, name = one.get("ipCidrRange", ""), one.get("subnetworkRangeName")
    try:
        cidr = IPv4Network(text)
    except ValueError:
        raise errors.invalid(
            f"{at}.ipCidrRange", text, "Must be a valid IPv4 address or CIDR range."
        ) from None
    subnet = store.get(nic["subnetwork"])
    found = [r for n, r in networks.ranges(subnet) if n == name and r.version == 4]
    if not found:
        why = f"The secondary range '{name}' is not found in subnetwork '{subnet['name']}'."
        raise errors.invalid(f"{at}.subnetworkRangeName", name, why)
    if not any(cidr.subnet_of(r) for r in found if isinstance(r, IPv4Network)):
        why = f"IP CIDR range is not in the range '{found[0]}' of subnetwork '{subnet['name']}'."
        raise errors.invalid(f"{at}.ipCidrRange", text, why)
    return {"ipCidrRange": str(cidr), **({"subnetworkRangeName": name} if name else {})}


def _check_free(store: Store, wanted: list[Json], nic: Json, target: str, *, claimed: bool = True) -> None:
    """Raises GcpError for an address that is another's, also one that another is about to take."""
    for one in wanted:
        if one in nic.get("aliasIpRanges", ()):
            continue
        cidr = ip_network(one["ipCidrRange"])
        others = [c for who, c in used(store, nic["network"]) if who != (target, nic["name"], "alias")]
        held = store.freed.get(_claim(nic, one), 0.0) > store.now()
        if held or any(cidr.overlaps(other) for other in others) or _reserved(store, nic, cidr):
            raise errors.in_use(one["ipCidrRange"])
        if claimed and store.operations.claimed(_claim(nic, one)):
            raise errors.in_use(one["ipCidrRange"])


def used(store: Store, network: str) -> Iterator[tuple[tuple[str, str, str], Network]]:
    """All addresses that instances have in a network, with who has them."""
    for path_, instance in store.of_kind("instances"):
        for nic in instance["networkInterfaces"]:
            if nic["network"] == network:
                yield (path_, nic["name"], "own"), ip_network(nic["networkIP"])
                for one in nic.get("aliasIpRanges", ()):
                    yield (path_, nic["name"], "alias"), ip_network(one["ipCidrRange"])


def _reserved(store: Store, nic: Json, cidr: Network) -> bool:
    primary = IPv4Network(store.get(nic["subnetwork"])["ipCidrRange"])
    google = (primary[0], primary[1], primary[-2], primary[-1])
    return any(ip_address(one) in cidr for one in google)


def _claim(nic: Json, one: Json) -> str:
    return f"{nic['network']} {one['ipCidrRange']}"


def _free(store: Store, before: Json, wanted: list[Json]) -> None:
    """Notes until when what is given up stays taken."""
    until = store.now() + store.rules.alias_free_after_s
    for one in before.get("aliasIpRanges", ()):
        if one not in wanted and store.rules.alias_free_after_s:
            store.freed[_claim(before, one)] = until


def _without(nic: Json, name: str) -> Json:
    return {key: value for key, value in nic.items() if key != name}


def set_labels(store: Store, call: Call) -> Work:
    """What the change of an instance's labels is to do. Raises GcpError."""
    target, body = path(call), call.json()
    instance = store.get(target)
    if body.get("labelFingerprint") != instance["labelFingerprint"]:
        text = "Labels fingerprint either invalid or resource labels have changed"
        raise GcpError(412, "conditionNotMet", text)

    def commit() -> list[Json]:
        labels = dict(body.get("labels") or {})
        store.change(target, labels=labels, labelFingerprint=label_fingerprint(labels))
        return []

    return Work("setLabels", target.rpartition("/instances/")[0], target, commit, instance["id"])


def label_fingerprint(labels: dict[str, str]) -> str:
    digest = hashlib.sha256(json.dumps(labels, sort_keys=True).encode()).digest()
    return base64.urlsafe_b64encode(digest[:8]).decode()
