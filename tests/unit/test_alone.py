"""A hook without an agent: how long it works for its order."""

from __future__ import annotations

import pytest

from vipswitch.callers.alone import patience_s
from vipswitch.config import Config
from vipswitch.model import Verb

ADDRESS = "10.0.1.50"


@pytest.mark.parametrize(
    ("flags", "verb", "seconds"),
    [
        ({"provider": "azure-ip-configuration"}, Verb.UP, 180.0),
        ({"provider": "azure-ip-configuration"}, Verb.DOWN, 10.0),
        ({"provider": "azure-route-table", "route_tables": ["rt-app"]}, Verb.UP, 10.0),
        ({"provider": "aws-route-table", "route_tables": ["rtb-0a1b2c3d"]}, Verb.UP, 10.0),
    ],
)
def test_only_a_takeover_of_two_writes_is_not_given_up_when_the_caller_has_waited(
    flags: dict[str, object], verb: Verb, seconds: float
) -> None:
    """Between the two nobody has the VIP; a route that was written comes without us."""
    assert patience_s(Config().select(ADDRESS, flags), verb, 10.0) == seconds
