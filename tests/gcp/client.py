"""Clients of the local Google Cloud: plain requests, and sessions for the official clients."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from google.auth.transport.requests import AuthorizedSession
from google.oauth2.credentials import Credentials

from vipswitch.testing.gcp import GcpCloud
from vipswitch.testing.gcp.inprocess import InProcessAdapter
from vipswitch.testing.wire import Answer, Request

ENDPOINT = "https://gcp.test"


@dataclass(frozen=True, slots=True)
class Plain:
    """Requests without any client; paths begin after the project."""

    cloud: GcpCloud
    token: str | None = "bearer"

    def __call__(self, method: str, path: str, body: object = None, **query: str) -> Answer:
        headers = {"host": "compute.googleapis.com"}
        if self.token is not None:
            headers["authorization"] = f"Bearer {self.token}"
        service = "dns" if path.startswith("managedZones") else "compute"
        target = path if path.startswith("/") else f"/{service}/v1/projects/{self.cloud.project}/{path}"
        data = b"" if body is None else json.dumps(body).encode()
        asked = f"{target}?{urlencode(query)}" if query else target
        return self.cloud.handle(Request(method, asked, headers, data, "127.0.0.1"))

    def json(self, path: str, **query: str) -> dict[str, Any]:
        """What a GET is answered, which must be well."""
        return self.done("GET", path, **query)

    def done(self, method: str, path: str, body: object = None, **query: str) -> dict[str, Any]:
        """What a request is answered, which must be well."""
        answer = self(method, path, body, **query)
        assert answer.status == 200, answer
        return said(answer)

    def ended(self, operation: dict[str, Any]) -> dict[str, Any]:
        """An operation at its end."""
        self.cloud.finish()
        return self.json(f"/compute/v1/{operation['selfLink'].split('/v1/')[1]}")


def said(answer: Answer) -> dict[str, Any]:
    """The JSON of an answer."""
    found: dict[str, Any] = json.loads(answer.body)
    return found


def refused(answer: Answer) -> tuple[int, str, str]:
    """Status, reason and text of a refusal, which are the same in all its places."""
    error = said(answer)["error"]
    (first,) = error["errors"]
    assert (error["code"], error["message"]) == (answer.status, first["message"])
    return answer.status, first["reason"], error["message"]


def reason(answer: Answer) -> tuple[int, str]:
    """Status and reason of a refusal."""
    return refused(answer)[:2]


def failed(operation: dict[str, Any]) -> str | None:
    """The code of the error inside an operation that has ended."""
    assert operation["status"] == "DONE", operation
    errors = operation.get("error", {}).get("errors", [{}])
    code: str | None = errors[0].get("code")
    return code


def credentials(token: str = "bearer") -> Credentials:
    return Credentials(token)  # type: ignore[no-untyped-call]


def session(cloud: GcpCloud, token: str = "bearer") -> AuthorizedSession:
    """google-auth's, in this process."""
    made = AuthorizedSession(credentials(token))  # type: ignore[no-untyped-call]
    made.mount("https://", InProcessAdapter(cloud))
    return made
