"""What Azure's answers mean to the operator, answer by answer, through the SDK and over HTTPS."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.unit.providers.azure.rig import TABLE, Arm, answer, read, refused, soon, write
from vipswitch.errors import (
    ConfigError,
    Conflict,
    OutcomeUnknown,
    PermissionDenied,
    Refused,
    Unavailable,
    VipswitchError,
)
from vipswitch.providers.azure.api.client import Clients
from vipswitch.providers.azure.api.meanings import AddressInUse, NotFound, PublicAddressInUse
from vipswitch.testing import wire

MISMATCH = (
    "PreconditionFailedEtagMismatch",
    'Etag provided in if-match header W/"a" does not match etag W/"b" of resource /x in NRP data store.',
)
DENIED = (
    "The client 'c' with object id 'o' does not have authorization to perform action"
    f" 'Microsoft.Network/routeTables/routes/write' over scope '{TABLE}/routes/r' or the scope is invalid."
    " If access was recently granted, please refresh your credentials."
)
LINKED = (
    "The client 'c' with object id 'o' has permission to perform action"
    " 'Microsoft.Network/networkInterfaces/write' on scope '/x'; however, it does not have permission to"
    " perform action(s) 'Microsoft.Network/virtualNetworks/subnets/join/action' on the linked scope(s)"
    " '/subscriptions/s/subnets/n' (respectively) or the linked scope(s) are invalid."
)
TAKEN = (
    "IP configuration /x is using the private IP address 10.0.1.50 which is already allocated to resource"
    " /subscriptions/s/networkInterfaces/nic-b/ipConfigurations/ipconfig1."
)
PUBLIC_TAKEN = (
    "Resource /x is referencing public IP address /p that is already allocated to resource"
    " /subscriptions/s/networkInterfaces/nic-b/ipConfigurations/ipconfig1."
)
HTML = wire.Answer(200, b"<html>Sign in to the airport</html>", {"Content-Type": "text/html"})


def failure(clients: Clients, arm: Arm, said: wire.Answer | None, *, of_write: bool) -> VipswitchError:
    """What the answer becomes."""
    arm.says(said)
    with pytest.raises(VipswitchError) as caught:
        (write if of_write else read)(clients)
    return caught.value


@pytest.mark.parametrize(
    ("said", "kind", "text"),
    [
        (refused(412, "PreconditionFailed", "Precondition failed.", MISMATCH), Conflict, "changed meanwhile"),
        (answer(412), Conflict, "changed meanwhile"),
        (refused(429, "TooManyRequests", "slow down"), Unavailable, "throttled by Azure"),
        (answer(429), Unavailable, "throttled by Azure"),
        (
            refused(429, "RetryableError", "x", ("RetryableErrorDueToAnotherOperation", "y")),
            Unavailable,
            "another operation is under way",
        ),
        (refused(409, "AnotherOperationInProgress", "x"), Unavailable, "another operation is under way"),
        (refused(400, "AnotherOperationInProgress", "x"), Unavailable, "another operation is under way"),
        (refused(403, "AuthorizationFailed", DENIED), PermissionDenied, "routeTables/routes/write"),
        (refused(403, "LinkedAuthorizationFailed", LINKED), PermissionDenied, "subnets/join/action"),
        (refused(403, "RequestDisallowedByPolicy", "policy p"), Refused, "policy p"),
        (refused(409, "ScopeLocked", "the scope is locked"), Refused, "locked"),
        (refused(404, "ResourceNotFound", "x"), NotFound, "not found"),
        (refused(404, "ResourceGroupNotFound", "x"), NotFound, "not found"),
        (refused(404, "ParentResourceNotFound", "x"), NotFound, "not found"),
        (answer(404, {"code": "NotFound", "message": "DNS says so, flat"}), NotFound, "not found"),
        (refused(404, "SubscriptionNotFound", "x"), NotFound, "not found"),
        (refused(400, "InvalidResourceReference", "no such subnet"), ConfigError, "no such subnet"),
        (refused(409, "MissingSubscriptionRegistration", "not registered"), ConfigError, "not registered"),
        (refused(400, "PrivateIPAddressIsAllocated", TAKEN), AddressInUse, "nic-b"),
        (refused(400, "PublicIPAddressInUse", PUBLIC_TAKEN), PublicAddressInUse, "nic-b"),
        (refused(400, "PrivateIPAddressNotInSubnet", "x"), ConfigError, "outside the subnet"),
        (refused(400, "PrivateIPAddressInReservedRange", "x"), ConfigError, "reserved"),
        (refused(400, "PublicIPAddressSkuMismatch", "Basic is not Standard"), Refused, "Basic"),
        (refused(400, "RouteTableRoutesLimitExceeded", "too many routes"), Refused, "too many routes"),
        (refused(400, "SomethingNew", "nobody has heard of it"), Refused, "nobody has heard of it"),
    ],
)
def test_an_answer_means_the_same_for_reads_and_writes(
    clients: Clients, arm: Arm, said: wire.Answer, kind: type[VipswitchError], text: str
) -> None:
    """Azure has said that nothing was done."""
    for of_write in (False, True):
        found = failure(clients, arm, said, of_write=of_write)
        assert type(found) is kind
        assert text in found.message
        assert found.message.startswith("route table rt: ")


@pytest.mark.parametrize(
    "said",
    [
        refused(500, "InternalServerError", "x"),
        refused(503, "ServiceUnavailable", "x"),
        answer(504),
        wire.Answer(502, b"<html>Bad Gateway</html>", {"Content-Type": "text/html"}),
        None,
        HTML,
        wire.Answer(403, b"<html>the proxy forbids it</html>", {"Content-Type": "text/html"}),
        wire.Answer(200, b'{"half of', {"Content-Type": "application/json"}),
    ],
)
def test_what_leaves_open_whether_it_was_done(clients: Clients, arm: Arm, said: wire.Answer | None) -> None:
    """A read may be made again; a write has to be looked for."""
    assert type(failure(clients, arm, said, of_write=False)) is Unavailable
    assert type(failure(clients, arm, said, of_write=True)) is OutcomeUnknown


def test_what_was_not_sent_was_not_done(clients: Clients, arm: Arm) -> None:
    """Nobody listens there any more."""
    arm.says(None)
    clients.endpoint = arm.url
    gone = Clients(arm.account(endpoint="https://127.0.0.1:1"), clients._home)
    with pytest.raises(Unavailable, match="Connection refused"):
        write(gone)


def test_the_hint_names_action_and_scope(clients: Clients, arm: Arm) -> None:
    """As Azure names them: both may be others than we have asked for."""
    found = failure(clients, arm, refused(403, "AuthorizationFailed", DENIED), of_write=True)
    assert found.hint == f"allow Microsoft.Network/routeTables/routes/write on {TABLE}/routes/r"
    found = failure(clients, arm, refused(403, "LinkedAuthorizationFailed", LINKED), of_write=True)
    assert (
        found.hint
        == "allow Microsoft.Network/virtualNetworks/subnets/join/action on /subscriptions/s/subnets/n"
    )


def test_who_has_the_address_is_told_apart(clients: Clients, arm: Arm) -> None:
    """A known node's operation may still run; anybody else has to be asked to leave."""
    found = failure(clients, arm, refused(400, "PrivateIPAddressIsAllocated", TAKEN), of_write=True)
    assert isinstance(found, AddressInUse)
    assert found.by == "/subscriptions/s/networkInterfaces/nic-b/ipConfigurations/ipconfig1"


