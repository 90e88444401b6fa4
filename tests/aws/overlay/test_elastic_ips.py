"""Elastic IPs: each pair shows bare moto doing it and the corrected one not."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest

from ..lan import VIP, Lan, refusal

UNKNOWN = "eipalloc-00000000000000000"


def test_bare_elastic_ip_is_a_loopback_address(bare: Lan) -> None:
    """moto makes addresses up that no packet leaves the host for."""
    assert ip_address(bare.elastic(bare.allocate())["PublicIp"]).is_loopback


def test_elastic_ips_are_different_addresses_for_documentation(corrected: Lan) -> None:
    """Each allocation is another address of TEST-NET-3, unless one is asked for."""
    publics = {corrected.elastic(corrected.allocate())["PublicIp"] for _ in range(3)}
    assert len(publics) == 3
    assert all(public.startswith("203.0.113.") for public in publics)
    asked = corrected.ec2.allocate_address(Domain="vpc", Address="198.51.100.7")
    assert asked["PublicIp"] == "198.51.100.7"


def test_bare_associate_refuses_to_move_without_the_flag(bare: Lan) -> None:
    """moto takes an omitted AllowReassociation for false."""
    first, second = bare.nodes
    allocation = bare.allocate()
    bare.associate(allocation, first)
    assert refusal(lambda: bare.associate(allocation, second))[0] == "Resource.AlreadyAssociated"


@pytest.mark.parametrize("flags", [{}, {"AllowReassociation": True}])
def test_associate_moves_unless_forbidden(corrected: Lan, flags: dict[str, Any]) -> None:
    """With the flag omitted or true the Elastic IP leaves the interface that has it."""
    first, second = corrected.nodes
    allocation = corrected.allocate()
    corrected.associate(allocation, first)
    corrected.associate(allocation, second, **flags)
    assert corrected.associations(first) == {}
    assert corrected.associations(second) == {str(second.private_ip): allocation}


def test_associate_refuses_to_move_if_forbidden(corrected: Lan) -> None:
    """With the flag false an Elastic IP stays where it is."""
    first, second = corrected.nodes
    allocation = corrected.allocate()
    association = corrected.associate(allocation, first, AllowReassociation=False)
    refused = refusal(lambda: corrected.associate(allocation, second, AllowReassociation=False))
    text = f"resource {allocation} is already associated with associate-id {association}"
    assert refused == ("Resource.AlreadyAssociated", text)
    assert corrected.associations(first) == {str(first.private_ip): allocation}


def test_bare_move_leaves_the_association_shown(bare: Lan) -> None:
    """moto goes on showing the association at the old interface."""
    first, second = bare.nodes
    allocation = bare.allocate()
    bare.associate(allocation, first)
    bare.associate(allocation, second, AllowReassociation=True)
    assert "Association" in bare.shown(first)


def test_move_clears_the_old_interface(corrected: Lan) -> None:
    """After a move the old interface and its instance show no public address."""
    first, second = corrected.nodes
    allocation = corrected.allocate()
    corrected.associate(allocation, first)
    corrected.associate(allocation, second)
    assert "Association" not in corrected.shown(first)
    assert corrected.shown(second)["Association"]["AllocationId"] == allocation
    described = corrected.ec2.describe_instances(InstanceIds=[first.instance_id, second.instance_id])
    instances = {one["InstanceId"]: one for found in described["Reservations"] for one in found["Instances"]}
    assert "PublicIpAddress" not in instances[first.instance_id]
    public = corrected.elastic(allocation)["PublicIp"]
    assert instances[second.instance_id]["PublicIpAddress"] == public


def test_bare_repeat_makes_a_new_association(bare: Lan) -> None:
    """moto answers the same call with another id each time."""
    first = bare.nodes[0]
    allocation = bare.allocate()
    assert bare.associate(allocation, first) != bare.associate(allocation, first)


def test_repeat_keeps_the_association(corrected: Lan) -> None:
    """The same target again is a success that changes nothing, whatever the flag."""
    first = corrected.nodes[0]
    allocation = corrected.allocate()
    association = corrected.associate(allocation, first)
    assert corrected.associate(allocation, first) == association
    again = corrected.associate(allocation, first, str(first.private_ip), AllowReassociation=False)
    assert again == association


def test_new_target_has_a_new_association(corrected: Lan) -> None:
    """After a move the old association id ends nothing, so that a late release cannot hurt."""
    first, second = corrected.nodes
    allocation = corrected.allocate()
    old = corrected.associate(allocation, first)
    new = corrected.associate(allocation, second)
    assert new != old
    refused = refusal(lambda: corrected.ec2.disassociate_address(AssociationId=old))
    assert refused == ("InvalidAssociationID.NotFound", f"The association ID '{old}' does not exist")
    assert corrected.elastic(allocation)["AssociationId"] == new


def test_bare_associate_ignores_the_private_address(bare: Lan) -> None:
    """moto associates with the primary address whatever was asked for."""
    first = bare.nodes[0]
    allocation = bare.allocate()
    bare.associate(allocation, first, "10.9.9.9")
    assert bare.elastic(allocation)["PrivateIpAddress"] == str(first.private_ip)


def test_associates_with_the_private_address(corrected: Lan) -> None:
    """An Elastic IP of a secondary address leaves the primary one without."""
    first = corrected.nodes[0]
    corrected.assign(first, VIP)
    allocation = corrected.allocate()
    corrected.associate(allocation, first, VIP)
    assert corrected.elastic(allocation)["PrivateIpAddress"] == VIP
    assert corrected.associations(first) == {VIP: allocation}
    assert "Association" not in corrected.shown(first)


def test_one_interface_has_several_elastic_ips(corrected: Lan) -> None:
    """Each private address has its own; one that moves leaves the others alone."""
    first, second = corrected.nodes
    corrected.assign(first, VIP)
    own, moving = corrected.allocate(), corrected.allocate()
    corrected.associate(own, first)
    corrected.associate(moving, first, VIP)
    assert corrected.associations(first) == {str(first.private_ip): own, VIP: moving}
    corrected.associate(moving, second)
    assert corrected.associations(first) == {str(first.private_ip): own}


def test_associate_refuses_a_private_address_of_others(corrected: Lan) -> None:
    """The private address has to be one of the interface."""
    first, second = corrected.nodes
    allocation = corrected.allocate()
    code, _ = refusal(lambda: corrected.associate(allocation, first, str(second.private_ip)))
    assert code == "InvalidParameterValue"


def test_bare_associate_lets_two_share_a_private_address(bare: Lan) -> None:
    """moto shows both Elastic IPs as associated with the same address."""
    first = bare.nodes[0]
    allocations = [bare.allocate(), bare.allocate()]
    for allocation in allocations:
        bare.associate(allocation, first)
    assert {bare.elastic(one)["NetworkInterfaceId"] for one in allocations} == {first.interface_id}


def test_associate_drives_another_elastic_ip_out(corrected: Lan) -> None:
    """A private address has one Elastic IP: the newer, unless that is forbidden."""
    first = corrected.nodes[0]
    older, newer = corrected.allocate(), corrected.allocate()
    corrected.associate(older, first)
    public = corrected.elastic(older)["PublicIp"]
    refused = refusal(lambda: corrected.associate(newer, first, AllowReassociation=False))
    text = f"resource {first.interface_id} and {first.private_ip} is already associated with public address"
    assert refused == ("Resource.AlreadyAssociated", f"{text} {public}")
    corrected.associate(newer, first)
    assert "AssociationId" not in corrected.elastic(older)
    assert corrected.associations(first) == {str(first.private_ip): newer}


def test_bare_shows_no_instance_of_an_interface(bare: Lan) -> None:
    """moto shows an empty instance id, and no network border group."""
    allocation = bare.allocate()
    bare.associate(allocation, bare.nodes[0])
    shown = bare.elastic(allocation)
    assert shown["InstanceId"] == ""
    assert "NetworkBorderGroup" not in shown


def test_shows_where_an_elastic_ip_is(corrected: Lan) -> None:
    """An associated Elastic IP shows all ids of its target."""
    first = corrected.nodes[0]
    allocation = corrected.allocate()
    association = corrected.associate(allocation, first)
    shown = corrected.elastic(allocation)
    assert shown["PublicIp"].startswith("203.0.113.")
    assert {name: value for name, value in shown.items() if name not in ("PublicIp", "Tags")} == {
        "AllocationId": allocation,
        "AssociationId": association,
        "Domain": "vpc",
        "InstanceId": first.instance_id,
        "NetworkBorderGroup": corrected.topology.region,
        "NetworkInterfaceId": first.interface_id,
        "NetworkInterfaceOwnerId": corrected.topology.account,
        "PrivateIpAddress": str(first.private_ip),
        "PublicIpv4Pool": "amazon",
    }


def test_shows_no_ids_of_an_elastic_ip_that_is_free(corrected: Lan) -> None:
    """Disassociated, it is as it was when it was allocated."""
    allocation = corrected.allocate()
    before = corrected.elastic(allocation)
    association = corrected.associate(allocation, corrected.nodes[0])
    corrected.ec2.disassociate_address(AssociationId=association)
    assert corrected.elastic(allocation) == before
    assert not {"AssociationId", "InstanceId", "NetworkInterfaceId", "PrivateIpAddress"} & before.keys()


def test_associates_with_an_instance(corrected: Lan) -> None:
    """An instance stands for its only interface."""
    first = corrected.nodes[0]
    allocation = corrected.allocate()
    corrected.ec2.associate_address(AllocationId=allocation, InstanceId=first.instance_id)
    assert corrected.elastic(allocation)["NetworkInterfaceId"] == first.interface_id
    created = corrected.ec2.create_network_interface(SubnetId=first.subnet_id)["NetworkInterface"]
    corrected.ec2.attach_network_interface(
        NetworkInterfaceId=created["NetworkInterfaceId"], InstanceId=first.instance_id, DeviceIndex=1
    )
    refused = refusal(
        lambda: corrected.ec2.associate_address(AllocationId=allocation, InstanceId=first.instance_id)
    )
    assert refused[0] == "InvalidInstanceID"


def test_bare_associates_without_a_gateway(bare: Lan) -> None:
    """moto does not look for an internet gateway."""
    close(bare)
    assert bare.associate(bare.allocate(), bare.nodes[0])


def test_associate_needs_a_gateway(corrected: Lan) -> None:
    """Without an attached internet gateway no address of the VPC is public."""
    close(corrected)
    refused = refusal(lambda: corrected.associate(corrected.allocate(), corrected.nodes[0]))
    text = f"Network {corrected.topology.vpc_id} is not attached to any internet gateway"
    assert refused == ("Gateway.NotAttached", text)


def close(lan: Lan) -> None:
    """Detach the VPC's internet gateway."""
    vpc_id = lan.topology.vpc_id
    filters: list[Any] = [{"Name": "attachment.vpc-id", "Values": [vpc_id]}]
    [gateway] = lan.ec2.describe_internet_gateways(Filters=filters)["InternetGateways"]
    lan.ec2.detach_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"], VpcId=vpc_id)


