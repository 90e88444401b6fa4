"""PostgreSQL and the OCF agents on the machines of a PG-REX pair.

Rules: what lies under /dbfp outlives the machine, as on a disk, and is its own. `ocf:heartbeat:pgsql` is
Debian's, with one repair in a copy that only these machines see: where `ocf_promotion_score` leaves the
resource to the environment, crm_attribute of Debian 12 does not find it (exit code 105).
"""

import shutil
from pathlib import Path

from tests.e2e.acts import full
from tests.e2e.pacemaker.node import Node
from tests.e2e.postgres import program

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "examples" / "pg-rex-aws"
DISK = "/run/disk"
FENCED = f"{DISK}/fenced"

_FUNCTIONS = "/usr/lib/ocf/lib/heartbeat/ocf-shellfuncs"
_BROKEN = "crm_attribute -p $@"
_REPAIRED = 'crm_attribute -p "$OCF_RESOURCE_INSTANCE" $@'
DATA = f"{DISK}/pgdata/data"
_LOCK = f"{DISK}/pgsql/tmp/PGSQL.lock"
_SOONER = {"interval=10s": "interval=6s", "interval=9s": "interval=4s", "delay=10s": "delay=2s"}
_SMALL = "shared_buffers = 16MB\nmax_wal_size = 64MB\nmin_wal_size = 32MB\nfsync = off\nautovacuum = off\n"
_HBA = "local all all trust\nhost all all 0.0.0.0/0 trust\nhost replication repuser 10.0.2.0/24 trust\n"


def binaries() -> Path:
    """Where PostgreSQL's programs are."""
    found = program("pg_ctl")
    assert found is not None
    return found.parent


def here(text: str) -> str:
    """A file of the example as it is on the lab's machines: other names and folders, and no real fencing.

    In the normal run Pacemaker looks more often, and waits less for a fencing race, than PG-REX has it.
    """
    for outside, inside in {
        "/usr/pgsql-15/bin": str(binaries()),
        "/var/lib/pgsql": f"{DISK}/pgsql",
        "/dbfp": DISK,
        "pgrex": "n",
        "stonith:fence_aws": "stonith:fence_lab",
        **({} if full() else _SOONER),
    }.items():
        text = text.replace(outside, inside)
    return text


def example(name: str) -> str:
    """One file of the example, as it is `here`."""
    return here((EXAMPLE / name).read_text())


def furnish(node: Node) -> None:
    """What a machine needs each time it has booted."""
    disk = node.folder / "disk"
    disk.mkdir(exist_ok=True)
    disk.chmod(0o755)
    node.run("mkdir", "-p", DISK, "/run/postgresql", "/usr/lib/ocf/resource.d/vipswitch")
    node.run("mount", "--bind", str(disk), DISK)
    node.run("chown", "postgres", "/run/postgresql")
    repaired = Path(_FUNCTIONS).read_text().replace(_BROKEN, _REPAIRED)
    node.write("/run/ocf-shellfuncs", repaired, mode="755")
    node.run("mount", "--bind", "/run/ocf-shellfuncs", _FUNCTIONS)
    node.run("ln", "-s", str(ROOT / "hooks" / "ocf_vip"), "/usr/lib/ocf/resource.d/vipswitch/vip")
    node.run("ln", "-s", str(Path(__file__).with_name("fence_lab")), "/usr/sbin/fence_lab")
    node.write("/run/vipswitch.toml", example("vipswitch.toml"))


def create(first: Node, second: Node) -> None:
    """A new database on one machine, and its copy on the other one, both stopped."""
    for folder in ("pgdata", "pgarch/arc1", "pgsql"):
        first.run("install", "-d", "-o", "postgres", "-m", "700", f"{DISK}/{folder}")
    first.run("chown", "postgres", f"{DISK}/pgarch")
    words = ["-D", DATA, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
    as_postgres(first, str(binaries() / "initdb"), *words)
    first.run("sh", "-c", f"cat >> {DATA}/postgresql.conf", stdin=example("postgresql.conf") + _SMALL)
    first.write(f"{DATA}/pg_hba.conf", _HBA)
    _in_single_user_mode(first, "create role repuser replication login;\ncreate table rows (n bigint);\n")
    shutil.copytree(first.folder / "disk", second.folder / "disk", dirs_exist_ok=True)
    second.run("chown", "-R", "postgres", f"{DISK}/pgdata", f"{DISK}/pgarch", f"{DISK}/pgsql")


def copy_primary(node: Node, address: str) -> None:
    """Make this machine's database anew from the primary's, as `pg-rex_standby_start -b` does."""
    as_postgres(node, "rm", "-rf", DATA)
    source = ["-h", address, "-U", "repuser", "-D", DATA]
    as_postgres(
        node, str(binaries() / "pg_basebackup"), *source, "-X", "stream", "--checkpoint=fast", "--no-sync"
    )


def stop(node: Node) -> None:
    """Stop this machine's server in order: the standby gets everything first."""
    as_postgres(node, str(binaries() / "pg_ctl"), "-D", DATA, "-m", "fast", "-w", "stop")


def unlock(node: Node) -> None:
    """What a person does who knows that the data of this former primary may follow the new one."""
    node.run("rm", "-f", _LOCK)


def sql(node: Node, statement: str) -> str | None:
    """What this machine's server answers; None when it does not."""
    command = ["setpriv", "--reuid=postgres", str(binaries() / "psql"), "-XAtq", "-U", "postgres"]
    told = node.asked(*command, "-c", statement)
    return None if told is None else told.strip()


def as_postgres(node: Node, *command: str) -> str:
    """Run a program as the database's owner."""
    return node.run("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command)


def _in_single_user_mode(node: Node, statements: str) -> None:
    words = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    node.run(*words, str(binaries() / "postgres"), "--single", "-D", DATA, "postgres", stdin=statements)
