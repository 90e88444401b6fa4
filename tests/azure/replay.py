"""Recorded exchanges with Azure, played again to the local one.

A recording is a JSON file in golden/exchanges: where it is from, how the cloud is to behave (`rules`), and
requests with the documented answers; see `tests.recordings`. `more` is what newer api-versions add.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.recordings import Words, compare
from vipswitch.testing.azure import AzureCloud
from vipswitch.testing.wire import Answer, Request

__all__ = ["FOLDER", "Words", "ask", "load", "play", "recordings"]

FOLDER = Path(__file__).with_name("golden")
VERSION = "api-version=2024-05-01"


def recordings() -> list[str]:
    return sorted(path.stem for path in (FOLDER / "exchanges").glob("*.json"))


def load(name: str) -> dict[str, Any]:
    recording: dict[str, Any] = json.loads((FOLDER / "exchanges" / f"{name}.json").read_text())
    return recording


def play(cloud: AzureCloud, recording: dict[str, Any]) -> list[str]:
    """All differences between the documented answers and the cloud's."""
    words = Words({"subscription": cloud.subscription, "group": cloud.group})
    more = frozenset(recording.get("more", ()))
    found: list[str] = []
    for number, exchange in enumerate(recording["exchanges"], 1):
        answer = ask(cloud, words.fill(exchange["request"]))
        found += [f"{number}: {one}" for one in compare(words, exchange["answer"], answer, more)]
    return found


def ask(cloud: AzureCloud, request: dict[str, Any]) -> Answer:
    """Makes a request of a recording."""
    url = urlsplit(request["path"])
    headers = {"authorization": "Bearer recorded", "host": "management.azure.com"}
    headers |= {name.lower(): value for name, value in request.get("headers", {}).items()}
    body = json.dumps(request["body"]).encode() if "body" in request else b""
    target = f"{url.path}?{url.query or VERSION}"
    return cloud.handle(Request(request["method"], target, headers, body, "127.0.0.1"))
