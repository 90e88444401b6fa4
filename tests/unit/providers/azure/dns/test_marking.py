"""Release marks of record sets, where somebody else comes between."""

from __future__ import annotations

import pytest

from tests.contract.azure_dns_cloud import AzureDnsCloud
from tests.unit.providers.azure.dns.rig import first, provider_on, seen, soon, take
from vipswitch.errors import Conflict
from vipswitch.providers.azure.dns.records import MARK


def test_a_mark_of_a_name_that_moved_on_is_a_conflict(cloud: AzureDnsCloud) -> None:
    """Nothing is written beside another's record, nor where there is none."""
    provider = provider_on(cloud)
    for prepare in (lambda: cloud.say(first(provider), "10.0.9.9"), lambda: cloud.empty(first(provider))):
        prepare()
        with pytest.raises(Conflict, match="held by"):
            provider.mark(first(provider), cloud.node_id("a"), 5, soon())
    assert cloud.record(first(provider)) is None
    provider.unmark(first(provider), cloud.node_id("a"), soon())
    assert cloud.record(first(provider)) is None


def test_a_mark_loses_the_race_with_a_takeover(cloud: AzureDnsCloud) -> None:
    """Between its look and its write another node came: the mark is not written."""
    provider = provider_on(cloud)
    take(provider, seen(provider))
    cloud.azure.faults.foreign_write("*/A/write", lambda: cloud.say(first(provider), "10.0.9.9"))
    with pytest.raises(Conflict):
        provider.mark(first(provider), cloud.node_id("a"), 5, soon())
    assert MARK not in ((cloud.record(first(provider)) or {}).get("metadata") or {})


def test_a_late_unmark_takes_nothing_from_the_new_holder(cloud: AzureDnsCloud) -> None:
    """It rewrites a set that it has read, and that is another's by now."""
    provider = provider_on(cloud)
    take(provider, seen(provider))
    provider.mark(first(provider), cloud.node_id("a"), 5, soon())
    cloud.azure.faults.foreign_write("*/A/write", lambda: cloud.say(first(provider), "10.0.9.9"))
    with pytest.raises(Conflict):
        provider.unmark(first(provider), cloud.node_id("a"), soon())
    assert cloud.said(first(provider)) == "10.0.9.9"
