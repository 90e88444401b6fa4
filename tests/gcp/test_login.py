"""Where tokens come from, through google-auth unchanged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import google.auth.transport.requests
import pytest
import requests
from google.auth import compute_engine, exceptions, identity_pool, impersonated_credentials
from google.oauth2 import service_account

from tests.gcp.client import Plain, credentials, reason
from tests.gcp.place import Place
from vipswitch.testing.gcp.inprocess import InProcessAdapter
from vipswitch.testing.wire import Request

SCOPES = ["https://www.googleapis.com/auth/cloud-platform"]
ADMIN = "admin@vipswitch-test.iam.gserviceaccount.com"


@pytest.fixture
def transport(place: Place) -> google.auth.transport.requests.Request:
    """google-auth's, in this process."""
    place.cloud.rules.strict_tokens = True
    session = requests.Session()
    session.mount("https://", InProcessAdapter(place.cloud))
    return google.auth.transport.requests.Request(session=session)


def _key(place: Place, folder: Path) -> Path:
    return place.cloud.login.key_file(
        folder, ADMIN, project="vipswitch-test", token_uri="https://gcp.test/token"
    )


def _client(place: Place, token: str) -> str:
    return place.cloud.api.tokens.client(token)


def test_a_service_accounts_key_gives_a_token(place: Place, transport: Any, tmp_path: Path) -> None:
    """The file is as gcloud writes it, and others cannot read it."""
    path = _key(place, tmp_path)
    assert path.stat().st_mode & 0o077 == 0
    found = service_account.Credentials.from_service_account_file(str(path), scopes=SCOPES)
    found.refresh(transport)
    assert _client(place, found.token) == ADMIN
    assert Plain(place.cloud, found.token)("GET", "global/routes").status == 200


def test_a_grant_that_another_key_has_signed_is_refused(place: Place, transport: Any, tmp_path: Path) -> None:
    """invalid_grant, as for an account that is not there."""
    path = _key(place, tmp_path)
    old = service_account.Credentials.from_service_account_file(str(path), scopes=SCOPES)
    _key(place, tmp_path)
    with pytest.raises(exceptions.RefreshError, match="invalid_grant"):
        old.refresh(transport)


def test_other_grants_are_refused(place: Place) -> None:
    """400 with an OAuth error."""
    for path, error in (("/token", "unsupported_grant_type"), ("/v1/token", "invalid_request")):
        answer = place.cloud.handle(Request("POST", path, {}, b"grant_type=password"))
        assert (answer.status, error.encode() in answer.body) == (400, True)


def test_a_token_may_be_that_of_another_account(place: Place, transport: Any) -> None:
    """With the permission to get it; the metadata servers' accounts are known."""
    target = place.nodes[0].account
    place.cloud.rules.strict_tokens = False
    place.cloud.roles.give(["iam.serviceAccounts.getAccessToken"])
    found = impersonated_credentials.Credentials(credentials(), target, SCOPES)
    found.refresh(transport)
    assert _client(place, found.token) == target


@pytest.mark.parametrize("account", ["node1@vipswitch-test.iam.gserviceaccount.com", "nobody@none"])
def test_impersonation_may_be_denied(account: str, place: Place, transport: Any) -> None:
    """403 without the permission, 404 for an account that is not there."""
    place.cloud.rules.strict_tokens = False
    place.cloud.roles.give(["compute.routes.get"])
    found = impersonated_credentials.Credentials(credentials(), account, SCOPES)
    with pytest.raises(exceptions.RefreshError, match=r"getAccessToken|Not found"):
        found.refresh(transport)


def test_an_external_accounts_token_is_exchanged(place: Place, transport: Any, tmp_path: Path) -> None:
    """What the file of a workload identity says is where to ask."""
    subject = tmp_path / "subject"
    subject.write_text("node1")
    info = {
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": "https://sts.googleapis.com/v1/token",
        "credential_source": {"file": str(subject)},
    }
    found = identity_pool.Credentials.from_info(info, scopes=SCOPES)
    found.refresh(transport)
    assert _client(place, found.token) == "principal://node1"


def test_the_metadata_server_gives_tokens(served: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """To google-auth, which is told where it is."""
    from google.auth.compute_engine import _metadata

    monkeypatch.setattr(_metadata, "_GCE_METADATA_HOST", served.cloud.metadata_host)
    found = compute_engine.Credentials()
    found.refresh(google.auth.transport.requests.Request())
    assert found.service_account_email == served.nodes[0].account
    assert _client(served, found.token) == served.nodes[0].account


def test_tokens_end(place: Place) -> None:
    """401 from then on."""
    token = place.cloud.token()
    assert Plain(place.cloud, token)("GET", "global/routes").status == 200
    place.cloud.api.tokens.expire()
    assert reason(Plain(place.cloud, token)("GET", "global/routes")) == (401, "authError")


def test_no_token_is_no_entry(place: Place) -> None:
    """401 with a challenge, before anything else is looked at."""
    answer = Plain(place.cloud, None)("GET", "/compute/v1/projects/none/global/routes")
    assert reason(answer) == (401, "required")
    assert "WWW-Authenticate" in answer.headers
