"""The methods of Azure, each with its example's config as it stands.

Rules: what the examples call db1, rt-app and so on has other names in the lab's cloud; but for these an
example's text only learns where that cloud is.
"""

from collections.abc import Mapping
from ipaddress import IPv4Address
from pathlib import Path

from tests.e2e import azure, judge, records
from tests.e2e.azure import NIC_WRITE, Azure
from tests.e2e.method import Method, Seed

_EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
_OUTSIDE = IPv4Address("10.99.0.50")
_SECONDARY = IPv4Address("10.0.1.50")
_ROUTE = "Microsoft.Network/routeTables/routes"


def _route_table(cloud: Azure) -> Seed:
    return Seed(
        config=_config(cloud, "pgpool-azure-route-table"),
        called=str(_OUTSIDE),
        sample=["sample_azure_route.py", "eth0", ",".join(cloud.tables)],
        client=cloud.vpc.client,
        reach=str(_OUTSIDE),
        truth=lambda: records.routes(cloud, _OUTSIDE),
        address=_OUTSIDE,
    )


def _ip_configuration(cloud: Azure) -> Seed:
    return Seed(
        config=_config(cloud, "pgpool-azure-ip-configuration") + _more_nodes(cloud),
        called=str(_SECONDARY),
        sample=["sample_azure_nic.py", "eth0", ",".join(node.nic for node in cloud.seed.nodes)],
        client=cloud.vpc.client,
        reach=str(_SECONDARY),
        truth=lambda: records.holders(cloud, cloud.addresses.history, _SECONDARY),
        address=_SECONDARY,
    )


def _config(cloud: Azure, example: str) -> str:
    client, nodes = cloud.tables
    here = f'[azure]\nendpoint = "{cloud.arm.url}"\nca_file = "{cloud.arm.ca_file}"\n'
    names = {"[azure]\n": here, "rg-db": cloud.arm.group, "nic-db": "nic-node", "rt-app": client}
    text = (_EXAMPLES / example / "vipswitch.toml").read_text()
    for written, real in {**names, "rt-db": nodes}.items():
        text = text.replace(written, real)
    return text


def _more_nodes(cloud: Azure) -> str:
    """Those after the example's three."""
    return "".join(
        f'\n[node.{node.name}]\nids = ["{cloud.arm.group}/{node.nic}"]\n' for node in cloud.seed.nodes[3:]
    )


AZURE: Mapping[str, Method] = {
    "azure-route-table": Method(
        azure.serve,
        _route_table,
        judge.Rules(
            moves=frozenset({f"{_ROUTE}/write", f"{_ROUTE}/delete", "Microsoft.Network/routeTables/write"}),
            never=frozenset({f"{_ROUTE}/delete"}),
            unbroken=True,
        ),
    ),
    "azure-ip-configuration": Method(
        azure.serve,
        _ip_configuration,
        judge.Rules(moves=frozenset({NIC_WRITE})),
        scenarios=("killed", "stopped", "late-request", "late-write", "halfway"),
        together=True,
    ),
}
