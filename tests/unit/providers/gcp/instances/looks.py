"""What the tests look at."""

from __future__ import annotations

from vipswitch.model import Holding
from vipswitch.provider import Finding, Provider
from vipswitch.testing.bed import Bed


def seen_by(provider: Provider, bed: Bed) -> Holding:
    """The first place, as this provider reads it."""
    answer = provider.read([bed.place()], bed.deadline())[bed.place()]
    assert isinstance(answer, Holding), answer
    return answer


def about(findings: list[Finding], word: str) -> Finding:
    """The one finding whose subject has the word in it."""
    [found] = [finding for finding in findings if word in finding.subject]
    return found
