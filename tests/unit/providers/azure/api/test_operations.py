"""What becomes of writes that Azure has accepted."""

from __future__ import annotations

import pytest

from tests.unit.providers.azure.rig import TABLE, Arm, answer, refused, soon, write
from vipswitch.deadline import Deadline
from vipswitch.errors import Conflict, OutcomeUnknown, Refused, Unavailable, Undone, VipswitchError
from vipswitch.providers.azure.api.client import Clients
from vipswitch.providers.azure.api.meanings import AddressInUse


def accepted(clients: Clients, arm: Arm, host: str | None = None) -> Deadline:
    """A write of the table, whose operation has begun; the deadline of its order."""
    deadline = soon()
    path = "/subscriptions/s/providers/Microsoft.Network/locations/l/operations/1?api-version=1"
    url = f"{host or arm.url}{path}"
    arm.says(answer(200, {"etag": "W/1"}, Azure_AsyncOperation=url))
    write(clients, deadline)
    arm.requests.clear()
    return deadline


def failed(code: str, message: str = "", *details: str, status: str = "Failed") -> dict[str, object]:
    """An operation that has ended otherwise than asked."""
    more = [{"code": each, "message": "x"} for each in details]
    return {"status": status, "error": {"code": code, "message": message, "details": more}}


def test_an_operation_runs_until_it_says_otherwise(clients: Clients, arm: Arm) -> None:
    """Each look is one request; when it is over there is nothing to look at."""
    accepted(clients, arm)
    arm.says(answer(200, {"status": "InProgress"}))
    assert clients.operations.look(TABLE, soon())
    assert clients.operations.look(TABLE.upper(), soon())
    arm.says(answer(200, {"status": "Succeeded"}))
    assert not clients.operations.look(TABLE, soon())
    assert not clients.operations.look(TABLE, soon())
    assert len(arm.requests) == 3
    assert all("operations/1" in request.target for request in arm.requests)


def test_what_nobody_has_written_has_no_operation(clients: Clients, arm: Arm) -> None:
    """And nobody is asked."""
    assert not clients.operations.look(TABLE, soon())
    assert arm.requests == []


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (failed("Canceled", "", "CanceledAndSupersededDueToAnotherOperation", status="Canceled"), Undone),
        (failed("SomethingElse", status="Canceled"), Undone),
        (failed("InternalServerError"), Undone),
        (failed("RetryableError"), Undone),
        (failed("PrivateIPAddressIsAllocated", "already allocated to resource /nic-b/x."), AddressInUse),
        (failed("SomethingNew", "nobody has heard of it"), Refused),
        ({"status": "Failed"}, Refused),
    ],
)
def test_what_became_of_it_is_told_once(
    clients: Clients, arm: Arm, document: dict[str, object], kind: type[VipswitchError]
) -> None:
    """A reason that may pass is Undone: look again, and write again if that is still wanted."""
    deadline = accepted(clients, arm)
    arm.says(answer(200, document))
    with pytest.raises(VipswitchError) as caught:
        clients.operations.look(TABLE, deadline)
    assert type(caught.value) is kind
    assert caught.value.message.startswith("route table rt: ")
    assert not clients.operations.look(TABLE, soon())


def test_what_failed_for_an_earlier_order_is_undone_for_the_next(clients: Clients, arm: Arm) -> None:
    """An agent lives through many orders, and what was wrong may have been mended in between."""
    accepted(clients, arm)
    arm.says(answer(200, failed("SomethingNew", "nobody has heard of it")))
    with pytest.raises(Undone):
        clients.operations.look(TABLE, soon())


def test_a_question_without_an_answer_leaves_it_open(clients: Clients, arm: Arm) -> None:
    """It is asked again."""
    accepted(clients, arm)
    arm.says(refused(503, "ServiceUnavailable"))
    with pytest.raises(Unavailable):
        clients.operations.look(TABLE, soon())
    arm.says(answer(200, {"status": "InProgress"}))
    assert clients.operations.look(TABLE, soon())


@pytest.mark.parametrize(
    "said", [refused(404, "OperationNotFound"), refused(403, "AuthorizationFailed", "x")]
)
def test_an_operation_that_cannot_be_looked_at_is_over(clients: Clients, arm: Arm, said: object) -> None:
    """What it did is seen at the resource."""
    accepted(clients, arm)
    arm.says(said)  # type: ignore[arg-type]
    assert not clients.operations.look(TABLE, soon())


@pytest.mark.parametrize("host", ["https://elsewhere.example", "http://127.0.0.1", "https://127.0.0.1:1"])
def test_the_token_goes_to_no_other_host(clients: Clients, arm: Arm, host: str) -> None:
    """An operation elsewhere is not followed."""
    accepted(clients, arm, host)
    assert not clients.operations.look(TABLE, soon())
    assert arm.requests == []


@pytest.mark.parametrize("said", [refused(412, "PreconditionFailed"), None])
def test_a_write_that_was_not_accepted_has_no_operation(clients: Clients, arm: Arm, said: object) -> None:
    """Whether it was refused or not answered."""
    arm.says(said)  # type: ignore[arg-type]
    with pytest.raises((Conflict, OutcomeUnknown)):
        write(clients)
    assert not clients.operations.look(TABLE, soon())
