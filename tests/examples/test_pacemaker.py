"""The example for Pacemaker: what is written for `pcs` is what `tests/e2e/pacemaker` runs by `crm`."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace
from pathlib import Path

from tests.examples.test_pg_rex_crm import resources
from vipswitch import config, configfile
from vipswitch.callers.ocf.metadata import METADATA

FOLDER = Path(__file__).parents[2] / "examples" / "pacemaker"
DOCS = FOLDER.parents[1] / "docs" / "callers" / "pacemaker.md"


def text(name: str) -> str:
    return (FOLDER / name).read_text()


def of_crm() -> dict[str, Counter[str]]:
    """Each resource with all words of its definition; crmsh wants an interval where there is none."""
    lines = (text("cluster.crm") + text("fencing.crm")).replace(" interval=0 ", " ")
    return dict(resources(lines, "primitive"))


def test_both_shells_are_given_the_same() -> None:
    """Parameters, operations and times of every resource."""
    assert of_crm() == dict(resources(text("cluster.pcs"), r"pcs (?:resource|stonith) create"))


def test_both_shells_are_told_the_same_of_the_cluster() -> None:
    """Where fencing devices may not run, the defaults and the properties."""
    crm, pcs = text("cluster.crm") + text("fencing.crm"), text("cluster.pcs")
    assert re.findall(r"location \S+ (\S+) -inf: (\S+)", crm) == re.findall(
        r"location (\S+) avoids (\S+)", pcs
    )
    assert re.findall(r"rsc_defaults (.*)", crm) == re.findall(r"resource defaults update (.*)", pcs)
    assert re.findall(r"property (.*)", crm) == re.findall(r"pcs property set (.*)", pcs)


def test_the_resource_has_parameters_that_the_agent_describes() -> None:
    """And its VIP is one of the config."""
    known = {each.get("name") for each in ET.fromstring(METADATA).iter("parameter")}
    params = re.findall(r"params (.*?) \\", text("cluster.crm"))[0].split()
    given = dict(word.split("=") for word in params)
    found = replace(configfile.read(FOLDER / "vipswitch.toml"), path=config.DEFAULT_PATH)
    assert given.keys() <= known
    assert found.select(given["ip"], {}).vip.name == "primary"


def test_the_documentation_shows_the_example() -> None:
    """Word for word, without its first line."""
    resource = text("cluster.crm").split("\n", 1)[1].split("rsc_defaults")[0]
    assert resource.strip() in DOCS.read_text()
