"""`vipswitch iam`: the policy document that a person pastes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.providers.aws.rig import Rig
from vipswitch.cli import main
from vipswitch.testing.aws import ACCOUNT, REGION

ROLE = "arn:aws:iam::210987654321:role/vipswitch"
VIP = """
[vip.{name}]
address = "{address}"
provider = "aws-route-table"
node = "{node}"
route_tables = ["{table}"]
{more}
"""


class Config:
    """A config file of VIPs in the rig's route tables."""

    def __init__(self, rig: Rig, path: Path) -> None:
        self.rig = rig
        self.path = path
        self.path.write_text(f'[vipswitch]\nrun_dir = "{path.parent}"\n')

    def add(self, name: str, address: str, table: int, more: str = "") -> None:
        text = VIP.format(
            name=name, address=address, node=self.rig.id(0), table=self.rig.tables[table], more=more
        )
        self.path.write_text(self.path.read_text() + text)

    def iam(self, *words: str) -> int:
        return main(["iam", *words, "--config", str(self.path)])


@pytest.fixture
def config(rig: Rig, tmp_path: Path) -> Config:
    """None yet."""
    return Config(rig, tmp_path / "vipswitch.toml")


def statements(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, object]]:
    """Those of the printed document, by Sid."""
    printed = json.loads(capsys.readouterr().out)
    assert printed["Version"] == "2012-10-17"
    sids = [statement["Sid"] for statement in printed["Statement"]]
    assert len(set(sids)) == len(sids)
    return {statement["Sid"]: statement for statement in printed["Statement"]}


def test_the_document_names_exactly_this_config(config: Config, capsys: pytest.CaptureFixture[str]) -> None:
    """Its table, its interfaces, its region and account."""
    config.add("primary", "10.99.0.50", 0, f'nodes = ["{config.rig.id(0)}", "{config.rig.id(1)}"]')
    assert config.iam("primary") == 0
    found = statements(capsys)
    arn = f"arn:aws:ec2:{REGION}:{ACCOUNT}"
    assert found["MoveRoutes"] == {
        "Sid": "MoveRoutes",
        "Effect": "Allow",
        "Action": ["ec2:ReplaceRoute", "ec2:CreateRoute"],
        "Resource": [f"{arn}:route-table/{config.rig.tables[0]}"],
    }
    assert found["MarkRoutes"]["Condition"] == {
        "ForAllValues:StringEquals": {"aws:TagKeys": ["vipswitch:10.99.0.50"]},
        "Null": {"aws:TagKeys": ["false"]},
    }
    assert found["SwitchSourceDestCheck"]["Resource"] == [
        f"{arn}:network-interface/{config.rig.id(number)}" for number in (0, 1)
    ]
    assert found["ReadRouteTables"]["Condition"] == {"StringEquals": {"ec2:Region": [REGION]}}


def test_vips_that_need_the_same_share_a_statement(
    config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    """What differs has a Sid of its own."""
    config.add("primary", "10.99.0.50", 0)
    config.add("replication", "10.99.0.51", 1)
    assert config.iam("primary", "replication") == 0
    assert set(statements(capsys)) == {
        "ReadRouteTables",
        "MoveRoutes",
        "MoveRoutes2",
        "MarkRoutes",
        "MarkRoutes2",
        "ReadInterfaces",
        "SwitchSourceDestCheck",
    }


def test_a_role_has_a_policy_of_its_own(config: Config, capsys: pytest.CaptureFixture[str]) -> None:
    """The node may assume it and look after its own interface; the role changes the tables."""
    config.add("primary", "10.99.0.50", 0, f'assume_role = "{ROLE}"\nsession_tags = ["team=database"]')
    assert config.iam("primary") == 0
    node = statements(capsys)
    assert node["AssumeRole"]["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    assert node["AssumeRole"]["Resource"] == [ROLE]
    assert "MoveRoutes" not in node
    assert config.iam("primary", "--role") == 0
    role = statements(capsys)
    assert set(role) == {"ReadRouteTables", "MoveRoutes", "MarkRoutes"}
    assert str(role["MoveRoutes"]["Resource"]).count(":210987654321:") == 1


def test_a_provider_without_a_cloud_has_no_policy(config: Config, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, a hint, and nothing that could be pasted."""
    config.path.write_text('[vip.lan]\naddress = "192.0.2.5"\nprovider = "local"\n')
    assert config.iam("lan") == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "lan: local asks no cloud for anything" in shown.err
