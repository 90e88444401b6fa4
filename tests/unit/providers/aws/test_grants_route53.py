"""What `vipswitch iam` prints for `aws-route53` is enough, and nothing of it can be spared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.contract.aws_route53_cloud import NAME, Route53Cloud
from vipswitch.errors import VipswitchError
from vipswitch.model import Holding, NodeId, State
from vipswitch.provider import NODE, Condition, Grant
from vipswitch.providers.aws.route53.provider import AwsRoute53
from vipswitch.providers.aws.route53.settings import Route53Settings
from vipswitch.testing.aws import zones
from vipswitch.testing.bed import Bed
from vipswitch.testing.cloud import Named

from .minimal import Operation, changes, checked_well, ended_well, flaws, read_well
from .rig import soon

NODE_KEY = "AKIAIOSFODNN7EXAMPLE"
ME, THEM = "10.0.1.10", "10.0.3.10"


class Subject:
    """A name in two zones, its operations, and the key that its nodes sign with."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.cloud = Route53Cloud(folder)
        zones.propagate_after(self.cloud.aws, 0.02)
        self.bed = Bed(self.cloud, folder)
        self.settings = replace(self.cloud.settings(), **settings)  # type: ignore[arg-type]
        self.bed.switches["a"].provider = self.provider()

    def provider(self, settings: Route53Settings | None = None) -> AwsRoute53:
        node = f"{ME},fd00::1" if len(self.settings.types) > 1 else ME
        return AwsRoute53(settings or self.settings, self.cloud.vip, Named(node, self.cloud.folder))

    def operations(self) -> dict[str, Operation]:
        return {
            "up on a held name": self._up_on_a_held_name,
            "up on a new name": self._up_on_a_new_name,
            "down": lambda: ended_well(self.bed.down("a")),
            "mark": self._mark,
            "status": lambda: read_well(self.bed.status("a")),
            "check": lambda: checked_well(self.provider()),
        }

    def flaws(self, grants: Sequence[Grant], *only: str) -> dict[str, Sequence[str]]:
        return flaws(self.cloud.aws, grants, self.operations(), access_key=NODE_KEY, only=only)

    def _up_on_a_held_name(self) -> Sequence[str]:
        self._empty()
        for zone in self.cloud.zones:
            self.cloud.change(zone, "CREATE", NAME, THEM)
            if "AAAA" in self.settings.types:
                self.cloud.change(zone, "CREATE", NAME, "fd00::3", type_="AAAA")
        return ended_well(self.bed.up("a", deadline_s=2.0))

    def _up_on_a_new_name(self) -> Sequence[str]:
        self._empty()
        return ended_well(self.bed.up("a", deadline_s=2.0))

    def _mark(self) -> Sequence[str]:
        """What `down` leaves, and the next `up` of the same node takes away."""
        self._empty()
        provider, me = self.provider(), self.provider().node(soon())
        try:
            for place in provider.places:
                provider.claim(place, me, Holding(None), soon())
                provider.mark(place, me, 1, soon())
                provider.unmark(place, me, soon())
        except VipswitchError as wrong:
            return [wrong.message]
        return []

    def _empty(self) -> None:
        """No record of the name, whatever became of the last operation."""
        for zone in self.cloud.zones:
            for (name, type_), found in zones.records(self.cloud.aws, zone).items():
                if name in (f"{NAME}.", f"_vipswitch.{NAME}."):
                    self.cloud.change(zone, "DELETE", name, *found.values, type_=type_, ttl=found.ttl)


@pytest.fixture
def settings() -> dict[str, object]:
    """The keys of the config that differ from test to test."""
    return {}


