"""What a benchmark found: kept as JSON, and asked by what shows or judges it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.aws.methods import ROUTE_TABLE
from bench.contenders import Contender
from bench.figures import Run


@dataclass(frozen=True, slots=True)
class Cell:
    """One setting: a method, how many places (route tables), and the latency added to each request."""

    method: str = ROUTE_TABLE
    tables: int = 1
    latency_ms: int = 0


@dataclass(frozen=True, slots=True)
class Measured:
    """The runs of one contender in one cell."""

    cell: Cell
    contender: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Rest:
    """An agent with nothing to do but a VIP of a method: its memory, CPU use and reads over some time."""

    method: str
    seconds: float
    resident_mb: float
    cpu_s: float
    reads: int


@dataclass(frozen=True, slots=True)
class Machine:
    """All that is said of the machine.

    `versions` of the libraries that matter. `preferred`: everything that was measured had precedence over
    whatever else the machine did (chrt(1)).
    """

    cores: int
    python: str
    versions: dict[str, str]
    preferred: bool = False


@dataclass(frozen=True, slots=True)
class Results:
    """All of it."""

    machine: Machine
    measured: tuple[Measured, ...]
    rests: tuple[Rest, ...] = ()

    def runs(self, contender: Contender, cell: Cell) -> tuple[Run, ...]:
        """The runs of a contender; none where it was not measured."""
        return next((m.runs for m in self.measured if (m.contender, m.cell) == (contender.key, cell)), ())

    def cells(self) -> list[Cell]:
        """The cells in which anybody was measured, in the order of the benchmark."""
        return list(dict.fromkeys(measured.cell for measured in self.measured))


def save(results: Results, path: Path) -> None:
    """Write the results as JSON."""
    path.write_text(json.dumps(asdict(results), indent=1) + "\n")


def load(path: Path) -> Results:
    """Read what `save` has written."""
    raw = json.loads(path.read_text())
    return Results(
        Machine(**raw["machine"]),
        tuple(_measured(raw["measured"])),
        tuple(Rest(**rest) for rest in raw["rests"]),
    )


def _measured(raw: Iterable[dict[str, object]]) -> Iterable[Measured]:
    for each in raw:
        cell, runs = Cell(**each["cell"]), tuple(Run(**run) for run in each["runs"])  # type: ignore[arg-type,attr-defined]
        yield Measured(cell, str(each["contender"]), runs)
