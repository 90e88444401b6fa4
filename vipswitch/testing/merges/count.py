"""How many orders there are in which things can happen, when some must come before others. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence


def extensions(before: Sequence[Collection[int]]) -> int:
    """The number of orders; `before` has for each thing the numbers of those that come before it."""
    needs = [sum(1 << other for other in others) for others in before]
    ways = {0: 1}
    for _ in needs:
        further: defaultdict[int, int] = defaultdict(int)
        for done, count in ways.items():
            for bit, need in _open(needs, done):
                if not need & ~done:
                    further[done | bit] += count
        ways = further
    return sum(ways.values())


def _open(needs: Sequence[int], done: int) -> list[tuple[int, int]]:
    """What has not happened yet, each as a bit and what it needs."""
    return [(1 << number, need) for number, need in enumerate(needs) if not done >> number & 1]
