"""The methods that are measured: what each contender's VIP is called, and its config."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.cloud import About
from bench.node import INTERFACE
from bench.places import DOMAIN

ROUTE_TABLE = "aws-route-table"
SECONDARY_IP = "aws-secondary-ip"
ROUTE53 = "aws-route53"


@dataclass(frozen=True, slots=True)
class Method:
    """`vip` names the VIP of a contender, given by its number; `on_host` says whether the node carries it."""

    name: str
    vip: Callable[[int], str]
    config: Callable[[About, str, Sequence[str]], str]
    on_host: bool = True


def _route_table(about: About, vip: str, tables: Sequence[str]) -> str:
    return f"""
[vip.bench]
address      = "{vip}"
provider     = "{ROUTE_TABLE}"
interface    = "{INTERFACE}"
route_tables = {list(tables)}

[aws]
region = "{about.region}"
"""


def _secondary_ip(about: About, vip: str, tables: Sequence[str]) -> str:
    return f"""
[vip.bench]
address   = "{vip}"
provider  = "{SECONDARY_IP}"
interface = "{INTERFACE}"

[aws]
region = "{about.region}"
"""


def _route53(about: About, vip: str, tables: Sequence[str]) -> str:
    return f"""
[vip.bench]
name      = "{vip}"
provider  = "{ROUTE53}"
interface = "{INTERFACE}"
zones     = ["{about.zone}"]
ttl       = 5

[aws]
region = "{about.region}"
"""


METHODS = {
    method.name: method
    for method in (
        Method(ROUTE_TABLE, lambda number: f"10.99.0.{50 + number}", _route_table),
        Method(SECONDARY_IP, lambda number: f"10.0.1.{50 + number}", _secondary_ip),
        Method(ROUTE53, lambda number: f"db{number}.{DOMAIN}", _route53, on_host=False),
    )
}
