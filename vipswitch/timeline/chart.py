"""What is in the picture of a move: rows of bars in seconds, and the words beside them. Pure.

Rows from top to bottom, as things happen: the calling program and the hook as far as their start is known,
the host's address, each place with its calls, the verification, and the whole move by phases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from vipswitch.move import Kind, Move, Way
from vipswitch.phases import Phase, Segment, caller_start, end_of, hook_start, segments
from vipswitch.timeline.places import place_rows
from vipswitch.timeline.rows import WORDS, Bar, Row, at_most, bar_of, clean, in_ms, noted, share_of

_ERRORS = 5
_AT_PLACES = (Phase.LOOK, Phase.WRITE, Phase.OPERATION, Phase.VERIFY)


@dataclass(frozen=True, slots=True)
class Chart:
    """The whole picture; times from `start_s` to `end_s`, where 0 is when the order was taken."""

    title: str
    subtitle: str
    began: float
    ok: bool
    rows: tuple[Row, ...]
    shares: tuple[tuple[Phase, float, float], ...]
    """Phase, seconds, share of the whole; the largest first."""
    verdict: str
    remarks: tuple[str, ...]
    start_s: float
    end_s: float


def chart_of(move: Move) -> Chart:
    """The picture of a move."""
    whole = segments(move)
    start = whole[0].from_s if whole else 0.0
    end = max(end_of(move), start + 1e-6)
    rows = [*_before_rows(move), *_host_rows(move), *place_rows(move, end - start)]
    rows += [
        *_row_of_kind(move, Kind.PREPARE, "attach point"),
        *_row_of_kind(move, Kind.ANNOUNCE, "announce"),
    ]
    rows += _verification_row(whole, end - start)
    shares = _shares(whole, end - start)
    heavy = _heaviest(rows, shares)
    return Chart(
        title=clean(_title(move)),
        subtitle=clean(_subtitle(move)),
        began=move.began,
        ok=move.exit_code == 0,
        rows=(
            *(_marked(row, heavy) for row in rows),
            _total_row(whole, end - start, shares[0][0] if shares else None),
        ),
        shares=shares,
        verdict=clean(_verdict(rows, heavy, shares, end - start)),
        remarks=tuple(map(clean, _remarks(move))),
        start_s=start,
        end_s=end,
    )


def _before_rows(move: Move) -> Iterator[Row]:
    hook, caller, whole = hook_start(move), caller_start(move), _whole(move)
    if caller is not None and hook is not None and move.caller is not None:
        bar = Bar(caller, hook, Phase.CALLER, "starts the hook")
        yield noted(clean(f"{move.asked_by} {move.caller.pid}"), [bar], whole)
    if hook is not None:
        label = "hands over" if move.path is Way.AGENT else "starts"
        yield noted(f"hook {move.hook.pid}", [Bar(hook, 0.0, Phase.HOOK, label)], whole)


def _whole(move: Move) -> float:
    first = next((at for at in (caller_start(move), hook_start(move)) if at is not None), 0.0)
    return max(end_of(move) - first, 1e-6)


def _host_rows(move: Move) -> Iterator[Row]:
    """A row for each address; adding it and taking it off again are of one row."""
    steps = [step for step in move.steps if step.kind in (Kind.ADD_ADDRESS, Kind.REMOVE_ADDRESS)]
    for address in dict.fromkeys(step.name.rpartition(" ")[2] for step in steps):
        mine = [step for step in steps if step.name.rpartition(" ")[2] == address]
        bars = [replace(bar_of(step, ()), label=step.kind.partition("-")[0]) for step in mine]
        yield noted(clean(f"host {address}"), bars, _whole(move), waits=True)


def _row_of_kind(move: Move, kind: Kind, name: str) -> Iterator[Row]:
    bars = [bar_of(step, ()) for step in move.steps if step.kind is kind]
    if bars:
        yield noted(name, bars, _whole(move))


def _verification_row(whole: Iterable[Segment], seconds: float) -> list[Row]:
    bars = [Bar(s.from_s, s.to_s, s.phase, "reads back") for s in whole if s.phase is Phase.VERIFY]
    return [replace(noted("verification", bars, seconds), single=False)] if bars else []


def _total_row(whole: Sequence[Segment], seconds: float, heaviest: Phase | None) -> Row:
    bars = tuple(Bar(s.from_s, s.to_s, s.phase, WORDS[s.phase], heaviest=s.phase is heaviest) for s in whole)
    return Row("total", bars, in_ms(seconds), single=False, total=True)


def _shares(whole: Iterable[Segment], seconds: float) -> tuple[tuple[Phase, float, float], ...]:
    spent = dict.fromkeys(Phase, 0.0)
    for segment in whole:
        spent[segment.phase] += segment.seconds
    found = [(phase, took, took / seconds) for phase, took in spent.items() if took > 0]
    return tuple(sorted(found, key=lambda share: -share[1]))


def _heaviest(rows: Iterable[Row], shares: Sequence[tuple[Phase, float, float]]) -> Bar | None:
    """The longest bar of the phase that took most of the time; a sum of many is not one bar."""
    phase = shares[0][0] if shares else None
    bars = [bar for row in rows for bar in row.bars if bar.phase is phase and row.single]
    return max(bars, key=lambda bar: bar.seconds, default=None)


def _marked(row: Row, heavy: Bar | None) -> Row:
    return replace(row, bars=tuple(replace(bar, heaviest=bar is heavy) for bar in row.bars))


def _verdict(
    rows: Iterable[Row], heavy: Bar | None, shares: Sequence[tuple[Phase, float, float]], whole: float
) -> str:
    """The sentence that says where the time went."""
    if not shares:
        return "it took no time that could be measured"
    phase, took, _ = shares[0]
    where = next((row.name for row in rows if heavy is not None and any(b is heavy for b in row.bars)), "")
    longest = f"; the longest, {in_ms(heavy.seconds)}, at {where}" if heavy and phase in _AT_PLACES else ""
    return f"most of it: {WORDS[phase]}, {in_ms(took)} of {in_ms(whole)} ({share_of(took, whole)}){longest}"


def _title(move: Move) -> str:
    why = "" if move.reason == "order" else f" ({move.reason})"
    ended = "done in" if move.exit_code == 0 else f"not done (exit code {move.exit_code}) in"
    if not move.finished:
        ended = "still pending after"
    rounds = f" and {move.rounds} rounds" if move.rounds > 1 else ""
    since = f", {in_ms(_whole(move))} since {_first(move)} started" if hook_start(move) is not None else ""
    return f"{move.vip}: {move.verb}{why} {ended} {in_ms(move.seconds)}{rounds}{since}"


def _first(move: Move) -> str:
    return move.asked_by if caller_start(move) is not None else "its hook"


def _subtitle(move: Move) -> str:
    pid = f" {move.caller.pid}" if move.caller else ""
    by = "by the agent" if move.path is Way.AGENT else "without the agent"
    node = f" on {move.node}" if move.node else ""
    return f"asked by {move.asked_by}{pid}, carried out {by}{node} · move {move.id}"


def _remarks(move: Move) -> Iterator[str]:
    if not move.steps:
        yield "no step was made"
    if move.left_out:
        yield f"{move.left_out:,} steps in the middle are not kept"
    yield from (f"warning: {warning}" for warning in move.warnings)
    yield from at_most(_ERRORS, move.errors)
