"""Tokens: whose, how they are got and kept, and what is said when there is none."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.providers.gcp.rig import Google, Metadata, answer, read, reading, refused, shown, soon, write
from vipswitch.errors import ConfigError, PermissionDenied, Unavailable
from vipswitch.providers.gcp.api.client import Clients
from vipswitch.providers.gcp.settings import Account
from vipswitch.testing.gcp import GcpCloud

EXPIRED = refused(401, "authError", "Request had invalid authentication credentials.")
OTHER = "mover@vipswitch-test.iam.gserviceaccount.com"
VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"


def test_the_instance_s_account_is_asked_for_at_the_metadata_service(
    clients: Clients, google: Google, metadata: Metadata
) -> None:
    """One question, with the header that keeps others from being tricked into asking; nobody is probed."""
    read(clients)
    [asked] = metadata.requests
    assert asked.headers["metadata-flavor"] == "Google"
    assert asked.target == "/computeMetadata/v1/instance/service-accounts/default/token"
    assert shown(google.requests[0].headers) == "token-1"
    assert clients.signed_in(soon()) == "service account db@vipswitch-test.iam.gserviceaccount.com"


def test_a_token_serves_all_requests_until_shortly_before_its_end(
    clients: Clients, google: Google, metadata: Metadata
) -> None:
    """google-auth takes another in the last minutes."""
    for _ in range(3):
        read(clients)
    assert len(metadata.requests) == 1
    metadata.life_s = 60
    again = google.clients()
    read(again)
    read(again)
    assert len(metadata.requests) == 3


def test_many_threads_ask_for_one_token(clients: Clients, metadata: Metadata) -> None:
    """Places are read and written side by side."""
    threads = [threading.Thread(target=read, args=(clients,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(metadata.requests) == 1


def test_a_kept_token_that_is_refused_is_asked_for_anew(clients: Clients, google: Google) -> None:
    """An agent has one for hours; a change of the account ends it early."""
    read(clients)
    google.says(EXPIRED, answer(200, {"name": "r"}))
    read(clients)
    assert [shown(request.headers) for request in google.requests] == ["token-1", "token-1", "token-2"]


def test_a_new_token_that_is_refused_is_a_matter_of_the_account(clients: Clients, google: Google) -> None:
    """Asking for ever would be no use, and nothing was done."""
    google.says(EXPIRED)
    with pytest.raises(PermissionDenied, match="authError"):
        write(clients)
    assert len(google.requests) == 2


def test_an_instance_without_an_account_is_told_so(
    clients: Clients, google: Google, metadata: Metadata
) -> None:
    """Somebody has to give it one."""
    metadata.says = answer(404, {})
    with pytest.raises(PermissionDenied, match="has no service account") as caught:
        write(clients)
    assert "credentials_file" in caught.value.hint
    assert google.requests == []


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_a_metadata_service_that_is_unwell_is_asked_again_later(
    clients: Clients, metadata: Metadata, status: int
) -> None:
    """By the loop: google-auth itself would sleep for 15 s."""
    metadata.says = answer(status, {})
    began = time.monotonic()
    with pytest.raises(Unavailable, match=f"status {status}"):
        write(clients)
    assert time.monotonic() - began < 8.0


def test_a_metadata_service_that_is_not_there_is_tried_twice(
    google: Google, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was sent to the API, so a write has no unknown outcome."""
    monkeypatch.setenv("GCE_METADATA_HOST", "127.0.0.1:1")
    with pytest.raises(Unavailable, match="metadata service: unreachable") as caught:
        write(google.clients())
    assert "credentials_file" in caught.value.hint


def test_a_stalling_metadata_service_does_not_outlive_the_deadline(
    clients: Clients, metadata: Metadata
) -> None:
    """A token is a part of the order."""
    metadata.slow_s = 2.0
    began = time.monotonic()
    with pytest.raises(Unavailable):
        write(clients, soon(0.3))
    assert time.monotonic() - began < 2.0


@pytest.fixture(scope="module")
def cloud() -> Iterator[GcpCloud]:
    """The local Google Cloud, which checks signatures and knows its tokens."""
    with GcpCloud() as made:
        made.rules.strict_tokens = True
        yield made


