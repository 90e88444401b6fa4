"""The methods of Google Cloud, each with its example's config as it stands.

Rules: what the examples call my-project, db1, ens4 and so on has other names in the lab's cloud; but for
these an example's text only learns where that cloud is.
"""

from collections.abc import Mapping
from ipaddress import IPv4Address
from pathlib import Path

from tests.e2e import gcp, judge, records
from tests.e2e.gcp import INSERT, NIC_WRITE, Gcp
from tests.e2e.method import Method, Seed

_EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
_OUTSIDE = IPv4Address("10.99.0.50")
_ALIAS = IPv4Address("10.0.1.50")


def _route(cloud: Gcp) -> Seed:
    return Seed(
        config=_config(cloud, "pgpool-gcp-route"),
        called=str(_OUTSIDE),
        sample=["sample_gcp_route.py", "eth0", cloud.seed.network],
        client=cloud.vpc.client,
        reach=str(_OUTSIDE),
        truth=lambda: records.routes(cloud, _OUTSIDE),
        address=_OUTSIDE,
    )


def _alias_ip(cloud: Gcp) -> Seed:
    instances = [f"zones/{node.zone}/instances/{node.name}" for node in cloud.seed.nodes]
    return Seed(
        config=_config(cloud, "pgpool-gcp-alias-ip") + _more_nodes(cloud),
        called=str(_ALIAS),
        sample=["sample_gcp_alias.py", "eth0", ",".join(instances)],
        client=cloud.vpc.client,
        reach=str(_ALIAS),
        truth=lambda: records.holders(cloud, cloud.addresses.history, _ALIAS),
        address=_ALIAS,
    )


def _config(cloud: Gcp, example: str) -> str:
    here = f'[gcp]\nendpoint = "{cloud.gcp.url}"\nca_file = "{cloud.gcp.ca_file}"\n'
    nodes = {f"europe-west1-b/db{n}": node.instance for n, node in enumerate(cloud.seed.nodes[:3], 1)}
    names = {"[gcp]\n": here, "my-project": cloud.gcp.project, "ens4": "eth0", **nodes}
    text = (_EXAMPLES / example / "vipswitch.toml").read_text()
    for written, real in names.items():
        text = text.replace(written, real)
    return text


def _more_nodes(cloud: Gcp) -> str:
    """Those after the example's three."""
    return "".join(f'\n[node.{node.name}]\nids = ["{node.instance}"]\n' for node in cloud.seed.nodes[3:])


GCP: Mapping[str, Method] = {
    # A route that is deleted was its deleter's own, or an old one: whose it was says whether that is right.
    "gcp-route": Method(
        gcp.serve,
        _route,
        judge.Rules(moves=frozenset({INSERT}), unbroken=True),
        scenarios=("killed", "stopped", "late-request", "late-write"),
    ),
    "gcp-alias-ip": Method(
        gcp.serve,
        _alias_ip,
        judge.Rules(moves=frozenset({NIC_WRITE})),
        scenarios=("killed", "stopped", "late-request", "late-write", "halfway"),
        together=True,
    ),
}
