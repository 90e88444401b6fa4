"""Links: resources are named by URLs, which are shown whole and taken in any form.

Rules: inside, a resource is known by its path from `projects/` on, with the project's id; what is shown has
the host and project that the switches say. A name in a request may be a whole URL of either host, or begin
with `projects/`, `global/`, `regions/` or `zones/`. Source: "Resource names", Compute Engine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .answers import Json
from .rules import Rules

_URL = re.compile(r"(?:https?://[^/]+)?/?(?:compute/[a-z0-9]+/)?(projects/.+)")

_PLACES = ("network", "subnetwork", "subnetworks", "zone", "region", "machineType", "users")
_HOPS = ("nextHopInstance", "nextHopNetwork", "nextHopGateway")
FIELDS = frozenset(("selfLink", "targetLink", *_PLACES, *_HOPS))
"""The fields whose values are links, where they begin with `projects/`."""


def shown(document: Json, rules: Rules, numbers: Mapping[str, str]) -> Json:
    """A copy with whole links."""
    return {name: _shown(name, value, rules, numbers) for name, value in document.items()}


def _shown(name: str, value: Any, rules: Rules, numbers: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return shown(value, rules, numbers)
    if isinstance(value, list):
        return [_shown(name, one, rules, numbers) for one in value]
    if name in FIELDS and isinstance(value, str) and value.startswith("projects/"):
        return full(value, rules, numbers)
    return value


def full(path: str, rules: Rules, numbers: Mapping[str, str]) -> str:
    """The URL of a path."""
    _, project, *rest = path.split("/")
    project = numbers.get(project, project) if rules.project_numbers else project
    return f"https://{rules.link_host}/compute/v1/{'/'.join(['projects', project, *rest])}"


def path(name: str, project: str, numbers: Mapping[str, str]) -> str:
    """The path that a name in a request means; nothing here may be there."""
    if match := _URL.fullmatch(name):
        _, named, *rest = match[1].split("/")
        ids = {number: id_ for id_, number in numbers.items()}
        return "/".join(["projects", ids.get(named, named), *rest])
    return f"projects/{project}/{name.lstrip('/')}"
