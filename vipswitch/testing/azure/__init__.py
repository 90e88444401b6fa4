"""A local Azure for tests, the demo and rehearsals: NICs, route tables, public IPs, DNS, and IMDS.

    with AzureCloud() as azure:
        topology = build(azure, nodes=3)
        azure.faults.throttle(2, "Microsoft.Network/routeTables/routes/write", retry_after=10)
        NetworkManagementClient(credential, azure.subscription, base_url=azure.url,
                                connection_verify=str(azure.ca_file))

`server` serves Resource Manager (`arm`) and the login authority (`login`) over HTTPS with a certificate of
its own authority (`ca`); `store` holds what there is, `reads` and `writes` are the network service's, with
`operations` that run for a while, `conflicts`, and the rules of each kind of resource (`nics`, `addresses`,
`route_tables`, `public_ips`, `networks`); `dns` and `tags` are services of their own; `roles` and `tokens`
say who may do what; `metadata` is the metadata service of one machine; `faults` are armed by a test, `rules`
are switches for what real clouds do one way or another, `journal` says what happened. `inprocess` is a
transport for the SDKs without any network. By hand: `python -m vipswitch.testing.azure --listen
127.0.0.1:5001`.
"""

from ..armed import Drop, Gate, Rule
from .errors import ArmError
from .faults import Faults
from .journal import Call, Journal
from .metadata import MetadataServer
from .rules import Rules
from .server import GROUP, LOCATION, SUBSCRIPTION, AzureCloud
from .topology import NodeSeed, SubnetSeed, Topology, build

__all__ = [
    "GROUP",
    "LOCATION",
    "SUBSCRIPTION",
    "ArmError",
    "AzureCloud",
    "Call",
    "Drop",
    "Faults",
    "Gate",
    "Journal",
    "MetadataServer",
    "NodeSeed",
    "Rule",
    "Rules",
    "SubnetSeed",
    "Topology",
    "build",
]
