"""The names of Google Cloud's resources: as people write them, and as Compute Engine does.

Rules: pure. Compute Engine gives back whole URLs, in front of which a host and a version may be anything, so
two resources are compared as parsed and never as texts. People write `NAME`, `ZONE/NAME`,
`PROJECT/ZONE/NAME`, or the URL, with or without what is in front of `projects/`.
Source: Compute Engine API reference, "instances", "networks"; Google Cloud docs, "Resource names".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from vipswitch.model import NodeId
from vipswitch.providers.gcp.settings import PROJECT
from vipswitch.settings import text

INSTANCES = "instances"
NETWORKS = "networks"
ADDRESSES = "addresses"
SUBNETWORKS = "subnetworks"

GLOBAL = "global"

_NAME = r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?"
_OWNER = rf"{PROJECT}|[0-9]+"
_URL = re.compile(
    rf"(?:https://[^/]+/compute/[^/]+/|//[^/]+/)?projects/(?P<project>{_OWNER})"
    rf"/(?P<scope>global|(?:zones|regions)/{_NAME})/(?P<kind>[A-Za-z]+)/(?P<name>{_NAME})"
)
_SHORT = re.compile(rf"(?:(?:(?P<project>{_OWNER})/)?(?P<place>{_NAME})/)?(?P<name>{_NAME})")


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource: `scope` is `global`, `zones/ZONE` or `regions/REGION`, `kind` as in `instances`."""

    project: str
    scope: str
    kind: str
    name: str

    def __str__(self) -> str:
        return f"projects/{self.project}/{self.scope}/{self.kind}/{self.name}"

    @property
    def place(self) -> str:
        """Its zone or region; empty for what is global."""
        return self.scope.partition("/")[2]

    def node(self, project: str) -> NodeId:
        """An instance as a holder is named by who works in `project`: `ZONE/NAME`, others' with theirs."""
        within = f"{self.place}/{self.name}"
        return NodeId(within if self.project == project else f"{self.project}/{within}")


@dataclass(frozen=True, slots=True)
class Name:
    """A resource as the config names it: what it leaves out is this instance's."""

    name: str
    place: str | None = None
    project: str | None = None

    def __str__(self) -> str:
        return "/".join(part for part in (self.project, self.place, self.name) if part)


def resource(raw: str) -> Resource | None:
    """The resource of a URL, whole or from `projects/` on; None for no such URL."""
    found = _URL.fullmatch(raw)
    return Resource(found["project"], found["scope"], found["kind"], found["name"]) if found else None


def last(raw: str) -> str:
    """The last part of a URL: `europe-west1-b` of `projects/1/zones/europe-west1-b`."""
    return raw.rpartition("/")[2]


def name_of(kind: str, wanted: str, *, placed: bool = True) -> Callable[[object], Name]:
    """A parser of names of resources of a kind; `wanted` is an example of one.

    What is not `placed` in a zone or region is global: its short form is the name alone.
    """

    def parse(raw: object) -> Name:
        given = text(raw)
        if (whole := resource(given)) is not None and whole.kind == kind:
            return Name(whole.name, whole.place or None, whole.project)
        short = _SHORT.fullmatch(given)
        if whole is not None or short is None or (short["place"] and not placed):
            raise ValueError(f"{given} is not {wanted}")
        return Name(short["name"], short["place"], short["project"])

    return parse
