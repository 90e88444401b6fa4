"""What a contender has of a cloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ground:
    """One contender's part of a cloud.

    `api` is its own address of the API, `tables` are its own route tables; `names` are those of what all
    share, by a word that the methods of this cloud know; `environment` is how its processes find the cloud.
    """

    api: str
    tables: list[str]
    names: Mapping[str, str]
    environment: Mapping[str, str]
