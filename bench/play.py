"""What of an agenda is played on one cloud, with one agent for each method and number of places."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from bench import agent, measure
from bench.agenda import RESTS, Turn
from bench.cloud import Cloud
from bench.contenders import AGENT, BIN, BY_KEY, HOOKS, Contender
from bench.figures import Run
from bench.results import Measured, Rest
from bench.rounds import Lane, in_turn, lane, takeover

REST_S = 60.0
_SETTLES_S = 10.0

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Played:
    """What was found, and how agents rested if that was asked for."""

    measured: tuple[Measured, ...]
    rests: tuple[Rest, ...]


class Player:
    """Plays an agenda on one cloud; `tell` hears of each takeover, `home` gets everybody's files."""

    def __init__(self, cloud: Cloud, home: Path, tell: Tell, *, rest_s: float = 0.0) -> None:
        self._cloud = cloud
        self._home = home
        self._tell = tell
        self._rest_s = rest_s
        self._rests: list[Rest] = []

    def play(self, turns: Sequence[Turn]) -> Played:
        """Everything, in order. Raises NotMoved, NoAgent."""
        measured: list[Measured] = []
        for (method, count), group in groupby(turns, lambda turn: (turn.cell.method, turn.cell.tables)):
            measured += self._with_one_agent(method, count, list(group))
        return Played(tuple(measured), tuple(self._rests))

    def _with_one_agent(self, method: str, count: int, turns: list[Turn]) -> list[Measured]:
        keys = dict.fromkeys(key for turn in turns for key in turn.counts)
        lanes = {key: self._lane(BY_KEY[key], method, count) for key in keys}
        with ExitStack() as stack:
            pid = self._agent(stack, lanes[AGENT.key]) if AGENT.key in lanes else None
            self._warm_up(lanes, pid)
            measured = [each for turn in turns for each in self._turn(turn, lanes, pid)]
            if pid and self._rest_s and method in RESTS and count == 1:
                self._rests.append(self._look_at_rest(lanes[AGENT.key], pid))
        return measured

    def _lane(self, contender: Contender, method: str, count: int) -> Lane:
        return lane(contender, method, count, self._cloud.grounds[contender.number], self._home)

    def _agent(self, stack: ExitStack, lane: Lane) -> int:
        log = lane.folder / "agent.log"
        return stack.enter_context(agent.running(BIN / "vipswitch", lane.config, lane.environment, log))

    def _warm_up(self, lanes: dict[str, Lane], pid: int | None) -> None:
        """What happens once: bytecode is compiled, the node's identity is asked for and kept."""
        self._cloud.slow(0.0)
        for contender in HOOKS:
            if contender.key in lanes:
                takeover(self._cloud, lanes[contender.key], pid)

    def _turn(self, turn: Turn, lanes: dict[str, Lane], pid: int | None) -> Iterator[Measured]:
        runs: dict[str, list[Run]] = defaultdict(list)
        self._cloud.slow(turn.cell.latency_ms / 1000)
        for key in in_turn(turn.counts):
            self._tell(f"{turn.cell.method}, {turn.cell.tables} at {turn.cell.latency_ms} ms")
            runs[key].append(takeover(self._cloud, lanes[key], pid))
        return (Measured(turn.cell, key, tuple(found)) for key, found in runs.items())

    def _look_at_rest(self, lane: Lane, pid: int) -> Rest:
        """After an `up`, and a while to settle: then only its monitor is at work."""
        self._cloud.slow(0.0)
        takeover(self._cloud, lane, pid)
        self._tell(f"agent at rest, {lane.vip.method}")
        time.sleep(_SETTLES_S)
        since, before = time.monotonic(), measure.cpu_s(pid)
        time.sleep(self._rest_s)
        used, took = measure.cpu_s(pid) - before, time.monotonic() - since
        calls = self._cloud.calls(lane.vip.contender, since)
        reads = sum(not call.writes and call.received_s >= 0 for call in calls)
        return Rest(lane.vip.method, took, measure.resident_mb(pid), used, reads)
