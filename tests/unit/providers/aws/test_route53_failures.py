"""What Route 53 says when a change is refused, in each of the documents in which it says it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.providers.aws.dns_rig import NAME, VIP, A
from tests.unit.providers.aws.rig import StubMachine, soon
from vipswitch.errors import ConfigError, Conflict, OutcomeUnknown, Refused, Unavailable, VipswitchError
from vipswitch.model import Holding
from vipswitch.providers.aws.route53.provider import AwsRoute53
from vipswitch.providers.aws.route53.settings import Route53Settings, ZoneId
from vipswitch.testing import wire
from vipswitch.testing.aws import protocol

NOT_FOUND = "Tried to delete resource record set [name='db.', type='A'] but it was not found"
OTHER_VALUES = "Tried to delete ... but the values provided do not match the current values"
EXISTS = "Tried to create resource record set [name='db.', type='A'] but it already exists"
CNAME = (
    "RRSet ... not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists"
)
OUTSIDE = "RRSet with DNS name db.example.org. is not permitted in zone example.com."
ILLEGAL = "Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address encountered with 'x''"
LABEL = "FATAL problem: DomainLabelTooLong (Domain label is too long) encountered with 'x'"
PROTECTED = "The resource record set is protected from changes"


class Api:
    """An API that gives everybody `answer`, or hangs up."""

    answer: wire.Answer | None = None

    def __call__(self, _: wire.Request, reply: wire.Reply) -> None:
        if self.answer is not None:
            reply(self.answer)


@pytest.fixture
def api() -> Api:
    """What the API answers."""
    return Api()


@pytest.fixture
def provider(api: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AwsRoute53]:
    """A provider that asks it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with wire.Server(api) as server:
        settings = Route53Settings(
            name=NAME, zones=(ZoneId("Z1"),), region="eu-west-1", route53_endpoint_url=server.url
        )
        yield AwsRoute53(settings, VIP, StubMachine("02:00:00:00:00:01", tmp_path, A))


def refused(provider: AwsRoute53) -> VipswitchError:
    """The error of a claim."""
    with pytest.raises(VipswitchError) as caught:
        provider.claim(provider.places[0], A, Holding(None), soon(3))
    return caught.value


def batch_document(*texts: str) -> wire.Answer:
    """The document that the API's own model has for a refused batch: no code, no message."""
    messages = "".join(f"<Message>{text}</Message>" for text in texts)
    namespace = "https://route53.amazonaws.com/doc/2013-04-01/"
    body = f'<InvalidChangeBatch xmlns="{namespace}"><Messages>{messages}</Messages></InvalidChangeBatch>'
    return wire.Answer(400, body.encode(), {"Content-Type": "text/xml"})


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (NOT_FOUND, Conflict),
        (OTHER_VALUES, Conflict),
        (EXISTS, Conflict),
        (CNAME, ConfigError),
        (OUTSIDE, ConfigError),
        (ILLEGAL, ConfigError),
        (LABEL, ConfigError),
        (PROTECTED, Refused),
        ("something that nobody has seen yet", Refused),
    ],
)
def test_refused_batches_are_told_apart_by_their_text(
    provider: AwsRoute53, api: Api, text: str, kind: type[VipswitchError]
) -> None:
    """Somebody else changed it; the config is wrong; or it will be refused for ever."""
    api.answer = protocol.refusal("route53", status=400, code="InvalidChangeBatch", message=f"[{text}]")
    wrong = refused(provider)
    assert type(wrong) is kind
    assert wrong.message.startswith(f"record {NAME} in Z1: ")
    assert wrong.hint or kind is Conflict
    assert "EC2" not in wrong.hint


def test_several_reasons_with_a_conflict_are_a_conflict(provider: AwsRoute53, api: Api) -> None:
    """The next read tells what is there now."""
    text = f"[{NOT_FOUND}, {EXISTS}]"
    api.answer = protocol.refusal("route53", status=400, code="InvalidChangeBatch", message=text)
    assert isinstance(refused(provider), Conflict)


@pytest.mark.parametrize(("text", "kind"), [(NOT_FOUND, Conflict), (PROTECTED, Refused)])
def test_the_other_document_of_a_refused_batch_is_read_too(
    provider: AwsRoute53, api: Api, text: str, kind: type[VipswitchError]
) -> None:
    """botocore finds neither code nor message in it; a lost race must not be taken for a refusal."""
    api.answer = batch_document(text)
    wrong = refused(provider)
    assert type(wrong) is kind


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "PriorRequestNotComplete", Unavailable),
        (400, "Throttling", Unavailable),
        (404, "NoSuchHostedZone", ConfigError),
        (400, "InvalidDomainName", ConfigError),
        (400, "InvalidInput", Refused),
        (500, "InternalFailure", OutcomeUnknown),
        (503, "ServiceUnavailable", OutcomeUnknown),
    ],
)
def test_codes_have_their_meaning(
    provider: AwsRoute53, api: Api, status: int, code: str, kind: type[VipswitchError]
) -> None:
    """What may pass, what is to be mended, and what nobody knows."""
    api.answer = protocol.refusal("route53", status=status, code=code, message="a text")
    assert type(refused(provider)) is kind


def test_no_answer_to_a_change_leaves_its_outcome_open(provider: AwsRoute53) -> None:
    """It may have been made."""
    assert isinstance(refused(provider), OutcomeUnknown)
