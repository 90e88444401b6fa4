"""What EC2 says against moving an Elastic IP, as the switch is told it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.providers.aws.elastic_rig import ElasticRig
from tests.unit.providers.aws.rig import StubMachine, soon
from vipswitch.errors import (
    ConfigError,
    Conflict,
    OutcomeUnknown,
    PermissionDenied,
    Refused,
    Unavailable,
    VipswitchError,
)
from vipswitch.model import Holding, NodeId, Vip
from vipswitch.providers.aws.api.meanings import InUse, NotOnInterface
from vipswitch.providers.aws.elastic_ip.provider import AwsElasticIp
from vipswitch.providers.aws.elastic_ip.settings import AllocationId
from vipswitch.testing import wire
from vipswitch.testing.aws import protocol

ALLOCATION = "eipalloc-0123456789abcdef0"
NODE = NodeId("eni-0123456789abcdef0")


def claim(provider: AwsElasticIp, node: NodeId) -> VipswitchError:
    """The error of a claim."""
    with pytest.raises(VipswitchError) as caught:
        provider.claim(provider.places[0], node, None, soon(3))
    return caught.value


def test_an_elastic_ip_that_is_not_here(elastic: ElasticRig) -> None:
    """Given back, of another account, or of another region."""
    wrong = claim(elastic.provider(allocations=(ALLOCATION,)), elastic.id(0))
    assert type(wrong) is ConfigError
    assert wrong.message == f"Elastic IP {ALLOCATION}: not found"
    assert "one region" in wrong.hint


def test_a_vpc_without_an_internet_gateway(elastic: ElasticRig) -> None:
    """The hint says what to attach, and nothing has changed."""
    ec2, provider = elastic.rig.ec2, elastic.provider(private=())
    elastic.give(provider.places[0], 1)
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.7.1.0/24")["Subnet"]["SubnetId"]
    lonely = ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    wrong = claim(provider, NodeId(lonely))
    assert type(wrong) is Refused
    assert "internet gateway" in wrong.message
    assert "attach an internet gateway" in wrong.hint
    assert elastic.maps_to(provider.places[0])[0] == elastic.id(1)


@pytest.mark.parametrize("what", ["elastic-ip", "network-interface"])
def test_a_denial_names_what_may_not_be_moved(elastic: ElasticRig, what: str) -> None:
    """Either end may be the one that the policy leaves out: the hint has the ARN to add."""
    provider = elastic.provider()
    provider.claim(provider.places[0], elastic.id(0), None, soon())
    other = {"elastic-ip": "network-interface", "network-interface": "elastic-ip"}[what]
    statement = {
        "Effect": "Allow",
        "Action": "ec2:AssociateAddress",
        "Resource": f"arn:aws:ec2:*:*:{other}/*",
    }
    elastic.rig.cloud.restrict({"Version": "2012-10-17", "Statement": [statement]})
    try:
        wrong = claim(provider, elastic.id(0))
    finally:
        elastic.rig.cloud.unrestrict()
    assert type(wrong) is PermissionDenied
    assert wrong.message == f"Elastic IP {elastic.allocations[0]}: permission denied for ec2:AssociateAddress"
    assert wrong.hint.startswith("allow ec2:AssociateAddress on arn:aws:ec2:eu-west-1:")
    assert f":{what}/" in wrong.hint


def test_a_release_that_is_not_permitted(elastic: ElasticRig) -> None:
    """The holder stays."""
    provider = elastic.provider()
    place = provider.places[0]
    association = elastic.give(place, 0)
    elastic.rig.cloud.faults.deny("DisassociateAddress")
    with pytest.raises(PermissionDenied) as caught:
        provider.release(place, elastic.id(0), Holding(elastic.id(0), association), soon())
    assert "ec2:DisassociateAddress" in caught.value.hint
    assert elastic.maps_to(place)[0] == elastic.id(0)


class Api:
    """An API that gives everybody `answer`."""

    answer = wire.Answer(200)

    def __call__(self, _: wire.Request, reply: wire.Reply) -> None:
        reply(self.answer)


@pytest.fixture(scope="module")
def api() -> Api:
    """What the API of this module answers."""
    return Api()


@pytest.fixture(scope="module")
def alone(api: Api, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsElasticIp]:
    """One provider for all that this API answers: a client takes a quarter of a second to make."""
    with wire.Server(api) as server:
        settings = AwsElasticIp.Settings(
            allocations=(AllocationId(ALLOCATION),), endpoint_url=server.url, region="eu-west-1"
        )
        folder: Path = tmp_path_factory.mktemp("alone")
        yield AwsElasticIp(settings, Vip("primary", ()), StubMachine("02:00:00:00:00:01", folder, NODE))


REFUSALS = [
    ("InvalidAllocationID.NotFound", "The allocation ID does not exist", ConfigError, "region"),
    ("InvalidAddress.NotFound", "Address '203.0.113.5' not found.", ConfigError, "region"),
    ("AuthFailure", "The address '203.0.113.5' does not belong to you.", ConfigError, "account"),
    ("Gateway.NotAttached", "Network vpc-1 is not attached to any internet gateway", Refused, "attach"),
    ("Resource.AlreadyAssociated", "resource is already associated", InUse, "describe-addresses"),
    (
        "InvalidParameterValue",
        "The private IP address 10.0.1.60 is not assigned to network interface eni-1",
        NotOnInterface,
        "private_address",
    ),
    ("InvalidParameterCombination", "not in the same network border group", Refused, "border group"),
    ("InvalidAssociationID.NotFound", "The association ID does not exist", Conflict, ""),
    ("RequestLimitExceeded", "Request limit exceeded.", Unavailable, "rate"),
    ("InternalError", "An internal error has occurred", OutcomeUnknown, "status"),
    ("OperationNotPermitted", "The address is managed by a service.", Refused, "Error codes"),
]


@pytest.mark.parametrize(
    ("code", "message", "meaning", "hint"), REFUSALS, ids=[code for code, *_ in REFUSALS]
)
def test_what_ec2_says_has_one_meaning(
    alone: AwsElasticIp,
    api: Api,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    message: str,
    meaning: type[VipswitchError],
    hint: str,
) -> None:
    """The class says what to do next, the message is about the Elastic IP, the hint says what to look at."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    api.answer = protocol.refusal("ec2", status=400, code=code, message=message)
    wrong = claim(alone, NODE)
    assert type(wrong) is meaning
    assert wrong.message.startswith(f"Elastic IP {ALLOCATION}: ")
    assert not wrong.message.endswith(".")
    assert hint in wrong.hint
