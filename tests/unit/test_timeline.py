"""The picture of a move: nothing invisible, nothing over anything, the heaviest in sight, harmless text."""

from __future__ import annotations

import io
import random
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from rich.console import Console

from tests.unit.moves import TABLE, TAKEOVER, moved, step
from vipswitch.move import Kind, Move, StepRecord
from vipswitch.phases import Phase
from vipswitch.timeline.chart import Chart, chart_of
from vipswitch.timeline.labels import Lettering, labelled
from vipswitch.timeline.rows import Bar, Row
from vipswitch.timeline.scale import Placed, Scale, fit
from vipswitch.timeline.svg import drawn
from vipswitch.timeline.terminal import show

SVG = "{http://www.w3.org/2000/svg}"
THROTTLED = "failed: rtb-1: throttled by AWS (RequestLimitExceeded)"


def many(count: int, *, failing: int = 0) -> Move:
    """A takeover of so many tables side by side; the last is the slowest, the first ones fail."""
    places = [f"rtb-{number:02} 10.99.0.50" for number in range(count)]
    claims = [
        step(Kind.CLAIM, 6, 20 + n, place, fails="denied" if n < failing else "")
        for n, place in enumerate(places)
    ]
    return moved(
        steps=(*claims, step(Kind.READ, 20 + count, 35 + count, *places)), seconds=0.04 + count / 1000
    )


RETRIED = moved(
    seconds=0.331,
    steps=(
        step(Kind.CLAIM, 6, 66, TABLE, fails=THROTTLED),
        step(Kind.READ, 110, 140, TABLE, fails=THROTTLED),
        step(Kind.READ, 220, 250, TABLE),
        step(Kind.CLAIM, 251, 300, TABLE),
        step(Kind.READ, 301, 330, TABLE),
    ),
)
UNEVEN = moved(seconds=10.0, steps=(step(Kind.CLAIM, 1, 1.5, TABLE), step(Kind.READ, 9000, 9990, TABLE)))
STORM = moved(
    seconds=600.0,
    exit_code=5,
    finished=False,
    rounds=40,
    left_out=1200,
    errors=("rtb-1: not done before the deadline",),
    steps=tuple(
        step(Kind.CLAIM if n % 2 else Kind.READ, n * 1500, n * 1500 + 30, TABLE, fails=f"failed: {n % 5}")
        for n in range(400)
    ),
)
NOTHING = moved(
    steps=(), places=(), exit_code=4, seconds=0.0, errors=("a newer `down` has replaced this order",)
)
NOT_EVEN_TIME = replace(NOTHING, hook_started_s=None, caller_started_s=None)
MOVES = {
    "takeover": TAKEOVER,
    "fifty": many(50),
    "fifty, some fail": many(50, failing=12),
    "retried": RETRIED,
    "uneven": UNEVEN,
    "storm": STORM,
    "nothing": NOTHING,
    "not even time": NOT_EVEN_TIME,
}


def shown(move: Move, width: int = 110, *, colour: bool = False, encoding: str = "utf-8") -> str:
    """The picture in a terminal, or as a pipe gets it."""
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding)
    console = Console(
        file=file, width=width, force_terminal=colour, color_system="truecolor" if colour else None
    )
    show(chart_of(move), console)
    file.flush()
    return raw.getvalue().decode(encoding)


def row_of(move: Move, name: str) -> Row:
    """The row of that name."""
    return next(row for row in chart_of(move).rows if row.name == name)


def framed(chart: Chart) -> list[tuple[str, str]]:
    """The rows and bars that the picture points at, the total aside."""
    rows = (row for row in chart.rows if not row.total)
    return [(row.name, bar.label) for row in rows for bar in row.bars if bar.heaviest]


def test_rows_come_as_things_happen() -> None:
    """Who asked, the host, the place, the verification, the whole."""
    names = [row.name for row in chart_of(TAKEOVER).rows]
    assert names == ["pgpool 411", "hook 4711", "host 10.99.0.50", "rtb-1", "verification", "total"]


