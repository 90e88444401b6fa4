"""What a seeded VPC looks like through the API."""

from __future__ import annotations

from vipswitch.testing.aws import AwsCloud, Topology, build


def test_nodes_run_with_the_check_on(cloud: AwsCloud, topology: Topology) -> None:
    """Each node is a running instance whose primary interface has the address and MAC that are told."""
    for node in topology.nodes:
        found = cloud.ec2().describe_network_interfaces(NetworkInterfaceIds=[node.interface_id])
        interface = found["NetworkInterfaces"][0]
        assert interface["PrivateIpAddress"] == str(node.private_ip)
        assert interface["Ipv6Addresses"] == [{"Ipv6Address": str(node.ipv6)}]
        assert interface["MacAddress"] == node.mac
        assert interface["SourceDestCheck"]
        assert interface["Attachment"]["InstanceId"] == node.instance_id
        assert interface["Attachment"]["DeviceIndex"] == 0


def test_subnets_are_associated_with_their_tables(cloud: AwsCloud, topology: Topology) -> None:
    """The nodes' subnets use the nodes' table, each client subnet its own."""
    for subnet in (*(node.subnet for node in topology.nodes), *topology.clients):
        filters = [{"Name": "association.subnet-id", "Values": [subnet.subnet_id]}]
        found = cloud.ec2().describe_route_tables(Filters=filters)["RouteTables"]  # type: ignore[arg-type]
        assert [table["RouteTableId"] for table in found] == [subnet.table_id]


def test_tables_are_all_different(cloud: AwsCloud) -> None:
    """As many client subnets as asked for, in other blocks than the nodes', each with a table."""
    topology = build(cloud, nodes=3, clients=2)
    subnets = [*(node.subnet for node in topology.nodes), *topology.clients]
    assert len({subnet.cidr for subnet in subnets}) == 5
    assert len(set(topology.tables)) == 3
    assert topology.node_table_id == topology.tables[-1]
