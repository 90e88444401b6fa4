"""What a test makes at once, past the API.

Rules: projects, networks, subnetworks, instances, addresses and managed zones come into being here alone;
whoever changes them afterwards does so with the API, or with the cloud's own methods for a stranger's hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from . import access_configs, addresses, changes, instances, networks, zones
from .answers import Json, copied
from .store import Store


@dataclass(frozen=True, slots=True)
class Nic:
    """A NIC to be: `external` is its access config's address, `""` for an ephemeral one, None for none."""

    subnetwork: str
    ip: str
    ipv6: str | None = None
    external: str | None = None
    config: str = "External NAT"


def project(store: Store, id_: str, number: str, region: str) -> None:
    """With one region, of three zones."""
    store.projects[id_] = number
    base = f"projects/{id_}"
    store.put(base, {"kind": "compute#project", "id": number, "name": id_, "selfLink": base})
    store.put(f"{base}/regions/{region}", {"kind": "compute#region", "name": region})
    for letter in "bcd":
        path = f"{base}/zones/{region}-{letter}"
        store.put(path, _zone(store, path, f"{base}/regions/{region}"))


def _zone(store: Store, path: str, region: str) -> Json:
    head = {"kind": "compute#zone", "id": store.id(path), "name": path.rpartition("/")[2], "status": "UP"}
    return {**head, "region": region, "selfLink": path}


def network(store: Store, project_id: str, name: str) -> str:
    path = f"projects/{project_id}/global/networks/{name}"
    store.put(path, networks.network(store, path))
    return path


def subnetwork(
    store: Store,
    name: str,
    network_path: str,
    region: str,
    cidr: str,
    ipv6_cidr: str | None,
    secondary: Mapping[str, str],
) -> str:
    path = f"projects/{network_path.split('/')[1]}/regions/{region}/subnetworks/{name}"
    ipv6 = IPv6Network(ipv6_cidr) if ipv6_cidr else None
    ranges = {key: IPv4Network(value) for key, value in secondary.items()}
    store.put(path, networks.subnetwork(store, path, network_path, IPv4Network(cidr), ipv6, ranges))
    return path


def instance(
    store: Store,
    path: str,
    nics: Sequence[Nic],
    *,
    can_ip_forward: bool = True,
    labels: Mapping[str, str] | None = None,
    account: str = "",
    status: str = "RUNNING",
) -> str:
    """A machine of the smallest kind; `account` is its service account."""
    zone, name = path.rpartition("/instances/")[0], path.rpartition("/")[2]
    number, told = store.id(path), dict(labels or {})
    document: Json = {
        "kind": "compute#instance",
        "id": number,
        "creationTimestamp": store.stamp(),
        "name": name,
        "description": "",
        "tags": {"fingerprint": "42WmSpB8rSM="},
        "machineType": f"{zone}/machineTypes/e2-small",
        "status": status,
        "zone": zone,
        "canIpForward": can_ip_forward,
        "networkInterfaces": [_nic(store, number, one) for number, one in enumerate(nics)],
        "metadata": {"kind": "compute#metadata", "fingerprint": "AAAAAAAAAAA="},
        "serviceAccounts": [_account(account)] if account else [],
        "selfLink": path,
        "labels": told,
        "labelFingerprint": instances.label_fingerprint(told),
        "fingerprint": "AAAAAAAAAAA=",
    }
    store.put(path, document)
    store.hidden[path] = {f"nic{n}": {"mac": _mac(store, n)} for n in range(len(nics))}
    return path


def _nic(store: Store, number: int, nic: Nic) -> Json:
    subnet = store.get(store.path(nic.subnetwork, ""))
    dual = {"stackType": "IPV4_IPV6", "ipv6AccessType": "INTERNAL", "ipv6Address": nic.ipv6}
    dual |= {"internalIpv6PrefixLength": 96}  # type: ignore[dict-item]  # of JSON
    external = nic.external or (access_configs.next_ephemeral(store) if nic.external == "" else None)
    configs = {"accessConfigs": [access_configs.config(nic.config, external)]} if external else {}
    return {
        "kind": "compute#networkInterface",
        "name": f"nic{number}",
        "network": subnet["network"],
        "subnetwork": subnet["selfLink"],
        "networkIP": nic.ip,
        **(dual if nic.ipv6 else {"stackType": "IPV4_ONLY"}),
        **configs,
    }


def _account(email: str) -> Json:
    return {"email": email, "scopes": ["https://www.googleapis.com/auth/cloud-platform"]}


def _mac(store: Store, position: int) -> str:
    others = sum(len(one) for path, one in store.hidden.items() if "/instances/" in path)
    number = others + position + 1
    return f"42:01:0a:00:{number // 256:02x}:{number % 256:02x}"


def address(store: Store, path: str, text: str, subnet: str | None) -> str:
    store.put(path, addresses.document(store, path, text, subnetwork=subnet))
    return path


def zone(store: Store, path: str, dns_name: str, *, private: bool) -> str:
    store.put(path, zones.zone(store, path, dns_name, private=private))
    first = zones.first_sets(dns_name)
    for one in first:
        store.put(zones.set_path(path, one["name"], one["type"]), one)
    made = {"kind": "dns#change", "startTime": zones.time(store), "additions": first}
    store.operations.finish(changes.begin(store, path, "somebody", None, made))
    return path


def records(store: Store, zone_path: str, sets: Iterable[tuple[str, str, int, Sequence[str]]]) -> None:
    """Written and served at once."""
    for name, type_, ttl, data in sets:
        path = zones.set_path(zone_path, name, type_)
        if data:
            store.put(path, zones.record_set(name, type_, ttl, list(data)))
        else:
            store.remove(path)
    served = {path: copied(one) for path, one in store.below(f"{zone_path}/rrsets")}
    store.hidden[f"{zone_path}/served"] = served
    store.operations.tell(f"{zone_path}/rrsets")
