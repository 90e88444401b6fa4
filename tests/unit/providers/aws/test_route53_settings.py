"""The config keys of `aws-route53`: what is taken, what is refused and how."""

from __future__ import annotations

from pathlib import Path

import pytest

from vipswitch import configfile
from vipswitch.config import ConfigProblems
from vipswitch.providers.aws.route53.settings import Route53Settings
from vipswitch.settings import parse

GOOD = {"name": "db.example.com", "zones": ["Z0123456789ABCDEFGHIJ"]}


def test_a_name_and_a_zone_are_all_that_is_needed() -> None:
    """The rest has defaults for a VIP inside a VPC."""
    settings, problems = parse(Route53Settings, GOOD, str)
    assert problems == []
    assert settings is not None
    assert (settings.types, settings.ttl, settings.publish, settings.txt) == (("A",), 10, "private", False)


def test_everything_may_come_from_flags() -> None:
    """All values are texts then."""
    flags = {
        "name": "DB.Example.com.",
        "zones": "/hostedzone/Z1D633PJN98FT9,hostedzone/Z2D633PJN98FT9",
        "types": "A,AAAA",
        "ttl": "60",
        "publish": "public",
        "txt": "true",
    }
    settings, problems = parse(Route53Settings, flags, str)
    assert problems == []
    assert settings == Route53Settings(
        name="db.example.com",
        zones=("Z1D633PJN98FT9", "Z2D633PJN98FT9"),  # type: ignore[arg-type]
        types=("A", "AAAA"),
        ttl=60,
        publish="public",
        txt=True,
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "*.example.com"),
        ("name", "10.0.0.5"),
        ("name", 7),
        ("zones", ["example.com"]),
        ("zones", []),
        ("types", ["TXT"]),
        ("types", []),
        ("ttl", 0),
        ("ttl", 86401),
        ("ttl", "soon"),
        ("ttl", True),
        ("ttl", 1.5),
        ("publish", "both"),
        ("txt", "yes"),
        ("route53_endpoint_url", "route53.amazonaws.com"),
        ("endpoint_url", "https://ec2.example.com"),
    ],
)
def test_a_mistake_is_told_by_its_key(key: str, value: object) -> None:
    """And nothing is built from it."""
    settings, problems = parse(Route53Settings, {**GOOD, key: value}, str)
    assert settings is None
    [problem] = problems
    assert problem.where.startswith(key)


def test_a_vip_that_is_a_name_has_no_address(tmp_path: Path) -> None:
    """It publishes the nodes' own; an address in the config would never be used."""
    path = tmp_path / "vipswitch.toml"
    text = '[vip.primary]\nprovider = "aws-route53"\nname = "db.example.com"\nzones = ["Z1D633PJN98FT9"]\n'
    path.write_text(text)
    assert configfile.read(path).select("DB.example.com.", {}).vip.addresses == ()
    path.write_text(f'{text}address = "10.99.0.50"\n')
    with pytest.raises(ConfigProblems, match="is not used by this provider"):
        configfile.read(path).select("primary", {})