def test_the_heaviest_bar_is_the_longest_of_the_heaviest_phase() -> None:
    """One frame among the rows, and the sentence that names it."""
    assert framed(chart_of(many(3))) == [("pgpool 411", "starts the hook")]
    patient = chart_of(moved(caller_started_s=None))
    assert framed(patient) == [("rtb-1", "claim")]
    assert patient.verdict == "most of it: writes, 60 ms of 120 ms (50 %); the longest, 60 ms, at rtb-1"


def test_a_few_places_are_all_shown() -> None:
    """Up to eight."""
    names = [row.name for row in chart_of(many(8)).rows]
    assert [name for name in names if name.startswith("rtb-")] == [f"rtb-{n:02}" for n in range(8)]


def test_of_many_places_those_that_matter_are_shown() -> None:
    """The slowest five, and one row for the others that says how long they took."""
    chart = chart_of(many(50))
    names = [row.name for row in chart.rows if row.name.startswith("rtb-")]
    assert names == ["rtb-49", "rtb-48", "rtb-47", "rtb-46", "rtb-45"]
    others = next(row for row in chart.rows if row.name.startswith("45 more"))
    assert others.name == "45 more, median 51 ms"
    assert others.note == "29 ms to 73 ms"


def test_places_that_failed_come_before_slow_ones() -> None:
    """And the reasons of those without a row are not lost."""
    chart = chart_of(many(50, failing=12))
    names = {row.name for row in chart.rows if row.name.startswith("rtb-")}
    assert names == {f"rtb-{n:02}" for n in range(7, 12)}
    others = next(row for row in chart.rows if row.name.startswith("45 more"))
    assert others.reasons == ("denied (7 times)",)


def test_a_failure_is_in_the_picture_with_its_reason() -> None:
    """The same reason once."""
    text = shown(RETRIED)
    assert "✗ read 30 ms" in text
    assert text.count("throttled by AWS (RequestLimitExceeded) (2 times)") == 1


def test_a_wait_between_tries_is_seen() -> None:
    """As dots between the bars, and as the phase that took most of the time."""
    text = shown(RETRIED, 120)
    assert "· 44 ms ··" in text
    assert "most of it: waits between tries, 124 ms of 411 ms (30 %)" in text
    assert "··· waits 8,998 ms ···" in shown(UNEVEN)


@pytest.mark.parametrize("units", [16, 40, 120, 640])
@pytest.mark.parametrize("least", [1, 4])
def test_no_bar_is_invisible_or_over_another(units: int, least: int) -> None:
    """Whatever the steps of a place are: a thousand random rows."""
    dice = random.Random(4711)
    for _ in range(250):
        end = 10 ** dice.uniform(-3, 3)
        bars = _random_bars(dice, end)
        placed = fit(bars, Scale(0.0, end, units, least))
        assert sum(one.bar.count for one in placed) == len(bars)
        assert all(one.width >= least for one in placed)
        assert placed[0].left >= 0
        assert placed[-1].right <= units
        assert all(one.right <= other.left for one, other in pairwise(placed))
        assert all(bar.ok for bar in bars) == all(one.bar.ok for one in placed)


def _random_bars(dice: random.Random, end: float) -> list[Bar]:
    edges = sorted(dice.uniform(0, end) for _ in range(2 * dice.randint(1, 60)))
    pairs = zip(edges[::2], edges[1::2], strict=True)
    phases = (Phase.WRITE, Phase.LOOK, Phase.VERIFY)
    return [Bar(a, b, dice.choice(phases), "x", ok=dice.random() < 0.7, step=True) for a, b in pairs]


def test_labels_never_cover_a_bar() -> None:
    """Inside their own bar, or before the next one begins."""
    lettering = Lettering(letter=1, inside=4, beside=2)
    dice = random.Random(42)
    for _ in range(300):
        bars = _random_bars(dice, 1.0)
        placed = fit(bars, Scale(0.0, 1.0, 90))
        found = labelled(Row("x", tuple(bars)), placed, 90, lettering)
        ends = [*(one.left for one in placed[1:]), 90]
        assert all(one.waits_from <= end for one, end in zip(found, ends, strict=True))
        assert all(len(one.words) + 4 <= one.placed.width for one in found if one.inside)


