"""What Google's answers mean to the operator, answer by answer, over HTTPS."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.unit.providers.gcp.rig import (
    ROUTE,
    Google,
    Metadata,
    answer,
    operation,
    read,
    refused,
    soon,
    write,
)
from vipswitch.errors import (
    ConfigError,
    Conflict,
    OutcomeUnknown,
    Refused,
    Unavailable,
    VipswitchError,
)
from vipswitch.providers.gcp.api.client import Clients
from vipswitch.providers.gcp.api.meanings import Exists, InUse, NotAllowed, NotFound, NotReady
from vipswitch.testing import wire

PERMISSION = "Required 'compute.networks.updatePolicy' permission for 'projects/p/global/networks/n'"
GONE = f"The resource '{ROUTE}' was not found"
HIDES = (
    "Invalid value for field 'resource.destRange': '10.0.1.5/32'. 10.0.1.5/32 hides the address space of the"
    " network (10.0.1.0/24). Cannot change the routing of packets destined for the network."
)
NO_NETWORK = (
    "Invalid value for field 'resource.network': 'projects/p/global/networks/x'. The referenced network"
    " resource cannot be found."
)
SWITCHED_OFF = "Compute Engine API has not been used in project 1 before or it is disabled."
SCOPES = "Request had insufficient authentication scopes."
PERIMETER = "Request is prohibited by organization's policy. VPC Service Controls: vpcServiceControlsUniqueId"
HTML = wire.Answer(200, b"<html>Sign in to the airport</html>", {"Content-Type": "text/html"})


def rpc(status: int, code: str, reason: str, message: str = "x") -> wire.Answer:
    """An error as the newer APIs word it: a status, and a reason among the details."""
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}
    error = {"code": status, "message": message, "status": code, "details": [info]}
    return answer(status, {"error": error})


def failure(clients: Clients, google: Google, said: wire.Answer | None, *, of_write: bool) -> VipswitchError:
    """What the answer becomes."""
    google.says(said)
    with pytest.raises(VipswitchError) as caught:
        (write if of_write else read)(clients)
    return caught.value


@pytest.mark.parametrize(
    ("said", "kind", "text"),
    [
        (refused(412, "conditionNotMet", "Supplied fingerprint does not match"), Conflict, "changed"),
        (answer(412), Conflict, "changed meanwhile"),
        (refused(409, "alreadyExists", "The resource 'r' already exists"), Exists, "is there already"),
        (refused(403, "rateLimitExceeded", "slow down"), Unavailable, "throttled by Google"),
        (refused(403, "userRateLimitExceeded", "slow down"), Unavailable, "throttled by Google"),
        (refused(429, "rateLimitExceeded", "slow down"), Unavailable, "throttled by Google"),
        (rpc(429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED"), Unavailable, "throttled by Google"),
        (answer(429), Unavailable, "throttled by Google"),
        (refused(403, "quotaExceeded", "Quota 'ROUTES' exceeded. Limit: 200.0"), Refused, "ROUTES"),
        (refused(400, "resourceNotReady", "The resource 'r' is not ready"), NotReady, "under way"),
        (refused(400, "resourceInUseByAnotherResource", "in use, try again"), NotReady, "under way"),
        (refused(400, "resourceInUseByAnotherResource", "used by 'projects/p/x'"), InUse, "another resource"),
        (refused(403, "forbidden", PERMISSION), NotAllowed, "compute.networks.updatePolicy"),
        (rpc(403, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED"), NotAllowed, "permission denied"),
        (refused(403, "insufficientPermissions", SCOPES), NotAllowed, "authentication scopes"),
        (rpc(403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", SCOPES), NotAllowed, "scopes"),
        (refused(403, "accessNotConfigured", SWITCHED_OFF), ConfigError, "has not been used"),
        (rpc(403, "PERMISSION_DENIED", "SERVICE_DISABLED", SWITCHED_OFF), ConfigError, "disabled"),
        (refused(403, "vpcServiceControls", PERIMETER), Refused, "prohibited"),
        (refused(412, "conditionNotMet", "Constraint constraints/x violated"), Refused, "constraints/x"),
        (refused(404, "notFound", GONE), NotFound, "not found"),
        (refused(400, "invalid", HIDES), ConfigError, "hides the address space"),
        (refused(400, "invalid", NO_NETWORK), ConfigError, "cannot be found"),
        (refused(400, "somethingNew", "nobody has heard of it"), Refused, "nobody has heard of it"),
    ],
)
def test_an_answer_means_the_same_for_reads_and_writes(
    clients: Clients, google: Google, said: wire.Answer, kind: type[VipswitchError], text: str
) -> None:
    """Google has said that nothing was done."""
    for of_write in (False, True):
        found = failure(clients, google, said, of_write=of_write)
        assert type(found) is kind
        assert text in found.message
        assert found.message.startswith("route r: ")


@pytest.mark.parametrize(
    "said",
    [
        refused(500, "internalError", "x"),
        refused(503, "backendError", "x"),
        answer(504),
        wire.Answer(502, b"<html>Bad Gateway</html>", {"Content-Type": "text/html"}),
        None,
        HTML,
        wire.Answer(403, b"<html>the proxy forbids it</html>", {"Content-Type": "text/html"}),
        wire.Answer(200, b'{"half of', {"Content-Type": "application/json"}),
        wire.Answer(200, b"[]", {"Content-Type": "application/json"}),
        answer(307, {}, Location="https://127.0.0.1:1/elsewhere"),
    ],
)
def test_what_leaves_open_whether_it_was_done(
    clients: Clients, google: Google, said: wire.Answer | None
) -> None:
    """A read may be made again; a write has to be looked for. No redirect is followed."""
    assert type(failure(clients, google, said, of_write=False)) is Unavailable
    assert type(failure(clients, google, said, of_write=True)) is OutcomeUnknown
    assert len(google.requests) == 2


def test_an_answer_that_is_no_operation_says_nothing(clients: Clients, google: Google) -> None:
    """A write was taken, or it was not."""
    assert type(failure(clients, google, answer(200, {}), of_write=True)) is OutcomeUnknown


def test_what_was_not_sent_was_not_done(google: Google, metadata: Metadata) -> None:
    """Nobody listens there."""
    with pytest.raises(Unavailable, match="Connection refused"):
        write(google.clients(endpoint="https://127.0.0.1:1"))


def test_the_hint_names_permission_and_resource(clients: Clients, google: Google) -> None:
    """As Google names them: both may be others than we have asked for."""
    found = failure(clients, google, refused(403, "forbidden", PERMISSION), of_write=True)
    assert found.hint == "grant compute.networks.updatePolicy on projects/p/global/networks/n"
    found = failure(clients, google, refused(403, "forbidden", "no"), of_write=True)
    assert found.hint == f"grant compute.routes.insert on {ROUTE}"


def test_what_is_missing_is_told_apart(clients: Clients, google: Google) -> None:
    """It need not be what was asked about."""
    found = failure(clients, google, refused(404, "notFound", GONE), of_write=True)
    assert isinstance(found, NotFound)
    assert found.what == ROUTE


def test_retry_after_is_passed_on(clients: Clients, google: Google) -> None:
    """In seconds or as a date; without it, or with nonsense, there is none."""
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    for given, expected in (("17", 17.0), (later, 30.0), ("soon", None)):
        said = refused(403, "rateLimitExceeded", "", Retry_After=given)
        found = failure(clients, google, said, of_write=True)
        assert isinstance(found, Unavailable)
        assert found.after_s == (pytest.approx(expected, abs=2.0) if expected else None)


def test_nothing_is_retried(clients: Clients, google: Google) -> None:
    """One loop retries, and it is not google-auth's."""
    began = time.monotonic()
    failure(clients, google, refused(503, "backendError"), of_write=False)
    failure(clients, google, refused(429, "rateLimitExceeded", Retry_After="30"), of_write=True)
    assert len(google.requests) == 2
    assert time.monotonic() - began < 3.0


