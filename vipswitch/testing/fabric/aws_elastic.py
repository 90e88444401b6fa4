"""The local AWS as its internet gateway sees it: which Elastic IP is associated with which private address.

Rules: reads moto's state while no call is at work, as `aws_routes` does; an association with a private
address that its interface does not have leads nowhere.
"""

from collections.abc import Mapping
from ipaddress import IPv4Address

from vipswitch.testing.aws.server import ACCOUNT, REGION, AwsCloud
from vipswitch.testing.fabric import aws_addresses
from vipswitch.testing.fabric.gateway import Association, InternetGateway
from vipswitch.testing.fabric.router import InterfaceId


class AwsElastic:
    """`Associations` of one cloud."""

    def __init__(self, cloud: AwsCloud) -> None:
        from moto.ec2.models import ec2_backends

        self._cloud = cloud
        self._ec2 = ec2_backends[ACCOUNT][REGION]

    def associations(self) -> Mapping[IPv4Address, Association]:
        with self._cloud.at_rest():
            associated = [elastic for elastic in self._ec2.addresses if elastic.eni]
            return {
                IPv4Address(elastic.public_ip): Association(private, InterfaceId(elastic.eni.id))
                for elastic in associated
                if (private := IPv4Address(elastic.private_ip_address)) in aws_addresses.of(elastic.eni)
            }


def follow(gateway: InternetGateway, cloud: AwsCloud) -> None:
    """Translate as the cloud says, again after every write to it, before that is answered."""
    associations = AwsElastic(cloud)
    gateway.refresh(associations)
    cloud.journal.subscribe(lambda _: gateway.refresh(associations))
