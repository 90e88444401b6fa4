"""Sending one request of azure-core over a pooled connection, within the deadline of what it is for.

Rules: nothing is retried and no redirect followed, so that a token goes nowhere but to the host it was meant
for.

How it works: azure-core's own transport over requests, with adapters whose connections are ours.
Source: azure-core, RequestsTransport.
"""

from __future__ import annotations

from pathlib import Path

import requests
from azure.core.pipeline.transport import RequestsTransport

from vipswitch.providers.http_adapter import mounted

ANSWER_S = 15.0
"""ARM takes a write and answers in a second or two; it has been seen to take ten."""


def transport(ca_file: Path | None) -> RequestsTransport:
    """One for all clients; thread-safe. ConfigError for a file that has no certificates."""
    session = requests.Session()
    mounted(session, ca_file, answer_s=ANSWER_S, section="azure")
    return RequestsTransport(session=session, session_owner=False)
