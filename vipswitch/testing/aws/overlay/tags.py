"""Tags: DeleteTags without a list takes off all those that a user has put on; moto takes off none.

Source: EC2 API Reference, DeleteTags, "Tag.N".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from moto.ec2.models.tags import TagBackend

from .correction import Correction

_OF_AWS = "aws:"


def corrections() -> Iterator[Correction]:
    yield Correction(TagBackend, "delete_tags", _delete_tags)


def _delete_tags(original: Callable[..., Any]) -> Callable[..., Any]:
    def delete_tags(backend: Any, resource_ids: list[str], tags: dict[str, str | None]) -> Any:
        for id_ in resource_ids if not tags else ():
            original(backend, [id_], {key: None for key in backend.tags[id_] if not key.startswith(_OF_AWS)})
        return original(backend, resource_ids, tags)

    return delete_tags
