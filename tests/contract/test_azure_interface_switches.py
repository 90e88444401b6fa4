"""Moving between network interfaces does not depend on what Resource Managers do one way or another.

Each switch of the local Azure with each value, and what failed operations leave behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.contract.azure_ip_configuration_cloud import IpConfigurationCloud
from tests.contract.azure_nics_cloud import WRITE, NicsCloud
from tests.contract.azure_public_ip_cloud import PublicIpCloud
from vipswitch.errors import Refused
from vipswitch.testing.bed import Bed

CLOUDS = (IpConfigurationCloud, PublicIpCloud)

SWITCHES: tuple[dict[str, Any], ...] = (
    *({"put_answer": answer} for answer in ("updating", "succeeded-with-operation", "succeeded")),
    *({"second_write": answer} for answer in ("retryable", "conflict", "bad-request", "supersede")),
    {"retry_after": 1},
    {"put_etag_final": True},
    {"released_when_completed": False},
    {"put_answer": "succeeded-with-operation", "released_when_completed": False},
    {"body_etag_refused": True},
    {"exact_etags": True},
    {"linked_authorization": False},
    {"strict_tokens": True},
)

Make = Callable[..., NicsCloud]


@pytest.fixture
def bed_of(tmp_path: Path) -> Iterator[Callable[..., tuple[Bed, NicsCloud]]]:
    """Makes a bed on a cloud with the given switches; an operation ends with the second look at it."""
    made: list[NicsCloud] = []

    def make(cloud: Make, **rules: Any) -> tuple[Bed, NicsCloud]:
        folder = tmp_path / "cloud"
        folder.mkdir()
        made.append(cloud(folder, count=1, operation_gets=1, **rules))
        return Bed(made[0], tmp_path), made[0]

    yield make
    for cloud in made:
        cloud.close()


@pytest.mark.parametrize("rules", SWITCHES, ids=str)
@pytest.mark.parametrize("make", CLOUDS)
def test_up_takeover_and_down_with_each_switch(
    make: Make, rules: dict[str, Any], bed_of: Callable[..., tuple[Bed, NicsCloud]]
) -> None:
    """From a node, to another, to nobody, to a third; and nothing but the VIP has moved."""
    bed, cloud = bed_of(make, **rules)
    assert bed.up("a", 20.0).errors == ()
    assert bed.holders() == {bed.id("a")}
    assert bed.up("b", 20.0).errors == ()
    assert bed.holders() == {bed.id("b")}
    assert bed.down("a", 20.0).errors == ()
    assert bed.down("b", 20.0).errors == ()
    assert bed.holders() == {None}
    assert bed.up("c", 20.0).errors == ()
    assert bed.holders() == {bed.id("c")}
    assert cloud.refused(412) == 0


@pytest.mark.parametrize(("keeps", "reverts"), list(product([False, True], repeat=2)))
@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("make", CLOUDS)
def test_an_operation_that_fails_for_now_is_made_again(
    make: Make, number: int, keeps: bool, reverts: bool, bed_of: Callable[..., tuple[Bed, NicsCloud]]
) -> None:
    """Whether it was the first write or the second, and whatever it leaves of what was asked."""
    bed, cloud = bed_of(make, failed_keeps=keeps, failed_reverts=reverts)
    bed.up("a", 20.0)
    on = cloud.nics["a" if number == 1 else "b"].rpartition("/")[2]
    cloud.azure.faults.fail_operation("InternalServerError", "An error occurred.", action=WRITE, on=on)
    assert bed.up("b", 30.0).errors == ()
    assert bed.holders() == {bed.id("b")}


@pytest.mark.parametrize("reverts", [False, True])
@pytest.mark.parametrize("make", CLOUDS)
def test_an_operation_that_fails_for_good_is_said(
    make: Make, reverts: bool, bed_of: Callable[..., tuple[Bed, NicsCloud]]
) -> None:
    """Asking again would have the same answer."""
    bed, cloud = bed_of(make, failed_reverts=reverts)
    bed.up("a", 20.0)
    on = cloud.nics["a"].rpartition("/")[2]
    cloud.azure.faults.fail_operation("SomethingForGood", "It is not possible.", on=on, times=None)
    result = bed.up("b", 20.0)
    assert result.exit_code == Refused.exit_code
    assert any("It is not possible" in error.message for error in result.errors)


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("make", CLOUDS)
def test_a_superseded_operation_is_made_again(
    make: Make, number: int, bed_of: Callable[..., tuple[Bed, NicsCloud]]
) -> None:
    """Azure has taken the write and given it up for another one."""
    bed, cloud = bed_of(make)
    bed.up("a", 20.0)
    on = cloud.nics["a" if number == 1 else "b"].rpartition("/")[2]
    cloud.azure.faults.supersede(1, WRITE, on=on)
    assert bed.up("b", 30.0).errors == ()
    assert bed.holders() == {bed.id("b")}
