"""GetChange, and what name servers know meanwhile: where moto differs from Route 53.

Each pair shows bare moto doing it and the corrected one not. A test of bare moto that fails means that moto
has learnt it: drop the correction and the pair.
"""

from __future__ import annotations

from tests.aws.hosted_zone import ONE, TWO, VIP, Zone, change, refusal
from vipswitch.testing.aws import zones


def test_bare_moto_is_in_sync_at_once_under_one_id(bare_zone: Zone) -> None:
    """And it knows every change that it is asked for."""
    first, second = bare_zone.make(change("CREATE")), bare_zone.make(change("UPSERT", VIP, TWO))
    assert (first["Id"], first["Status"]) == (second["Id"], "INSYNC")
    assert bare_zone.status("C0123456789") == "INSYNC"


def test_a_change_is_pending_before_it_is_in_sync(zone: Zone) -> None:
    """Each has an id of its own; for how long, the test says."""
    zones.propagate_after(zone.cloud, 3600)
    first, second = zone.make(change("CREATE")), zone.make(change("UPSERT", VIP, TWO))
    assert first["Id"].startswith("/change/C")
    assert first["Id"] != second["Id"]
    assert (first["Status"], zone.status(second["Id"])) == ("PENDING", "PENDING")
    zones.propagate_after(zone.cloud, 0)
    assert (zone.status(first["Id"]), zone.status(second["Id"])) == ("INSYNC", "INSYNC")
    zones.propagate_after(zone.cloud, 3600)
    assert zone.status(first["Id"]) == "INSYNC"


def test_an_unknown_change_is_not_found(zone: Zone) -> None:
    """Also the id that moto once gave to all."""
    code, text = refusal(lambda: zone.status("C2682N5HXP0BZ4"))
    assert (code, text) == ("NoSuchChange", "Could not find resource with ID: C2682N5HXP0BZ4")


def test_creating_a_zone_is_a_change_too(zone: Zone) -> None:
    """Its id can be asked for."""
    made = zone.client.create_hosted_zone(Name="example.net", CallerReference="one")["ChangeInfo"]
    assert made["Status"] == "PENDING"
    assert zone.client.get_change(Id=made["Id"])["ChangeInfo"]["Id"] == made["Id"]


def test_pending_changes_are_listed_and_not_served(zone: Zone) -> None:
    """The API tells what will be, name servers what was, until the oldest pending change is in sync."""
    zone.make(change("CREATE"))
    zones.propagate_after(zone.cloud, 0)
    assert (VIP, "A") in zones.served(zone.cloud, zone.id)
    zones.propagate_after(zone.cloud, 3600)
    zone.make(change("UPSERT", VIP, TWO))
    zone.make(change("UPSERT", VIP, "10.0.3.10"))
    assert zones.served(zone.cloud, zone.id)[VIP, "A"].values == (ONE,)
    assert zone.values() == ("10.0.3.10",)
    zones.propagate_after(zone.cloud, 0)
    assert zones.served(zone.cloud, zone.id)[VIP, "A"].values == ("10.0.3.10",)
