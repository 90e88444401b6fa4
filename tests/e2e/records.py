"""The lab's records as evidence: files of JSON lines, the cloud's journal, the router's history.

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
from tests.e2e.evidence import Deed, Hook, Query, Request, Route
from vipswitch.history import History
from vipswitch.move import Way
from vipswitch.testing.aws import Call
from vipswitch.testing.fabric.addresses import AddressChange
from vipswitch.testing.fabric.router import InterfaceId


def hooks(folder: Path, nodes: Iterable[str]) -> list[Hook]:
    """Every run of a hook that the recorders noted, by its start."""
    found = [hook for node in nodes for hook in _runs(node, _lines(folder / node / "hooks.jsonl"))]
    return sorted(found, key=lambda hook: hook.started)


def queries(path: Path) -> list[Query]:
    """Every attempt of the client, by its start."""
    return sorted((Query(**line) for line in _lines(path)), key=lambda query: query.started)


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


def requests(cloud: Cloud) -> list[Request]:
    """The cloud's journal."""
    names = {str(host.address): host.name for host in cloud.vpc.nodes}
    return [
        Request(
            names.get(call.source, call.source),
            call.action,
            call.received,
            call.mutating,
            call.committed,
            call.error,
        )
        for call in cloud.aws.journal.calls()
    ]


def routes(cloud: Cloud, vip: IPv4Address) -> list[Route]:
    """The router's history of one VIP."""
    return [
        Route(change.at, change.table, _holder(cloud, change.holder))
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


def records(cloud: Cloud, name: str) -> list[Route]:
    """To whom an A record pointed, by the batches that took effect; an unknown address is its own name."""
    nodes = {str(host.address): host.name for host in cloud.vpc.nodes}
    pointed = [(call, _pointed(call, name)) for call in cloud.aws.journal.writes()]
    return [
        Route(call.committed or call.received, name, nodes.get(values[-1], values[-1]) or None)
        for call, values in pointed
        if values
    ]


def _pointed(call: Call, name: str) -> list[str]:
    """What the changes of one batch made of the record, one after the other; "" is a deleted one."""
    found = []
    for number in range(1, len(call.params) + 1):
        change = {
            key: call.params.get(f"Changes.{number}.{key}", "")
            for key in ("Action", "Name", "Type", "Values")
        }
        if change["Name"].rstrip(".").lower() == name and change["Type"] == "A":
            found.append("" if change["Action"] == "DELETE" else change["Values"])
    return found


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


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        complete, _, _ = path.read_text().rpartition("\n")
        yield from map(json.loads, complete.splitlines())
