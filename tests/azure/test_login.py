"""Tokens for service principals and managed identities, through azure-identity unchanged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import CertificateCredential, ClientSecretCredential, ManagedIdentityCredential
from azure.mgmt.network import NetworkManagementClient

from tests.azure.client import Plain, code
from tests.azure.place import Place
from vipswitch.testing.azure import ArmError, AzureCloud
from vipswitch.testing.wire import Request

SCOPE = "https://management.azure.com/.default"
CLIENT = "11111111-2222-3333-4444-555555555555"


def _secret(
    place: Place, secret: str, client: str = CLIENT, tenant: str | None = None
) -> ClientSecretCredential:
    return ClientSecretCredential(
        tenant or place.cloud.login.tenant,
        client,
        secret,
        authority=place.cloud.url,
        disable_instance_discovery=True,
        connection_verify=str(place.cloud.ca_file),
        retry_total=0,
    )


def test_a_service_principal_reads_with_its_secret(served: Place) -> None:
    """The token belongs to the client, also in the journal."""
    served.cloud.rules.strict_tokens = True
    served.cloud.login.add(CLIENT, "right")
    with (
        _secret(served, "right") as credential,
        NetworkManagementClient(
            credential,
            served.cloud.subscription,
            base_url=served.cloud.url,
            connection_verify=str(served.cloud.ca_file),
        ) as network,
    ):
        assert network.route_tables.get(served.cloud.group, "rt-client1")
    assert [call.client for call in served.cloud.journal.calls()] == [CLIENT]


@pytest.mark.parametrize(
    ("secret", "client", "tenant", "code"),
    [
        ("wrong", CLIENT, None, "AADSTS7000215"),
        ("right", "99999999-2222-3333-4444-555555555555", None, "AADSTS700016"),
        ("right", CLIENT, "00000000-0000-0000-0000-00000000dead", "AADSTS90002"),
    ],
)
def test_a_wrong_secret_client_or_tenant_is_refused(
    secret: str, client: str, tenant: str | None, code: str, served: Place
) -> None:
    """In the authority's own words."""
    served.cloud.login.add(CLIENT, "right")
    with (
        _secret(served, secret, client, tenant) as credential,
        pytest.raises(ClientAuthenticationError, match=code),
    ):
        credential.get_token(SCOPE)


def test_a_service_principal_reads_with_its_certificate(served: Place, tmp_path: Path) -> None:
    """An assertion that is signed stands for the secret."""
    served.cloud.login.add(CLIENT, "unused")
    with CertificateCredential(
        served.cloud.login.tenant,
        CLIENT,
        certificate_data=_certificate(),
        authority=served.cloud.url,
        disable_instance_discovery=True,
        connection_verify=str(served.cloud.ca_file),
    ) as credential:
        token = credential.get_token(SCOPE).token
    assert served.cloud.arm.tokens.client(token) == CLIENT


def _certificate() -> bytes:
    """A certificate with its RSA key, as Azure wants them."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(65537, 2048)
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "node1")]), datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
    pem = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    formats = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(serialization.Encoding.PEM, *formats) + pem


def test_an_authority_says_where_it_is(served: Place) -> None:
    """To a client that looks for it first; there is nothing else."""
    login, tenant = served.cloud.login, served.cloud.login.tenant
    discovered = json.loads(login.handle(Request("GET", "/common/discovery/instance")).body)
    assert discovered["tenant_discovery_endpoint"].endswith(
        f"/{tenant}/v2.0/.well-known/openid-configuration"
    )
    assert login.handle(Request("GET", f"/{tenant}/oauth2/v2.0/token")).status == 404


@pytest.mark.parametrize("status", [429, 500])
def test_an_authority_may_be_unwell(status: int, served: Place) -> None:
    """Until it is well again."""
    served.cloud.login.add(CLIENT, "right")
    served.cloud.login.respond(status)
    with _secret(served, "right") as credential:
        with pytest.raises((ClientAuthenticationError, ValueError)):
            credential.get_token(SCOPE)
        served.cloud.login.respond(None)
        assert credential.get_token(SCOPE).token


def test_a_token_ends_at_its_time() -> None:
    """Not before it, and not after it."""
    now = [0.0]
    tokens = AzureCloud(now=lambda: now[0]).arm.tokens
    tokens.lifetime_s = 600.0
    token = tokens.give("node1")
    now[0] = 599.9
    assert tokens.client(token) == "node1"
    now[0] = 600.0
    with pytest.raises(ArmError, match="ExpiredAuthenticationToken"):
        tokens.client(token)


def test_tokens_end_in_time(served: Place) -> None:
    """The authority says how long they last, and the cloud holds to it."""
    served.cloud.login.add(CLIENT, "right")
    served.cloud.arm.tokens.lifetime_s = 600
    with _secret(served, "right") as credential:
        token = credential.get_token(SCOPE)
    served.cloud.arm.tokens.expire()
    assert code(Plain(served.cloud, token.token)("GET", served.table)) == "ExpiredAuthenticationToken"


@pytest.mark.parametrize("client_id", [None, "node1-identity"])
def test_a_managed_identity_reads_with_the_machines_token(
    client_id: str | None, served: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the machine's own metadata service, with and without its client id."""
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", served.cloud.metadata_url)
    with ManagedIdentityCredential(client_id=client_id) as credential:
        token = credential.get_token(SCOPE).token
    assert served.cloud.arm.tokens.client(token) == "node1-identity"
