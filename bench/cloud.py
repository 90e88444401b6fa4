"""A local cloud as the bench sees it: a process that does what it is told, in lines of JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench.figures import Call
from bench.ground import Ground


@dataclass(frozen=True, slots=True)
class Vip:
    """One contender's VIP: its address or name, and how many places it has."""

    method: str
    contender: int
    name: str
    count: int


class Cloud:
    """A local cloud in another process: `mac` is this node's there, `grounds` are those of each contender."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        about = self._ask("about")
        self.mac: str = about["mac"]
        self.grounds = [Ground(**ground) for ground in about["grounds"]]

    def slow(self, latency_s: float) -> None:
        """Add this much to every contender's requests from now on."""
        self._ask("slow", latency_s=latency_s)

    def give_away(self, vip: Vip) -> None:
        """Make the other node the holder of a VIP, and begin the journal anew."""
        self._ask("give_away", **_named(vip))

    def are_ours(self, vip: Vip) -> bool:
        """Whether all places of a VIP point at this node."""
        return bool(self._ask("are_ours", **_named(vip)))

    def calls(self, contender: int, since: float) -> list[Call]:
        """A contender's calls since the journal began; their moments count from `since`."""
        return [_call(since, *raw) for raw in self._ask("calls", contender=contender)]

    def _ask(self, what: str, **words: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": what, **words}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@contextmanager
def served(name: str) -> Iterator[Cloud]:
    """The cloud of that name in this network namespace; it ends with the block, or with this process."""
    words, pipe = [sys.executable, "-m", "bench.cloud_process", name], subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True, start_new_session=True) as process:
        yield Cloud(process)
        assert process.stdin is not None
        process.stdin.close()


def _named(vip: Vip) -> Mapping[str, object]:
    return {"method": vip.method, "contender": vip.contender, "vip": vip.name, "count": vip.count}


def _call(
    since: float, action: str, writes: bool, received: float, committed: float | None, answered: float | None
) -> Call:
    return Call(
        action,
        writes,
        received - since,
        None if committed is None else committed - since,
        None if answered is None else answered - since,
    )
