"""The SDK's session and clients, made when first used, with sockets and deadlines of our own.

Rules: credentials, profile, region and endpoint are found as boto3 finds them, the region in the end by the
metadata service; nothing is retried, because the switch retries; every request goes through
`transport.Sender`. With `assume_role` the tables are changed as that role; this node's own network
interface is not in that role's account, so it is looked after with the node's own credentials.

botocore's session is used as it is: boto3's costs 13 ms more and gives nothing that is used here. Garbage
is not collected while a client is made: EC2's model is much data and no garbage (40 of 245 ms).
"""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import NoCredentialsError
from botocore.session import Session

import vipswitch
from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, Unavailable
from vipswitch.providers.asked import Asked, asking, current
from vipswitch.providers.aws.api import calls
from vipswitch.providers.aws.api.failures import translated
from vipswitch.providers.aws.api.role import Role
from vipswitch.providers.aws.api.transport import Sender
from vipswitch.providers.aws.node.identity import Home
from vipswitch.providers.aws.settings import Account, account_of

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_route53 import Route53Client
    from mypy_boto3_sts import STSClient


class Clients:
    """The EC2, Route 53 and STS clients of one account; thread-safe."""

    def __init__(self, account: Account, home: Home, *, endpoints: Mapping[str, str | None]) -> None:
        self._account = account
        self._endpoints = endpoints
        self._home = home
        self._making = threading.Lock()
        self._sessions: dict[bool, Session] = {}
        self._sender: Sender
        self._made: dict[tuple[str, bool], Any] = {}

    @contextmanager
    def ec2(self, asked: Asked, *, own: bool = False) -> Iterator[EC2Client]:
        """The client to ask with, inside; errors of the SDK leave as ours.

        `own` says whose credentials: this node's, or those of the role to assume, if one is given.
        """
        with asking(asked), translated(asked):
            client: EC2Client = self._client("ec2", as_role=not own)
            asked.resource = self._arn(client, asked.resource, as_role=not own)
            yield client

    @contextmanager
    def sts(self, asked: Asked) -> Iterator[STSClient]:
        """The client to ask who the requests for route tables are made as."""
        with asking(asked), translated(asked):
            client: STSClient = self._client("sts", as_role=True)
            yield client

    @contextmanager
    def route53(self, asked: Asked) -> Iterator[Route53Client]:
        """As `ec2`; hosted zones belong to no region, and their ARNs name no account."""
        with asking(asked), translated(asked):
            client: Route53Client = self._client("route53", as_role=True)
            if asked.resource != "*":
                asked.resource = f"arn:{client.meta.partition}:route53:::{asked.resource}"
            yield client

    def whereabouts(self, deadline: Deadline) -> tuple[str, str]:
        """The partition and the region that the requests go to."""
        asked = Asked("", "AWS region", deadline)
        with asking(asked), translated(asked), self._making:
            session = self._session(as_role=False)
            region: str = session.get_config_variable("region")
            return session.get_partition_for_region(region), region

    def own_account(self, deadline: Deadline) -> str:
        """The account of this node's own credentials."""
        asked = Asked("sts:GetCallerIdentity", "AWS credentials", deadline)
        with asking(asked), translated(asked):
            client: STSClient = self._client("sts", as_role=False)
            return client.get_caller_identity()["Account"]

    def _arn(self, client: EC2Client, resource: str, *, as_role: bool) -> str:
        """What a policy calls a resource; `*` stands for an account that is not known."""
        if resource == "*":
            return resource
        role, here = self._account.assume_role, self._home.known
        account = account_of(role) if role and as_role else here.account if here else "*"
        return f"arn:{client.meta.partition}:ec2:{client.meta.region_name}:{account}:{resource}"

    def _client(self, service: str, *, as_role: bool) -> Any:
        kind = (service, as_role and self._account.assume_role is not None)
        with self._making:
            if kind not in self._made:
                with _uncollected():
                    self._made[kind] = self._new_client(*kind)
            return self._made[kind]

    def _new_client(self, service: str, as_role: bool) -> Any:
        """Never one without credentials: botocore would not look for them again."""
        session = self._session(as_role)
        if session.get_credentials() is None:
            raise NoCredentialsError
        url = self._endpoints.get(service)
        try:
            return session.create_client(service, endpoint_url=url)
        except ValueError as exc:
            raise ConfigError(f"AWS endpoint: {exc}", hint="see AWS_ENDPOINT_URL and ~/.aws/config") from exc

    def _session(self, as_role: bool) -> Session:
        if as_role not in self._sessions:
            self._sessions[as_role] = self._role_session() if as_role else self._own_session()
        return self._sessions[as_role]

    def _own_session(self) -> Session:
        session = Session(profile=self._account.profile)
        if self._account.fips:
            session.set_config_variable("use_fips_endpoint", True)
        region = self._account.region or session.get_config_variable("region") or self._region_here()
        bundle = session.get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE")
        self._sender = Sender(ca_bundle=bundle)
        _set_up(session, region, self._sender)
        return session

    def _region_here(self) -> str:
        try:
            return self._home.identity(current().deadline).region
        except Unavailable as exc:
            missing = "AWS region: not given, and the metadata service is unreachable"
            raise ConfigError(missing, hint="set region in [aws] or AWS_DEFAULT_REGION") from exc

    def _role_session(self) -> Session:
        own, session = self._session(as_role=False), Session(profile=self._account.profile)
        account = self._account
        role = Role(
            account.assume_role or "", own, external_id=account.external_id, tags=account.session_tags
        )
        session.register_component("credential_provider", role)
        session.register_component("data_loader", own.get_component("data_loader"))
        _set_up(session, own.get_config_variable("region"), self._sender)
        return session


def _set_up(session: Session, region: str, sender: Sender) -> None:
    session.set_config_variable("region", region)
    session.set_default_client_config(
        Config(
            retries={"total_max_attempts": 1, "mode": "standard"},
            user_agent_extra=f"vipswitch/{vipswitch.__version__}",
        )
    )
    session.register("before-send", sender)  # type: ignore[arg-type]  # typed as if nobody answered
    session.register("after-call", calls.answered)
    session.register("after-call-error", calls.failed)


@contextmanager
def _uncollected() -> Iterator[None]:
    """The garbage collector rests inside."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
