"""What a hook is told of its VIP: by a config file, or by flags.

Rules: a file, as most people have it; flags in a user namespace, because `/` belongs to nobody known there,
and root takes no config from below a folder that others can change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vipswitch.demo.vip import VIP

NO_OTHER_CLOUD = {"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}
"""The user's own profiles have no say."""

Keys = Mapping[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class Given:
    """Words for every command line and variables for every environment."""

    words: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)


def given(folder: Path, keys: Keys) -> Given:
    """The keys of the VIP, in the way that works here; the file is written to `folder`."""
    return as_file(folder, keys) if Path("/").stat().st_uid == 0 else as_flags(keys)


def as_file(folder: Path, keys: Keys) -> Given:
    """`[vip.primary]`, found by VIPSWITCH_CONFIG."""
    config = folder / "vipswitch.toml"
    lines = [f"{name} = {_toml(value)}\n" for name, value in {"address": str(VIP), **keys}.items()]
    config.write_text("".join(["[vip.primary]\n", *lines]))
    return Given(env={"VIPSWITCH_CONFIG": str(config)})


def as_flags(keys: Keys) -> Given:
    """The same as flags."""
    words = [word for name, value in keys.items() for word in (_flag(name), _text(value))]
    return Given(words=tuple(words))


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ",".join(value)


def _toml(value: str | list[str]) -> str:
    """Our values have nothing to escape."""
    return f'"{value}"' if isinstance(value, str) else f"[{', '.join(map(_toml, value))}]"