def test_bars_that_cannot_be_told_apart_become_one_with_their_number() -> None:
    """Forty reads within two columns."""
    bars = [Bar(n / 1000, n / 1000 + 0.0005, Phase.LOOK, "read", step=True) for n in range(40)]
    (one,) = fit(bars, Scale(0.0, 10.0, 100))
    assert (one.bar.count, one.width) == (40, 1)
    (said,) = labelled(Row("x", ()), [one], 100, Lettering(1, 4, 2))
    assert said.words == "read x40"


@pytest.mark.parametrize(
    ("start", "end", "units", "expected"),
    [
        (-0.08, 0.1, 90, [-0.05, 0.0, 0.05, 0.1]),
        (0.0, 0.0004, 90, [0, 0.0001, 0.0002, 0.0003, 0.0004]),
        (0.0, 600.0, 90, [0, 100, 200, 300, 400, 500, 600]),
    ],
)
def test_ticks_are_round_moments(start: float, end: float, units: int, expected: list[float]) -> None:
    """And 0, the moment at which the order was taken, is one of them."""
    assert Scale(start, end, units).ticks(11) == pytest.approx(expected)


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
@pytest.mark.parametrize("width", [80, 100, 160])
def test_the_picture_fits_the_terminal(move: Move, width: int) -> None:
    """In colour and without, at every width that people have."""
    for line in shown(move, width).splitlines():
        assert len(line) <= width
    assert "\x1b[" in shown(move, width, colour=True)
    assert "\x1b[" not in shown(move, width)


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_a_terminal_without_unicode_gets_a_picture_too(move: Move) -> None:
    """Encoding the text would raise where a letter is missing."""
    assert shown(move, encoding="ascii").startswith("primary: up ")


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_the_svg_is_well_formed_and_no_bar_is_invisible(move: Move) -> None:
    """Every rectangle is on the paper and has a width; every bar has its tooltip."""
    root = ElementTree.fromstring(drawn(chart_of(move)))
    width, height = map(float, root.attrib["viewBox"].split()[2:])
    for box in root.iter(f"{SVG}rect"):
        x, y, w, h = (float(box.attrib[name]) for name in ("x", "y", "width", "height"))
        assert w >= 4
        assert h >= 4
        assert x >= 0
        assert y >= 0
        assert x + w <= width
        assert y + h <= height
    for text in root.iter(f"{SVG}text"):
        assert 0 < float(text.attrib["y"]) < height
    assert all(group.find(f"{SVG}title") is not None for group in root.iter(f"{SVG}g"))


def test_the_svg_is_readable_on_dark_paper_too() -> None:
    """The reader's preference decides."""
    assert "prefers-color-scheme: dark" in drawn(chart_of(TAKEOVER))


def test_text_from_outside_only_shows_itself() -> None:
    """Neither a terminal nor a browser takes it for its own language."""
    nasty = "\x1b[31m</text><script>alert(1)</script>&[bold]\x07"
    record = StepRecord("claim", Kind.CLAIM, (nasty,), 0.01, 0.05, f"failed: {nasty}", False)
    move = moved(vip=nasty, node=nasty, asked_by=nasty, errors=(nasty,), warnings=(nasty,), steps=(record,))
    assert "\x1b" not in shown(move)
    assert "\x07" not in shown(move)
    assert "[bold]" in shown(move)
    root = ElementTree.fromstring(drawn(chart_of(move)))
    assert not list(root.iter(f"{SVG}script"))


def test_a_move_without_steps_says_why() -> None:
    """It was superseded before anything was done."""
    text = shown(NOTHING)
    assert "no step was made" in text
    assert "a newer `down` has replaced this order" in text


def test_a_long_move_says_what_is_missing_and_that_it_goes_on() -> None:
    """Its middle is not kept, and the agent still tries."""
    text = shown(STORM)
    assert "still pending after 600 s and 40 rounds" in text
    assert "1,200 steps in the middle are not kept" in text


def test_a_bar_keeps_its_place_on_the_scale() -> None:
    """What starts in the middle is drawn in the middle."""
    scale = Scale(0.0, 1.0, 104)
    (placed,) = fit([Bar(0.25, 0.75, Phase.WRITE, "claim")], scale)
    assert (placed.left, placed.right) == (25, 75)
    assert isinstance(placed, Placed)
