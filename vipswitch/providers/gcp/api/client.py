"""Google Cloud's APIs, asked in JSON, with sockets, deadlines and credentials of our own.

Rules: nothing is retried, because the switch retries; nothing is waited for, because the switch looks again;
no redirect is followed. Every write to Compute Engine has a request id of its own, by which Google knows it
again, and is noted in `operations`.

google-cloud-compute is not used: it takes more than a second and 100 MiB to import, cannot send an empty
list of alias ranges, and looks at operations at the public endpoint whatever the config says. What is asked
here is what it would ask.
Source: Compute Engine API reference; Cloud DNS API reference; google-auth docs, AuthorizedSession.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from google.auth.transport.requests import AuthorizedSession
from requests.adapters import BaseAdapter

from vipswitch.deadline import Deadline
from vipswitch.errors import Unavailable
from vipswitch.providers.asked import Asked, asking
from vipswitch.providers.gcp.api.calls import counted, tell
from vipswitch.providers.gcp.api.credentials import Tokens
from vipswitch.providers.gcp.api.failures import answered, translated
from vipswitch.providers.gcp.api.operations import Operations
from vipswitch.providers.gcp.api.transport import Once, authorized, plain
from vipswitch.providers.gcp.settings import Account

Document = dict[str, Any]
Began = Callable[[Asked, str, Document], None]
"""Takes note of the operation, within a scope, with which a write was answered."""

_NOT_WHOLE = ("UNREACHABLE", "PARTIAL_SUCCESS")

_SCOPE = re.compile(r"projects/[^/]+/(global|zones/[^/]+|regions/[^/]+)")


class Api:
    """One API while something is asked of it. Paths are those below its version: `projects/P/global/routes`.

    Raises our errors.
    """

    def __init__(
        self, session: AuthorizedSession, root: str, asked: Asked, began: Began | None = None
    ) -> None:
        self._session = session
        self._root = root
        self._asked = asked
        self._began = began

    def get(self, path: str, **params: str) -> Document:
        """The document there."""
        return self._ask("GET", path, params)

    def pages(self, path: str, **params: str) -> Iterator[Document]:
        """All pages of a list. Unavailable where Google leaves out what it could not reach."""
        page = self._whole(self.get(path, **params))
        yield page
        while token := page.get("nextPageToken"):
            page = self._whole(self.get(path, **params, pageToken=token))
            yield page

    def _whole(self, page: Document) -> Document:
        """A zone that fails is told of in an answer that is no error."""
        missing = [*(page.get("unreachables") or ()), *_unreached(page)]
        if missing:
            raise Unavailable(
                f"{self._asked.subject}: Google could not look at {', '.join(missing)}",
                hint="see status.cloud.google.com",
            )
        return page

    def post(self, path: str, body: Mapping[str, Any], **params: str) -> Document:
        """What answers to something that is to be made or done."""
        return self._write("POST", path, params, body)

    def patch(self, path: str, body: Mapping[str, Any], **params: str) -> Document:
        """What answers to a change of some fields."""
        return self._write("PATCH", path, params, body)

    def delete(self, path: str, **params: str) -> Document:
        """What answers to something that is to go."""
        return self._write("DELETE", path, params)

    def _write(
        self, method: str, path: str, params: Mapping[str, str], body: Mapping[str, Any] | None = None
    ) -> Document:
        if self._began is None or not self._asked.writes:
            return self._ask(method, path, params, body)
        document = self._ask(method, path, {**params, "requestId": str(uuid.uuid4())}, body)
        self._began(self._asked, _scope_of(path), document)
        return document

    def _ask(
        self, method: str, path: str, params: Mapping[str, str], body: Mapping[str, Any] | None = None
    ) -> Document:
        url = f"{self._root}/{path}"
        with counted(self._asked):
            answer = self._session.request(
                method, url, params=params, json=body, timeout=None, allow_redirects=False
            )
        tell(self._asked, answer)
        return answered(self._asked, answer)


class Clients:
    """The APIs as one account; thread-safe. Inside each `with`, foreign errors leave as ours.

    Requests go `through` an adapter of ours, unless another is given; operations are kept in `folder`.
    """

    def __init__(
        self, account: Account, *, through: BaseAdapter | None = None, folder: Path | None = None
    ) -> None:
        _silence("google", "urllib3")
        self._account = account
        self._once = Once(plain(account.ca_file, through))
        self.tokens = Tokens(account)
        self.operations = Operations(self._operation, folder)
        self._session = authorized(self.tokens, self._once)

    @contextmanager
    def compute(self, asked: Asked) -> Iterator[Api]:
        """Compute Engine."""
        root = f"{self._account.root('compute')}/compute/v1"
        with asking(asked), translated(asked):
            yield Api(self._session, root, asked, self.operations.began)

    @contextmanager
    def dns(self, asked: Asked) -> Iterator[Api]:
        """Cloud DNS."""
        with asking(asked), translated(asked):
            yield Api(self._session, f"{self._account.root('dns')}/dns/v1", asked)

    @contextmanager
    def projects(self, asked: Asked) -> Iterator[Api]:
        """Resource Manager, which tells what we may do in a project."""
        with asking(asked), translated(asked):
            yield Api(self._session, f"{self._account.root('cloudresourcemanager')}/v1", asked)

    def signed_in(self, deadline: Deadline) -> str:
        """As whom the requests are made, when a token was got for it."""
        asked = Asked("signing in", "Google Cloud credentials", deadline)
        with asking(asked), translated(asked):
            if not self.tokens.valid:
                self.tokens.refresh(self._once)
            return self.tokens.who()

    def _operation(self, path: str, asked: Asked) -> Document:
        with self.compute(asked) as compute:
            return compute.get(path)


def _unreached(page: Document) -> Iterator[str]:
    """The scopes of a list of which nothing is known: `zones/europe-west1-b`; or some of a plain list."""
    items = page.get("items")
    scopes = items if isinstance(items, dict) else {}
    for what, told in (*scopes.items(), ("some of it", page)):
        if (told.get("warning") or {}).get("code") in _NOT_WHOLE:
            yield what


def _scope_of(path: str) -> str:
    """Where the operations of a resource at that path are found."""
    found = _SCOPE.match(path)
    return found[0] if found else path


def _silence(*loggers: str) -> None:
    """What the libraries warn of is in our errors; where nobody listens, it does not go to stderr as well."""
    for name in loggers:
        logging.getLogger(name).addHandler(logging.NullHandler())
