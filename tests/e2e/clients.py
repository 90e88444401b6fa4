"""Runs `client.py` on the client's host of a lab."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from tests.e2e import records
from vipswitch.testing.fabric.host import Host

_ANSWERED_WITHIN_S = 20.0


@contextmanager
def client(
    on: Host,
    what: str,
    reach: str,
    port: int,
    path: Path,
    *,
    within: Sequence[str] = (),
    env: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[None]:
    """From its first success on until the end; its attempts are in the file, `records.queries` has them.

    `within` are words of a command that runs another one.
    """
    program = Path(__file__).with_name("client.py")
    command = [*within, sys.executable, str(program), what, reach, str(port), str(path)]
    with path.with_suffix(".err").open("wb") as errors:
        running = on.namespace.popen(command, env={**os.environ, **env}, output=errors)
    try:
        records.wait_for_success(path, within_s=_ANSWERED_WITHIN_S)
        yield
    finally:
        running.terminate()
        running.wait()
