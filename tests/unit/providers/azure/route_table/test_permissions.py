"""What `vipswitch iam` prints for Azure route tables is enough, and nothing of it can be spared."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.contract.azure_route_table_cloud import RouteTableCloud
from tests.unit.providers.azure.rig import soon
from tests.unit.providers.azure.route_table.rig import claim, found, on_node
from vipswitch.cli import main
from vipswitch.errors import VipswitchError
from vipswitch.provider import NODE, Grant, Level
from vipswitch.providers.azure.ids import Name
from vipswitch.providers.azure.role import advice, document
from vipswitch.testing.azure import Topology

CLIENT = "node1-identity"
SPARE = {
    "Microsoft.Network/networkSecurityGroups/join/action",
    "Microsoft.Network/applicationSecurityGroups/joinIpConfiguration/action",
    "Microsoft.Network/publicIPAddresses/join/action",
    "Microsoft.Network/loadBalancers/backendAddressPools/join/action",
    "Microsoft.Network/loadBalancers/inboundNatRules/join/action",
}
"""Joins that a network interface without such things does not need."""

VIP = """
[vip.{name}]
address = "{address}"
provider = "azure-route-table"
node = "10.0.1.4"
route_tables = ["{table}"]
"""


class Subject:
    """A VIP in two tables, and everything that a node does with it; what fails is named."""

    def __init__(self, cloud: RouteTableCloud, *, fixes: bool) -> None:
        self.cloud = cloud
        self.fixes = fixes
        self.topology: Topology = cloud.topology

    def grants(self) -> Sequence[Grant]:
        return self._provider().grants(soon())

    def _provider(self):  # type: ignore[no-untyped-def]
        for kept in self.cloud.folder.glob("azure-identity-*"):
            kept.unlink()
        return on_node(self.cloud, ip_forwarding="fix" if self.fixes else "leave")

    def flaws(self, grants: Sequence[Grant]) -> list[str]:
        """The operations that these grants do not allow."""
        operations: dict[str, Callable[[], object]] = {
            "move": self._move,
            "add": self._add,
            "mark": self._mark,
            "check": self._check,
            **({"forward": self._forward} if self.fixes else {}),
        }
        self.cloud.azure.roles.clear()
        self.cloud.azure.roles.give({"Actions": []}, client=CLIENT, scopes=("/nowhere",))
        for grant in grants:
            assert grant.principal == NODE
            role = {"Actions": list(grant.actions)}
            self.cloud.azure.roles.give(role, client=CLIENT, scopes=grant.resources)
        return [name for name, operation in operations.items() if self._fails(operation)]

    def _fails(self, operation: Callable[[], object]) -> bool:
        try:
            operation()
        except (VipswitchError, AssertionError):
            return True
        finally:
            self.cloud.azure.finish()
        return False

    def _move(self) -> None:
        provider = self._provider()
        for number in range(2):
            claim(self.cloud, provider, number)

    def _add(self) -> None:
        provider = self._provider()
        for number, place in enumerate(provider.places):
            self.cloud.empty(place)
            claim(self.cloud, provider, number)

    def _mark(self) -> None:
        provider = self._provider()
        for place in provider.places:
            provider.mark(place, provider.node(soon()), 5, soon())
            provider.unmark(place, provider.node(soon()), soon())

    def _check(self) -> None:
        assert not [f for f in found(self._provider()).values() if f.fix.startswith("allow")]

    def _forward(self) -> None:
        path = self.cloud.nodes["a"].nic_id
        nic = self.cloud.azure.get(path)
        nic["properties"]["enableIPForwarding"] = False
        self.cloud.azure.put(path, nic)
        provider = self._provider()
        assert list(provider.prepare(provider.node(soon()), soon())) == []


@pytest.fixture(params=["leave", "fix"])
def subject(request: pytest.FixtureRequest, cloud: RouteTableCloud) -> Subject:
    """With and without IP forwarding to see to."""
    return Subject(cloud, fixes=request.param == "fix")


def poorer(grants: Sequence[Grant]) -> Iterator[tuple[str, list[Grant]]]:
    """Every way of taking one action, or one resource, away."""
    for number, grant in enumerate(grants):
        for action in set(grant.actions) - SPARE:
            rest = tuple(each for each in grant.actions if each != action)
            yield action, [*grants[:number], replace(grant, actions=rest), *grants[number + 1 :]]
        for resource in grant.resources:
            others = tuple(each for each in grant.resources if each != resource)
            less = replace(grant, resources=others or ("/nowhere",))
            yield f"{grant.purpose} on {resource}", [*grants[:number], less, *grants[number + 1 :]]


def test_what_is_printed_is_enough(subject: Subject) -> None:
    """For moving a route, adding it, marking it, and looking at all that can be wrong."""
    assert subject.flaws(subject.grants()) == []


def test_nothing_of_it_can_be_spared(subject: Subject) -> None:
    """Each action, and each resource, is needed by something."""
    for what, grants in poorer(subject.grants()):
        assert subject.flaws(grants) != [], what


def test_the_role_as_printed_is_enough_where_it_is_to_be_assigned(subject: Subject) -> None:
    """One role, assigned at each of the scopes that are named beside it."""
    grants = subject.grants()
    actions = document(grants)["Actions"]
    assert isinstance(actions, list)
    scopes = tuple(line.rpartition(" ")[2] for line in advice(grants))
    assert subject.flaws([Grant(NODE, "All", tuple(actions), scopes)]) == []


@pytest.fixture
def config(cloud: RouteTableCloud) -> Path:
    """Two VIPs, each in a table of its own."""
    file = cloud.folder / "vipswitch.toml"
    account = cloud.account()
    file.write_text(
        f'[vipswitch]\nrun_dir = "{cloud.folder}"\n[azure]\n'
        + "".join(f'{name} = "{value}"\n' for name, value in account.items())
        + VIP.format(name="primary", address="10.99.0.50", table="rt-vip1")
        + VIP.format(name="replication", address="10.99.0.51", table="hub/rt-hub")
        + '[vip.other]\nprovider = "aws-route-table"\naddress = "10.99.0.52"\nregion = "eu-west-1"\n'
        + 'route_tables = ["rtb-0a1b2c3d"]\nnode = "eni-0a1b2c3d"\n'
    )
    file.chmod(0o600)
    return file


def test_the_role_names_exactly_this_config(
    cloud: RouteTableCloud, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the form of `az role definition create`; where to assign it is said beside it."""
    assert main(["iam", "primary", "replication", "--config", str(config)]) == 0
    shown = capsys.readouterr()
    role, groups = json.loads(shown.out), f"/subscriptions/{cloud.azure.subscription}/resourceGroups"
    assert role["Name"] == "vipswitch"
    assert role["IsCustom"] is True
    assert role["AssignableScopes"] == [f"{groups}/rg-vipswitch", f"{groups}/hub"]
    assert role["Actions"] == [
        "Microsoft.Compute/virtualMachines/read",
        "Microsoft.Network/networkInterfaces/read",
        "Microsoft.Network/routeTables/read",
        "Microsoft.Network/routeTables/routes/write",
        "Microsoft.Network/routeTables/write",
        "Microsoft.Network/virtualNetworks/read",
        "Microsoft.Resources/tags/write",
    ]
    assert [role[empty] for empty in ("NotActions", "DataActions", "NotDataActions")] == [[], [], []]
    tables = f"{groups}/hub/providers/Microsoft.Network/routeTables/rt-hub"
    assert f"az role assignment create --role vipswitch --assignee IDENTITY --scope {tables}" in shown.err


