"""The names of Google Cloud's resources, as people and as Compute Engine write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.providers.gcp.rig import StubMachine, soon
from vipswitch.errors import ConfigError
from vipswitch.model import NodeId
from vipswitch.providers.gcp.footing import Footing
from vipswitch.providers.gcp.ids import INSTANCES, NETWORKS, Name, Resource, last, name_of, resource
from vipswitch.providers.gcp.settings import Account

DB = Resource("my-project", "zones/europe-west1-b", INSTANCES, "db-1")
PATH = "projects/my-project/zones/europe-west1-b/instances/db-1"


@pytest.mark.parametrize("front", ["", "https://www.googleapis.com/compute/v1/", "//compute.googleapis.com/"])
def test_what_is_in_front_of_a_url_does_not_count(front: str) -> None:
    """Compute Engine answers with one host, and takes another."""
    assert resource(f"{front}{PATH}") == DB
    assert str(DB) == PATH


@pytest.mark.parametrize(
    "raw",
    ["", "db-1", "projects/p/zones", f"{PATH}/nic0", f"http://elsewhere/{PATH}", "projects/P/global/x/y"],
)
def test_what_is_no_url_is_none(raw: str) -> None:
    """Nothing is guessed."""
    assert resource(raw) is None


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("db-1", Name("db-1")),
        ("europe-west1-b/db-1", Name("db-1", "europe-west1-b")),
        ("my-project/europe-west1-b/db-1", Name("db-1", "europe-west1-b", "my-project")),
        (PATH, Name("db-1", "europe-west1-b", "my-project")),
        (f"https://compute.googleapis.com/compute/v1/{PATH}", Name("db-1", "europe-west1-b", "my-project")),
    ],
)
def test_people_write_less(raw: str, found: Name) -> None:
    """A name, with its zone, with its project, or the URL."""
    assert name_of(INSTANCES, "an instance")(raw) == found


def test_what_is_global_has_no_zone() -> None:
    """A network's short form is its name."""
    parse = name_of(NETWORKS, "a network", placed=False)
    assert parse("vpc") == Name("vpc")
    assert parse("projects/host-project/global/networks/vpc") == Name("vpc", project="host-project")
    for wrong in ("europe-west1-b/vpc", PATH, "VPC", "-"):
        with pytest.raises(ValueError, match="is not a network"):
            parse(wrong)


def test_a_node_is_named_with_its_project_only_where_that_is_another() -> None:
    """Most people have one."""
    assert DB.node("my-project") == "europe-west1-b/db-1"
    assert DB.node("another") == "my-project/europe-west1-b/db-1"


def test_the_last_part_of_a_url() -> None:
    """As in a metadata server's zone."""
    assert last("projects/1/zones/europe-west1-b") == "europe-west1-b"


@pytest.mark.parametrize(
    "given", ["europe-west1-b/db-1", "my-project/europe-west1-b/db-1", PATH, f"https://x/compute/v1/{PATH}"]
)
def test_every_spelling_of_a_node_is_one_node(given: str, tmp_path: Path) -> None:
    """Without asking anybody."""
    machine = StubMachine(tmp_path, given=NodeId(given))
    footing = Footing(Account(project="my-project"), machine, connect=lambda clients: clients)
    assert footing.node(soon()) == footing.spelt(NodeId(given), soon()) == "europe-west1-b/db-1"
    with pytest.raises(ConfigError, match="not an instance"):
        footing.spelt(NodeId("10.0.0.4"), soon())
