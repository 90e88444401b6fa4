"""What is demanded of the figures, and whether these results meet it. Pure; every verdict is computed.

A target that the results say nothing of counts as not met.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench.aws.targets import TARGETS as AWS
from bench.azure.targets import TARGETS as AZURE
from bench.judging import Figures, Judge, NotMeasured, Verdict
from bench.results import Results

TARGETS: dict[str, Judge] = {**AWS, **AZURE}


def verdicts(results: Results) -> list[Verdict]:
    """Every target, judged."""
    return list(_judged(Figures(results)))


def _judged(figures: Figures) -> Iterator[Verdict]:
    for demand, judge in TARGETS.items():
        try:
            yield Verdict(demand, *judge(figures))
        except NotMeasured:
            yield Verdict(demand, "not measured", False)