def test_refuses_an_unknown_allocation(corrected: Lan) -> None:
    """Nobody has allocated it."""
    refused = refusal(lambda: corrected.associate(UNKNOWN, corrected.nodes[0]))
    assert refused == ("InvalidAllocationID.NotFound", f"The allocation ID '{UNKNOWN}' does not exist")
    assert refusal(lambda: corrected.elastic(UNKNOWN))[0] == "InvalidAllocationID.NotFound"


def test_an_elastic_ip_belongs_to_its_region(corrected: Lan) -> None:
    """In another region the allocation is unknown; that region has other addresses."""
    allocation = corrected.allocate()
    elsewhere = corrected.cloud.ec2(region="eu-central-1")
    code, _ = refusal(lambda: elsewhere.describe_addresses(AllocationIds=[allocation]))
    assert code == "InvalidAllocationID.NotFound"
    there = elsewhere.allocate_address(Domain="vpc")
    assert there["PublicIp"] != corrected.elastic(allocation)["PublicIp"]
    [shown] = elsewhere.describe_addresses(AllocationIds=[there["AllocationId"]])["Addresses"]
    assert shown["NetworkBorderGroup"] == "eu-central-1"


def test_dry_runs_change_nothing(corrected: Lan) -> None:
    """DryRun of either action is answered with DryRunOperation."""
    first, second = corrected.nodes
    allocation = corrected.allocate()
    association = corrected.associate(allocation, first)
    before = corrected.elastic(allocation)
    dry_runs = [
        lambda: corrected.associate(allocation, second, DryRun=True),
        lambda: corrected.ec2.disassociate_address(AssociationId=association, DryRun=True),
    ]
    assert {refusal(dry_run)[0] for dry_run in dry_runs} == {"DryRunOperation"}
    assert corrected.elastic(allocation) == before


