"""Several VIPs move at once, and do not stand in each other's way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.contract.azure_ip_configuration_cloud import IpConfigurationCloud
from tests.unit.providers.azure.interfaces.looks import written
from vipswitch.deadline import Deadline, SystemClock
from vipswitch.model import NodeId, Verb, Vip
from vipswitch.orders import Order, OrderBook
from vipswitch.processes import Process, boot_id
from vipswitch.providers.azure.ids import Name
from vipswitch.providers.azure.ip_configuration.provider import AzureIpConfiguration
from vipswitch.providers.azure.ip_configuration.settings import IpConfigurationSettings
from vipswitch.result import Result
from vipswitch.switch import Switch
from vipswitch.testing.bed import Silence
from vipswitch.testing.cloud import Named
from vipswitch.testing.hosts import MemoryHost, Segment


class Shares(Named):
    """A machine whose providers share what they can, as those of one process do."""

    def __init__(self, name: NodeId, folder: Path, *, nodes: list[NodeId]) -> None:
        super().__init__(name, folder, nodes=nodes)
        self._made: dict[Any, Any] = {}

    def shared(self, key: Any, make: Any) -> Any:
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]


class Group:
    """Three VIPs as one node moves them, all on its one network interface."""

    def __init__(self, cloud: IpConfigurationCloud, node: str, run: Path, *, alone: bool) -> None:
        run.mkdir()
        clock = SystemClock()
        self._orders = OrderBook(run, clock)
        self.vips = [Vip(f"vip{n}", (cloud.subnet.cidr[60 + n],)) for n in range(3)]
        nodes = list(cloud.ids.values())
        together = Shares(cloud.ids[node], cloud.folder, nodes=nodes)
        self.switches = [
            Switch(
                vip,
                AzureIpConfiguration(
                    IpConfigurationSettings(**cloud.account()),
                    vip,
                    Shares(cloud.ids[node], cloud.folder, nodes=nodes) if alone else together,
                ),
                MemoryHost(node, Segment()),
                orders=OrderBook(run, clock) if alone else self._orders,
                clock=clock,
                observer=Silence(),
            )
            for vip in self.vips
        ]

    def up(self, started: int) -> list[Result]:
        """All at once."""
        by = Process(pid=1_000_000, started=started)
        orders = [Order(vip.name, Verb.UP, by, None, boot_id(), runner=None) for vip in self.vips]
        deadline = Deadline(30.0, SystemClock())
        with ThreadPoolExecutor(3) as threads:
            jobs = zip(self.switches, orders, strict=True)
            return list(threads.map(lambda job: job[0].carry_out(job[1], deadline), jobs))


@pytest.mark.parametrize("gets", [0, 2])
@pytest.mark.parametrize("alone", [False, True], ids=["one process", "a process each"])
def test_three_vips_on_two_interfaces_cause_no_conflict(
    alone: bool, gets: int, cloud: IpConfigurationCloud, tmp_path: Path
) -> None:
    """Each write makes the readings of the others old, so these read again instead of being refused."""
    cloud.azure.arm.operations.gets = gets
    old, new = (Group(cloud, node, tmp_path / f"run-{node}", alone=alone) for node in ("a", "b"))
    assert [error for result in old.up(1000) for error in result.errors] == []
    cloud.azure.journal.clear()
    assert [error for result in new.up(2000) for error in result.errors] == []
    assert sorted(written(cloud)) == ["nic-node1"] * 3 + ["nic-node2"] * 3
    calls = cloud.azure.journal.calls()
    print(f"{len(calls)} requests, answered {sorted({c.status or 0 for c in calls})}")
    assert cloud.refused(412) == 0
    for status in (400, 409, 429):
        assert cloud.refused(status) == 0
    entries = cloud.azure.get(cloud.nics["b"])["properties"]["ipConfigurations"]
    assert {each["name"] for each in entries} >= {f"vipswitch-vip{number}" for number in range(3)}


def test_a_public_ip_moves_along_in_the_same_writes(cloud: IpConfigurationCloud, tmp_path: Path) -> None:
    """It hangs on the VIP's configuration, which is what moves."""
    pip = cloud.azure.id("Microsoft.Network/publicIPAddresses", "pip")
    cloud.azure.put(pip, {"location": cloud.azure.location, "properties": {}})
    settings = IpConfigurationSettings(**cloud.account(), public_ip=(Name("pip"),))
    nodes = list(cloud.ids.values())
    clock = SystemClock()
    for started, node in ((1000, "a"), (2000, "b")):
        run = tmp_path / f"run-{node}"
        run.mkdir()
        machine = Named(cloud.ids[node], cloud.folder, nodes=nodes)
        switch = Switch(
            cloud.vip,
            AzureIpConfiguration(settings, cloud.vip, machine),
            MemoryHost(node, Segment()),
            orders=OrderBook(run, clock),
            clock=clock,
            observer=Silence(),
        )
        order = Order("primary", Verb.UP, Process(1_000_000, started), None, boot_id(), runner=None)
        assert switch.carry_out(order, Deadline(20.0, clock)).errors == ()
        by = cloud.azure.get(pip)["properties"]["ipConfiguration"]["id"]
        assert by.lower() == f"{cloud.nics[node]}/ipConfigurations/vipswitch-primary".lower()
    assert written(cloud) == ["nic-node3", "nic-node1", "nic-node1", "nic-node2"]
