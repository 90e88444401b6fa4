"""The three levels of a finding; whatever is not well says how to mend it."""

from __future__ import annotations

from vipswitch.provider import Finding, Level


def ok(subject: str, message: str) -> Finding:
    """Looked at, and well."""
    return Finding(Level.OK, subject, message)


def warning(subject: str, message: str, fix: str) -> Finding:
    """May bite one day, or could not be looked at."""
    return Finding(Level.WARNING, subject, message, fix)


def error(subject: str, message: str, fix: str) -> Finding:
    """The next failover would not work."""
    return Finding(Level.ERROR, subject, message, fix)