@pytest.fixture(scope="module")
def key(cloud: GcpCloud, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service account's key; it takes a while to make."""
    return cloud.key_file(tmp_path_factory.mktemp("keys"))


def lists_routes(cloud: GcpCloud, **keys: object) -> str:
    """Asks for the routes with these keys of the config; gives who the cloud takes us for."""
    account = Account(project=cloud.project, endpoint=cloud.url, ca_file=cloud.ca_file, **keys)  # type: ignore[arg-type]
    clients = Clients(account)
    cloud.journal.clear()
    with clients.compute(reading()) as compute:
        compute.get(f"projects/{cloud.project}/global/routes")
    return str(cloud.journal.calls()[-1].client)


def test_a_key_of_the_config_is_used(cloud: GcpCloud, key: Path) -> None:
    """It signs what a token is given for."""
    assert lists_routes(cloud, credentials_file=key).startswith("outside@")


def test_a_key_of_the_environment_is_used(
    cloud: GcpCloud, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As all of Google's libraries have it; the config's goes before it."""
    monkeypatch.setenv(VARIABLE, str(key))
    assert lists_routes(cloud).startswith("outside@")
    with pytest.raises(ConfigError, match="nothing"):
        lists_routes(cloud, credentials_file=Path("/nothing.json"))


def test_another_account_is_impersonated(cloud: GcpCloud, key: Path) -> None:
    """At the same endpoint."""
    cloud.login.accounts.add(OTHER)
    assert lists_routes(cloud, credentials_file=key, impersonate=OTHER) == OTHER


def test_one_that_may_not_be_impersonated_is_named(cloud: GcpCloud, key: Path) -> None:
    """With the role that is missing."""
    with pytest.raises(PermissionDenied, match="Not found") as caught:
        lists_routes(cloud, credentials_file=key, impersonate=f"stranger-{OTHER}")
    assert f"roles/iam.serviceAccountTokenCreator on stranger-{OTHER}" in caught.value.hint


def test_an_external_account_is_used(cloud: GcpCloud, tmp_path: Path) -> None:
    """A workload outside of Google shows a token of its own, which is in a file."""
    subject = tmp_path / "subject"
    subject.write_text("pod-1")
    file = tmp_path / "external.json"
    document = {
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": f"{cloud.url}/v1/token",
        "credential_source": {"file": str(subject)},
    }
    file.write_text(json.dumps(document))
    file.chmod(0o600)
    assert lists_routes(cloud, credentials_file=file) == "principal://pod-1"


def test_a_key_that_is_not_good_any_more_is_told_so(cloud: GcpCloud, key: Path, tmp_path: Path) -> None:
    """The account is there, the key is another's."""
    document = json.loads(key.read_text())
    other = tmp_path / "other.json"
    other.write_text(json.dumps({**document, "client_email": "gone@vipswitch-test.iam.gserviceaccount.com"}))
    other.chmod(0o600)
    with pytest.raises(PermissionDenied, match="Invalid JWT Signature") as caught:
        lists_routes(cloud, credentials_file=other)
    assert "key" in caught.value.hint
    assert document["private_key"][40:60] not in caught.value.message


def test_a_token_service_that_is_unwell_is_asked_once(google: Google, key: Path, tmp_path: Path) -> None:
    """By the loop: google-auth itself would sleep and ask again."""
    file = tmp_path / "key.json"
    file.write_text(json.dumps({**json.loads(key.read_text()), "token_uri": f"{google.url}/token"}))
    file.chmod(0o600)
    google.says(answer(503, {}, Retry_After="7"))
    began = time.monotonic()
    with pytest.raises(Unavailable, match="503") as caught:
        write(google.clients(credentials_file=file))
    assert caught.value.after_s == 7.0
    assert len(google.requests) == 1
    assert time.monotonic() - began < 6.0  # of the 7 s that it was told to wait


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        ("{}", 0o600, "holds no credentials"),
        ("[]", 0o600, "holds no credentials"),
        ("{", 0o600, "holds no credentials"),
        ('{"type": "service_account"}', 0o600, "holds no credentials"),
        ('{"type": "gdch_service_account"}', 0o600, "holds no credentials"),
        ('{"type": "service_account"}', 0o640, "others than its owner"),
    ],
)
def test_a_file_that_cannot_be_used_is_a_matter_of_the_config(
    google: Google, tmp_path: Path, text: str, mode: int, said: str
) -> None:
    """Its path is named, and nothing of what is in it."""
    file = tmp_path / "key.json"
    file.write_text(text)
    file.chmod(mode)
    with pytest.raises(ConfigError, match=said) as caught:
        read(google.clients(credentials_file=file))
    assert str(file) in caught.value.message
    assert caught.value.hint
    assert google.requests == []
