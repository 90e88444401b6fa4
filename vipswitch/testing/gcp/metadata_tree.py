"""What the metadata server of one instance tells, as a tree.

Rules: the network part follows what the instance has in effect; projects in links are their numbers; a list's
entries are known by their position. Source: "Predefined metadata keys", Compute Engine.
"""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

from .answers import Json
from .store import Store

Tree = dict[str, Any]


def tree(store: Store, path: str, *, account: str, scopes: tuple[str, ...], project: str) -> Tree:
    """Everything below `/computeMetadata/v1/`, with the names of the paths."""
    instance, number = store.get(path), store.projects[project]
    zone = f"projects/{number}/zones/{path.split('/')[3]}"
    nics = [_nic(store, path, nic, store.projects) for nic in instance["networkInterfaces"]]
    host = f"{instance['name']}.{path.split('/')[3]}.c.{project}.internal"
    accounts = {name: _account(account, scopes) for name in ("default", account)} if account else {}
    return {
        "instance": {
            "attributes": {},
            "cpu-platform": "Intel Broadwell",
            "description": "",
            "hostname": host,
            "id": int(instance["id"]),
            "machine-type": f"projects/{number}/machineTypes/e2-small",
            "name": instance["name"],
            "network-interfaces": nics,
            "service-accounts": accounts,
            "tags": [],
            "zone": zone,
        },
        "project": {"attributes": {}, "numeric-project-id": int(number), "project-id": project},
        "universe": {"universe-domain": "googleapis.com"},
    }


def _account(email: str, scopes: tuple[str, ...]) -> Tree:
    return {"aliases": ["default"], "email": email, "scopes": list(scopes)}


def _nic(store: Store, path: str, nic: Json, numbers: dict[str, str]) -> Tree:
    subnet = store.get(nic["subnetwork"])
    _, project, *_, name = nic["network"].split("/")
    hidden = store.hidden[path][nic["name"]]
    external = [one["natIP"] for one in nic.get("accessConfigs", ())]
    configs = [{"external-ip": one, "type": "ONE_TO_ONE_NAT"} for one in external or [""]]
    ipv6 = {"ipv6s": [nic["ipv6Address"]]} if "ipv6Address" in nic else {}
    return {
        "access-configs": configs,
        "dns-servers": ["169.254.169.254"],
        "forwarded-ips": [],
        "gateway": subnet["gatewayAddress"],
        "ip": nic["networkIP"],
        "ip-aliases": [one["ipCidrRange"] for one in nic.get("aliasIpRanges", ())],
        **ipv6,
        "mac": hidden["mac"],
        "mtu": 1460,
        "network": f"projects/{numbers[project]}/networks/{name}",
        "subnetmask": str(ip_network(subnet["ipCidrRange"]).netmask),
        "target-instance-ips": [],
    }


def at(root: Tree, parts: list[str]) -> Any:
    """What is at a path. Raises LookupError if there is nothing."""
    found: Any = root
    for part in parts:
        found = found[int(part)] if isinstance(found, list) and part.isdigit() else found[part]
    return found


def listing(found: Any) -> str:
    """A directory's entries, a line each; those that are directories end with a slash."""
    pairs = enumerate(found) if isinstance(found, list) else found.items()
    return "".join(f"{name}/\n" if isinstance(one, dict | list) else f"{name}\n" for name, one in pairs)


def camel(found: Any) -> Any:
    """As JSON has it: the names of `recursive` have no hyphens."""
    if isinstance(found, dict):
        return {_camel(name): camel(one) for name, one in found.items()}
    return [camel(one) for one in found] if isinstance(found, list) else found


def _camel(name: str) -> str:
    if "@" in name:
        return name
    first, *rest = name.split("-")
    return first + "".join(part.capitalize() for part in rest)
