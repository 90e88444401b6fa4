"""The files of examples/keepalived-streaming-replication, as the lab's nodes have them.

Rules: what is replaced in the example is replaced here and nowhere else: names of things that the lab's cloud
made up, paths, and who may give the agent orders.
"""

from collections.abc import Mapping
from pathlib import Path

from tests.e2e import postgres
from tests.e2e.aws import Aws

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "examples/keepalived-streaming-replication"
VIP = "10.99.0.50"
NAMES = ("db1", "db2", "db3")
_NAIVE = Path(__file__).with_name("naive_promotion.py")
_TABLES = ("rtb-0a1b2c3d4e5f60718", "rtb-08172635445362718")
_AGENT = """
[agent]
groups = ["postgres"]
"""


def keepalived_conf() -> str:
    """keepalived.conf of both VRRP nodes."""
    here = {
        "/usr/local/sbin/pg-leader": str(FOLDER / "pg-leader"),
        "/usr/local/bin/vipswitch-keepalived": str(ROOT / "hooks/keepalived"),
        "script_user postgres vipswitch": "script_user postgres postgres",
        "interface ens5": "interface eth0",
    }
    return replaced((FOLDER / "keepalived.conf").read_text(), here)


def naive_conf() -> str:
    """The counter-example: the node with the higher priority leads whenever PostgreSQL there runs."""
    naive = {
        f"{FOLDER / 'pg-leader'} check 10.0.2.10 10.0.3.10": str(postgres.program("pg_isready")),
        f"{FOLDER / 'pg-leader'} check 10.0.1.10 10.0.3.10": str(postgres.program("pg_isready")),
        f"{FOLDER / 'pg-leader'} lead 10.0.2.10 10.0.3.10 --": str(_NAIVE),
        f"{FOLDER / 'pg-leader'} lead 10.0.1.10 10.0.3.10 --": str(_NAIVE),
        "nopreempt\n": "\n",
        "priority 100": "@db1 priority 150\n@db2 priority 100",
    }
    return replaced(keepalived_conf(), naive)


MOVERS = {"example": keepalived_conf, "naive": naive_conf}


def vipswitch_toml(cloud: Aws) -> str:
    """vipswitch.toml of all nodes."""
    here = {
        **dict(zip(_TABLES, cloud.tables, strict=True)),
        '"ens5"': '"eth0"',
        "eu-central-1": cloud.seed.region,
    }
    return replaced((FOLDER / "vipswitch.toml").read_text(), here) + _AGENT


def replication_conf(name: str) -> str:
    """replication.conf of a node."""
    return replaced(
        (FOLDER / "replication.conf").read_text(), {"cluster_name = 'db1'": f"cluster_name = '{name}'"}
    )


def replaced(text: str, here: Mapping[str, str]) -> str:
    """The text with each of these replaced; ValueError for one that it does not have."""
    for example, ours in here.items():
        if example not in text:
            raise ValueError(f"{example!r} is not in the example any more")
        text = text.replace(example, ours)
    return text
