"""Elastic IPs that the config names by a tag or by their public address, and what it has to name."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from tests.unit.providers.aws.elastic_rig import ElasticRig
from tests.unit.providers.aws.rig import soon
from vipswitch.errors import ConfigError
from vipswitch.provider import Level
from vipswitch.providers.aws.elastic_ip.provider import AwsElasticIp
from vipswitch.providers.aws.elastic_ip.settings import ElasticIpSettings
from vipswitch.providers.tags import Tag
from vipswitch.settings import parse

TAG = Tag("vipswitch", "primary")


@pytest.fixture(params=["tag", "address"])
def named(elastic: ElasticRig, request: pytest.FixtureRequest) -> str:
    """How the config names the first Elastic IP."""
    tag(elastic, elastic.allocations[0])
    elastic.forget()
    return str(request.param)


def tag(elastic: ElasticRig, *ids: str, value: str = "primary") -> None:
    elastic.rig.ec2.create_tags(Resources=list(ids), Tags=[{"Key": "vipswitch", "Value": value}])


def provider(elastic: ElasticRig, named: str, number: int = 0) -> AwsElasticIp:
    """As a new process on that node has it."""
    if named == "tag":
        return elastic.provider(number, allocations=(TAG,))
    return elastic.provider(number, allocations=(), address=elastic.public[:1])


def test_it_is_looked_up_once_and_kept_as_an_id(elastic: ElasticRig, named: str) -> None:
    """A hook asks nothing more than the write, once `check` or a first command has run."""
    first = provider(elastic, named)
    first.discover(soon())
    first.claim(first.places[0], elastic.id(0), None, soon())
    elastic.forget()
    hook = provider(elastic, named)
    hook.discover(soon())
    [place] = hook.places
    assert place.id == elastic.allocations[0]
    hook.claim(place, elastic.id(0), None, soon())
    assert elastic.asked() == ["AssociateAddress"]


def test_what_was_not_looked_up_yet_says_so(elastic: ElasticRig, named: str) -> None:
    """`places` asks nobody."""
    with pytest.raises(ConfigError, match="not looked up yet"):
        _ = provider(elastic, named).places
    assert elastic.asked() == []


def test_people_are_shown_what_is_kept(elastic: ElasticRig, named: str) -> None:
    """By the words of the config."""
    found = provider(elastic, named)
    word = str(TAG) if named == "tag" else str(elastic.public[0])
    assert found.tags == {word: ()}
    found.discover(soon())
    assert provider(elastic, named).tags == {word: (elastic.allocations[0],)}


def test_nothing_by_that_name_is_a_matter_of_the_config(elastic: ElasticRig) -> None:
    """An Elastic IP of another region, most likely."""
    for lost, word in (
        (elastic.provider(allocations=(Tag("vipswitch", "other"),)), "tag:vipswitch=other"),
        (elastic.provider(allocations=(), address=(IPv4Address("198.51.100.7"),)), "198.51.100.7"),
    ):
        with pytest.raises(ConfigError) as caught:
            lost.discover(soon())
        assert caught.value.message == f"Elastic IP {word}: not found"
        assert "region" in caught.value.hint


def test_a_tag_names_several_and_moves_with_check_only(elastic: ElasticRig) -> None:
    """Another Elastic IP that gets the tag moves nothing until it is looked up anew."""
    tag(elastic, *elastic.allocations)
    provider(elastic, "tag").discover(soon())
    assert {place.id for place in provider(elastic, "tag").places} == set(elastic.allocations)
    tag(elastic, elastic.allocations[1], value="other")
    hook = provider(elastic, "tag")
    hook.discover(soon())
    assert len(hook.places) == 2
    hook.discover(soon(), anew=True)
    assert [place.id for place in provider(elastic, "tag").places] == [elastic.allocations[0]]


def test_each_tag_has_its_own_entry(elastic: ElasticRig) -> None:
    """What is kept for one value says nothing about another, nor about an address."""
    tag(elastic, elastic.allocations[0])
    tag(elastic, elastic.allocations[1], value="other")
    for value, id in (("primary", elastic.allocations[0]), ("other", elastic.allocations[1])):
        found = elastic.provider(allocations=(Tag("vipswitch", value),))
        found.discover(soon())
        assert [place.id for place in found.places] == [id]


def test_allocations_count_where_an_address_is_given_too(elastic: ElasticRig) -> None:
    """Nobody is asked whether they belong together while there is a failover to do."""
    both = elastic.provider(allocations=elastic.allocations[:1], address=elastic.public[1:])
    both.discover(soon())
    assert [place.id for place in both.places] == [elastic.allocations[0]]
    assert elastic.asked() == []


def test_something_has_to_be_named(elastic: ElasticRig) -> None:
    """Both keys are told of, by everything that needs one."""
    nothing = elastic.provider(allocations=())
    with pytest.raises(ConfigError) as caught:
        _ = nothing.places
    assert caught.value.message == "neither allocations nor address is given"
    [found] = nothing.check(soon())
    assert (found.level, found.message) == (Level.ERROR, caught.value.message)


def test_an_elastic_ip_named_twice_is_one_place(elastic: ElasticRig) -> None:
    """A slip in the config does not become two writes to one object."""
    twice = elastic.provider(allocations=(elastic.allocations[0], elastic.allocations[0]))
    assert len(twice.places) == 1


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("allocations", ["eni-0a1b2c3d"]),
        ("allocations", ["203.0.113.5"]),
        ("allocations", ["tag:vipswitch"]),
        ("allocations", []),
        ("private_address", ["10.0.1"]),
        ("private_address", ["fd00::1"]),
        ("nodes", ["i-0a1b2c3d"]),
        ("endpoint_url", "127.0.0.1"),
    ],
)
def test_a_mistake_is_told_by_its_key(key: str, value: object) -> None:
    """And nothing is built from it."""
    settings, problems = parse(ElasticIpSettings, {key: value}, str)
    assert settings is None
    assert [problem.where.partition("[")[0] for problem in problems] == [key]


def test_everything_may_come_from_flags() -> None:
    """`--allocations eipalloc-1,tag:a=b --private-address 10.0.1.60,10.0.2.60`."""
    given = {"allocations": "eipalloc-0a1b2c3d,tag:a=b", "private_address": "10.0.1.60,10.0.2.60"}
    settings, problems = parse(ElasticIpSettings, given, str)
    assert problems == []
    assert settings is not None
    assert settings.allocations == ("eipalloc-0a1b2c3d", Tag("a", "b"))
    assert settings.private_address == (IPv4Address("10.0.1.60"), IPv4Address("10.0.2.60"))
