"""A throw-away PostgreSQL server in a namespace.

Rules: everything lies in the given folder; nothing is asked of anybody (trust); runs as `postgres`, or
`nobody` where there is no such user, because PostgreSQL refuses to be root.
"""

import pwd
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from vipswitch.testing.fabric.host import Host

PORT = 5432

_SETTINGS = (
    "fsync=off",
    "max_connections=120",
    "unix_socket_directories=",
    "autovacuum=off",
    "shared_buffers=16MB",
)


def program(name: str) -> Path | None:
    """The newest installed server program of this name; Debian keeps them off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    return found[-1] if found else None


@contextmanager
def serve(host: Host, folder: Path) -> Iterator[None]:
    """A server on this host, from the end of this call's start-up on; needs root."""
    data = folder / "data"
    create(data)
    options = [word for setting in _SETTINGS for word in ("-c", setting)]
    command = [str(program("postgres")), "-D", str(data), "-h", str(host.address), *options]
    with (folder / "postgres.log").open("wb") as log:
        server = host.namespace.popen(unprivileged(command), output=log)
    try:
        yield
    finally:
        server.kill()
        server.wait()
        host.namespace.kill()


def create(data: Path) -> None:
    """An empty cluster, which trusts whoever reaches it."""
    data.mkdir(parents=True)
    shutil.chown(data, user())
    command = [
        str(program("initdb")),
        "-D",
        str(data),
        "-U",
        "postgres",
        "-A",
        "trust",
        "--no-sync",
        "-E",
        "UTF8",
    ]
    subprocess.run(unprivileged(command), check=True, capture_output=True, cwd="/")
    with (data / "pg_hba.conf").open("a") as hba:
        hba.write("host all all 0.0.0.0/0 trust\n")


def unprivileged(command: Sequence[str]) -> list[str]:
    """The same command, run by that user."""
    return [
        "setpriv",
        f"--reuid={user()}",
        f"--regid={pwd.getpwnam(user()).pw_gid}",
        "--clear-groups",
        *command,
    ]


def user() -> str:
    """Who may run a server."""
    return "postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody"
