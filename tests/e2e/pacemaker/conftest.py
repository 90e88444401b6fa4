"""Skips what needs a cluster where none can be made."""

import shutil

import pytest

_PROGRAMS = ("corosync", "pacemakerd", "crm", "unshare", "nsenter")


@pytest.fixture(scope="session")
def pacemaker(root: None) -> None:
    """Skips where Pacemaker is not installed."""
    if missing := [program for program in _PROGRAMS if shutil.which(program) is None]:
        pytest.skip(f"needs {', '.join(missing)} (make e2e-deps)")
