"""A PostgreSQL server that streams to others or from them, set up as the example's README tells.

Rules: config and data lie apart, as Debian has them; each server has its own folder, because namespaces
divide the network and not the file system. What the example leaves to its users stands in `_OURS`.
"""

import shutil
import subprocess
import time
from pathlib import Path

import psycopg

from tests.e2e import postgres
from tests.e2e.keepalived.replicated import Look
from tests.e2e.keepalived.replication_example import FOLDER, replication_conf
from vipswitch.testing.fabric.host import Host

_WITHIN_S = 20.0
_PLACES = """
data_directory = '{data}'
hba_file = '{folder}/pg_hba.conf'
ident_file = '{data}/pg_ident.conf'
unix_socket_directories = '{folder}'
"""
_OURS = """
fsync = off
autovacuum = off
shared_buffers = 16MB
max_connections = 60
log_line_prefix = '%m '
"""
_ADMITTED = "local all all trust\nhost postgres postgres 10.0.101.10/32 trust\n"
_PASSWORDS = "*:*:*:*:secret\n"
_NO_STANDBY_YET = "-c synchronous_commit=local"
_ROLES = ("replicator", "observer", "rewinder")


class Replica:
    """One server, by its name as a standby; started again it goes on with the data that it has."""

    def __init__(self, host: Host, name: str, folder: Path) -> None:
        self.host = host
        self.name = name
        self.folder = folder
        self.data = folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True)
        places = _PLACES.format(data=self.data, folder=folder)
        (folder / "postgresql.conf").write_text(places + replication_conf(name) + _OURS)
        (folder / "pg_hba.conf").write_text((FOLDER / "pg_hba.conf").read_text() + _ADMITTED)
        (folder / "pgpass").write_text(_PASSWORDS)
        (folder / "pgpass").chmod(0o600)
        for path in (folder, folder / "pgpass"):
            shutil.chown(path, postgres.user())
        programs = Path(str(postgres.program("postgres"))).parent
        self.env = {
            "PATH": f"{programs}:/usr/sbin:/usr/bin:/sbin:/bin",
            "PGPASSFILE": str(folder / "pgpass"),
            "PGHOST": str(folder),
        }

    @property
    def log(self) -> str:
        """What the server has logged, in all its lives."""
        path = self.folder / "postgres.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def create(self) -> None:
        """Be the first primary."""
        postgres.create(self.data)
        self.start()
        with self.connection(_NO_STANDBY_YET) as connection:
            connection.execute((FOLDER / "roles.sql").read_text())
            for role in _ROLES:
                connection.execute(f"ALTER ROLE {role} PASSWORD 'secret'")
            connection.execute("CREATE TABLE written (row bigint PRIMARY KEY)")

    def copy(self, primary: "Replica") -> None:
        """Become a standby, with all that this primary has."""
        source = ["-h", str(primary.host.address), "-U", "replicator", "--checkpoint=fast", "--no-sync"]
        self._run("pg_basebackup", *source, "-D", str(self.data))
        self.follow()

    def rewind(self, primary: str) -> None:
        """Become a standby again, of whoever has that address, without what only this server had."""
        source = f"host={primary} user=rewinder dbname=postgres"
        config = f"--config-file={self.folder / 'postgresql.conf'}"
        self._run("pg_rewind", "-D", str(self.data), f"--source-server={source}", config, "--no-sync")
        self.follow()

    def follow(self) -> None:
        """Be a standby from the next start on."""
        (self.data / "standby.signal").touch()

    def start(self) -> None:
        """Start, and wait until it answers; TimeoutError."""
        command = [str(postgres.program("postgres")), f"--config-file={self.folder / 'postgresql.conf'}"]
        with (self.folder / "postgres.log").open("ab") as log:
            self._process = self.host.namespace.popen(
                postgres.unprivileged(command), env=self.env, output=log
            )
        deadline = time.monotonic() + _WITHIN_S
        while not self._answers():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.name} does not answer\n{self.log[-2000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        """A clean stop."""
        self._run("pg_ctl", "-D", str(self.data), "-m", "fast", "-s", "stop")

    def connection(self, options: str = "") -> psycopg.Connection:
        """A connection as the superuser; not in a transaction."""
        conninfo = f"host={self.folder} user=postgres dbname=postgres connect_timeout=2"
        return psycopg.connect(conninfo, autocommit=True, options=options)

    def column(self, query: str) -> list[object]:
        """The first column of the answer."""
        with self.connection() as connection:
            return [row[0] for row in connection.execute(query).fetchall()]

    def followers(self) -> list[str]:
        """Which standbys stream from this server, and how: `db2 sync`."""
        streaming = (
            "SELECT application_name || ' ' || sync_state FROM pg_stat_replication WHERE state = 'streaming'"
        )
        return sorted(map(str, self.column(streaming)))

    def look(self) -> Look | None:
        """What it says of itself now; None if it does not answer."""
        try:
            primary = self.column("SELECT NOT pg_is_in_recovery()") == [True]
            return Look(self.host.name, primary, self.followers())
        except psycopg.OperationalError:
            return None

    def _answers(self) -> bool:
        try:
            return self.column("SELECT 1") == [1]
        except psycopg.OperationalError:
            return False

    def _run(self, name: str, *words: str) -> None:
        program = postgres.program(name)
        command = ["env", *(f"{key}={value}" for key, value in self.env.items()), str(program), *words]
        self.host.namespace.run(postgres.unprivileged(command))
