"""Service principals: which one ARM is asked as, and what is said where it cannot sign in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.unit.providers.azure.rig import Arm, reading, soon, write
from vipswitch.errors import ConfigError, PermissionDenied, TimeUp, Unavailable
from vipswitch.providers.azure.api.client import Clients
from vipswitch.testing.azure import AzureCloud

CLIENT = "11111111-1111-1111-1111-111111111111"
SECRET = "s3cr3t-of-the-principal"


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
