"""An instance of Compute Engine, as far as a route to it is concerned: is it able to take the packets?

Source: Compute Engine API reference, "instances.get"; docs, "Enable IP forwarding for instances".
"""

from __future__ import annotations

from dataclasses import dataclass

from vipswitch.deadline import Deadline
from vipswitch.providers.asked import Asked
from vipswitch.providers.gcp.api.client import Clients
from vipswitch.providers.gcp.ids import Resource, last

GET = "compute.instances.get"


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance: whether it takes packets for others' addresses, its status, the names of its networks."""

    forwards: bool
    status: str
    networks: tuple[str, ...]


def instance(id: Resource, clients: Clients, deadline: Deadline) -> Instance:
    """One instance. NotFound, a ConfigError, if there is none."""
    asked = Asked(GET, f"instance {id.place}/{id.name}", deadline, str(id))
    with clients.compute(asked) as compute:
        raw = compute.get(str(id))
    nics = raw.get("networkInterfaces", ())
    return Instance(
        forwards=bool(raw.get("canIpForward")),
        status=str(raw.get("status") or ""),
        networks=tuple(last(nic["network"]) for nic in nics),
    )


def switching_on(id: Resource) -> str:
    """What a person types to let an instance take packets for other addresses, without a restart of it."""
    which = f"{id.name} --project {id.project} --zone {id.place}"
    return (
        f"gcloud compute instances export {which} --destination node.yaml, set canIpForward: true there, then"
        f" gcloud compute instances update-from-file {which} --source node.yaml"
        " --most-disruptive-allowed-action REFRESH"
    )
