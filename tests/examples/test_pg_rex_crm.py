"""The examples of PG-REX pairs: what Pacemaker is given, in three clouds and for two shells.

That of AWS is run by `tests/e2e/pacemaker/test_pgrex.py`; here the others are held against it.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.examples.fragments import FOLDER as BASE
from vipswitch import config, configfile
from vipswitch.callers.ocf.metadata import METADATA
from vipswitch.config import Config

CLOUDS = ("aws", "azure", "gcp")
AWS = BASE.parent / "pg-rex-aws"

_NETWORKS = {"aws": ("10.0.1.", "10.0.2."), "azure": ("192.168.0.", "192.168.2.")}
_NETWORKS["gcp"] = _NETWORKS["azure"]
_START = {"aws": "60s", "azure": "200s", "gcp": "120s"}
_NAMES = {"interval", "timeout", "on-fail", "OCF_CHECK_LEVEL", "migration-threshold", "failure-timeout"}
_NAMES |= {"resource-stickiness"}
_SYNTAX = {"primitive", "resource", "stonith", "create", "params", "op", "\\"}


def folder(cloud: str) -> Path:
    return BASE.parent / f"pg-rex-{cloud}"


def read(cloud: str) -> Config:
    """The example's config, as if it lay where it belongs."""
    return replace(configfile.read(folder(cloud) / "vipswitch.toml"), path=config.DEFAULT_PATH)


def crm(cloud: str, name: str) -> str:
    return (folder(cloud) / name).read_text()


def resources(text: str, begins: str) -> Iterator[tuple[str, Counter[str]]]:
    """Each resource's id and all words of its definition, whichever shell it is written for."""
    joined = re.sub(r"\\\n\s*", " ", text)
    for line in joined.splitlines():
        if found := re.match(rf"\s*{begins}\s+(\S+)\s+(.*)", line):
            agent, *words = shlex.split(found[2])
            agent = agent.removeprefix("stonith:")
            yield found[1], Counter([agent, *(word for word in words if word not in _SYNTAX)])


def of_crm() -> dict[str, Counter[str]]:
    texts = [crm("aws", name) for name in ("fencing.crm", "pg-rex.crm")]
    return {name: words for text in texts for name, words in resources(text, "primitive")}


def of_pcs() -> dict[str, Counter[str]]:
    """The loop over both nodes is unrolled; `meta` stands elsewhere for clones."""
    text = crm("aws", "pg-rex-pcs.sh")
    fencing, _, others = text.partition("done\n")
    unrolled = [fencing.replace("$node", number) for number in "12"]
    return dict(
        pair
        for part in (*unrolled, others)
        for pair in resources(part, r"on_cib (?:resource|stonith) create")
    )


def test_both_shells_are_told_the_same() -> None:
    """Every resource with the same agent, parameters and operations."""
    assert of_pcs() == of_crm()
    assert len(of_crm()) == 6


def test_both_shells_are_told_the_same_constraints() -> None:
    """As many of each kind, with the same scores and rules."""
    shells = crm("aws", "pg-rex.crm"), crm("aws", "pg-rex-pcs.sh")
    rules = [
        Counter(re.sub(r"[\"']", "", rule) for rule in re.findall(r"\b(?:ne|eq) \S+|not_defined \S+", text))
        for text in shells
    ]
    assert rules[0] == rules[1]
    for crm_word, pcs_word in (("colocation ", "constraint colocation"), ("order ", "constraint order")):
        assert len(re.findall(f"^{crm_word}", shells[0], re.M)) == len(re.findall(pcs_word, shells[1]))


@pytest.mark.parametrize("cloud", CLOUDS)
def test_pacemaker_is_told_the_same_in_every_cloud(cloud: str) -> None:
    """Other addresses, and as long a start as the cloud takes."""
    wanted = crm("aws", "pg-rex.crm")
    for ours, theirs in zip(_NETWORKS["aws"], _NETWORKS[cloud], strict=True):
        wanted = wanted.replace(ours, theirs)
    wanted = wanted.replace("start interval=0s timeout=60s", f"start interval=0s timeout={_START[cloud]}")
    assert crm(cloud, "pg-rex.crm") == wanted


@pytest.mark.parametrize("cloud", CLOUDS)
def test_every_vip_of_pacemaker_is_in_the_config(cloud: str) -> None:
    """By its address, on the same interface, and no other VIP is; with parameters that the agent has."""
    found = [
        words for _, words in resources(crm(cloud, "pg-rex.crm"), "primitive") if "ocf:vipswitch:vip" in words
    ]
    told = [dict(word.split("=", 1) for word in words if "=" in word) for words in found]
    known = {str(*vip.vip.addresses): vip.interface for vip in read(cloud).all()}
    assert {each["ip"]: each["nic"] for each in told} == known
    assert {name for each in told for name in each} <= _NAMES | set(
        re.findall(r'<parameter name="(\w+)"', METADATA)
    )


@pytest.mark.parametrize("cloud", CLOUDS)
def test_each_node_is_fenced_by_a_resource_that_is_elsewhere(cloud: str) -> None:
    """Two resources, one for each node of pgsql's list."""
    text = crm(cloud, "fencing.crm")
    hosts = dict(re.findall(r"primitive (\S+) stonith:\S+ \\\n\s+params pcmk_host_list=(\S+)", text))
    assert dict(re.findall(r"location \S+ (\S+) -inf: (\S+)", text)) == hosts
    assert " ".join(hosts.values()) in crm(cloud, "pg-rex.crm")


def test_every_file_of_the_pair_on_aws_is_told_of() -> None:
    """In the README, which links to nothing that is not there."""
    linked = set(re.findall(r"\]\(([^)#]+)[^)]*\)", (AWS / "README.md").read_text()))
    assert {path.name for path in AWS.iterdir()} - {"README.md"} <= linked
    assert all((AWS / link).exists() for link in linked)
    assert (AWS / "tmpfiles.conf").read_text() == (BASE / "tmpfiles.conf").read_text()
