"""The config keys of `gcp-cloud-dns`, and the places that they make."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.providers.gcp.rig import StubMachine
from vipswitch import configfile
from vipswitch.config import ConfigProblems
from vipswitch.errors import ConfigError
from vipswitch.model import NodeId, Place, Vip
from vipswitch.provider import load
from vipswitch.providers.gcp.cloud_dns.provider import GcpCloudDns
from vipswitch.providers.gcp.cloud_dns.settings import CloudDnsSettings
from vipswitch.providers.gcp.ids import Name
from vipswitch.settings import parse

GOOD = {"name": "db.example.com", "zones": ["example-zone"]}


def test_a_name_and_a_zone_are_all_that_is_needed() -> None:
    """What is published is the private address, for ten seconds."""
    made, problems = parse(CloudDnsSettings, GOOD, str)
    assert problems == []
    assert made is not None
    assert (made.types, made.ttl, made.publish) == (("A",), 10, "private")


def test_everything_may_come_from_flags() -> None:
    """All values are texts then."""
    url = "https://dns.googleapis.com/dns/v1/projects/host-project/managedZones/z1"
    flags = {
        "name": "DB.Example.com.",
        "zones": f"example-zone,other-project/z2,projects/host-project/managedZones/z3,{url}",
        "types": "A,AAAA",
        "ttl": "60",
        "publish": "public",
    }
    made, problems = parse(CloudDnsSettings, flags, str)
    assert problems == []
    assert made == CloudDnsSettings(
        name="db.example.com",
        zones=(
            Name("example-zone"),
            Name("z2", project="other-project"),
            Name("z3", project="host-project"),
            Name("z1", project="host-project"),
        ),
        types=("A", "AAAA"),
        ttl=60,
        publish="public",
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "*.example.com"),
        ("name", "10.0.0.5"),
        ("name", "a." * 121 + "a"),
        ("zones", ["Example_zone"]),
        ("zones", ["-zone"]),
        ("zones", ["projects/p/zones/z"]),
        ("zones", ["projects/my-project/managedZones/"]),
        ("zones", [7]),
        ("zones", []),
        ("types", ["TXT"]),
        ("ttl", 0),
        ("publish", "both"),
        ("endpoint", "http://dns.googleapis.com"),
    ],
)
def test_a_mistake_is_told_by_its_key(key: str, value: object) -> None:
    """And nothing is built from it."""
    made, problems = parse(CloudDnsSettings, {**GOOD, key: value}, str)
    assert made is None
    [problem] = problems
    assert problem.where.startswith(key)


def test_a_domain_is_told_from_a_zone() -> None:
    """The mistake that everybody makes who comes from another cloud."""
    _, [problem] = parse(CloudDnsSettings, {**GOOD, "zones": ["example.com"]}, str)
    assert "its domain belongs into `name`" in problem.message


def provider(folder: Path, *zones: Name, project: str | None = None) -> GcpCloudDns:
    settings = CloudDnsSettings(name="db.example.com", zones=zones, project=project)
    return GcpCloudDns(settings, Vip("primary", ()), StubMachine(folder))


def test_each_zone_is_a_place(tmp_path: Path) -> None:
    """Its record sets of both types move together; a zone that is named twice is one."""
    made = provider(tmp_path, Name("z1"), Name("z1", project="other-project"), Name("z1"))
    assert made.places == (Place("z1/db.example.com"), Place("other-project/z1/db.example.com"))


def test_changes_of_one_zone_are_made_one_after_the_other(tmp_path: Path) -> None:
    """However the config spells it; a zone of another project is another one."""
    made = provider(
        tmp_path,
        Name("z1"),
        Name("z1", project="my-project"),
        Name("z1", project="others"),
        project="my-project",
    )
    first, second, third = map(made.contention_key, made.places)
    assert first == second != third


def test_a_place_of_another_provider_is_refused(tmp_path: Path) -> None:
    """Not taken for a record of this VIP."""
    made, stranger = provider(tmp_path, Name("z1")), Place("z2/db.example.com")
    with pytest.raises(ConfigError):
        made.contention_key(stranger)


def test_dry_run_lines_are_the_requests_that_are_made(tmp_path: Path) -> None:
    """By the ids of Google's methods, so that they can be looked up; nothing is asked for them."""
    made, me = provider(tmp_path, Name("z1")), NodeId("10.0.1.4,fd00::4")
    reading = [
        "dns.resourceRecordSets.list z1 name=db.example.com.",
        "dns.resourceRecordSets.list z1 name=_vipswitch.db.example.com. type=TXT",
    ]
    assert made.calls("read", made.places, me) == reading
    assert made.calls("claim", made.places, me) == [
        "dns.changes.create z1 deletions=as read additions=A db.example.com. 10 10.0.1.4"
        " additions=AAAA db.example.com. 10 fd00::4"
    ]
    assert made.calls("mark", made.places, me) == [
        *reading,
        "dns.changes.create z1 deletions=as read"
        ' additions=TXT _vipswitch.db.example.com. 10 "released 10.0.1.4,fd00::4 GENERATION"',
    ]
    assert made.calls("release", made.places, me) == []


def test_a_vip_that_is_a_name_has_no_address(tmp_path: Path) -> None:
    """It publishes the nodes' own; an address in the config would never be used."""
    path = tmp_path / "vipswitch.toml"
    text = '[vip.primary]\nprovider = "gcp-cloud-dns"\nname = "db.example.com"\nzones = ["example-zone"]\n'
    path.write_text(text)
    assert configfile.read(path).select("DB.example.com.", {}).vip.addresses == ()
    path.write_text(f'{text}address = "10.99.0.50"\n')
    with pytest.raises(ConfigProblems, match="is not used by this provider"):
        configfile.read(path).select("primary", {})
    assert load("gcp-cloud-dns") is GcpCloudDns
