"""The custom role of Google Cloud's IAM: what `gcloud iam roles create` takes, in YAML.

Rules: one role for all that is needed. A role of a project is bound in that project alone, so it is created
in each project that has something which is needed; a permission counts only for what is there.
Source: Google Cloud docs, "Create and manage custom roles"; YAML 1.2, which has JSON's texts among its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from vipswitch.provider import Grant, PolicyForm

_NAME = "vipswitch"
_FILE = "role.yaml"
_PLAIN = re.compile(r"[a-z]+(\.[a-zA-Z]+)+")


def document(grants: Iterable[Grant]) -> dict[str, object]:
    """The definition of the role."""
    return {
        "title": _NAME,
        "description": "What vipswitch needs to move virtual IPs, and no more",
        "stage": "GA",
        "includedPermissions": sorted({action for grant in grants for action in grant.actions}),
    }


def advice(grants: Iterable[Grant]) -> Iterator[str]:
    """Where the role has to be created, and bound."""
    for project in dict.fromkeys(_project(each) for grant in grants for each in grant.resources):
        yield f"gcloud iam roles create {_NAME} --project {project} --file {_FILE}"
        yield (
            f"gcloud projects add-iam-policy-binding {project} --member serviceAccount:EMAIL"
            f" --role projects/{project}/roles/{_NAME} --condition None"
        )


def written(document: Mapping[str, object]) -> str:
    """The definition in YAML: texts, and lists of them."""
    return "\n".join(line for key, value in document.items() for line in _lines(key, value))


def _lines(key: str, value: object) -> Iterator[str]:
    if isinstance(value, list):
        yield f"{key}:"
        yield from (f"- {_scalar(each)}" for each in value)
    else:
        yield f"{key}: {_scalar(value)}"


def _scalar(value: object) -> str:
    """A permission as it is; anything else in quotes, as YAML might make something of it."""
    return value if isinstance(value, str) and _PLAIN.fullmatch(value) else json.dumps(value)


def _project(resource: str) -> str:
    """The project that a resource is in, which may be the project itself."""
    return resource.split("/")[1]


ROLE = PolicyForm(document, advice, written)