@pytest.fixture
def subject(
    tmp_path: Path, settings: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Subject]:
    """Credentials of the nodes, which are not those of the tests' own clients."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", NODE_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    made = Subject(tmp_path, **settings)
    monkeypatch.setenv("AWS_ENDPOINT_URL", made.cloud.aws.url)
    yield made
    made.cloud.close()


FAILS = {
    "ReadRecords": ("status", "check"),
    "ChangeRecords": ("up on a held name", "up on a new name", "mark"),
    "FollowChanges": ("up on a held name", "up on a new name"),
}


@pytest.mark.parametrize(
    "settings",
    [pytest.param({}, marks=pytest.mark.full), {"txt": True, "types": ("A", "AAAA")}],
    ids=["least", "everything"],
)
def test_the_policy_is_enough_and_nothing_of_it_can_be_spared(subject: Subject) -> None:
    """Each action, resource and condition: without it a user's operation fails, and is named here."""
    grants = subject.provider().grants(soon())
    assert subject.flaws(grants) == {}
    for change in changes(grants):
        wanted = FAILS[change.what.partition(":")[0]]
        assert subject.flaws(change.grants, *wanted), change.what


def test_no_other_record_may_be_changed(subject: Subject) -> None:
    """The zone may hold a whole company; the policy speaks of one name and of what is done to it."""
    [changing] = [g for g in subject.provider().grants(soon()) if g.purpose == "ChangeRecords"]
    about = {condition.key.rpartition("Sets")[2]: condition for condition in changing.conditions}
    assert about["NormalizedRecordNames"] == Condition(
        "ForAllValues:StringEquals",
        "route53:ChangeResourceRecordSetsNormalizedRecordNames",
        (NAME, f"_vipswitch.{NAME}"),
    )
    assert about["RecordTypes"].values == ("A", "TXT")
    assert about["Actions"].values == ("CREATE", "DELETE")


def test_a_takeover_needs_no_right_to_marks(subject: Subject) -> None:
    """A node with an older policy takes the name that another node has marked."""
    grants = [_without_text(grant) for grant in subject.provider().grants(soon())]
    for zone in subject.cloud.zones:
        subject.cloud.change(zone, "UPSERT", NAME, THEM)
        subject.cloud.change(zone, "CREATE", f"_vipswitch.{NAME}", f'"released {THEM} 1"', type_="TXT")
    assert subject.bed.status("a").state is State.NOBODY
    operations = {"up": lambda: ended_well(subject.bed.up("a", deadline_s=2.0))}
    assert flaws(subject.cloud.aws, grants, operations, access_key=NODE_KEY) == {}
    assert "mark" in subject.flaws(grants, "mark")


def _without_text(grant: Grant) -> Grant:
    """As it was before there were marks."""
    gone = {f"_vipswitch.{NAME}", "TXT"}
    kept = (replace(c, values=tuple(v for v in c.values if v not in gone)) for c in grant.conditions)
    return replace(grant, conditions=tuple(kept))


def test_another_name_is_denied_under_the_policy(subject: Subject) -> None:
    """Of the same zone, by the same node."""
    grants = subject.provider().grants(soon())
    other = subject.provider(replace(subject.settings, name="other.example.internal"))
    [place, _] = other.places

    def claims() -> Sequence[str]:
        answer = other.read([place], soon())[place]
        try:
            other.claim(place, NodeId(ME), answer, soon())  # type: ignore[arg-type]
        except Exception as wrong:
            return [str(wrong)]
        return []

    assert "permission denied for route53:ChangeResourceRecordSets" in str(
        flaws(subject.cloud.aws, grants, {"claim": claims}, access_key=NODE_KEY)
    )


def test_a_role_gets_the_rights_and_the_node_only_that_role(subject: Subject) -> None:
    """Zones of another account."""
    role = "arn:aws:iam::210987654321:role/dns"
    grants = subject.provider(replace(subject.settings, assume_role=role)).grants(soon())
    assert {g.principal for g in grants if g.purpose != "AssumeRole"} == {role}
    assert [(g.principal, g.resources) for g in grants if g.purpose == "AssumeRole"] == [(NODE, (role,))]