def test_vips_of_two_clouds_need_two_documents(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What one cloud reads, the other does not."""
    assert main(["iam", "primary", "other", "--config", str(config)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""


def test_only_what_is_not_inside_another_scope_is_assigned() -> None:
    """A role counts in everything below its scope, however that is spelled."""
    grants = [
        Grant(NODE, "A", ("x",), ("/subscriptions/s/resourceGroups/G",)),
        Grant(NODE, "B", ("y",), ("/subscriptions/s/resourcegroups/g/providers/p/t/n", "/subscriptions/s2")),
        Grant(NODE, "C", ("y",), ("/SUBSCRIPTIONS/s/resourceGroups/g",)),
    ]
    assert [line.rpartition(" ")[2] for line in advice(grants)] == [
        "/subscriptions/s/resourceGroups/G",
        "/subscriptions/s2",
    ]


def test_a_table_in_another_group_has_its_own_scope(cloud: RouteTableCloud) -> None:
    """Hub and spokes are often apart."""
    provider = on_node(cloud, route_tables=(Name("rt-hub", "hub"),))
    moves = next(grant for grant in provider.grants(soon()) if grant.purpose == "MoveRoutes")
    assert moves.resources == (cloud.azure.id("Microsoft.Network/routeTables", "rt-hub", group="hub"),)
    assert Level.ERROR in {f.level for f in found(provider).values()}
