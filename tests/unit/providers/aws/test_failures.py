"""What goes wrong at AWS or on the way there, as the switch is told it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.providers.aws.rig import VIP4, Rig, StubMachine, soon
from vipswitch.errors import (
    ConfigError,
    OutcomeUnknown,
    PermissionDenied,
    Refused,
    Unavailable,
    VipswitchError,
)
from vipswitch.model import NodeId, Vip
from vipswitch.providers.aws.route_table.provider import AwsRouteTable
from vipswitch.providers.aws.route_table.settings import TableId
from vipswitch.testing import wire
from vipswitch.testing.aws import protocol

TABLE = TableId("rtb-0123456789abcdef0")
NODE = NodeId("eni-0123456789abcdef0")


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AwsRouteTable:
    """A provider with credentials, a region, and no cloud."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return provider(tmp_path)


def provider(folder: Path, **settings: str) -> AwsRouteTable:
    wanted = AwsRouteTable.Settings(route_tables=(TABLE,), **settings)
    return AwsRouteTable(wanted, Vip("primary", (VIP4,)), StubMachine("02:00:00:00:00:01", folder, NODE))


def write_to(tested: AwsRouteTable) -> VipswitchError:
    """The error of a claim."""
    with pytest.raises(VipswitchError) as caught:
        tested.claim(tested.places[0], NODE, None, soon(3))
    return caught.value


def read_from(tested: AwsRouteTable) -> VipswitchError:
    """The error of a read."""
    with pytest.raises(VipswitchError) as caught:
        tested.read(tested.places, soon(3))
    return caught.value


class Api:
    """An API that gives everybody `answer`, or hangs up."""

    def __init__(self) -> None:
        self.answer: wire.Answer | None = None

    def __call__(self, _: wire.Request, reply: wire.Reply) -> None:
        if self.answer is not None:
            reply(self.answer)


@pytest.fixture(scope="module")
def api() -> Api:
    """What the API of this module answers."""
    return Api()


@pytest.fixture(scope="module")
def url(api: Api) -> Iterator[str]:
    """Where it answers."""
    with wire.Server(api) as server:
        yield server.url


@pytest.fixture(scope="module")
def shared(url: str, tmp_path_factory: pytest.TempPathFactory) -> AwsRouteTable:
    """One provider for all that this API answers: a client takes a quarter of a second to make."""
    return provider(tmp_path_factory.mktemp("shared"), endpoint_url=url)


@pytest.fixture
def talking(shared: AwsRouteTable, alone: AwsRouteTable) -> AwsRouteTable:
    """The shared provider, in an environment with credentials."""
    return shared


REFUSALS = [
    (503, "RequestLimitExceeded", "Request limit exceeded.", Unavailable, Unavailable),
    (503, "EC2ThrottledException", "", Unavailable, Unavailable),
    (400, "Throttling", "Rate exceeded", Unavailable, Unavailable),
    (500, "InternalError", "An internal error has occurred", OutcomeUnknown, Unavailable),
    (503, "Unavailable", "The server is overloaded", OutcomeUnknown, Unavailable),
    (503, "ServiceUnavailable", "", OutcomeUnknown, Unavailable),
    (400, "IncorrectState", "The network interface is in a wrong state.", Unavailable, Unavailable),
    (403, "UnauthorizedOperation", "You are not authorized.", PermissionDenied, PermissionDenied),
    (403, "AccessDenied", "no", PermissionDenied, PermissionDenied),
    (401, "AuthFailure", "AWS was not able to validate it", PermissionDenied, PermissionDenied),
    (400, "RequestExpired", "Request has expired.", PermissionDenied, PermissionDenied),
    (400, "ExpiredToken", "expired", PermissionDenied, PermissionDenied),
    (403, "InvalidClientTokenId", "invalid", PermissionDenied, PermissionDenied),
    (400, "InvalidRouteTableID.NotFound", "The routeTable ID does not exist", ConfigError, ConfigError),
    (400, "InvalidNetworkInterfaceID.NotFound", "does not exist", ConfigError, ConfigError),
    (400, "InvalidRouteTableId.Malformed", "Invalid id", ConfigError, ConfigError),
    (400, "RouteLimitExceeded", "The maximum number of routes", Refused, Refused),
    (400, "TagLimitExceeded", "The maximum number of Tags", Refused, Refused),
    (400, "InvalidParameterValue", "Something else is wrong.", Refused, Refused),
    (400, "OperationNotPermitted", "Not for you", Refused, Refused),
]


@pytest.mark.parametrize(
    ("status", "code", "message", "on_write", "on_read"), REFUSALS, ids=[code for _, code, *_ in REFUSALS]
)
def test_what_ec2_says_has_one_meaning(
    talking: AwsRouteTable,
    api: Api,
    status: int,
    code: str,
    message: str,
    on_write: type[VipswitchError],
    on_read: type[VipswitchError],
) -> None:
    """The class says what to do next; only a write that failed inside AWS has an unknown outcome."""
    api.answer = protocol.refusal("ec2", status=status, code=code, message=message)
    wrote, read = write_to(talking), read_from(talking)
    assert (type(wrote), type(read)) == (on_write, on_read)
    assert "\n" not in wrote.message
    assert not wrote.message.endswith(".")
    assert wrote.hint or on_write is OutcomeUnknown


NONSENSE = [
    wire.Answer(502, b"<html>Bad Gateway</html>", {"Content-Type": "text/html"}),
    wire.Answer(504),
    wire.Answer(200, b"<html>Please log in"),
    wire.Answer(200, b"not xml at all"),
]


