"""Files of `NAME=value` lines, as systemd's EnvironmentFile has them."""

from pathlib import Path


def read(path: Path) -> dict[str, str]:
    """Its settings; comments and empty lines are left out."""
    lines = [line.strip() for line in path.read_text().splitlines()]
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return {name: value for name, _, value in pairs}
