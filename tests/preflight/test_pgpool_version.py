"""Which Pgpool-II this is, from what it prints."""

from __future__ import annotations

import shutil

import pytest

from vipswitch.preflight.pgpool_version import Version, installed_version, parse_version


@pytest.mark.parametrize(
    ("printed", "version"),
    [
        ("pgpool-II version 4.3.5 (tamahomeboshi)\n", (4, 3, 5)),
        ("pgpool-II version 4.5.0 (hotooriboshi)", (4, 5, 0)),
        ("pgpool-II version 4.6beta1 (chirikoboshi)", (4, 6, 0)),
        ("something else", None),
    ],
)
def test_the_version_is_read_from_what_pgpool_prints(printed: str, version: Version | None) -> None:
    """A beta counts as its release; what is not understood is unknown."""
    assert parse_version(printed) == version


def test_the_installed_pgpool_is_asked() -> None:
    """It prints on stderr, of all places."""
    installed = any(shutil.which("pgpool", path=path) for path in ("/usr/sbin", "/usr/bin", "/usr/local/bin"))
    assert (installed_version() is not None) is installed
