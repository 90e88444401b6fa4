"""A hosted zone for each test, of bare moto or corrected, and the changes to make in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from vipswitch.testing.aws import AwsCloud, corrected_moto, zones

if TYPE_CHECKING:
    from mypy_boto3_route53 import Route53Client
    from mypy_boto3_route53.type_defs import ChangeInfoTypeDef

VIP = "vip.example.com."
ONE, TWO = "10.0.1.10", "10.0.2.10"


def change(action: str, name: str = VIP, *values: str, type_: str = "A", ttl: int = 5, **more: object) -> Any:
    """One change of a batch."""
    records = [{"Value": value} for value in values or (ONE,)]
    return {
        "Action": action,
        "ResourceRecordSet": {"Name": name, "Type": type_, "TTL": ttl, "ResourceRecords": records, **more},
    }


@dataclass(frozen=True, slots=True)
class Zone:
    """A hosted zone of one's own."""

    cloud: AwsCloud
    client: Route53Client
    id: str

    def make(self, *changes: Any) -> ChangeInfoTypeDef:
        answer = self.client.change_resource_record_sets(
            HostedZoneId=self.id, ChangeBatch={"Comment": "a test", "Changes": list(changes)}
        )
        return answer["ChangeInfo"]

    def refusal(self, *changes: Any) -> str:
        """Why a batch is refused, without the brackets; nothing of it was done."""
        before = zones.records(self.cloud, self.id)
        code, text = refusal(lambda: self.make(*changes))
        assert code == "InvalidChangeBatch"
        assert zones.records(self.cloud, self.id) == before
        return text.removeprefix("[").removesuffix("]")

    def listed(self, **start: Any) -> list[tuple[str, str]]:
        """Names and types as they are listed."""
        page = self.client.list_resource_record_sets(HostedZoneId=self.id, **start)
        return [(record["Name"], record["Type"]) for record in page["ResourceRecordSets"]]

    def values(self, name: str = VIP, type_: str = "A") -> tuple[str, ...] | None:
        found = zones.records(self.cloud, self.id).get((name, type_))
        return found.values if found else None

    def status(self, change_id: str) -> str:
        return self.client.get_change(Id=change_id)["ChangeInfo"]["Status"]


def refusal(call: Callable[[], object]) -> tuple[str, str]:
    """The error code and text with which a call is refused."""
    with pytest.raises(ClientError) as caught:
        call()
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.fixture(scope="module")
def uncorrected() -> Iterator[AwsCloud]:
    """A cloud of moto as it is, used by all tests of a module."""
    with AwsCloud(corrected=False) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def route53(uncorrected: AwsCloud) -> Iterator[Route53Client]:
    """A client of that cloud, with a warm connection."""
    client = uncorrected.route53()
    yield client
    client.close()


@pytest.fixture
def bare_zone(uncorrected: AwsCloud, route53: Route53Client) -> Zone:
    """A new zone of bare moto."""
    return Zone(uncorrected, route53, zones.hosted_zone(uncorrected, "example.com"))


@pytest.fixture
def zone(uncorrected: AwsCloud, route53: Route53Client) -> Iterator[Zone]:
    """A new zone of corrected moto; faults and journal are empty before and after."""
    with corrected_moto():
        zone = Zone(uncorrected, route53, zones.hosted_zone(uncorrected, "example.com"))
        uncorrected.journal.clear()
        yield zone
        zones.propagate_after(uncorrected, 0.2)
        uncorrected.faults.clear()
        uncorrected.journal.clear()
