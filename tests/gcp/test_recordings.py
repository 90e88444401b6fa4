"""What the cloud answers is what Google Cloud was recorded, or reported, to answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests.gcp.client import Plain, refused, said
from tests.gcp.place import Place, furnish
from tests.recordings import Words, compare
from vipswitch.testing.gcp import GcpCloud
from vipswitch.testing.wire import Answer

FOLDER = Path(__file__).with_name("golden")
REFUSALS: dict[str, dict[str, Any]] = json.loads((FOLDER / "refusals.json").read_text())


def _asked(ask: Plain, request: dict[str, Any]) -> Answer:
    path, _, query = request["path"].partition("?")
    return ask(request["method"], path, request.get("body"), **dict(parse_qsl(query)))


def test_recorded_exchanges_are_answered_as_recorded() -> None:
    """Status, headers and body; the operation has ended when it is looked at."""
    place = furnish(GcpCloud(now=lambda: 0.0))
    recording = json.loads((FOLDER / "route.json").read_text())
    words = Words({"project": place.cloud.project})
    found: list[str] = []
    for exchange in recording["exchanges"]:
        answer = _asked(place.ask, words.fill(exchange["request"]))
        found += compare(words, exchange["answer"], answer, frozenset(recording["more"]))
        place.cloud.finish()
    assert found == []


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals_are_worded_as_reported(name: str, place: Place, ask: Plain) -> None:
    """Status, reason or code, and text."""
    refusal = Words({"fingerprint": place.nic()["fingerprint"]}).fill(REFUSALS[name])
    for switch, value in refusal.get("rules", {}).items():
        setattr(place.cloud.rules, switch, value)
    for seed in refusal.get("seeds", ()):
        place.cloud.write(seed[0], seed[1], seed[2], **(seed[3] if len(seed) > 3 else {}))
    place.cloud.records("public", *(tuple(one) for one in refusal.get("records", ())))
    answer = _asked(ask, refusal["request"])
    if refusal["status"] == 200:
        (error,) = ask.ended(said(answer))["error"]["errors"]
        assert error == {"code": refusal["code"], "message": refusal["message"]}
    else:
        assert refused(answer) == (refusal["status"], refusal["reason"], refusal["message"])
