"""Virtual machines, as far as they say which NICs they have and whether they run.

Rules: machines are seeded and only read; a NIC knows its machine (`virtualMachine`, `macAddress`, `primary`).
The NICs of a deallocated machine can be written like any other. Source: Virtual Machines REST API, "Get".
"""

from __future__ import annotations

from . import ids
from .answers import Json, copied
from .ids import Target
from .request import Call
from .store import Resource, Store


def seed(store: Store, target: Target, location: str, nics: list[str], *, zone: str) -> Resource:
    """A machine with these NICs, the first of which is the primary one."""
    references = [{"id": id_, "properties": {"primary": number == 0}} for number, id_ in enumerate(nics)]
    body: Json = {
        "location": location,
        "zones": [zone],
        "properties": {"networkProfile": {"networkInterfaces": references}},
    }
    machine = Resource(target, body, "", fixed={"vmId": store.guids.next()})
    store.add(machine)
    for number, id_ in enumerate(nics):
        _attach(store, machine, id_, primary=number == 0)
    return machine


def show(machine: Resource, call: Call) -> Json:
    """The machine; its power state only if that is asked for."""
    properties = {**copied(machine.body["properties"]), **machine.fixed, "provisioningState": machine.state}
    power = properties.pop("powerState", "running")
    if "instanceview" in call.query.get("$expand", "").lower():
        code = {"code": f"PowerState/{power}", "level": "Info", "displayStatus": f"VM {power}"}
        properties["instanceView"] = {"statuses": [code]}
    head = {"name": machine.target.name, "id": machine.id, "type": machine.target.type}
    return {**head, **{k: v for k, v in machine.body.items() if k != "properties"}, "properties": properties}


def deallocate(machine: Resource) -> None:
    """Stops it and gives its host back."""
    machine.fixed["powerState"] = "deallocated"


def _attach(store: Store, machine: Resource, nic_id: str, *, primary: bool) -> None:
    nic = store.find(nic_id)
    if nic is None:
        raise LookupError(f"no network interface {nic_id}")
    number = sum(1 for one in store.all(ids.NIC) if "macAddress" in one.fixed)
    mac = f"00-0D-3A-00-{number // 256:02X}-{number % 256:02X}"
    nic.fixed.update(macAddress=mac, primary=primary, virtualMachine={"id": machine.id})
