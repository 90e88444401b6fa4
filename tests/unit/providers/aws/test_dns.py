"""DNS names: which ones a config may give, and how they are told from what Route 53 shows."""

from __future__ import annotations

import pytest

from vipswitch.providers.aws.route53.dns import inside, same
from vipswitch.providers.dns_names import marked_name


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("db.example.com", "db.example.com"),
        ("DB.Example.COM.", "db.example.com"),
        ("_pg-1.x", "_pg-1.x"),
        ("a" * 63 + ".example", "a" * 63 + ".example"),
    ],
)
def test_names_are_compared_as_resolvers_do(given: str, name: str) -> None:
    """Without regard to case, and with or without the dot at the end."""
    assert marked_name(given) == name


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("*.example.com", "wildcard"),
        ("10.0.0.5", "is an address"),
        ("db..example.com", "is not a DNS name"),
        (".", "is not a DNS name"),
        ("-db.example.com", "is not a DNS name"),
        ("db example.com", "is not a DNS name"),
        ("dätenbank.example.com", "xn--"),
        ("a" * 64 + ".example", "63"),
        ("a." * 121 + "a", "longer than 242 characters"),
    ],
)
def test_what_is_no_name_is_refused_with_a_reason(given: str, reason: str) -> None:
    """And the reason says what is wrong with it."""
    with pytest.raises(ValueError, match=reason):
        marked_name(given)


@pytest.mark.parametrize("shown", ["db.example.com.", "DB.example.com", "d\\142.example.com."])
def test_shown_names_are_the_same(shown: str) -> None:
    """Also with a letter that is escaped for no reason."""
    assert same(shown, "db.example.com")


@pytest.mark.parametrize(
    "shown", ["\\052.example.com.", "db\\056example.com.", "e.db.example.com.", "db.com."]
)
def test_other_names_are_not(shown: str) -> None:
    """A wildcard; a label with a dot in it; a name below; a name that begins alike."""
    assert not same(shown, "db.example.com")


@pytest.mark.parametrize(
    ("name", "zone", "belongs"),
    [
        ("db.example.com", "example.com.", True),
        ("example.com", "example.com.", True),
        ("db.myexample.com", "example.com.", False),
        ("db.example.org", "example.com.", False),
    ],
)
def test_a_name_belongs_to_a_zone_by_its_labels(name: str, zone: str, belongs: bool) -> None:
    """Not by its last letters."""
    assert inside(name, zone) is belongs
