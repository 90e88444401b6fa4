"""What the cloud answers is what Azure was recorded to answer."""

from __future__ import annotations

import pytest

from tests.azure import replay
from vipswitch.testing.azure import AzureCloud


@pytest.mark.parametrize("name", replay.recordings())
def test_recorded_exchanges_are_answered_as_recorded(name: str) -> None:
    """Each request of a public recording meets the documented status, headers and body."""
    recording = replay.load(name)
    cloud = AzureCloud(operation_gets=recording.get("operation_gets", 1))
    for switch, value in recording.get("rules", {}).items():
        setattr(cloud.rules, switch, value)
    words = replay.Words({"subscription": cloud.subscription, "group": cloud.group})
    for seed in words.fill(recording.get("seeds", [])):
        cloud.put(seed["path"], seed["body"])
    assert replay.play(cloud, recording) == []