def test_bare_association_outlives_its_instance(bare: Lan) -> None:
    """moto keeps the association of an interface that is gone."""
    first = bare.nodes[0]
    allocation = bare.allocate()
    bare.associate(allocation, first)
    bare.ec2.terminate_instances(InstanceIds=[first.instance_id])
    assert "AssociationId" in bare.elastic(allocation)


def test_association_ends_with_its_instance(corrected: Lan) -> None:
    """The Elastic IPs of a terminated node are free, at whichever private address they were."""
    first = corrected.nodes[0]
    corrected.assign(first, VIP)
    allocations = [corrected.allocate(), corrected.allocate()]
    for allocation, address in zip(allocations, (None, VIP), strict=True):
        corrected.associate(allocation, first, address)
    corrected.ec2.terminate_instances(InstanceIds=[first.instance_id])
    for allocation in allocations:
        assert not {"AssociationId", "NetworkInterfaceId"} & corrected.elastic(allocation).keys()


def test_association_survives_a_stop(corrected: Lan) -> None:
    """A stopped node keeps its Elastic IP."""
    first = corrected.nodes[0]
    allocation = corrected.allocate()
    association = corrected.associate(allocation, first)
    corrected.ec2.stop_instances(InstanceIds=[first.instance_id])
    assert corrected.elastic(allocation)["AssociationId"] == association
    assert corrected.associations(first) == {str(first.private_ip): allocation}


