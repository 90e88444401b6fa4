"""A local Google Cloud for tests, the demo and rehearsals: Compute Engine, Cloud DNS, tokens, and metadata.

    with GcpCloud() as gcp:
        topology = build(gcp, nodes=3)
        gcp.faults.throttle(2, "compute.routes.insert", retry_after=10)
        session = AuthorizedSession(credentials)
        session.verify = str(gcp.ca_file)
        session.get(f"{gcp.url}/compute/v1/projects/{gcp.project}/global/routes")

`server` serves the APIs (`api`, by the `methods` of the discovery documents) and the token services (`login`)
over HTTPS with a certificate of its own authority; `store` holds what is in effect, `operations` change it
when they end, by the rules of each kind of resource (`routes`, `instances`, `access_configs`, `addresses`,
`networks`; `zones` and `changes` of Cloud DNS); `lists` and `filters` read it, `links` name it; `seeds` make
what is there, and `ground` is where a test does and sees things at once. `needs`, `roles` and `tokens` say
who may do what; `metadata` is the metadata server of one instance; `faults` are armed by a test, `rules` are
switches for what real clouds do one way or another, `journal` says what happened. `inprocess` is a transport
for the clients without any network. By hand: `python -m vipswitch.testing.gcp --listen 127.0.0.1:5002`.
"""

from ..armed import Drop, Gate, Rule
from .errors import GcpError
from .faults import Faults
from .ground import NUMBER, PROJECT, REGION
from .journal import Call, Journal
from .metadata import MetadataServer
from .rules import Rules
from .seeds import Nic
from .server import GcpCloud
from .topology import NodeSeed, SubnetSeed, Topology, build

__all__ = [
    "NUMBER",
    "PROJECT",
    "REGION",
    "Call",
    "Drop",
    "Faults",
    "Gate",
    "GcpCloud",
    "GcpError",
    "Journal",
    "MetadataServer",
    "Nic",
    "NodeSeed",
    "Rule",
    "Rules",
    "SubnetSeed",
    "Topology",
    "build",
]
