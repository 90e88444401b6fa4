"""Whose tokens ARM is asked with, how they are got, and what is said when they are not."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.unit.providers.azure.rig import Arm, Imds, answer, read, reading, refused, shown, soon, write
from vipswitch.errors import ConfigError, PermissionDenied, TimeUp, Unavailable, VipswitchError
from vipswitch.providers.azure.api.client import Clients
from vipswitch.testing.azure import AzureCloud

CLIENT = "11111111-1111-1111-1111-111111111111"
SECRET = "s3cr3t-of-the-principal"
EXPIRED = refused(
    401,
    "ExpiredAuthenticationToken",
    "The access token expiry UTC time is earlier than current UTC time.",
    WWW_Authenticate='Bearer authorization_uri="https://login.microsoftonline.com/", error="invalid_token"',
)


@pytest.fixture
def azure() -> Iterator[AzureCloud]:
    """A whole cloud, whose authority knows one principal."""
    with AzureCloud() as cloud:
        cloud.login.add(CLIENT, SECRET)
        table = cloud.id("Microsoft.Network/routeTables", "rt")
        cloud.put(table, {"location": cloud.location, "properties": {}})
        yield cloud


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    """Its secret, for its owner's eyes."""
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    file.chmod(0o600)
    return file


def tables(clients: Clients, azure: AzureCloud) -> str | None:
    """A request that needs a token."""
    with clients.network(reading()) as network:
        return network.route_tables.get(azure.group, "rt").etag


def clients_of(azure: AzureCloud, folder: Path, **keys: object) -> Clients:
    """Clients of a cloud that also gives tokens."""
    arm = Arm(url=azure.url, ca_file=azure.ca_file)
    return arm.clients(folder, authority=azure.url, **keys)


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
    assert time.monotonic() - began < 1.0


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
    imds.slow_s = 0.6
    began = time.monotonic()
    with pytest.raises(Unavailable):
        write(clients, soon(0.3))
    assert time.monotonic() - began < 1.0


def test_a_service_principal_signs_in_with_its_secret(
    azure: AzureCloud, tmp_path: Path, secret_file: Path
) -> None:
    """At the authority of the config, over the same trusted connections."""
    clients = clients_of(
        azure, tmp_path, client_id=CLIENT, tenant=azure.login.tenant, secret_file=secret_file
    )
    assert tables(clients, azure)
    assert azure.journal.calls()[-1].client == CLIENT
    assert clients.signed_in(soon()) == f"service principal {CLIENT}"


def test_a_wrong_secret_is_said_and_not_shown(azure: AzureCloud, tmp_path: Path, secret_file: Path) -> None:
    """The authority's own words, without the secret."""
    secret_file.write_text("wrong")
    clients = clients_of(
        azure, tmp_path, client_id=CLIENT, tenant=azure.login.tenant, secret_file=secret_file
    )
    with pytest.raises(PermissionDenied, match="AADSTS7000215: Invalid client secret provided") as caught:
        tables(clients, azure)
    assert "wrong" not in f"{caught.value.message} {caught.value.hint}"


def test_a_service_principal_signs_in_with_its_certificate(azure: AzureCloud, tmp_path: Path) -> None:
    """Certificate and key are in one file."""
    file = tmp_path / "principal.pem"
    file.write_bytes(_certificate())
    file.chmod(0o600)
    clients = clients_of(azure, tmp_path, client_id=CLIENT, tenant=azure.login.tenant, certificate_file=file)
    assert tables(clients, azure)


def test_a_certificate_file_without_one_is_a_matter_of_the_config(
    azure: AzureCloud, tmp_path: Path, secret_file: Path
) -> None:
    """Nobody is asked."""
    clients = clients_of(
        azure, tmp_path, client_id=CLIENT, tenant=azure.login.tenant, certificate_file=secret_file
    )
    with pytest.raises(ConfigError, match="Azure credentials"):
        tables(clients, azure)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_secret_that_others_can_read_is_refused(
    azure: AzureCloud, tmp_path: Path, secret_file: Path, mode: int
) -> None:
    """It is no secret, and the remedy is one command."""
    secret_file.chmod(mode)
    clients = clients_of(
        azure, tmp_path, client_id=CLIENT, tenant=azure.login.tenant, secret_file=secret_file
    )
    with pytest.raises(ConfigError, match="others than its owner") as caught:
        tables(clients, azure)
    assert caught.value.hint == f"run: chmod 600 {secret_file}"


def test_a_secret_file_that_is_gone_is_named(azure: AzureCloud, tmp_path: Path) -> None:
    """Before anything is sent."""
    gone = tmp_path / "gone"
    clients = clients_of(azure, tmp_path, client_id=CLIENT, tenant=azure.login.tenant, secret_file=gone)
    with pytest.raises(ConfigError, match=str(gone)):
        tables(clients, azure)


def test_the_environment_s_service_principal_comes_before_the_machine(
    azure: AzureCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As azure-identity reads it; a client id in the config means another identity."""
    monkeypatch.setenv("AZURE_CLIENT_ID", CLIENT)
    monkeypatch.setenv("AZURE_TENANT_ID", azure.login.tenant)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", SECRET)
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", azure.url)
    clients = Arm(url=azure.url, ca_file=azure.ca_file).clients(tmp_path)
    assert tables(clients, azure)
    assert azure.journal.calls()[-1].client == CLIENT
    named = Arm(url=azure.url, ca_file=azure.ca_file).clients(tmp_path, client_id=CLIENT)
    assert tables(named, azure)
    assert azure.journal.calls()[-1].client != CLIENT


def test_an_authority_that_is_not_there_is_no_refusal(
    azure: AzureCloud, tmp_path: Path, secret_file: Path
) -> None:
    """azure-identity calls everything a failed authentication."""
    arm = Arm(url=azure.url, ca_file=azure.ca_file)
    clients = arm.clients(
        tmp_path,
        authority="https://127.0.0.1:1",
        client_id=CLIENT,
        tenant=azure.login.tenant,
        secret_file=secret_file,
    )
    with pytest.raises(Unavailable, match="Connection refused"):
        tables(clients, azure)


def test_signing_in_ends_with_the_order(arm: Arm, tmp_path: Path, secret_file: Path) -> None:
    """The deadline is passed before the authority is asked."""
    clients = arm.clients(
        tmp_path, authority=arm.url, client_id=CLIENT, tenant="example.com", secret_file=secret_file
    )
    with pytest.raises(TimeUp):
        write(clients, soon(0.0))
    assert arm.requests == []


def _certificate() -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "vipswitch test")])
    now, day = datetime.now(UTC), timedelta(days=1)
    made = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), now - day, now + day
        )
    ).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return private + made.public_bytes(pem)
