"""Each fault, as a client meets it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from vipswitch.testing.aws import REGION, AwsCloud

if TYPE_CHECKING:
    from .conftest import Playground

VIP = "10.99.0.50/32"


def refusal(call: Callable[[], object]) -> tuple[str, int]:
    """The error code and status with which a call is refused."""
    with pytest.raises(ClientError) as caught:
        call()
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def status_from(source: str, cloud: AwsCloud, action: str) -> int:
    """The status of a call made from this client address."""
    connection = HTTPConnection(urlsplit(cloud.url).netloc, source_address=(source, 0), timeout=5)
    scope = f"AWS4-HMAC-SHA256 Credential=AKIAVIPSWITCHTESTING/20260101/{REGION}/ec2/aws4_request,"
    headers = {"Authorization": scope, "Content-Type": "application/x-www-form-urlencoded"}
    try:
        connection.request("POST", "/", f"Action={action}&Version=2016-11-15", headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_throttles_so_many_calls(aws: Playground) -> None:
    """The first calls are told RequestLimitExceeded and do nothing; the next one works."""
    aws.cloud.faults.throttle(2, "CreateRoute")
    for _ in range(2):
        assert refusal(lambda: aws.create(VIP, aws.nodes[0])) == ("RequestLimitExceeded", 503)
    assert aws.routes() == {}
    aws.create(VIP, aws.nodes[0])
    assert VIP in aws.routes()


def test_unavailable_does_nothing(aws: Playground) -> None:
    """A 500 of this kind comes before the work."""
    aws.cloud.faults.unavailable(1, "CreateRoute")
    assert refusal(lambda: aws.create(VIP, aws.nodes[0])) == ("InternalError", 500)
    assert aws.routes() == {}


def test_denial_names_principal_action_and_resource(aws: Playground) -> None:
    """The text of UnauthorizedOperation lets a client say which permission on what is missing."""
    aws.cloud.faults.deny("ReplaceRoute")
    with pytest.raises(ClientError) as caught:
        aws.replace(VIP, aws.nodes[0])
    error = caught.value.response["Error"]
    resource = f"arn:aws:ec2:{REGION}:{aws.cloud.account}:route-table/{aws.table}"
    assert error["Code"] == "UnauthorizedOperation"
    assert (
        f"is not authorized to perform: ec2:ReplaceRoute on resource: {resource} because" in error["Message"]
    )
    assert error["Message"].startswith(
        "You are not authorized to perform this operation. User: arn:aws:sts::"
    )


def test_denial_reaches_dry_runs(aws: Playground) -> None:
    """A permission self-test tells a denied action from an allowed one."""
    aws.cloud.faults.deny("CreateRoute")
    assert refusal(lambda: aws.create(VIP, aws.nodes[0], dry_run=True)) == ("UnauthorizedOperation", 403)
    assert refusal(lambda: aws.delete(VIP, dry_run=True)) == ("DryRunOperation", 412)


def test_disarmed_denial_ends(aws: Playground) -> None:
    """A rule acts until it is disarmed."""
    rule = aws.cloud.faults.deny()
    assert refusal(lambda: aws.create(VIP, aws.nodes[0])) == ("UnauthorizedOperation", 403)
    rule.disarm()
    aws.create(VIP, aws.nodes[0])


def test_fault_for_one_client_spares_the_others(aws: Playground) -> None:
    """A rule with a source acts on calls from that address only."""
    aws.cloud.faults.deny(source="127.0.0.2")
    assert status_from("127.0.0.2", aws.cloud, "DescribeRouteTables") == 403
    assert status_from("127.0.0.3", aws.cloud, "DescribeRouteTables") == 200


def test_delay_holds_up_no_other_call(aws: Playground) -> None:
    """While one call is delayed, another is answered."""
    aws.cloud.faults.delay(1.0, "CreateRoute", times=1)
    with ThreadPoolExecutor() as pool:
        started = time.monotonic()
        slow = pool.submit(aws.create, VIP, aws.nodes[0])
        assert aws.routes() == {}
        slow.result()
    assert time.monotonic() - started >= 1.0
    assert VIP in aws.routes()


def test_drop_before_leaves_the_work_undone(aws: Playground) -> None:
    """The client loses its connection and nothing has changed."""
    aws.cloud.faults.drop_before(1, "CreateRoute")
    with pytest.raises(ConnectionClosedError):
        aws.create(VIP, aws.nodes[0])
    assert aws.routes() == {}


def test_drop_after_commits_without_an_answer(aws: Playground) -> None:
    """The client loses its connection although the route is there."""
    aws.cloud.faults.drop_after(1, "CreateRoute")
    with pytest.raises(ConnectionClosedError):
        aws.create(VIP, aws.nodes[0])
    assert aws.holder(VIP) == aws.nodes[0].interface_id


def test_drop_after_waits_for_a_call_that_succeeds(aws: Playground) -> None:
    """A refused call is answered, and does not use the rule up."""
    aws.cloud.faults.drop_after(1)
    assert refusal(lambda: aws.replace(VIP, aws.nodes[0])) == ("InvalidParameterValue", 400)
    with pytest.raises(ConnectionClosedError):
        aws.create(VIP, aws.nodes[0])


def test_held_call_does_its_work_when_released(aws: Playground) -> None:
    """A late write of one node overwrites what another did meanwhile."""
    first, second = aws.nodes
    aws.create(VIP, first)
    gate = aws.cloud.faults.hold("ReplaceRoute")
    with ThreadPoolExecutor() as pool:
        late = pool.submit(aws.replace, VIP, first)
        assert gate.arrived.wait(5)
        aws.replace(VIP, second)
        assert aws.holder(VIP) == second.interface_id
        gate.release()
        late.result()
    assert aws.holder(VIP) == first.interface_id


def test_held_call_works_after_its_client_has_given_up(aws: Playground) -> None:
    """What a client has sent reaches the cloud, whether or not it still waits for the answer."""
    committed = threading.Event()
    unsubscribe = aws.cloud.journal.subscribe(lambda _: committed.set())
    gate = aws.cloud.faults.hold("CreateRoute")
    hasty = boto3.Session("local", "local", region_name=REGION).client(
        "ec2", endpoint_url=aws.cloud.url, config=Config(read_timeout=0.1, retries={"total_max_attempts": 1})
    )
    with pytest.raises(ReadTimeoutError):
        replace(aws, ec2=hasty).create(VIP, aws.nodes[0])
    assert aws.routes() == {}
    gate.release()
    assert committed.wait(5)
    unsubscribe()
    assert VIP in aws.routes()


def test_held_answer_comes_after_the_work(aws: Playground) -> None:
    """The route is there for everybody, and its client waits; a call that is not meant goes through."""
    gate = aws.cloud.faults.hold_answer(
        "CreateRoute", where=lambda api: api.params["DestinationCidrBlock"] == VIP
    )
    with ThreadPoolExecutor() as pool:
        aws.create("10.99.0.51/32", aws.nodes[0])
        held = pool.submit(aws.create, VIP, aws.nodes[0])
        assert gate.arrived.wait(5)
        assert VIP in aws.routes()
        assert not held.done()
        gate.release()
        held.result()


def test_clear_disarms_everything_and_releases_held_calls(aws: Playground) -> None:
    """After clear, held calls go on and no rule acts."""
    faults = aws.cloud.faults
    gate = faults.hold("CreateRoute")
    with ThreadPoolExecutor() as pool:
        held = pool.submit(aws.create, VIP, aws.nodes[0])
        assert gate.arrived.wait(5)
        faults.throttle(None)
        faults.drop_after(None)
        faults.stale_reads(1)
        faults.clear()
        held.result()
    aws.replace(VIP, aws.nodes[1])
    assert aws.holder(VIP) == aws.nodes[1].interface_id


def test_callback_after_commit_comes_before_the_answer(aws: Playground) -> None:
    """Another node can write between a node's write and the answer to it."""
    first, second = aws.nodes
    aws.create(VIP, first)
    aws.cloud.faults.after_commit("ReplaceRoute", lambda: aws.replace(VIP, second))
    aws.replace(VIP, first)
    assert aws.holder(VIP) == second.interface_id
    aws.replace(VIP, first)
    assert aws.holder(VIP) == first.interface_id
