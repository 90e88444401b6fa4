"""What becomes of writes that Compute Engine has accepted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.providers.gcp.rig import (
    PROJECT,
    ROUTE,
    Google,
    Metadata,
    answer,
    operation,
    refused,
    soon,
    write,
    writing,
)
from vipswitch.deadline import Deadline
from vipswitch.errors import (
    Conflict,
    OutcomeUnknown,
    PermissionDenied,
    Refused,
    Unavailable,
    Undone,
    VipswitchError,
)
from vipswitch.providers.gcp.api.client import Clients
from vipswitch.providers.gcp.api.meanings import Exists
from vipswitch.testing import wire


def accepted(clients: Clients, google: Google) -> Deadline:
    """A write of the route, whose operation has begun; the deadline of its order."""
    deadline = soon()
    google.says(answer(200, operation()))
    write(clients, deadline)
    google.requests.clear()
    return deadline


def failed(code: str, message: str = "", http: int = 400) -> dict[str, Any]:
    """An operation that has ended otherwise than asked."""
    return operation("DONE", code=code, message=message, http=http)


def test_an_operation_runs_until_it_says_otherwise(clients: Clients, google: Google) -> None:
    """Each look is one GET, never one that waits; when it is over there is nothing to look at."""
    accepted(clients, google)
    google.says(answer(200, operation("PENDING")), answer(200, operation("RUNNING")))
    assert clients.operations.look(ROUTE, soon())
    assert clients.operations.look(ROUTE, soon())
    google.says(answer(200, operation("DONE")))
    assert not clients.operations.look(ROUTE, soon())
    assert not clients.operations.look(ROUTE, soon())
    path = f"/compute/v1/projects/{PROJECT}/global/operations/operation-1"
    assert [(request.method, request.target) for request in google.requests] == [("GET", path)] * 3


def test_an_operation_is_found_where_its_write_was(clients: Clients, google: Google) -> None:
    """In the zone, or the region; whatever host and project the answer names."""
    zone = f"projects/{PROJECT}/zones/europe-west1-b"
    google.says(answer(200, {**operation(), "selfLink": "https://elsewhere.example/operations/1"}))
    asked = writing()
    asked.resource = f"{zone}/instances/db-1"
    with clients.compute(asked) as compute:
        compute.patch(f"{zone}/instances/db-1/updateNetworkInterface", {}, networkInterface="nic0")
    clients.operations.look(asked.resource, soon())
    assert google.requests[-1].target == f"/compute/v1/{zone}/operations/operation-1"


def test_what_nobody_has_written_has_no_operation(clients: Clients, google: Google) -> None:
    """And nobody is asked."""
    assert not clients.operations.look(ROUTE, soon())
    assert google.requests == []


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (failed("RESOURCE_ALREADY_EXISTS", "The resource 'r' already exists", 409), Undone),
        (failed("RESOURCE_NOT_READY", "is not ready"), Undone),
        (failed("RESOURCE_IN_USE_BY_ANOTHER_RESOURCE", "in use, try again later"), Undone),
        (failed("CONDITION_NOT_MET", "Supplied fingerprint does not match", 412), Undone),
        (failed("INTERNAL_ERROR", http=500), Undone),
        (failed("RATE_LIMIT_EXCEEDED", http=403), Undone),
        (failed("PERMISSIONS_ERROR", "Required 'compute.x' permission for 'y'", 403), PermissionDenied),
        (failed("QUOTA_EXCEEDED", "Quota 'ROUTES' exceeded", 403), Refused),
        (failed("SOMETHING_NEW", "nobody has heard of it"), Refused),
    ],
)
def test_what_became_of_it_is_told_once(
    clients: Clients, google: Google, document: dict[str, Any], kind: type[VipswitchError]
) -> None:
    """A reason that may pass is Undone: look again, and write again if that is still wanted."""
    deadline = accepted(clients, google)
    google.says(answer(200, document))
    with pytest.raises(VipswitchError) as caught:
        clients.operations.look(ROUTE, deadline)
    assert isinstance(caught.value, kind)
    assert caught.value.message.startswith("route r: ")
    assert not clients.operations.look(ROUTE, soon())


def test_what_has_failed_at_once_is_told_at_once(clients: Clients, google: Google) -> None:
    """Then it is what a refusal of the request would be, and nothing is left to look at."""
    google.says(answer(200, failed("RESOURCE_ALREADY_EXISTS", http=409)))
    with pytest.raises(Exists):
        write(clients)
    google.requests.clear()
    assert not clients.operations.look(ROUTE, soon())
    assert google.requests == []


def test_what_was_to_be_deleted_may_be_gone(clients: Clients, google: Google) -> None:
    """Somebody else has deleted it meanwhile."""
    asked = writing()
    asked.action = "compute.routes.delete"
    google.says(answer(200, operation()))
    with clients.compute(asked) as compute:
        compute.delete(ROUTE)
    google.says(answer(200, failed("RESOURCE_NOT_FOUND", "The resource 'r' was not found", 404)))
    assert not clients.operations.look(ROUTE, asked.deadline)


def test_what_failed_for_an_earlier_order_is_undone_for_the_next(clients: Clients, google: Google) -> None:
    """An agent lives through many orders, and what was wrong may have been mended in between."""
    accepted(clients, google)
    google.says(answer(200, failed("SOMETHING_NEW", "nobody has heard of it")))
    with pytest.raises(Undone):
        clients.operations.look(ROUTE, soon())


@pytest.mark.parametrize(
    "said",
    [refused(503, "backendError"), refused(401, "authError"), refused(403, "accessNotConfigured")],
)
def test_a_question_without_an_answer_leaves_it_open(
    clients: Clients, google: Google, said: wire.Answer
) -> None:
    """It is asked again, also where nobody was let in who asked: it goes on all the same."""
    accepted(clients, google)
    google.says(said)
    with pytest.raises(Unavailable):
        clients.operations.look(ROUTE, soon())
    google.says(answer(200, operation()))
    assert clients.operations.look(ROUTE, soon())


@pytest.mark.parametrize("said", [refused(404, "notFound"), refused(403, "forbidden", "x")])
def test_an_operation_that_cannot_be_looked_at_is_over(
    clients: Clients, google: Google, said: object
) -> None:
    """What it did is seen at the resource."""
    accepted(clients, google)
    google.says(said)  # type: ignore[arg-type]
    assert not clients.operations.look(ROUTE, soon())


@pytest.mark.parametrize("said", [refused(412, "conditionNotMet"), None])
def test_a_write_that_was_not_accepted_has_no_operation(
    clients: Clients, google: Google, said: object
) -> None:
    """Whether it was refused or not answered."""
    google.says(said)  # type: ignore[arg-type]
    with pytest.raises((Conflict, OutcomeUnknown)):
        write(clients)
    assert not clients.operations.look(ROUTE, soon())


@pytest.fixture
def two(google: Google, metadata: Metadata, tmp_path: Path) -> tuple[Clients, Clients]:
    """Two processes of one machine."""
    first, second = (Clients(google.account(), folder=tmp_path) for _ in range(2))
    return first, second


def test_the_next_process_knows_what_the_last_one_has_begun(
    two: tuple[Clients, Clients], google: Google
) -> None:
    """Until it is over, which is told to whoever looks first."""
    accepted(two[0], google)
    assert two[1].operations.look(ROUTE, soon())
    google.says(answer(200, failed("SOMETHING_NEW")))
    with pytest.raises(Undone):
        two[1].operations.look(ROUTE, soon())
    google.requests.clear()
    assert not two[1].operations.look(ROUTE, soon())
    assert google.requests == []


def test_the_later_operation_of_two_processes_counts(two: tuple[Clients, Clients], google: Google) -> None:
    """An agent and a hook write in turn."""
    accepted(two[0], google)
    google.says(answer(200, {**operation(), "name": "operation-2"}))
    write(two[1])
    two[0].operations.look(ROUTE, soon())
    assert google.requests[-1].path.endswith("/operation-2")


def test_what_nobody_wants_to_know_is_forgotten(two: tuple[Clients, Clients], google: Google) -> None:
    """In this process, and on disk."""
    accepted(two[0], google)
    two[0].operations.forget(ROUTE)
    assert not any(each.operations.look(ROUTE, soon()) for each in two)
    assert google.requests == []


def test_garbage_on_disk_is_no_operation(
    two: tuple[Clients, Clients], google: Google, tmp_path: Path
) -> None:
    """It is forgotten."""
    accepted(two[0], google)
    [kept] = tmp_path.glob("gcp-operation-*.json")
    kept.write_text("{")
    assert not two[1].operations.look(ROUTE, soon())
