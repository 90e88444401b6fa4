"""Secrets: they stand in files that only their owner can read."""

from __future__ import annotations

import os
from pathlib import Path

from vipswitch.errors import ConfigError


def secret_in(file: Path, *, see: str) -> bytes:
    """What is in the file. ConfigError if others can read or change it; `see` is its config key."""
    try:
        with file.open("rb") as opened:
            if os.fstat(opened.fileno()).st_mode & 0o077:
                hint = f"run: chmod 600 {file}"
                raise ConfigError(f"{file}: others than its owner can read or change it", hint=hint)
            return opened.read()
    except OSError as exc:
        raise ConfigError(f"{file}: {exc.strerror}", hint=f"see {see}") from exc
