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


def test_nodes_are_apart_unless_together(topology: Topology) -> None:
    """Each node is alone in its subnet and its zone."""
    assert [str(node.private_ip) for node in topology.nodes] == ["10.0.1.10", "10.0.2.10"]
    assert len({node.subnet.availability_zone for node in topology.nodes}) == 2


def test_nodes_together_share_a_subnet(cloud: AwsCloud) -> None:
    """They have addresses of their own in it, of IPv4 and IPv6."""
    topology = build(cloud, nodes=3, together=True)
    assert [str(node.private_ip) for node in topology.nodes] == ["10.0.1.11", "10.0.1.12", "10.0.1.13"]
    [subnet] = {node.subnet for node in topology.nodes}
    assert [node.ipv6 for node in topology.nodes] == [subnet.ipv6_cidr[host] for host in (11, 12, 13)]
    for node in topology.nodes:
        shown = cloud.ec2().describe_network_interfaces(NetworkInterfaceIds=[node.interface_id])
        assert shown["NetworkInterfaces"][0]["SubnetId"] == subnet.subnet_id


def test_nodes_reach_the_internet_gateway(cloud: AwsCloud, topology: Topology) -> None:
    """The VPC's gateway is attached, and the nodes' default route leads to it."""
    ec2 = cloud.ec2()
    filters = [{"Name": "attachment.vpc-id", "Values": [topology.vpc_id]}]
    [gateway] = ec2.describe_internet_gateways(Filters=filters)["InternetGateways"]  # type: ignore[arg-type]
    [table] = ec2.describe_route_tables(RouteTableIds=[topology.node_table_id])["RouteTables"]
    routes = {route.get("DestinationCidrBlock"): route.get("GatewayId") for route in table["Routes"]}
    assert routes["0.0.0.0/0"] == gateway["InternetGatewayId"]


def test_nodes_are_of_the_type_that_their_metadata_tells(cloud: AwsCloud, topology: Topology) -> None:
    """The type decides how many addresses an interface may have."""
    ids = [node.instance_id for node in topology.nodes]
    reservations = cloud.ec2().describe_instances(InstanceIds=ids)["Reservations"]
    types = {instance["InstanceType"] for one in reservations for instance in one["Instances"]}
    assert types == {"t3.medium"}
