"""What a kernel once answered, kept in files (recorded/), which say how they were made."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

_FOLDER = Path(__file__).with_name("recorded")

LITTLE_ENDIAN = pytest.mark.skipif(sys.byteorder != "little", reason="recorded on a little-endian machine")


def datagrams(name: str) -> list[bytes]:
    """The datagrams in a file, in their order."""
    lines = (_FOLDER / f"{name}.hex").read_text().splitlines()
    hexadecimal = "\n".join(line for line in lines if not line.startswith("#"))
    return [bytes.fromhex(paragraph) for paragraph in hexadecimal.split("\n\n") if paragraph.strip()]
