"""Small documents that may be forgotten at any time, kept on disk between two runs.

Rules: for this user's eyes only; written beside and renamed, so that nobody reads half of one; one that
cannot be read or written is as good as none.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path

log = logging.getLogger(__name__)


def load(path: Path) -> dict[str, object]:
    """The document, empty when there is none that can be read."""
    try:
        raw = json.loads(path.read_bytes())
    except (OSError, ValueError) as wrong:
        log.debug("%s is not used: %s", path, wrong)
        return {}
    return raw if isinstance(raw, dict) else {}


def store(path: Path, document: Mapping[str, object]) -> None:
    """Keep the document there, if that is possible."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "w") as file:
            json.dump(document, file)
        draft.replace(path)
    except OSError as wrong:
        log.debug("%s cannot be written: %s", path, wrong)
