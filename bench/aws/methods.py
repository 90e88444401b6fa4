"""The methods of AWS: what each contender's VIP is called, its config, and the scripts beside the hooks."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.contenders import BIN, FLOOR, SAMPLE
from bench.ground import Ground
from bench.method import Method
from bench.node import INTERFACE

CLOUD = "aws"
ROUTE_TABLE = "aws-route-table"
SECONDARY_IP = "aws-secondary-ip"
ROUTE53 = "aws-route53"

DOMAIN = "example.internal"
_HERE = Path(__file__).parent


def _route_table(ground: Ground, vip: str) -> str:
    return f"""
[vip.bench]
address      = "{vip}"
provider     = "{ROUTE_TABLE}"
interface    = "{INTERFACE}"
route_tables = {ground.tables}

[aws]
region = "{ground.names["region"]}"
"""


def _secondary_ip(ground: Ground, vip: str) -> str:
    return f"""
[vip.bench]
address   = "{vip}"
provider  = "{SECONDARY_IP}"
interface = "{INTERFACE}"

[aws]
region = "{ground.names["region"]}"
"""


def _route53(ground: Ground, vip: str) -> str:
    return f"""
[vip.bench]
name      = "{vip}"
provider  = "{ROUTE53}"
interface = "{INTERFACE}"
zones     = ["{ground.names["zone"]}"]
ttl       = 5

[aws]
region = "{ground.names["region"]}"
"""


def _sample(ground: Ground, vip: str) -> list[str]:
    tables, eni = ",".join(ground.tables), ground.names["interface"]
    return [str(_HERE / "sample.sh"), vip, INTERFACE, tables, str(BIN / "aws"), eni]


def _floor(ground: Ground, vip: str) -> list[str]:
    return [sys.executable, str(_HERE / "floor.py"), vip, ground.tables[0], ground.names["interface"]]


METHODS = (
    Method(
        ROUTE_TABLE,
        CLOUD,
        lambda number: f"10.99.0.{50 + number}",
        _route_table,
        {SAMPLE.key: _sample, FLOOR.key: _floor},
    ),
    Method(SECONDARY_IP, CLOUD, lambda number: f"10.0.1.{50 + number}", _secondary_ip),
    Method(ROUTE53, CLOUD, lambda number: f"db{number}.{DOMAIN}", _route53, on_host=False),
)
