"""The lab's records as evidence: files of JSON lines, the router's history.

Rules: a line that is still being written is left for the next look; nodes are named as their hosts are.
"""

import json
import time
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

from tests.e2e import movers
from tests.e2e.cloud import Cloud
from tests.e2e.evidence import Deed, Hook, Query, Route
from vipswitch.history import History
from vipswitch.move import Way
from vipswitch.testing.fabric.addresses import AddressChange
from vipswitch.testing.fabric.router import InterfaceId


def hooks(folder: Path, nodes: Iterable[str]) -> list[Hook]:
    """Every run of a hook that the recorders noted, by its start."""
    found = [hook for node in nodes for hook in _runs(node, lines(folder / node / "hooks.jsonl"))]
    return sorted(found, key=lambda hook: hook.started)


def queries(path: Path) -> list[Query]:
    """Every attempt of the client, by its start."""
    return sorted((Query(**line) for line in lines(path)), key=lambda query: query.started)


def deeds(folder: Path, nodes: Iterable[str]) -> list[Deed]:
    """What the agents' histories say, by its begin; they count by the wall clock."""
    ahead = time.time() - time.monotonic()
    found = [
        Deed(move.began - ahead, node, move.verb, move.reason, move.exit_code, move.finished)
        for node in nodes
        for move in History([folder / node / movers.RUN]).moves()
        if move.path is Way.AGENT
    ]
    return sorted(found, key=lambda deed: deed.at)


def wait_for_success(path: Path, *, within_s: float) -> None:
    """Wait until the client has had an answer; TimeoutError."""
    deadline = time.monotonic() + within_s
    while not any(query.error is None for query in queries(path)):
        if time.monotonic() > deadline:
            raise TimeoutError(f"no query has succeeded: {queries(path)[-3:]}")
        time.sleep(0.1)


def routes(cloud: Cloud, vip: IPv4Address) -> list[Route]:
    """The router's history of one VIP."""
    return [
        Route(change.at, change.table.rpartition("/")[2], _holder(cloud, change.holder))
        for change in cloud.vpc.router.history
        if change.destination == IPv4Network(vip)
    ]


def holders(cloud: Cloud, history: Iterable[AddressChange], address: IPv4Address) -> list[Route]:
    """The history of one private or public address."""
    return [
        Route(change.at, str(address), _holder(cloud, change.holder))
        for change in history
        if change.address == address
    ]


def _holder(cloud: Cloud, interface: InterfaceId | None) -> str | None:
    return None if interface is None else cloud.interfaces()[interface].name


def _runs(node: str, lines: Iterable[dict[str, Any]]) -> Iterator[Hook]:
    open_: dict[int, Hook] = {}
    for line in lines:
        if line["event"] == "start":
            open_[line["pid"]] = Hook(node, line["hook"], line["at"], caller_started=line["caller_started"])
        else:
            begun = open_.pop(line["pid"])
            yield Hook(node, begun.hook, begun.started, line["at"], line["code"], begun.caller_started)
    yield from open_.values()


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """What a file of JSON lines has so far; nothing where there is none."""
    if path.exists():
        complete, _, _ = path.read_text().rpartition("\n")
        yield from map(json.loads, complete.splitlines())
