"""The [gcp] table, and where it leads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vipswitch.providers.gcp.settings import Account
from vipswitch.settings import parse


def parsed(**raw: object) -> tuple[Account | None, list[str]]:
    """The account, and what is wrong."""
    found, problems = parse(Account, raw, lambda name: f"gcp.{name}")
    return found, [str(each) for each in problems]


@pytest.mark.parametrize(
    ("keys", "compute", "dns"),
    [
        ({}, "https://compute.googleapis.com", "https://dns.googleapis.com"),
        ({"universe_domain": "apis.example"}, "https://compute.apis.example", "https://dns.apis.example"),
        (
            {"endpoint": "https://{service}-psc.p.googleapis.com/"},
            "https://compute-psc.p.googleapis.com",
            "https://dns-psc.p.googleapis.com",
        ),
        ({"endpoint": "https://10.0.0.9:8443"}, "https://10.0.0.9:8443", "https://10.0.0.9:8443"),
    ],
)
def test_where_the_services_are(keys: dict[str, str], compute: str, dns: str) -> None:
    """At Google, in another universe, behind Private Service Connect, or all in one place."""
    account, problems = parsed(**keys)
    assert problems == []
    assert account is not None
    assert (account.root("compute"), account.root("dns")) == (compute, dns)


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("project", "My Project"),
        ("project", "123"),
        ("credentials_file", "key.json"),
        ("impersonate", "somebody"),
        ("endpoint", "http://compute.googleapis.com"),
        ("endpoint", "compute.googleapis.com"),
        ("universe_domain", "https://googleapis.com"),
        ("ca_file", "ca.pem"),
    ],
)
def test_what_cannot_be_right_is_said(key: str, wrong: str) -> None:
    """A token does not travel unencrypted; a path is one for every working directory."""
    account, problems = parsed(**{key: wrong})
    assert account is None
    assert problems[0].startswith(f"gcp.{key}: ")


@pytest.mark.parametrize("project", ["my-project-123456", "example.com:my-project"])
def test_projects_may_be_of_a_domain(project: str) -> None:
    """Old ones are."""
    assert parsed(project=project)[1] == []


@pytest.mark.parametrize(
    "more",
    [
        {"project": "my-project"},
        {"credentials_file": "/key.json"},
        {"impersonate": "a@b.example"},
        {"endpoint": "https://x.example"},
        {"universe_domain": "apis.example"},
        {"ca_file": "/ca.pem"},
    ],
)
def test_only_vips_of_one_account_share_their_clients(more: dict[str, Any]) -> None:
    """Everything that changes whose requests these are, or where they go, counts."""
    one, other = parsed()[0], parsed(**more)[0]
    assert one is not None
    assert other is not None
    assert one.identity != other.identity
    assert other.identity == Account(**{k: Path(v) if "file" in k else v for k, v in more.items()}).identity
