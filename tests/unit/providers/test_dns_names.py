"""DNS names in the config, and as a zone calls them."""

from __future__ import annotations

import pytest

from vipswitch.providers.dns_names import dns_name, relative


@pytest.mark.parametrize("written", ["db.example.com", "DB.Example.com.", " db.example.com "])
def test_a_name_is_one_name_however_it_is_written(written: str) -> None:
    """Without regard to case and to a dot at its end."""
    assert dns_name(written) == "db.example.com"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("*.example.com", "is a wildcard"),
        ("10.0.0.5", "is an address"),
        ("fd00::5", "is an address"),
        ("a..example.com", "is not a DNS name"),
        ("-a.example.com", "is not a DNS name"),
        ("a/b.example.com", "is not a DNS name"),
        (f"{'a' * 64}.example.com", "is not a DNS name"),
        (".".join(["a" * 63] * 4), "is longer than 253 characters"),
        ("", "expected a text"),
        (7, "expected a text"),
    ],
)
def test_what_nobody_can_look_up_is_refused(written: object, reason: str) -> None:
    """With the reason."""
    with pytest.raises(ValueError, match=reason):
        dns_name(written)


def test_a_cloud_may_need_room_beside_the_name() -> None:
    """For another name that is made from it."""
    with pytest.raises(ValueError, match="is longer than 10 characters"):
        dns_name("db.example.com", longest=10)


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("db.example.com", "db"),
        ("db.eu.example.com", "db.eu"),
        ("example.com", "@"),
        ("db.example.org", None),
        ("dbexample.com", None),
        ("com", None),
    ],
)
def test_a_zone_calls_a_name_by_what_is_before_its_own(name: str, called: str | None) -> None:
    """Whole labels only: `dbexample.com` ends with `example.com` and does not belong to it."""
    assert relative(name, "example.com") == called