def test_bare_filter_sees_the_primary_address_only(bare: Lan) -> None:
    """moto does not find an Elastic IP by its secondary address, nor by its instance."""
    first = bare.nodes[0]
    bare.assign(first, VIP)
    bare.associate(bare.allocate(), first, VIP)
    assert found(bare, "private-ip-address", VIP) == []
    assert found(bare, "instance-id", first.instance_id) == []


def test_filters_elastic_ips_by_where_they_are(corrected: Lan) -> None:
    """Every documented filter finds the one Elastic IP, and nothing for another value."""
    first = corrected.nodes[0]
    corrected.assign(first, VIP)
    allocation = corrected.allocate()
    association = corrected.associate(allocation, first, VIP)
    corrected.ec2.create_tags(Resources=[allocation], Tags=[{"Key": "vip", "Value": "primary"}])
    filters = {
        "allocation-id": allocation,
        "association-id": association,
        "instance-id": first.instance_id,
        "network-interface-id": first.interface_id,
        "public-ip": corrected.elastic(allocation)["PublicIp"],
        "tag:vip": "primary",
    }
    assert {name: found(corrected, name, value) for name, value in filters.items()} == {
        name: [allocation] for name in filters
    }
    assert {name: found(corrected, name, "none") for name in filters} == {name: [] for name in filters}
    assert allocation in found(corrected, "private-ip-address", VIP)
    assert allocation in found(corrected, "network-border-group", corrected.topology.region)


def test_refuses_an_unknown_filter_of_elastic_ips(corrected: Lan) -> None:
    """There is no filter of that name; EC2 says so."""
    corrected.allocate()
    refused = refusal(lambda: found(corrected, "colour", "green"))
    assert refused == ("InvalidParameterValue", "The filter 'colour' is invalid")


def found(lan: Lan, name: str, value: str) -> list[str]:
    """The allocations that a filter finds."""
    addresses = lan.ec2.describe_addresses(Filters=[{"Name": name, "Values": [value]}])["Addresses"]
    return [address["AllocationId"] for address in addresses]
