"""The token of the machine's identity: how it is got and kept, and what is said when it is not."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from tests.unit.providers.azure.rig import Arm, Imds, answer, read, reading, refused, shown, soon, write
from vipswitch.errors import PermissionDenied, Unavailable, VipswitchError
from vipswitch.providers.azure.api.client import Clients

CLIENT = "11111111-1111-1111-1111-111111111111"
EXPIRED = refused(
    401,
    "ExpiredAuthenticationToken",
    "The access token expiry UTC time is earlier than current UTC time.",
    WWW_Authenticate='Bearer authorization_uri="https://login.microsoftonline.com/", error="invalid_token"',
)


def test_the_machine_s_identity_is_asked_for_at_the_metadata_service(
    clients: Clients, arm: Arm, imds: Imds
) -> None:
    """With the header that keeps others from being tricked into asking, and for ARM."""
    read(clients)
    [asked] = imds.requests
    assert asked.headers["metadata"] == "true"
    assert "resource=https%3A%2F%2Fmanagement.azure.com" in asked.query
    assert "client_id" not in asked.query
    assert shown(arm.requests[0].headers) == "token-1"


def test_a_user_assigned_identity_is_named(arm: Arm, imds: Imds, tmp_path: Path) -> None:
    """A machine may have several."""
    read(arm.clients(tmp_path, client_id=CLIENT))
    assert f"client_id={CLIENT}" in imds.requests[0].query


def test_a_sovereign_cloud_has_an_audience_of_its_own(arm: Arm, imds: Imds, tmp_path: Path) -> None:
    """It is not the endpoint's name everywhere."""
    clients = arm.clients(tmp_path, endpoint="https://management.usgovcloudapi.net")
    with pytest.raises(VipswitchError):
        read(clients, soon(1.0))
    assert "resource=https%3A%2F%2Fmanagement.core.usgovcloudapi.net" in imds.requests[0].query


def test_a_token_serves_all_clients_until_shortly_before_its_end(
    clients: Clients, arm: Arm, imds: Imds
) -> None:
    """The metadata service answers few questions a second."""
    for _ in range(3):
        read(clients)
        with clients.arm(reading()) as plain:
            plain.get("/subscriptions/x", "2021-04-01")
    assert len(imds.requests) == 1
    imds.life_s = 200
    again = arm.clients(Path("/nonexistent"))
    read(again)
    read(again)
    assert len(imds.requests) == 3


def test_many_threads_ask_for_one_token(clients: Clients, imds: Imds) -> None:
    """Places are written side by side."""
    threads = [threading.Thread(target=read, args=(clients,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(imds.requests) == 1


def test_a_kept_token_that_is_refused_is_asked_for_anew(clients: Clients, arm: Arm, imds: Imds) -> None:
    """An agent has one for hours; a role change or a suspended machine ends it early."""
    read(clients)
    arm.says(EXPIRED, answer(200, {}))
    write(clients)
    assert [shown(request.headers) for request in arm.requests] == ["token-1", "token-1", "token-2"]


def test_a_new_token_that_is_refused_is_a_matter_of_the_identity(clients: Clients, arm: Arm) -> None:
    """Asking again would be no use, and nothing was done."""
    arm.says(EXPIRED)
    with pytest.raises(PermissionDenied, match="ExpiredAuthenticationToken"):
        write(clients)
    assert len(arm.requests) == 1
    with pytest.raises(PermissionDenied):
        write(clients)
    assert len(arm.requests) == 2


@pytest.mark.parametrize(
    ("said", "keys", "hint"),
    [
        ("Identity not found", {"client_id": CLIENT}, f"assign the identity {CLIENT}"),
        ("Multiple user assigned identities exist, please specify", {}, "by client_id in [azure]"),
    ],
)
def test_an_identity_that_the_machine_has_not_is_named(
    arm: Arm, imds: Imds, tmp_path: Path, said: str, keys: dict[str, str], hint: str
) -> None:
    """Somebody has to assign it, or say which one."""
    imds.says = answer(400, {"error": "invalid_request", "error_description": said})
    with pytest.raises(PermissionDenied, match=said) as caught:
        write(arm.clients(tmp_path, **keys))
    assert hint in caught.value.hint
    assert arm.requests == []


@pytest.mark.parametrize("status", [404, 410, 429, 500, 503])
def test_a_metadata_service_that_is_unwell_is_asked_again_later(
    clients: Clients, imds: Imds, status: int
) -> None:
    """By the loop: azure-identity itself would sleep for 24 s, on 410 for 75 s."""
    imds.says = answer(status, {})
    began = time.monotonic()
    with pytest.raises(Unavailable, match=f"status {status}"):
        write(clients)
    assert time.monotonic() - began < 8.0


def test_a_metadata_service_that_is_not_there_is_tried_twice(
    arm: Arm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was sent to ARM, so a write has no unknown outcome."""
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:1")
    with pytest.raises(Unavailable, match="metadata service: unreachable") as caught:
        write(arm.clients(tmp_path))
    assert "service principal" in caught.value.hint


def test_a_stalling_metadata_service_does_not_outlive_the_deadline(clients: Clients, imds: Imds) -> None:
    """A token is a part of the order."""
    imds.slow_s = 2.0
    began = time.monotonic()
    with pytest.raises(Unavailable):
        write(clients, soon(0.3))
    assert time.monotonic() - began < 2.0
