"""A move: one order or one healing as it was carried out, step by step. Data only.

This is what the history keeps, the metrics count and the timeline draws. Times are seconds: `began` on the
wall clock, everything else counted from it. What happened before an order was taken is negative: the
start of the hook, and of the program that called it, as the kernel noted them (to 10 ms).
"""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict, dataclass
from enum import StrEnum

from vipswitch.fields import Fields, text
from vipswitch.model import Verb
from vipswitch.processes import Process


class Reason(StrEnum):
    """Why it was done: a caller's order, or one of the agent's own grounds."""

    ORDER = "order"
    REPEAT = "repeat"
    RESTORE = "restore"
    HEAL = "heal"
    AUTHORITY = "authority"
    CLEAR = "clear"
    RELEASE = "release"


class Way(StrEnum):
    """Who did the work: the agent, or the process that was asked."""

    AGENT = "agent"
    ALONE = "alone"


class Kind(StrEnum):
    """What a step does. An operation is what the cloud was seen to be at, from the first look to the last."""

    ADD_ADDRESS = "add-address"
    REMOVE_ADDRESS = "remove-address"
    READ = "read"
    CLAIM = "claim"
    RELEASE = "release"
    RESTORE = "restore"
    MARK = "mark"
    UNMARK = "unmark"
    TIDY = "tidy"
    PREPARE = "prepare"
    ANNOUNCE = "announce"
    OPERATION = "operation"


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step: from and to when, in seconds since the move began, and what came of it.

    `ok` is false where it failed, was refused or was not made, and `outcome` then says why.
    """

    name: str
    kind: Kind
    places: tuple[str, ...]
    from_s: float
    to_s: float
    outcome: str
    ok: bool


@dataclass(frozen=True, slots=True)
class PlaceEnd:
    """How the move ended at one place; `holder` as read last, None for nobody or not looked at."""

    place: str
    outcome: str
    holder: str | None


@dataclass(frozen=True, slots=True)
class Move:
    """One order or healing. Without `finished` it stays pending, and the agent goes on with it.

    `hook` is the process that brought the order and `caller` the program behind it; `asked_by` its name.
    `caller_started_s` and `hook_started_s` say when these two started, None where that is not known.
    `rounds` counts the tries of the agent; `left_out` the steps that a long move no longer remembers.
    """

    vip: str
    verb: Verb
    reason: Reason
    asked_by: str
    caller: Process | None
    hook: Process
    node: str
    began: float
    caller_started_s: float | None
    hook_started_s: float | None
    seconds: float
    exit_code: int
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    places: tuple[PlaceEnd, ...] = ()
    steps: tuple[StepRecord, ...] = ()
    rounds: int = 1
    path: Way = Way.ALONE
    finished: bool = True
    left_out: int = 0

    @property
    def id(self) -> str:
        """What people and the log call it by."""
        return id_of(self.vip, self.verb, self.hook, self.began)

    def to_json(self) -> str:
        """One line, without its end."""
        said = asdict(self) | {"caller": _said(self.caller), "hook": _said(self.hook)}
        return json.dumps(said, separators=(",", ":"))

    @classmethod
    def from_json(cls, line: str | bytes) -> Move:
        """The move that a line says. Raises ValueError when it is not exactly that."""
        try:
            return _move(Fields(json.loads(line)))
        except RecursionError as wrong:  # a line of brackets
            raise ValueError("nested too deeply") from wrong


def id_of(vip: str, verb: Verb, hook: Process, began: float) -> str:
    """Eight hexadecimal digits, known as soon as the order is taken, for the log lines of its steps."""
    said = f"{vip} {verb} {hook.pid} {hook.started} {began:.6f}"
    return f"{zlib.crc32(said.encode(errors='backslashreplace')):08x}"


def _move(said: Fields) -> Move:
    return Move(
        vip=said.text("vip"),
        verb=Verb(said.text("verb")),
        reason=Reason(said.text("reason")),
        asked_by=said.text("asked_by"),
        caller=None if said.value("caller") is None else _process(said.value("caller")),
        hook=_process(said.value("hook")),
        node=said.text("node"),
        began=said.seconds("began"),
        caller_started_s=said.maybe("caller_started_s", said.seconds),
        hook_started_s=said.maybe("hook_started_s", said.seconds),
        seconds=said.seconds("seconds"),
        exit_code=said.whole("exit_code"),
        errors=said.each("errors", text),
        warnings=said.each("warnings", text),
        places=said.each("places", _place),
        steps=said.each("steps", _step),
        rounds=said.whole("rounds"),
        path=Way(said.text("path")),
        finished=said.yes("finished"),
        left_out=said.whole("left_out"),
    )


def _said(process: Process | None) -> dict[str, int] | None:
    return None if process is None else {"pid": process.pid, "started": process.started}


def _process(raw: object) -> Process:
    said = Fields(raw)
    return Process(said.whole("pid"), said.whole("started"))


def _place(raw: object) -> PlaceEnd:
    said = Fields(raw)
    return PlaceEnd(said.text("place"), said.text("outcome"), said.maybe("holder", said.text))


def _step(raw: object) -> StepRecord:
    said = Fields(raw)
    return StepRecord(
        name=said.text("name"),
        kind=Kind(said.text("kind")),
        places=said.each("places", text),
        from_s=said.seconds("from_s"),
        to_s=said.seconds("to_s"),
        outcome=said.text("outcome"),
        ok=said.yes("ok"),
    )
