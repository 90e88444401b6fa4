"""The agent's log: one line for each record, with its fields, made for machines to read.

Under systemd, where stderr is a stream of the journal (JOURNAL_STREAM names its device and inode), a line is
the text with its priority in front, `<6>`, and the fields that the text does not say behind it: the journal
knows time, unit and process itself, and people read it with `journalctl`. Everywhere else, as in a container,
a line is one JSON object: ts, level, message, and the fields. Fields come through `extra=` of a log call.
The journal's own protocol, which has fields, is not used: its socket would be a second way to stall.
Source: sd-daemon(3); systemd.exec(5), JOURNAL_STREAM.
"""

from __future__ import annotations

import json
import logging
import os
from datetime import UTC, datetime
from typing import TextIO

FIELDS = ("vip", "place", "node", "order", "step", "outcome", "ms", "cloud", "action", "code")
"""What a record may carry beside its message."""

_IN_THE_TEXT = frozenset({"step", "outcome", "ms"})
_PRIORITIES = ((logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))


def log_to(stream: TextIO, level: int) -> None:
    """Send our log to a stream, in the form that suits it."""
    handler = _Quiet(stream)
    handler.setFormatter(ForJournal() if is_journal(stream) else JsonLines())
    logger = logging.getLogger("vipswitch")
    logger.handlers[:] = [handler]
    logger.propagate = False
    logger.setLevel(level)


def is_journal(stream: TextIO) -> bool:
    """Whether what is written there arrives in the journal."""
    try:
        about = os.fstat(stream.fileno())
    except (OSError, ValueError):  # closed, or in memory
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{about.st_dev}:{about.st_ino}"


class JsonLines(logging.Formatter):
    """One JSON object for each record."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "ts": when.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class ForJournal(logging.Formatter):
    """The text and the fields that it does not say, each line with its priority."""

    def format(self, record: logging.LogRecord) -> str:
        """The lines: a traceback has many, and the journal takes each as an entry of its own."""
        text = record.getMessage()
        unsaid = {name: value for name, value in _fields(record).items() if name not in _IN_THE_TEXT}
        text += "".join(f" {name}={value}" for name, value in unsaid.items() if f"{name}=" not in text)
        if record.exc_info:
            text += f"\n{self.formatException(record.exc_info)}"
        priority = next((number for level, number in _PRIORITIES if record.levelno >= level), 7)
        return "\n".join(f"<{priority}>{line}" for line in text.splitlines() or [""])


class _Quiet(logging.StreamHandler[TextIO]):
    """Where nobody reads any more, a line is lost and nothing else happens."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Nothing: whoever carries out an order does not stop for its log."""


def _fields(record: logging.LogRecord) -> dict[str, object]:
    return {name: record.__dict__[name] for name in FIELDS if name in record.__dict__}
