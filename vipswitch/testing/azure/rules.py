"""What real Resource Managers do one way or another, and may do either way here.

Rules: a switch is for behaviour that is not documented, or that was seen both ways; the defaults are the
stricter or the more usual one. A switch may be set at any time and counts for requests from then on. What was
seen: recordings of the azure-cli's own tests, named where the behaviour is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PutAnswer = Literal["updating", "succeeded-with-operation", "succeeded"]
SecondWrite = Literal["retryable", "conflict", "bad-request", "supersede"]


@dataclass(slots=True)
class Rules:
    """The switches of one cloud.

    `put_answer`: a PUT is answered as Updating with an operation, as Succeeded with one, or as Succeeded with
    none; in the last two the etag of the answer is final, in the first only with `put_etag_final`.
    `retry_after`: seconds, on the answers that tell of a running operation; None leaves it out.
    `second_write`: what becomes of a write to an object whose operation runs: 429
    RetryableErrorDueToAnotherOperation, 409 AnotherOperationInProgress, the same with 400, or it is accepted
    and the running operation ends Canceled.
    `released_when_completed`: an address or public IP taken off a NIC is free at the end of the operation
    rather than at once; `failed_keeps`: also one that fails keeps it, until a write succeeds.
    `failed_reverts`: an operation that fails leaves the object as it was before, rather than as was asked.
    `child_if_none_match`: `If-None-Match: *` is honoured on routes and other children, or ignored.
    `child_if_match_absent`: `If-Match` for a child that is absent compares with the parent's etag, or is
    always refused.
    `body_etag_refused`: an old etag in the body of a PUT is refused like one in `If-Match`, or ignored.
    `exact_etags`: an etag must be sent back as it was given; otherwise quotes and W/ make no difference.
    `quoted_dns_etags`: record sets' etags are given in quotes, or bare.
    `tags_renew_etag`: a change of tags gives the object a new etag.
    `operations_need_permission`: whoever looks at an operation needs a role for that, at the subscription.
    `linked_authorization`: a NIC write needs the join actions of all that it refers to.
    `strict_tokens`: only tokens that this cloud gave out are accepted.
    """

    put_answer: PutAnswer = "updating"
    put_etag_final: bool = False
    retry_after: int | None = None
    second_write: SecondWrite = "retryable"
    released_when_completed: bool = True
    failed_keeps: bool = True
    failed_reverts: bool = False
    child_if_none_match: bool = True
    child_if_match_absent: bool = False
    body_etag_refused: bool = False
    exact_etags: bool = False
    quoted_dns_etags: bool = False
    tags_renew_etag: bool = True
    operations_need_permission: bool = True
    linked_authorization: bool = True
    strict_tokens: bool = False
