"""Access configs: the external address of a NIC.

Rules: a NIC has at most one; its name is free text and is what deletion goes by. An address that is named
must be reserved in the region, or the instance's own; without one an ephemeral address is taken, which goes
with its config. An address that is deleted from one instance is free when that operation has ended. Sources:
AccessConfig, compute.instances.addAccessConfig and deleteAccessConfig in the discovery document; kubeip,
pull request 60 and issue 59; terraform-provider-google, issue 435 (texts).
"""

from __future__ import annotations

from ipaddress import IPv4Network

from . import addresses, errors, instances
from .answers import Json
from .operations import Work
from .request import Call
from .store import Store

EPHEMERAL = IPv4Network("203.0.113.0/24")
_KIND = "compute#accessConfig"
_KEPT = ("setPublicPtr", "publicPtrDomainName")


def add(store: Store, call: Call) -> Work:
    """What the addition is to do. Raises GcpError."""
    target, name, body = instances.path(call), call.query.get("networkInterface", ""), call.json()
    instance = store.get(target)
    if instances.nic_of(instance, name, target).get("accessConfigs"):
        raise _at_most_one()
    if body.get("type", "ONE_TO_ONE_NAT") != "ONE_TO_ONE_NAT":
        raise errors.invalid("resource.type", body["type"])
    asked = body.get("natIP")
    region = addresses.region_of(target)
    if asked:
        _check_reserved(store, asked, region)
    if asked and store.rules.address_conflict == "request":
        _check_free(store, asked, claimed=True)

    def commit() -> list[Json]:
        present = store.get(target)
        nic = instances.nic_of(present, name, target)
        if nic.get("accessConfigs"):
            raise _at_most_one()
        if asked:
            _check_free(store, asked, claimed=False)
        given = asked or next_ephemeral(store)
        nic["accessConfigs"] = [config(body.get("name") or "external-nat", given, body)]
        store.change(target, networkInterfaces=instances.with_nic(present, nic))
        return []

    claims = frozenset([f"external {asked}"] if asked else [])
    return Work("addAccessConfig", target.rpartition("/instances/")[0], target, commit, instance["id"],
                claims=claims)  # fmt: skip


def delete(store: Store, call: Call) -> Work:
    """What the deletion is to do. Raises GcpError."""
    target, name = instances.path(call), call.query.get("networkInterface", "")
    wanted, instance = call.query.get("accessConfig", ""), store.get(target)
    if not wanted:
        raise errors.required("accessConfig")
    present = instances.nic_of(instance, name, target)
    if store.rules.absent_access_config == "request" and not _named(present, wanted):
        raise errors.not_found(f"{target}/networkInterfaces/{name}/accessConfigs/{wanted}")

    def commit() -> list[Json]:
        now = store.get(target)
        nic = instances.nic_of(now, name, target)
        if not _named(nic, wanted):
            if store.rules.absent_access_config == "silent":
                return []
            text = f"Access config '{wanted}' does not exist on network interface '{name}'."
            raise errors.invalid("accessConfig", wanted, text)
        nic.pop("accessConfigs")
        store.change(target, networkInterfaces=instances.with_nic(now, nic))
        return []

    scope = target.rpartition("/instances/")[0]
    return Work("deleteAccessConfig", scope, target, commit, instance["id"])


def config(name: str, address: str, body: Json | None = None) -> Json:
    """One access config."""
    tier = (body or {}).get("networkTier") or "PREMIUM"
    head = {"kind": _KIND, "type": "ONE_TO_ONE_NAT", "name": name, "natIP": address, "networkTier": tier}
    return {**head, **{name: (body or {})[name] for name in _KEPT if name in (body or {})}}


def next_ephemeral(store: Store) -> str:
    """The lowest address of the pool that nobody has."""
    taken = {address for address, _ in addresses.external(store)}
    reserved = {one["address"] for _, one in store.of_kind("addresses")}
    return next(str(one) for one in EPHEMERAL.hosts() if str(one) not in taken | reserved)


def _named(nic: Json, name: str) -> bool:
    return any(one["name"] == name for one in nic.get("accessConfigs", ()))


def _at_most_one() -> errors.GcpError:
    return errors.bad_request("At most one access config currently supported.")


def _check_reserved(store: Store, address: str, region: str) -> None:
    for path, one in store.of_kind("addresses"):
        if one["address"] == address and one["addressType"] == "EXTERNAL" and path.startswith(f"{region}/"):
            return
    name = region.rpartition("/")[2]
    why = f"The specified external IP address '{address}' was not found in region '{name}'."
    raise errors.invalid("resource.natIP", address, why)


def _check_free(store: Store, address: str, *, claimed: bool) -> None:
    taken = any(address == one for one, _ in addresses.external(store)) or addresses.hidden_users(
        store, address
    )
    if taken or (claimed and store.operations.claimed(f"external {address}")):
        raise errors.external_in_use(address)
