"""The local AWS: moto behind a journal and a set of faults, over real HTTP.

Rules: a call meets the faults before its work, does its work alone if the policies in force allow it, is told
to the journal's listeners, meets the faults after its work, and only then is answered. Held calls do their
work when they are released, whether or not their client still waits: that is how a write of a dead process
reaches the cloud late.
moto's state is global, so that one process can have one cloud at a time; each begins empty, and with the same
seed.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING, Self

from .. import wire
from ..armed import Drop
from ..journal import Entry
from ..wire import Answer, Reply, Request
from . import clients, protocol
from .authoriser import Authoriser
from .backend import Backend, without_images
from .faults import Faults
from .journal import Call, Journal, noted
from .overlay import corrected_moto
from .protocol import ApiRequest

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_route53 import Route53Client

ACCOUNT = "123456789012"
REGION = "eu-west-1"

_one_cloud = threading.Lock()


class AwsCloud:
    """A cloud that serves EC2, Route 53 and STS at `url` while it is entered.

    A bound socket given as `listener` is used, and closed at the end, instead of one bound to host and port.
    `corrected=False` serves moto as it is.
    """

    account = ACCOUNT

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        listener: socket.socket | None = None,
        corrected: bool = True,
    ) -> None:
        self.journal = Journal()
        self.faults = Faults(account=ACCOUNT)
        self._address = (host, port, listener)
        self._corrected = corrected
        self._authoriser = Authoriser()
        self._working = threading.Lock()
        self._stack = ExitStack()

    @property
    def url(self) -> str:
        """Where the cloud answers: a value for `AWS_ENDPOINT_URL` or `endpoint_url`."""
        return self._server.url

    def serve_also(self, listener: socket.socket) -> str:
        """Serves a further bound socket, in another network namespace perhaps; returns its URL."""
        return self._stack.enter_context(wire.Server(self._serve, listener=listener)).url

    def ec2(self, *, region: str = REGION) -> EC2Client:
        """A client that never retries, with credentials of its own whatever the environment says."""
        return clients.ec2(self.url, region=region)

    def route53(self) -> Route53Client:
        """A client like that of `ec2`."""
        return clients.route53(self.url)

    def restrict(
        self, document: str | Mapping[str, object], *, access_key: str | None = None, role: str | None = None
    ) -> None:
        """Judges calls by a policy document from now on: those made with an access key, those of a role's
        sessions (`role` is the ARN that is given to AssumeRole), or those of everyone without a document.

        A new document takes the place of the old one. Raises PolicyError, and changes nothing, for one that
        cannot be judged. What is not allowed is answered as `faults.deny` does, also a dry run.
        """
        self._authoriser.restrict(document, access_key=access_key, role=role)

    def unrestrict(self) -> None:
        """Allows everything to everyone again."""
        self._authoriser.unrestrict()

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """Inside, no call is at work, so that moto's own state can be read."""
        with self._working:
            yield

    def __enter__(self) -> Self:
        from moto.core.authorization import disable_iam_authentication

        host, port, listener = self._address
        with ExitStack() as stack:
            stack.enter_context(_only_one())
            stack.enter_context(without_images())
            self._backend = Backend(region=REGION)
            stack.enter_context(corrected_moto() if self._corrected else nullcontext())
            stack.enter_context(disable_iam_authentication())
            server = wire.Server(self._serve, host=host, port=port, listener=listener)
            self._server = stack.enter_context(server)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.faults.close()
        self._stack.close()

    def _serve(self, request: Request, reply: Reply) -> None:
        received = time.monotonic()
        api = protocol.parse(request)
        if api is None:
            with self._working:
                answer = self._backend.answer(request)
            return reply(answer)
        entry = self.journal.enter(noted(api, received=received))
        try:
            answer = self.faults.before(api) or self._work(request, api, entry)
        except Drop:
            return None
        return _send(answer, reply, entry)

    def _work(self, request: Request, api: ApiRequest, entry: Entry[Call]) -> Answer:
        """Does the work of a call, and what is due between its commit and its answer. Raises Drop."""
        with self._working:
            refusal = self._authoriser.refusal(api)
            answer = refusal or self.faults.stale.answer(api, lambda: self._backend.answer(request))
            succeeded = answer.status < 400
            if succeeded and api.mutating:
                entry.committed(time.monotonic())
        entry.tell()
        if succeeded:
            self.faults.after(api)
        return answer


def _send(answer: Answer, reply: Reply, entry: Entry[Call]) -> None:
    """Answers; the journal knows of it before the client does."""
    entry.answered(time.monotonic(), answer.status, protocol.error_code(answer))
    try:
        reply(answer)
    except OSError:
        entry.unanswered()
        raise


@contextmanager
def _only_one() -> Iterator[None]:
    if not _one_cloud.acquire(blocking=False):
        raise RuntimeError("this process has an AwsCloud already: moto keeps its state in its modules")
    try:
        yield
    finally:
        _one_cloud.release()
