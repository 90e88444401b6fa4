"""Where tokens come from, and what may be done with them: the token endpoint, the security token service,
IAM's credentials service, and Resource Manager.

Rules: a service account's key is made here and signs a grant that is checked; an external account's token is
taken for what it says; a token of one account gives one of another if it has
iam.serviceAccounts.getAccessToken on that. Sources: RFC 7523; RFC 8693; "Create short-lived credentials",
iamcredentials v1, projects.serviceAccounts.generateAccessToken; cloudresourcemanager v1,
projects.testIamPermissions.
"""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, unquote

from ..wire import Answer, Request
from . import errors
from .answers import Json, json_answer
from .errors import GcpError
from .request import parse
from .roles import Roles
from .tokens import Tokens

_IMPERSONATE = re.compile(r"/v1/projects/-/serviceAccounts/([^/:]+):generateAccessToken")
_PERMITTED = re.compile(r"/v1/projects/([^/:]+):testIamPermissions")
_PERMISSION = "iam.serviceAccounts.getAccessToken"


class Login:
    """The token services of one cloud, and what its projects say of permissions."""

    def __init__(self, tokens: Tokens, roles: Roles) -> None:
        self.accounts: set[str] = set()
        self._tokens = tokens
        self._roles = roles
        self._keys: dict[str, bytes] = {}

    def serves(self, path: str) -> bool:
        """Whether a path is one of these services'."""
        about = unquote(path)
        return path in ("/token", "/v1/token") or any(p.fullmatch(about) for p in (_IMPERSONATE, _PERMITTED))

    def handle(self, asked: Request) -> Answer:
        """Answers a request."""
        try:
            if match := _IMPERSONATE.fullmatch(unquote(asked.path)):
                return self._impersonated(asked, match[1])
            if match := _PERMITTED.fullmatch(unquote(asked.path)):
                return self._permitted(asked, match[1])
        except GcpError as refusal:
            return refusal.answer()
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        return self._exchanged(form) if asked.path == "/v1/token" else self._granted(form)

    def key_file(self, folder: Path, email: str, *, project: str, token_uri: str) -> Path:
        """Makes a service account's key, as `gcloud iam service-accounts keys create` writes it."""
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa

        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        private = key.private_bytes(pem, pkcs8, serialization.NoEncryption())
        spki = serialization.PublicFormat.SubjectPublicKeyInfo
        self._keys[email] = key.public_key().public_bytes(pem, spki)
        self.accounts.add(email)
        path = folder / f"{email.partition('@')[0]}.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(_key(email, project, private.decode(), token_uri), indent=2))
        return path

    def _granted(self, form: Json) -> Answer:
        """A token for a grant that was signed with a service account's key."""
        if form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
            return _refused("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type')}")
        from google.auth import jwt

        try:
            claims = jwt.decode(form.get("assertion", ""), verify=False)
            email = str(claims["iss"])
            jwt.decode(form["assertion"], certs=self._keys[email])
        except (ValueError, KeyError):
            return _refused("invalid_grant", "Invalid JWT Signature.")
        return self._given(email)

    def _exchanged(self, form: Json) -> Answer:
        """A token for that of another authority, whose subject is the client."""
        subject = form.get("subject_token", "")
        if not subject:
            return _refused("invalid_request", "Missing parameter: subject_token")
        kind = {"issued_token_type": "urn:ietf:params:oauth:token-type:access_token"}
        return self._given(f"principal://{subject}", kind)

    def _given(self, client: str, more: Json | None = None) -> Answer:
        life = int(self._tokens.lifetime_s)
        token = {"access_token": self._tokens.give(client), "expires_in": life, "token_type": "Bearer"}
        return json_answer(200, {**token, **(more or {})})

    def _impersonated(self, asked: Request, email: str) -> Answer:
        client = self._tokens.client(parse(asked).token)
        if email not in self.accounts:
            raise GcpError(404, "notFound", f"Not found; Gaia id not found for email {email}")
        path = f"projects/-/serviceAccounts/{email}"
        if not self._roles.allowed(client, [_PERMISSION], path):
            text = f"Permission '{_PERMISSION}' denied on resource (or it may not exist)."
            raise errors.GcpError(403, "forbidden", text)
        until = datetime.fromtimestamp(time.time() + self._tokens.lifetime_s, UTC)
        ends = until.strftime("%Y-%m-%dT%H:%M:%SZ")
        return json_answer(200, {"accessToken": self._tokens.give(email), "expireTime": ends})

    def _permitted(self, asked: Request, project: str) -> Answer:
        """Those of the permissions that are asked for which a client has in a project."""
        call = parse(asked)
        wanted = call.json().get("permissions") or []
        allowed = self._roles.allowed(self._tokens.client(call.token), wanted, f"projects/{project}")
        return json_answer(200, {"permissions": allowed} if allowed else {})


def _key(email: str, project: str, private: str, token_uri: str) -> Json:
    return {
        "type": "service_account",
        "project_id": project,
        "private_key_id": "0123456789abcdef0123456789abcdef01234567",
        "private_key": private,
        "client_email": email,
        "client_id": "100000000000000000001",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": token_uri,
        "universe_domain": "googleapis.com",
    }


def _refused(error: str, text: str) -> Answer:
    return json_answer(400, {"error": error, "error_description": text})
