"""The command line. Exit code 0 if every target is met in this run, 1 if not, 2 if it could not be run.

Rules: everything happens in namespaces of its own, as the demo does it, so that nothing of this machine is
touched and the kernel ends what is left. A quick run tells; only a whole one rewrites docs/performance.md.
On a machine that has other work, short processes suffer most: `chrt -r 5 make bench` puts all contenders
first.
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench import agenda, node, play, plot, report, show
from bench.agent import NoAgent
from bench.cloud import served
from bench.contenders import AGENT
from bench.methods import METHODS
from bench.results import Machine, Results, load, save
from bench.rounds import NotMoved
from bench.scenery import CONTENDERS
from bench.targets import verdicts
from vipswitch.demo import sandbox

RESULTS = Path(__file__).with_name("results.json")
DOCS = Path(__file__).parent.parent / "docs"
_HOME = Path("/run/bench")
_PACKAGES = ("vipswitch", "boto3", "botocore", "awscli", "moto", "azure-mgmt-network", "azure-identity")


class Stopped(BaseException):
    """By a signal."""


def main() -> int:
    """Measure, or show what was measured before."""
    options = _options()
    console = Console(stderr=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        if options.show:
            return _tell(load(options.show), console, write=not options.quick)
        return _inside(options, console) if options.inside else _outside(options, console)
    except Stopped as exc:
        return 128 + int(exc.args[0])


def _outside(options: argparse.Namespace, console: Console) -> int:
    try:
        words = sandbox.entrance()
    except sandbox.NoNamespaces as exc:
        console.print(f"bench: there are no network namespaces here: {exc}", style="red")
        return 2
    return sandbox.run([*words, sys.executable, "-m", "bench", "--inside", *sys.argv[1:]])


def _inside(options: argparse.Namespace, console: Console) -> int:
    sandbox.obey()
    _HOME.mkdir()
    try:
        results = _measure(options, console)
    except (NotMoved, NoAgent) as exc:
        console.print(f"bench: {exc}", style="red", markup=False)
        return 2
    save(results, RESULTS)
    return _tell(results, console, write=not options.quick)


def _measure(options: argparse.Namespace, console: Console) -> Results:
    turns = (agenda.quick if options.quick else agenda.whole)(options.runs)
    if options.without_agent:
        turns = agenda.without(AGENT, turns)
    node.begin(CONTENDERS)
    with _progress(console) as progress:
        task = progress.add_task("", total=_steps(turns, options.rest))

        def tell(what: str) -> None:
            progress.update(task, advance=1, description=what)

        played = list(_played(turns, options.rest, tell))
    measured = tuple(each for part in played for each in part.measured)
    return Results(_machine(), measured, tuple(rest for part in played for rest in part.rests))


def _played(turns: Sequence[agenda.Turn], rest_s: float, tell: play.Tell) -> Iterator[play.Played]:
    """One cloud after the other, each with this node on it."""
    for name, of_cloud in groupby(turns, lambda turn: METHODS[turn.cell.method].cloud):
        with served(name) as cloud, node.attached(cloud.mac):
            yield play.Player(cloud, _HOME, tell, rest_s=rest_s).play(list(of_cloud))


def _tell(results: Results, console: Console, *, write: bool) -> int:
    judged = verdicts(results)
    show.show(results, judged, Console())
    if write:
        plot.draw(results, DOCS / "performance.svg")
        (DOCS / "performance.md").write_text(report.page(results, judged))
        console.print(f"written: {DOCS / 'performance.md'}")
    return 0 if all(verdict.met for verdict in judged) else 1


def _steps(turns: Sequence[agenda.Turn], rest_s: float) -> int:
    """How often the player tells of something."""
    rests = len(agenda.RESTS) if rest_s else 0
    return sum(sum(turn.counts.values()) for turn in turns) + rests


def _machine() -> Machine:
    versions = {name: version(name) for name in _PACKAGES}
    preferred = os.sched_getscheduler(0) in (os.SCHED_RR, os.SCHED_FIFO)
    return Machine(len(os.sched_getaffinity(0)), platform.python_version(), versions, preferred)


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True)


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped(number)


def _options(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="How fast a VIP moves.")
    parser.add_argument("--quick", action="store_true", help="only what has a target, and few runs")
    parser.add_argument("--runs", type=int, metavar="N", help="takeovers by each contender in each setting")
    parser.add_argument("--rest", type=float, metavar="SECONDS", help="watch an agent at rest; 0: do not")
    parser.add_argument("--without-agent", action="store_true", help="leave the agent out")
    parser.add_argument("--show", type=Path, metavar="RESULTS", help="measure nothing: show these results")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(words)
    if options.runs is None:
        options.runs = agenda.QUICK_RUNS if options.quick else agenda.RUNS
    if options.rest is None:
        options.rest = 0.0 if options.quick else play.REST_S
    return options
