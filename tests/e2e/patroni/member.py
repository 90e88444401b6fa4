"""Patroni with its PostgreSQL on a node, with an example's `patroni.yml` and `patroni_env.conf`.

Rules: everything of a node lies in its folder; Patroni, PostgreSQL and the callbacks run as `postgres`, and
nothing else on the node does, so that they can be told from etcd and the agent. What is replaced in the
example is replaced here and nowhere else: paths, and times that would only be waited for.
"""

import json
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.patroni.envfile import read
from tests.e2e.postgres import program
from vipswitch.testing.fabric.host import Host

USER = "postgres"
REST_PORT = 8008
POSTGRES_PORT = 5432
TTL_S = 10
_TIMES = {"ttl": TTL_S, "loop_wait": 1, "retry_timeout": 4}
_LIGHT = {"fsync": "off", "shared_buffers": "16MB", "autovacuum": "off"}
_HERE = {"unix_socket_directories": "", "max_connections": "60", "logging_collector": "off"}


@dataclass(frozen=True, slots=True)
class Calling:
    """What a Patroni calls: command lines by action, in place of the example's.

    `env` is all that it has in its environment, beside what the example tells of the node; `capabilities` are
    those that it and its callbacks have in spite of being `postgres`.
    """

    callbacks: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=lambda: {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
    capabilities: Sequence[str] = ()


class Member:
    """One member of the cluster; started again it goes on with the data that it has."""

    def __init__(
        self, host: Host, name: str, example: Path, folder: Path, calling: Calling | None = None
    ) -> None:
        self.host = host
        self.name = name
        self.folder = folder
        self._calling = calling or Calling()
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        home = folder / "postgres"
        home.mkdir()
        shutil.chown(home, USER, USER)
        (folder / "patroni.yml").write_text(_written(example, self._calling.callbacks))
        self._env = _environment(example, host, name, home)

    @property
    def log(self) -> str:
        """What Patroni and PostgreSQL have logged."""
        return (self.folder / "patroni.log").read_text(errors="replace")

    def start(self) -> None:
        """Start Patroni, which sees to PostgreSQL."""
        command = ["/usr/bin/patroni", str(self.folder / "patroni.yml")]
        with (self.folder / "patroni.log").open("ab") as log:
            self._process = self.host.namespace.popen(
                unprivileged(command, *self._calling.capabilities),
                env={**self._calling.env, **self._env},
                output=log,
            )

    def stop(self) -> None:
        """Ask Patroni for a clean end; PostgreSQL is stopped too, unless the cluster is paused."""
        assert self._process is not None, "not started"
        self._process.terminate()
        self._process.wait()

    def kill_patroni(self) -> None:
        """SIGKILL of Patroni alone; PostgreSQL goes on."""
        assert self._process is not None, "not started"
        self._process.kill()
        self._process.wait()

    def kill(self) -> None:
        """SIGKILL of Patroni, PostgreSQL and callbacks, whatever runs as their user on this node."""
        while pids := self.pids():
            for pid in pids:
                _kill(pid)
            if self._process is not None:
                self._process.poll()
            time.sleep(0.02)

    def pids(self) -> list[int]:
        """All that runs as `postgres` here."""
        uid = pwd.getpwnam(USER).pw_uid
        return [pid for pid in self.host.namespace.pids() if _runs_as(pid, uid)]

    def ask(self, path: str, method: str = "GET", body: object = None) -> tuple[int, Any]:
        """What the REST API of this member says; (0, None) where it does not answer."""
        return self.host.namespace.inside(lambda: _asked(str(self.host.address), path, method, body))


def wait_for(wanted: Callable[[], bool], what: str, *, within_s: float) -> None:
    """Wait until it is so; TimeoutError."""
    deadline = time.monotonic() + within_s
    while not wanted():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {within_s} s: {what}")
        time.sleep(0.1)


def unprivileged(command: list[str], *capabilities: str) -> list[str]:
    """The same as `postgres`, with that user's groups, and capabilities that it keeps."""
    gid = pwd.getpwnam(USER).pw_gid
    kept = ",".join(f"+{each}" for each in capabilities)
    keeps = [f"--inh-caps={kept}", f"--ambient-caps={kept}"] if kept else []
    return ["setpriv", f"--reuid={USER}", f"--regid={gid}", "--init-groups", *keeps, *command]


def _written(example: Path, callbacks: Mapping[str, str]) -> str:
    settings = yaml.safe_load((example / "patroni.yml").read_text())
    settings["bootstrap"]["dcs"].update(_TIMES)
    postgresql = settings["postgresql"]
    postgresql["parameters"].update(_LIGHT, **_HERE)
    postgresql["callbacks"] = dict(callbacks)
    return str(yaml.safe_dump(settings))


def _environment(example: Path, host: Host, name: str, home: Path) -> dict[str, str]:
    """The example's for its first node, with this one's name and address, and paths of the lab."""
    theirs = read(example / "patroni_env.conf")
    first = theirs["PATRONI_RESTAPI_CONNECT_ADDRESS"].partition(":")[0]
    own = {key: value.replace(first, str(host.address)) for key, value in theirs.items()}
    newest = program("postgres")
    assert newest is not None, "no PostgreSQL"
    paths = {
        "PATRONI_POSTGRESQL_DATA_DIR": str(home / "data"),
        "PATRONI_POSTGRESQL_BIN_DIR": str(newest.parent),
        "PATRONI_POSTGRESQL_PGPASS": str(home / "pgpass"),
    }
    return {**own, **paths, "PATRONI_NAME": name}


def _asked(address: str, path: str, method: str, body: object) -> tuple[int, Any]:
    connection = HTTPConnection(address, REST_PORT, timeout=2.0 if body is None else 30.0)
    try:
        connection.request(method, path, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        text = answer.read().decode()
    except OSError:
        return 0, None
    finally:
        connection.close()
    try:
        return answer.status, json.loads(text)
    except ValueError:
        return answer.status, text


def _runs_as(pid: int, uid: int) -> bool:
    try:
        return os.stat(f"/proc/{pid}").st_uid == uid
    except FileNotFoundError:
        return False


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
