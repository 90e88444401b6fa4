"""All methods whose merges are tried: those that take a token or two writes."""

from __future__ import annotations

from tests.merges import azure_methods, google_methods
from tests.merges.method import Method

METHODS: list[type[Method]] = [*azure_methods.METHODS, *google_methods.METHODS]
