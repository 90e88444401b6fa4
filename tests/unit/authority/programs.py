"""Small programs that stand in for the real ones, and questions about two nodes."""

from __future__ import annotations

from pathlib import Path

from vipswitch.authority import Question
from vipswitch.model import NodeId

ME, HOLDER = NodeId("eni-1"), NodeId("eni-2")


def script(folder: Path, body: str, name: str = "program") -> Path:
    """An executable shell script."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def ask(my_host: str | None = "10.0.1.10", holder_host: str | None = "10.0.2.10") -> Question:
    """May eni-1 take the VIP from eni-2?"""
    return Question("primary", ME, HOLDER, my_host, holder_host)
