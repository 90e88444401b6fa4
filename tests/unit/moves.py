"""Moves for the tests of what keeps, counts and draws them."""

from __future__ import annotations

from dataclasses import replace

from vipswitch.model import Verb
from vipswitch.move import Kind, Move, PlaceEnd, Reason, StepRecord, Way
from vipswitch.processes import Process

TABLE = "rtb-1 10.99.0.50"


def step(kind: Kind, from_ms: float, to_ms: float, *places: str, fails: str = "") -> StepRecord:
    """One step, in milliseconds since the move began; it went well unless it `fails`."""
    on_host = kind in (Kind.ADD_ADDRESS, Kind.REMOVE_ADDRESS, Kind.ANNOUNCE)
    name = f"{kind} 10.99.0.50" if on_host else " ".join([kind, *places])
    return StepRecord(name, kind, places, from_ms / 1000, to_ms / 1000, fails or "done", not fails)


TAKEOVER = Move(
    vip="primary",
    verb=Verb.UP,
    reason=Reason.ORDER,
    asked_by="pgpool",
    caller=Process(411, 90_000),
    hook=Process(4711, 100_000),
    node="eni-1",
    began=1_700_000_000.25,
    caller_started_s=-0.08,
    hook_started_s=-0.02,
    seconds=0.1,
    exit_code=0,
    places=(PlaceEnd(TABLE, "held", "eni-1"),),
    steps=(
        step(Kind.ADD_ADDRESS, 1, 5),
        step(Kind.CLAIM, 6, 66, TABLE),
        step(Kind.READ, 67, 97, TABLE),
    ),
    path=Way.AGENT,
)


def moved(**changes: object) -> Move:
    """A takeover that went well, with some things different."""
    return replace(TAKEOVER, **changes)  # type: ignore[arg-type]
