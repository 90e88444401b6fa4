"""`vipswitch history`: the past moves of this node, newest last, and who asked for each."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from vipswitch.cli.moves import as_json, recorded
from vipswitch.cli.table import print_table
from vipswitch.move import Move, Reason, Way
from vipswitch.options import Options
from vipswitch.timeline.rows import clean, in_ms

_COLUMNS = ("MOVE", "WHEN", "VIP", "ORDER", "ASKED BY", "OUTCOME", "TOOK>", "PLACES", "WHY")


def history(options: Options) -> int:
    """Show the last moves, as many as asked for; always 0 when the history can be read."""
    moves = recorded(options)[-options.count :]
    if options.json:
        print(json.dumps([as_json(move) for move in moves], indent=2))
    elif moves:
        print_table(_COLUMNS, (tuple(_cells(move)) for move in moves))
    else:
        print("no move has been recorded yet")
    return 0


def _cells(move: Move) -> Iterator[tuple[str, str]]:
    when = datetime.fromtimestamp(move.began)
    outcome, style = _outcome(move)
    yield move.id, "dim"
    yield f"{when:%Y-%m-%d %H:%M:%S}.{when.microsecond // 1000:03}", ""
    yield clean(move.vip), "bold"
    yield f"{move.verb}" if move.reason is Reason.ORDER else f"{move.verb}, {move.reason}", ""
    yield clean(_asked_by(move)), ""
    yield outcome, style
    yield in_ms(move.seconds), ""
    yield _places(move), ""
    yield clean("; ".join(move.errors or move.warnings)), style


def _asked_by(move: Move) -> str:
    pid = f" {move.caller.pid}" if move.caller else ""
    through = " via agent" if move.path is Way.AGENT and move.asked_by != "agent" else ""
    return f"{move.asked_by}{pid}{through}"


def _outcome(move: Move) -> tuple[str, str]:
    if not move.finished:
        return "pending", "yellow"
    return ("done", "green") if move.exit_code == 0 else (f"exit {move.exit_code}", "red")


def _places(move: Move) -> str:
    """How many places ended how."""
    ends = Counter(end.outcome for end in move.places)
    return clean(", ".join(f"{count} {outcome}" for outcome, count in ends.items()))
