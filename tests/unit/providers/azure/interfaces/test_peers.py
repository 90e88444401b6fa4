"""Which network interfaces are the nodes': how they are named, and which of them count."""

from __future__ import annotations

from tests.contract.azure_ip_configuration_cloud import IpConfigurationCloud
from tests.contract.azure_nics_cloud import GONE
from tests.unit.providers.azure.interfaces.looks import seen_by
from vipswitch.model import NodeId
from vipswitch.providers.azure.ids import INTERFACES, name_of
from vipswitch.providers.azure.ip_configuration.provider import AzureIpConfiguration
from vipswitch.providers.azure.ip_configuration.settings import IpConfigurationSettings
from vipswitch.providers.tags import Tag
from vipswitch.testing.bed import Bed
from vipswitch.testing.cloud import Named


def test_interfaces_of_other_subnets_do_not_count(bed: Bed, cloud: IpConfigurationCloud) -> None:
    """A node has several; only those in the VIP's subnet can have it, and only they are read twice."""
    far = cloud.azure.id(INTERFACES, "far")
    entry = cloud.entry("ipconfig1", cloud.topology.clients[0].cidr[9], primary=True)
    entry["properties"]["subnet"] = {"id": cloud.topology.clients[0].id}
    cloud.azure.put(far, {"location": "westeurope", "properties": {"ipConfigurations": [entry]}})
    nodes = [*cloud.ids.values(), NodeId("10.0.1.4"), NodeId("fd00::4,10.0.1.5"), NodeId("FAR")]
    settings = IpConfigurationSettings(**cloud.account())
    provider = AzureIpConfiguration(settings, cloud.vip, Named(cloud.ids["a"], cloud.folder, nodes=nodes))
    for _ in range(2):
        assert seen_by(provider, bed).holder == bed.id("c")
    reads = [call.resource.rpartition("/")[2].lower() for call in cloud.azure.journal.calls()]
    assert reads.count("far") == 1
    assert reads.count("nic-node2") == 2


def test_nodes_in_the_config_may_be_names_and_ids(bed: Bed, cloud: IpConfigurationCloud) -> None:
    """Of this machine's resource group, or in full; whatever they are called, they are one node each."""
    spelled = ["NIC-node1", f"{cloud.azure.group}/nic-node2", cloud.nics["c"].upper().replace("/SUB", "/sub")]
    nodes = tuple(name_of(INTERFACES, "a NIC")(each) for each in spelled)
    settings = IpConfigurationSettings(**cloud.account(), nodes=nodes)
    provider = AzureIpConfiguration(settings, cloud.vip, Named(cloud.ids["a"], cloud.folder))
    assert seen_by(provider, bed).holder == bed.id("c")
    assert provider.node(bed.deadline()) == bed.id("a")


def test_nodes_may_be_named_by_a_tag(bed: Bed, cloud: IpConfigurationCloud) -> None:
    """Looked up once, and kept for hooks, also when a tag is put on something else since."""
    for node in ("a", "b", "c"):
        cloud.change(node, lambda nic: nic.update(tags={"vipswitch": "primary"}))
    settings = IpConfigurationSettings(**cloud.account(), nodes=(Tag("vipswitch", "primary"),))
    provider = AzureIpConfiguration(settings, cloud.vip, Named(cloud.ids["a"], cloud.folder))
    provider.discover(bed.deadline())
    assert provider.tags == {"tag:vipswitch=primary": tuple(cloud.ids.values())}
    cloud.azure.journal.clear()
    provider.discover(bed.deadline())
    assert cloud.azure.journal.calls() == ()
    assert seen_by(provider, bed).holder == bed.id("c")


def test_one_that_is_gone_has_nothing(bed: Bed, cloud: IpConfigurationCloud) -> None:
    """A machine that somebody has deleted after it died."""
    assert GONE in str(cloud.provider("a").calls("read", [bed.place()], bed.id("a")))
    cloud.empty(bed.place())
    seen = seen_by(bed.switches["a"].provider, bed)
    assert (seen.holder, seen.busy) == (None, False)
