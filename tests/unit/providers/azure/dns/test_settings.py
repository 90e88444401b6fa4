"""The config keys of `azure-dns` and `azure-private-dns`: what is taken, what is refused and how."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.providers.azure.dns.rig import StubMachine
from vipswitch import configfile
from vipswitch.config import ConfigProblems
from vipswitch.errors import ConfigError
from vipswitch.model import Place, Vip
from vipswitch.providers.azure.dns.private import AzurePrivateDns
from vipswitch.providers.azure.dns.public import AzureDns
from vipswitch.providers.azure.dns.settings import DnsSettings, PrivateDnsSettings
from vipswitch.providers.azure.ids import Name
from vipswitch.settings import parse

GUID = "11111111-2222-3333-4444-555555555555"
GOOD = {"name": "db.example.com", "zones": ["example.com"]}
SETTINGS: list[Any] = [DnsSettings, PrivateDnsSettings]


def zone_id(type_: str = "dnsZones") -> str:
    return f"/subscriptions/{GUID}/resourceGroups/net/providers/Microsoft.Network/{type_}/Example.com"


@pytest.mark.parametrize(("settings", "publish"), [(DnsSettings, "public"), (PrivateDnsSettings, "private")])
def test_a_name_and_a_zone_are_all_that_is_needed(settings: Any, publish: str) -> None:
    """What is published is what those who see the zone can reach."""
    made, problems = parse(settings, GOOD, str)
    assert problems == []
    assert made is not None
    assert (made.types, made.ttl, made.publish) == (("A",), 10, publish)


def test_everything_may_come_from_flags() -> None:
    """All values are texts then."""
    flags = {
        "name": "DB.Example.com.",
        "zones": f"Example.com,net/example.com,{zone_id()}",
        "types": "A,AAAA",
        "ttl": "60",
        "publish": "private",
    }
    made, problems = parse(DnsSettings, flags, str)
    assert problems == []
    assert made == DnsSettings(
        name="db.example.com",
        zones=(Name("example.com"), Name("example.com", "net"), Name("example.com", "net", GUID)),
        types=("A", "AAAA"),
        ttl=60,
        publish="private",
    )


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "*.example.com"),
        ("name", "10.0.0.5"),
        ("name", "db..example.com"),
        ("name", 7),
        ("zones", ["exam ple.com"]),
        ("zones", ["*.example.com"]),
        ("zones", ["net/other/example.com"]),
        ("zones", [zone_id("virtualNetworks")]),
        ("zones", []),
        ("types", ["TXT"]),
        ("types", []),
        ("ttl", 0),
        ("ttl", 86401),
        ("ttl", "soon"),
        ("ttl", True),
        ("publish", "both"),
        ("txt", True),
        ("endpoint", "management.azure.com"),
    ],
)
def test_a_mistake_is_told_by_its_key(settings: Any, key: str, value: object) -> None:
    """And nothing is built from it."""
    made, problems = parse(settings, {**GOOD, key: value}, str)
    assert made is None
    [problem] = problems
    assert problem.where.startswith(key)


@pytest.mark.parametrize(
    ("settings", "other"), [(DnsSettings, "privateDnsZones"), (PrivateDnsSettings, "dnsZones")]
)
def test_a_zone_of_the_other_kind_is_another_providers(settings: Any, other: str) -> None:
    """Its id says so before anything is asked."""
    made, problems = parse(settings, {**GOOD, "zones": [zone_id(other)]}, str)
    assert made is None
    [problem] = problems
    assert "dns zone such as" in problem.message.lower()


@pytest.mark.parametrize(
    ("make", "settings"), [(AzureDns, DnsSettings), (AzurePrivateDns, PrivateDnsSettings)]
)
def test_each_record_set_is_a_place(make: Any, settings: Any, tmp_path: Path) -> None:
    """By zone, type and what the zone calls the name; a zone that is named twice is one."""
    zones = (Name("example.com"), Name("db.example.com", "net"), Name("example.com"))
    given = settings(name="db.example.com", zones=zones, types=("AAAA", "A"))
    provider = make(given, Vip("primary", ()), StubMachine("", tmp_path))
    assert provider.places == (
        Place("example.com/A/db"),
        Place("example.com/AAAA/db"),
        Place("net/db.example.com/A/@"),
        Place("net/db.example.com/AAAA/@"),
    )
    keys = {provider.contention_key(place) for place in provider.places}
    assert len(keys) == 4


def test_the_two_kinds_do_not_wait_for_each_other(tmp_path: Path) -> None:
    """A public and a private zone of one name are two zones."""
    machine, vip = StubMachine("", tmp_path), Vip("primary", ())
    public = AzureDns(DnsSettings(name="db.example.com", zones=(Name("example.com"),)), vip, machine)
    private = AzurePrivateDns(
        PrivateDnsSettings(name="db.example.com", zones=(Name("example.com"),)), vip, machine
    )
    assert public.places == private.places
    assert public.contention_key(public.places[0]) != private.contention_key(private.places[0])


@pytest.mark.parametrize("zone", ["example.org", "b.example.com", "ample.com"])
def test_a_name_outside_its_zone_is_a_matter_of_the_config(zone: str, tmp_path: Path) -> None:
    """Known without asking Azure."""
    given = DnsSettings(name="db.example.com", zones=(Name("example.com"), Name(zone)))
    provider = AzureDns(given, Vip("primary", ()), StubMachine("", tmp_path))
    with pytest.raises(ConfigError, match=f"db.example.com: does not belong to the zone {zone}") as caught:
        _ = provider.places
    assert "`zones`" in caught.value.hint


@pytest.mark.parametrize("provider", ["azure-dns", "azure-private-dns"])
def test_a_vip_that_is_a_name_has_no_address(provider: str, tmp_path: Path) -> None:
    """It publishes the nodes' own; an address in the config would never be used."""
    path = tmp_path / "vipswitch.toml"
    text = f'[vip.primary]\nprovider = "{provider}"\nname = "db.example.com"\nzones = ["example.com"]\n'
    path.write_text(text)
    assert configfile.read(path).select("DB.example.com.", {}).vip.addresses == ()
    path.write_text(f'{text}address = "10.99.0.50"\n')
    with pytest.raises(ConfigProblems, match="is not used by this provider"):
        configfile.read(path).select("primary", {})
