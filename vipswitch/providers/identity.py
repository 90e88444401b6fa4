"""What a node's cloud says that it is, kept on disk for the next run.

Rules: a machine cloned with its disk does not act for its parent, so what was kept on another machine is not
believed; what cannot be read, or is not whole, is as good as nothing. An identity is a frozen dataclass of
texts and tuples of texts, and has `private`, the addresses of its interface.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from vipswitch.providers import kept

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

log = logging.getLogger(__name__)

T = TypeVar("T", bound="DataclassInstance")

_MACHINE = "machine_digest"


def keep(cache: Path, machine: str, identity: DataclassInstance) -> None:
    """Keep it for the machine of that digest; nothing is kept where nothing tells machines apart."""
    if machine:
        kept.store(cache, {_MACHINE: machine, **asdict(identity)})


def load(cache: Path, machine: str, kind: type[T]) -> T | None:
    """The identity that was kept on this very machine; None where there is none."""
    raw = kept.load(cache)
    if not machine or raw.pop(_MACHINE, None) != machine:
        return None
    try:
        return kind(**_checked(raw))
    except (ValueError, TypeError) as wrong:
        log.debug("%s is not used: %s", cache, wrong)
        return None


def _checked(raw: Mapping[str, object]) -> dict[str, object]:
    """What was written by `asdict`. Raises ValueError."""
    plain = {name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()}
    texts = [t for value in plain.values() for t in (value if isinstance(value, tuple) else (value,))]
    if not all(isinstance(text, str) for text in texts) or not plain.get("private"):
        raise ValueError("not an identity")
    return plain
