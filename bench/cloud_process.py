"""`python -m bench.cloud_process NAME`: a local cloud in a process of its own, so that its work is nobody
else's.

One JSON object per line: what is asked on stdin, `{"do": NAME, ...arguments}`, and its answer on stdout; it
ends with its stdin. Each contender has its own address of the API, by which the journal tells whose a call
is; only calls that come through these are slowed down.
"""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Mapping
from dataclasses import asdict
from importlib import import_module
from typing import Any

from bench import node
from bench.scenery import CONTENDERS, Scenery
from vipswitch.testing import aws, azure


class Stage:
    """What the bench may ask of a cloud; every method's name is a word of the protocol."""

    def __init__(self, scenery: Scenery) -> None:
        self._scenery = scenery
        self._cloud = scenery.cloud
        self._apis = [self._served_at(node.api_address(number)) for number in range(CONTENDERS)]

    def about(self) -> dict[str, object]:
        """Who this node is, and what each contender has of the cloud."""
        grounds = [asdict(self._scenery.ground(number, api)) for number, api in enumerate(self._apis)]
        return {"mac": self._scenery.mac, "grounds": grounds}

    def slow(self, latency_s: float) -> None:
        """Add this much to every contender's requests from now on, before their work."""
        self._cloud.faults.clear()
        for number in range(CONTENDERS if latency_s else 0):
            self._cloud.faults.delay(latency_s, source=node.api_address(number))

    def give_away(self, method: str, contender: int, vip: str, count: int) -> None:
        """Make the other node the holder, and begin the journal anew."""
        self._scenery.places(method, contender).give_away(vip, count)
        self._cloud.journal.clear()

    def are_ours(self, method: str, contender: int, vip: str, count: int) -> bool:
        """Whether all places point at this node."""
        return self._scenery.places(method, contender).are_ours(vip, count)

    def calls(self, contender: int) -> list[list[object]]:
        """Its calls: action, writes, received, committed, answered, by the machine's monotonic clock."""
        source = node.api_address(contender)
        return [_told(call) for call in self._cloud.journal.calls() if call.source == source]

    def _served_at(self, address: str) -> str:
        """The URL of the API at one more address of this node; who connects to it comes from it."""
        return self._cloud.serve_also(socket.create_server((address, 0)))


def main() -> None:
    """Serve until stdin ends."""
    with import_module(f"bench.{sys.argv[1]}.scenery").built() as scenery:
        stage = Stage(scenery)
        for line in sys.stdin:
            sys.stdout.write(json.dumps(_answer(stage, json.loads(line))) + "\n")
            sys.stdout.flush()


def _answer(stage: Stage, asked: Mapping[str, Any]) -> object:
    words = dict(asked)
    return getattr(stage, words.pop("do"))(**words)


def _told(call: aws.Call | azure.Call) -> list[object]:
    return [call.action, call.mutating, call.received, call.committed, call.answered]


if __name__ == "__main__":
    main()
