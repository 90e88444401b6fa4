"""What is demanded of the figures on Azure."""

from __future__ import annotations

from bench.azure.methods import IP_CONFIGURATION, ROUTE_TABLE
from bench.contenders import AGENT, FLOOR, HOOK
from bench.judging import LEAVES_S, READ_EVERY_S, Figures, Judge, cpu_at_most, memory_below, reads_seldom
from bench.results import Cell


def _leaves(figures: Figures) -> tuple[str, bool]:
    """The worst of the latencies. Azure's writes carry the ETag of what was read before."""
    cells = figures.cells(ROUTE_TABLE)
    most_s = max(figures(AGENT, "write_s", cell) - figures(AGENT, "read_s", cell) for cell in cells)
    return f"{most_s * 1000:.1f} ms and one read", most_s <= LEAVES_S


def _gets_there(figures: Figures) -> tuple[str, bool]:
    cell = Cell(ROUTE_TABLE)
    times = figures(FLOOR, "write_s", cell) / figures(AGENT, "write_s", cell)
    return f"{times:.1f} times", times >= 12


def _requests(method: str, most: int, writes: int) -> Judge:
    """As docs/providers/azure.md has them, in every setting; an agent also reads when it likes."""

    def judge(figures: Figures) -> tuple[str, bool]:
        cells = figures.cells(method)
        found = max(figures(HOOK, "calls", cell) for cell in cells)
        wrote = max(figures(HOOK, "writes", cell) for cell in cells)
        return f"{found:.0f}, {wrote:.0f} of them writes", found <= most and wrote <= writes

    return judge


TARGETS: dict[str, Judge] = {
    f"hook with agent, {ROUTE_TABLE}: its write reaches the API within 25 ms and one read": _leaves,
    f"hook with agent, {ROUTE_TABLE}: that is at least 12 times sooner than the floor's": _gets_there,
    f"hook without agent, {ROUTE_TABLE}: at most 4 requests, 1 of them a write": _requests(ROUTE_TABLE, 4, 1),
    f"hook without agent, {IP_CONFIGURATION}: at most 11 requests, 2 of them writes": _requests(
        IP_CONFIGURATION, 11, 2
    ),
    f"agent at rest, {ROUTE_TABLE}: below 90 MB": memory_below(90, ROUTE_TABLE),
    f"agent at rest, {ROUTE_TABLE}: at most 0.5 % of a core": cpu_at_most(0.5, ROUTE_TABLE),
    f"agent at rest, {ROUTE_TABLE}: reads every {READ_EVERY_S:.0f} s at most": reads_seldom(ROUTE_TABLE),
}
