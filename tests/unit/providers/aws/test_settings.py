"""The config keys of the provider: what is taken, what is refused and how."""

from __future__ import annotations

import pytest

from vipswitch.providers.aws.route_table.settings import RouteTableSettings
from vipswitch.providers.tags import Tag
from vipswitch.settings import parse

GOOD = {"route_tables": ["rtb-0a1b2c3d", "rtb-0123456789abcdef0"]}


def test_tables_are_all_that_is_needed() -> None:
    """Everything else has a default, or follows boto3."""
    settings, problems = parse(RouteTableSettings, GOOD, str)
    assert problems == []
    assert settings is not None
    assert settings.source_dest_check == "fix"
    assert settings.region is None


def test_tables_may_come_from_a_flag() -> None:
    """`--route-tables rtb-1,rtb-2` in one line of pgpool.conf."""
    settings, problems = parse(RouteTableSettings, {"route_tables": "rtb-0a1b2c3d,rtb-4e5f6a7b"}, str)
    assert problems == []
    assert settings is not None
    assert settings.route_tables == ("rtb-0a1b2c3d", "rtb-4e5f6a7b")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("route_tables", ["rtb-xyz"]),
        ("route_tables", ["eni-0a1b2c3d"]),
        ("route_tables", []),
        ("region", "Ireland"),
        ("endpoint_url", "127.0.0.1:5000"),
        ("assume_role", "vipswitch"),
        ("external_id", "x"),
        ("source_dest_check", "off"),
        ("route_tables", "tag:vipswitch"),
        ("route_tables", ["tag:=primary"]),
        ("nodes", ["i-0a1b2c3d"]),
        ("fips", "yes"),
        ("session_tags", ["team"]),
    ],
)
def test_a_mistake_is_told_by_its_key(key: str, value: object) -> None:
    """And nothing is built from it."""
    settings, problems = parse(RouteTableSettings, {**GOOD, key: value}, str)
    assert settings is None
    [problem] = problems
    assert problem.where.startswith(key)


def test_a_tag_stands_for_its_tables() -> None:
    """Alone or beside ids."""
    given = {"route_tables": ["tag:vipswitch=primary", "rtb-0a1b2c3d"]}
    settings, problems = parse(RouteTableSettings, given, str)
    assert problems == []
    assert settings is not None
    assert settings.route_tables == (Tag("vipswitch", "primary"), "rtb-0a1b2c3d")


def test_tables_must_be_given() -> None:
    """There is no default route table: the main one is seldom the right one."""
    _, [problem] = parse(RouteTableSettings, {}, str)
    assert (problem.where, problem.message) == ("route_tables", "is missing")
