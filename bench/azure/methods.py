"""The methods of Azure: what each contender's VIP is called, its config, and the floor beside the hooks."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.contenders import FLOOR
from bench.ground import Ground
from bench.method import Method
from bench.node import INTERFACE

CLOUD = "azure"
ROUTE_TABLE = "azure-route-table"
IP_CONFIGURATION = "azure-ip-configuration"
MEASURED = (ROUTE_TABLE, IP_CONFIGURATION)

_HERE = Path(__file__).parent


def _route_table(ground: Ground, vip: str) -> str:
    return f"""
[vip.bench]
address      = "{vip}"
provider     = "{ROUTE_TABLE}"
interface    = "{INTERFACE}"
route_tables = {ground.tables}

[azure]
endpoint = "{ground.api}"
"""


def _ip_configuration(ground: Ground, vip: str) -> str:
    return f"""
[vip.bench]
address   = "{vip}"
provider  = "{IP_CONFIGURATION}"
interface = "{INTERFACE}"
nodes     = {ground.names["nics"].split()}

[azure]
endpoint = "{ground.api}"
"""


def _route_floor(ground: Ground, vip: str) -> list[str]:
    return _floor("route_floor.py", ground, vip, ground.tables[0], ground.names["address"])


def _address_floor(ground: Ground, vip: str) -> list[str]:
    return _floor("address_floor.py", ground, vip, ground.names["there"], ground.names["here"])


def _floor(script: str, ground: Ground, *words: str) -> list[str]:
    names = ground.names
    return [sys.executable, str(_HERE / script), ground.api, names["subscription"], names["group"], *words]


METHODS = (
    Method(
        ROUTE_TABLE, CLOUD, lambda number: f"10.99.0.{50 + number}", _route_table, {FLOOR.key: _route_floor}
    ),
    Method(
        IP_CONFIGURATION,
        CLOUD,
        lambda number: f"10.0.1.{50 + number}",
        _ip_configuration,
        {FLOOR.key: _address_floor},
    ),
)
