"""Takeovers, one after the other, the contenders in turn; each is looked up afterwards before it counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bench import contenders, measure, node
from bench.cloud import Cloud, Vip
from bench.contenders import AGENT, Contender
from bench.figures import Ran, Run, run_of
from bench.ground import Ground
from bench.methods import METHODS


class NotMoved(Exception):
    """A contender did not do what is measured; the text says who, and what it said."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One contender with a VIP of its own."""

    contender: Contender
    vip: Vip
    words: list[str]
    environment: Mapping[str, str]
    folder: Path
    on_host: bool

    @property
    def config(self) -> Path:
        """The config of its VIP."""
        return self.folder / contenders.CONFIG

    @property
    def log(self) -> Path:
        """What its last process said."""
        return self.folder / "log"


def lane(contender: Contender, method: str, count: int, ground: Ground, home: Path) -> Lane:
    """The lane of a contender, with its config and an empty folder for its orders."""
    how, folder = METHODS[method], home / f"{contender.key}-{method}-{count}"
    (folder / "run").mkdir(parents=True, mode=0o700)
    name, ground = how.vip(contender.number), replace(ground, tables=ground.tables[:count])
    made = Lane(
        contender,
        Vip(method, contender.number, name, count),
        how.words(contender, ground, name),
        contenders.environment(ground, folder),
        folder,
        on_host=how.on_host and contender.on_host,
    )
    made.config.write_text(how.config(ground, name))
    return made


def in_turn(counts: Mapping[str, int]) -> Iterator[str]:
    """Whose turn it is: each contender as often as it is to run, spread over as many rounds as the most."""
    rounds = max(counts.values(), default=0)
    for number in range(rounds):
        for key, count in counts.items():
            if number * count // rounds != (number + 1) * count // rounds:
                yield key


def takeover(cloud: Cloud, lane: Lane, agent_pid: int | None) -> Run:
    """One takeover by a new process. Raises NotMoved."""
    cloud.give_away(lane.vip)
    if METHODS[lane.vip.method].on_host:
        node.take_off(lane.vip.name)
    agent = agent_pid if lane.contender is AGENT else None
    before = measure.cpu_s(agent) if agent else 0.0
    ended = measure.run(lane.words, lane.environment, lane.log)
    agent_cpu_s = measure.cpu_s(agent) - before if agent else 0.0
    calls = cloud.calls(lane.vip.contender, ended.started)
    _prove(cloud, lane, ended.code)
    return run_of(Ran(ended.ended - ended.started, ended.cpu_s, agent_cpu_s), calls)


def _prove(cloud: Cloud, lane: Lane, code: int) -> None:
    if code != 0:
        raise NotMoved(f"{lane.contender.label}: exit code {code}: {lane.log.read_text().strip()}")
    if not cloud.are_ours(lane.vip):
        raise NotMoved(f"{lane.contender.label}: says so, but {lane.vip.name} is not here")
    if lane.on_host and not node.has(lane.vip.name):
        raise NotMoved(f"{lane.contender.label}: {lane.vip.name} is not on the host")