def test_retry_after_is_passed_on(clients: Clients, arm: Arm) -> None:
    """In seconds or as a date; without it, or with nonsense, there is none."""
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    for given, expected in (("17", 17.0), (later, 30.0), ("soon", None)):
        found = failure(clients, arm, refused(429, "TooManyRequests", "", Retry_After=given), of_write=True)
        assert isinstance(found, Unavailable)
        assert found.after_s == (pytest.approx(expected, abs=2.0) if expected else None)
    found = failure(clients, arm, refused(429, "TooManyRequests"), of_write=True)
    assert isinstance(found, Unavailable)
    assert found.after_s is None


def test_nothing_is_retried(clients: Clients, arm: Arm) -> None:
    """One loop retries, and it is not the SDK's."""
    began = time.monotonic()
    failure(clients, arm, refused(503, "ServiceUnavailable"), of_write=False)
    failure(clients, arm, refused(429, "TooManyRequests", Retry_After="30"), of_write=True)
    assert len(arm.requests) == 2
    assert time.monotonic() - began < 3.0


def test_no_redirect_is_followed(clients: Clients, arm: Arm) -> None:
    """The token stays where it was meant to go."""
    found = failure(clients, arm, answer(307, {}, Location="https://127.0.0.1:1/elsewhere"), of_write=False)
    assert isinstance(found, VipswitchError)
    assert len(arm.requests) == 1


def test_every_request_is_told_of(clients: Clients, arm: Arm, caplog: pytest.LogCaptureFixture) -> None:
    """With its action and how it ended, also where no answer came."""
    caplog.set_level(logging.DEBUG, "vipswitch.api")
    arm.says(answer(200, {"etag": "W/1"}))
    read(clients)
    failure(clients, arm, refused(403, "AuthorizationFailed", DENIED), of_write=True)
    failure(clients, arm, answer(404, {"code": "NotFound", "message": "flat"}), of_write=False)
    failure(clients, arm, None, of_write=True)
    told = [(r.action, r.code) for r in caplog.records if r.name == "vipswitch.api"]  # type: ignore[attr-defined]
    assert told == [
        ("Microsoft.Network/routeTables/read", "ok"),
        ("Microsoft.Network/routeTables/write", "AuthorizationFailed"),
        ("Microsoft.Network/routeTables/read", "NotFound"),
        ("Microsoft.Network/routeTables/write", "OutcomeUnknown"),
    ]
    assert all(r.cloud == "azure" and r.ms >= 0 for r in caplog.records if r.name == "vipswitch.api")  # type: ignore[attr-defined]


def test_the_libraries_keep_quiet(clients: Clients, arm: Arm, capfd: pytest.CaptureFixture[str]) -> None:
    """What they warn of is in our errors; a hook's stderr is read by people."""
    failure(clients, arm, None, of_write=True)
    with pytest.raises(VipswitchError):
        write(clients, soon(0.0))
    assert capfd.readouterr() == ("", "")