@pytest.mark.parametrize("answer", NONSENSE, ids=["html 502", "empty 504", "html 200", "text 200"])
def test_an_answer_that_is_not_ec2s_leaves_the_outcome_open(
    talking: AwsRouteTable, api: Api, answer: wire.Answer
) -> None:
    """A proxy or a portal on the way may have passed the request on."""
    api.answer = answer
    assert type(write_to(talking)) is OutcomeUnknown
    assert type(read_from(talking)) is Unavailable


def test_a_denial_names_the_action_and_the_resource(rig: Rig) -> None:
    """The message says what was denied, the hint what to put into the policy."""
    rig.cloud.faults.deny("ReplaceRoute")
    wrong = write_to_rig(rig)
    table = rig.tables[0]
    assert isinstance(wrong, PermissionDenied)
    assert wrong.message == f"route table {table}: permission denied for ec2:ReplaceRoute"
    assert wrong.hint == f"allow ec2:ReplaceRoute on arn:aws:ec2:eu-west-1:*:route-table/{table}"


def test_a_vip_inside_the_vpc_is_said_to_be(rig: Rig) -> None:
    """EC2's own words for it help nobody."""
    tested = rig.provider(vip=(type(VIP4)("10.0.200.9"),))
    wrong = write_to_rig(rig, tested)
    assert isinstance(wrong, ConfigError)
    assert "inside the VPC's address range" in wrong.message


@pytest.mark.parametrize(
    ("arm", "expected"),
    [
        (lambda rig: rig.cloud.faults.throttle(1), Unavailable),
        (lambda rig: rig.cloud.faults.unavailable(1), OutcomeUnknown),
        (lambda rig: rig.cloud.faults.drop_before(1), OutcomeUnknown),
        (lambda rig: rig.cloud.faults.drop_after(1), OutcomeUnknown),
    ],
    ids=["throttled", "failed inside", "hung up before", "hung up after"],
)
def test_a_write_without_an_answer_is_made_once(
    rig: Rig, arm: Callable[[Rig], object], expected: type[VipswitchError]
) -> None:
    """Neither botocore nor the provider tries again: the switch decides, and reads first."""
    tested = rig.provider()
    rig.give(tested.places[0], 1)
    rig.cloud.journal.clear()
    arm(rig)
    assert type(write_to_rig(rig, tested)) is expected
    assert rig.asked() == ["ReplaceRoute"]


def test_a_lost_answer_to_a_write_that_happened_is_unknown(rig: Rig) -> None:
    """The route has moved and nobody said so: the next thing must be a read."""
    tested = rig.provider()
    rig.give(tested.places[0], 1)
    rig.cloud.faults.drop_after(1, "ReplaceRoute")
    assert isinstance(write_to_rig(rig, tested), OutcomeUnknown)
    assert rig.holder(tested.places[0]) == rig.id(0)


def test_a_dropped_read_may_be_made_again(rig: Rig) -> None:
    """Reading twice hurts nobody."""
    rig.cloud.faults.drop_before(1, "DescribeRouteTables")
    assert type(read_from(rig.provider())) is Unavailable


def test_a_refused_connection_names_the_endpoint(
    alone: AwsRouteTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was sent, so nothing can have happened."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    wrong = write_to(alone)
    assert type(wrong) is Unavailable
    assert url in wrong.message
    assert "refused" in wrong.message


def test_a_name_that_does_not_resolve_is_unavailable(
    alone: AwsRouteTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS comes before the first byte."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://no-such-host.invalid")
    assert type(write_to(alone)) is Unavailable


def test_no_credentials_is_said_with_the_remedy(
    alone: AwsRouteTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also the second time: the agent must find credentials that come later."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    for _ in range(2):
        wrong = write_to(alone)
        assert isinstance(wrong, PermissionDenied)
        assert wrong.message == "AWS credentials: none found"
        assert "profile" in wrong.hint
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert type(write_to(alone)) is Unavailable


def test_no_region_is_a_matter_of_the_config(alone: AwsRouteTable, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the config nor boto3's rules nor the metadata service gave one."""
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    wrong = write_to(alone)
    assert isinstance(wrong, ConfigError)
    assert wrong.hint


def test_an_unknown_profile_is_a_matter_of_the_config(alone: AwsRouteTable, tmp_path: Path) -> None:
    """boto3 names the profile, and so do we."""
    wrong = write_to(provider(tmp_path, profile="nobody"))
    assert isinstance(wrong, ConfigError)
    assert "nobody" in wrong.message


def test_an_endpoint_that_is_no_url_is_a_matter_of_the_config(
    alone: AwsRouteTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the environment, where our own config cannot check it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "127.0.0.1")
    wrong = write_to(alone)
    assert isinstance(wrong, ConfigError)
    assert "127.0.0.1" in wrong.message


def test_a_broken_aws_config_file_is_a_matter_of_the_config(
    alone: AwsRouteTable, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The file that boto3 reads."""
    (tmp_path / "config").write_text("this is [not] = a config\nfile")
    wrong = write_to(alone)
    assert isinstance(wrong, ConfigError)


def write_to_rig(rig: Rig, tested: AwsRouteTable | None = None) -> VipswitchError:
    """The error of a claim on the rig's first table."""
    tested = tested or rig.provider()
    with pytest.raises(VipswitchError) as caught:
        tested.claim(tested.places[0], rig.id(0), None, soon(3))
    return caught.value