def test_every_request_is_told_of(clients: Clients, google: Google, caplog: pytest.LogCaptureFixture) -> None:
    """With its method's id and how it ended, also where no answer came."""
    caplog.set_level(logging.DEBUG, "vipswitch.api")
    google.says(answer(200, operation()))
    read(clients)
    failure(clients, google, refused(403, "forbidden", PERMISSION), of_write=True)
    failure(clients, google, rpc(404, "NOT_FOUND", ""), of_write=False)
    failure(clients, google, None, of_write=True)
    told = [(r.action, r.code) for r in caplog.records if r.name == "vipswitch.api"]  # type: ignore[attr-defined]
    assert told == [
        ("compute.routes.get", "ok"),
        ("compute.routes.insert", "forbidden"),
        ("compute.routes.get", "NOT_FOUND"),
        ("compute.routes.insert", "OutcomeUnknown"),
    ]
    assert all(r.cloud == "gcp" and r.ms >= 0 for r in caplog.records if r.name == "vipswitch.api")  # type: ignore[attr-defined]


def test_the_libraries_keep_quiet(
    clients: Clients, google: Google, capfd: pytest.CaptureFixture[str]
) -> None:
    """What they warn of is in our errors; a hook's stderr is read by people."""
    failure(clients, google, None, of_write=True)
    with pytest.raises(VipswitchError):
        write(clients, soon(0.0))
    assert capfd.readouterr() == ("", "")
