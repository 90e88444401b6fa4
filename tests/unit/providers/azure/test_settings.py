"""The keys of `[azure]`: every mistake is said, with what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from vipswitch import configfile
from vipswitch.cli import main
from vipswitch.providers.azure.route_table.settings import RouteTableSettings
from vipswitch.providers.azure.settings import Account
from vipswitch.settings import parse

GUID = "00000000-0000-0000-0000-0000000000aa"
GOOD = {
    "subscription": GUID,
    "resource_group": "rg-(1)_x.y",
    "client_id": GUID,
    "tenant": "example.onmicrosoft.com",
    "secret_file": "/etc/vipswitch/secret",
    "endpoint": "https://management.chinacloudapi.cn/",
    "authority": "https://login.example",
    "ca_file": "/etc/ssl/ca.pem",
}


def test_every_key_is_read() -> None:
    """And a slash at the end of a URL makes no difference."""
    account, problems = parse(Account, GOOD, str)
    assert problems == []
    assert account is not None
    assert account.endpoint == "https://management.chinacloudapi.cn"
    assert account.secret_file == Path("/etc/vipswitch/secret")


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("subscription", "mine", "is not a subscription id such as"),
        ("resource_group", "a/b", "is not a resource group's name"),
        ("client_id", "x", "is not a client id such as"),
        ("tenant", "no spaces please", "is not a tenant id"),
        ("secret_file", "secret", "is not an absolute path"),
        ("endpoint", "http://management.azure.com", "is not a URL such as https://management.azure.com"),
        ("authority", "login", "is not a URL such as"),
        ("ca_file", 7, "expected a text"),
        ("route_tables", ["a b"], "is not a route table such as rt-clients: a name, group/name, or the id"),
        ("ip_forwarding", "on", "is not fix or leave"),
    ],
)
def test_a_mistake_says_what_would_be_right(key: str, value: object, text: str) -> None:
    """With the key it is in."""
    given = {"route_tables": ["rt"], **GOOD, key: value}
    settings, [problem] = parse(RouteTableSettings, given, lambda name: f"azure.{name}")
    assert settings is None
    assert problem.where.startswith(f"azure.{key}")
    assert text in problem.message


@pytest.mark.parametrize(
    ("endpoint", "audience", "authority"),
    [
        (None, "https://management.azure.com", None),
        (
            "https://management.usgovcloudapi.net",
            "https://management.core.usgovcloudapi.net",
            "https://login.microsoftonline.us",
        ),
        (
            "https://management.chinacloudapi.cn",
            "https://management.chinacloudapi.cn",
            "https://login.chinacloudapi.cn",
        ),
        ("https://arm.example", "https://management.azure.com", None),
    ],
)
def test_a_sovereign_cloud_is_known_by_its_endpoint(
    endpoint: str | None, audience: str, authority: str | None
) -> None:
    """Its tokens are for somebody else, and from somebody else."""
    account = Account(endpoint=endpoint)
    assert (account.audience, account.gives_tokens) == (audience, authority)


def test_vips_that_ask_as_another_share_no_clients() -> None:
    """A token of one must not be used for the other."""
    same = Account(client_id=GUID), Account(client_id=GUID)
    assert same[0].identity == same[1].identity
    changes = (
        {"tenant": "t.example"},
        {"endpoint": "https://x"},
        {"ca_file": Path("/x")},
        {"client_id": None},
    )
    for change in changes:
        assert Account(**{"client_id": GUID, **change}).identity != same[0].identity  # type: ignore[arg-type]


def test_who_gives_tokens_is_not_whom_the_agent_asks(tmp_path: Path) -> None:
    """The key of `[azure]` and that of every VIP have one name, and each stays where it stands."""
    path = tmp_path / "vipswitch.toml"
    path.write_text(
        """
[vip.primary]
address   = "10.0.1.50"
provider  = "azure-ip-configuration"
authority = "script"

[authority.script]
kind    = "command"
command = ["/usr/bin/true"]

[azure]
authority = "https://login.example"
"""
    )
    [vip] = configfile.read(path, wary=False).all()
    assert (vip.authority, vip.settings.authority) == ("script", "https://login.example")


def test_help_says_that_one_of_the_two_is_no_flag(capsys: pytest.CaptureFixture[str]) -> None:
    """The flag of that name is the VIP's."""
    main(["help", "azure-ip-configuration"])
    lines = [line for line in capsys.readouterr().out.splitlines() if line.split()[:1] == ["authority"]]
    assert ["--authority" in line for line in lines] == [True, False]
    assert lines[1].endswith("(in [azure] only)")
