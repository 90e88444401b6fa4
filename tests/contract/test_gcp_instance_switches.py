"""Moving between instances does not depend on what Compute Engine does one way or another.

Each switch of the local Google Cloud with each value, and operations that fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.gcp_alias_ip_cloud import UPDATE, AliasIpCloud
from tests.contract.gcp_external_ip_cloud import ExternalIpCloud
from tests.contract.gcp_nics_cloud import GcpNicsCloud
from vipswitch.errors import OutcomeUnknown, Refused, Unavailable
from vipswitch.testing.bed import Bed
from vipswitch.testing.gcp import GcpError


class OwnAddressesCloud(ExternalIpCloud):
    """Every node has an ephemeral address of its own, but for the holder."""

    def own(self, node: str) -> str | None:
        return None if node == "c" else ""


CLOUDS = (AliasIpCloud, ExternalIpCloud, OwnAddressesCloud)

EVERYWHERE: tuple[dict[str, Any], ...] = (
    {"address_conflict": "request", "fingerprint_conflict": "operation"},
    {"second_write": "queued"},
    {"done_at_once": True},
    {"project_numbers": True},
)
OF_ALIASES: tuple[dict[str, Any], ...] = (
    *EVERYWHERE,
    {"alias_with_prefix": False},
    {"whole_fingerprint": True},
    {"link_host": "compute.googleapis.com"},
    {"strict_tokens": True},
)
OF_CONFIGS: tuple[dict[str, Any], ...] = (
    *EVERYWHERE,
    {"absent_access_config": "request"},
    {"absent_access_config": "silent"},
)
SWITCHES = [
    *((AliasIpCloud, rules) for rules in OF_ALIASES),
    *((ExternalIpCloud, rules) for rules in OF_CONFIGS),
    *((OwnAddressesCloud, rules) for rules in EVERYWHERE),
]

Make = Callable[..., GcpNicsCloud]
BedOf = Callable[..., tuple[Bed, GcpNicsCloud]]


@pytest.fixture
def bed_of(tmp_path: Path) -> Iterator[BedOf]:
    """Makes a bed on a cloud with the given switches; an operation ends with the second look at it."""
    made: list[GcpNicsCloud] = []

    def make(cloud: Make, **rules: Any) -> tuple[Bed, GcpNicsCloud]:
        folder = tmp_path / "cloud"
        folder.mkdir()
        made.append(cloud(folder, count=1, operation_gets=1, **{"done_at_once": False, **rules}))
        return Bed(made[0], tmp_path), made[0]

    yield make
    for cloud in made:
        cloud.close()


@pytest.mark.parametrize(("make", "rules"), SWITCHES, ids=str)
def test_up_takeover_and_down_with_each_switch(make: Make, rules: dict[str, Any], bed_of: BedOf) -> None:
    """From a node, to another, to nobody, to a third; and nothing is asked for in vain."""
    bed, cloud = bed_of(make, **rules)
    assert bed.up("a", 20.0).errors == ()
    assert bed.holders() == {bed.id("a")}
    assert bed.up("b", 20.0).errors == ()
    assert bed.holders() == {bed.id("b")}
    assert bed.down("a", 20.0).errors == ()
    assert bed.down("b", 20.0).errors == ()
    cloud.gcp.finish()
    assert bed.holders() == {None}
    assert bed.up("c", 20.0).errors == ()
    assert bed.holders() == {bed.id("c")}
    assert {call.status for call in cloud.gcp.journal.calls() if call.mutating} == {200}


@pytest.mark.parametrize("where", ["request", "operation"])
def test_an_address_that_google_lets_go_of_late_is_waited_for(where: str, bed_of: BedOf) -> None:
    """Whoever took it off, this node or the old holder itself."""
    bed, cloud = bed_of(AliasIpCloud, alias_free_after_s=0.4, address_conflict=where)
    assert bed.up("a", 20.0).errors == ()
    assert bed.down("a", 20.0).errors == ()
    cloud.gcp.finish()
    assert bed.up("b", 20.0).errors == ()
    assert bed.holders() == {bed.id("b")}


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("make", CLOUDS)
def test_an_operation_that_fails_for_now_is_made_again(make: Make, number: int, bed_of: BedOf) -> None:
    """Whether it was the first write or the last."""
    bed, cloud = bed_of(make)
    bed.up("a", 20.0)
    on = cloud.nodes["a" if number == 1 else "b"].name
    cloud.gcp.faults.fail_operation("INTERNAL_ERROR", "An internal error.", on=on, status=500)
    assert bed.up("b", 30.0).errors == ()
    assert bed.holders() == {bed.id("b")}


@pytest.mark.parametrize("code", ["RESOURCE_NOT_READY", "CONDITION_NOT_MET"])
@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("make", CLOUDS)
def test_an_operation_that_met_another_is_made_again(
    make: Make, number: int, code: str, bed_of: BedOf
) -> None:
    """Somebody else's was under way, or had changed the interface."""
    bed, cloud = bed_of(make)
    bed.up("a", 20.0)
    on = cloud.nodes["a" if number == 1 else "b"].name
    cloud.gcp.faults.fail_operation(code, on=on)
    assert bed.up("b", 30.0).errors == ()
    assert bed.holders() == {bed.id("b")}


@pytest.mark.parametrize("make", CLOUDS)
def test_an_operation_that_fails_for_good_is_said(make: Make, bed_of: BedOf) -> None:
    """Asking again would have the same answer."""
    bed, cloud = bed_of(make)
    bed.up("a", 20.0)
    on = cloud.nodes["a"].name
    cloud.gcp.faults.fail_operation("SOMETHING_FOR_GOOD", "It is not possible.", on=on, times=None)
    result = bed.up("b", 20.0)
    assert result.exit_code == Refused.exit_code
    assert any("It is not possible" in error.message for error in result.errors)


@pytest.mark.parametrize("where", ["request", "operation"])
def test_what_another_resource_has_is_left_to_it(where: str, bed_of: BedOf) -> None:
    """Google does not say whose it is, and might still let go of it: that is what is said."""
    bed, cloud = bed_of(AliasIpCloud, address_conflict=where)
    assert isinstance(cloud, AliasIpCloud)
    cloud.empty(bed.place())
    cloud.give_to_stranger()
    result = bed.up("a", 1.0)
    assert result.exit_code in (Unavailable.exit_code, OutcomeUnknown.exit_code)
    if where == "request":
        assert "another resource has it, or Google Cloud has not let go" in result.errors[0].message
    assert bed.holders() == {None}


@pytest.mark.parametrize("where", ["request", "operation"])
def test_what_a_resource_has_that_is_named_is_refused(where: str, bed_of: BedOf) -> None:
    """It is none of the nodes, so it does not let go."""
    bed, cloud = bed_of(AliasIpCloud)
    cloud.empty(bed.place())
    by = f"projects/{cloud.gcp.project}/zones/europe-west1-b/instances/stranger"
    code, text = "IP_IN_USE_BY_ANOTHER_RESOURCE", f"IP '10.0.1.50' is already being used by '{by}'."
    if where == "request":
        cloud.gcp.faults.refuse(GcpError(400, "invalid", text), UPDATE, times=None)
    else:
        cloud.gcp.faults.fail_operation(code, text, action=UPDATE, times=None)
    result = bed.up("a", 20.0)
    assert result.exit_code == Refused.exit_code
    assert by in result.errors[0].message
