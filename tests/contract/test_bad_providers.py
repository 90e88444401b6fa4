"""Every planted bad provider is caught, and every contract test catches one."""

from pathlib import Path

import pytest

from vipswitch.providers.local import Local
from vipswitch.testing.bad import CAUGHT_BY, CAUGHT_LOCALLY
from vipswitch.testing.bed import VIP, Bed
from vipswitch.testing.cloud import FileCloud, MarkingFile, WiredFile
from vipswitch.testing.contract import CompareAndSetContract, HolderContract, MarkContract
from vipswitch.testing.local import LocalCloud

_FAILURES = (AssertionError, pytest.fail.Exception)


@pytest.mark.parametrize(("bad", "test"), [(bad, test) for bad, tests in CAUGHT_BY.items() for test in tests])
def test_bad_provider_fails_the_contract(bad: type[WiredFile], test: str, tmp_path: Path) -> None:
    """The named contract test notices the broken promise."""
    bed = Bed(FileCloud(tmp_path, VIP.addresses, bad), tmp_path)
    with pytest.raises(_FAILURES):
        getattr(_contract(bad)(), test)(bed)


@pytest.mark.parametrize(
    ("bad", "test"), [(bad, test) for bad, tests in CAUGHT_LOCALLY.items() for test in tests]
)
def test_bad_local_provider_fails_the_contract(bad: type[Local], test: str, tmp_path: Path) -> None:
    """The same for a provider without places."""
    bed = Bed(LocalCloud(tmp_path, bad), tmp_path)
    with pytest.raises(_FAILURES):
        getattr(HolderContract(), test)(bed)


def test_every_contract_test_catches_a_bad_provider() -> None:
    """A contract test that no bad provider fails proves nothing."""
    contracts = (CompareAndSetContract, MarkContract)
    tests = {name for contract in contracts for name in dir(contract) if name.startswith("test_")}
    assert tests == {test for caught in CAUGHT_BY.values() for test in caught}


def _contract(bad: type[WiredFile]) -> type[CompareAndSetContract | MarkContract]:
    """The one that the provider would keep if it were not bad."""
    return MarkContract if issubclass(bad, MarkingFile) else CompareAndSetContract
