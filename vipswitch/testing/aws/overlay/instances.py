"""The source/destination check of an instance is that of its primary network interface.

moto keeps one for the instance and one for the interface, so that ModifyInstanceAttribute changes nothing
that DescribeNetworkInterfaces shows. Source: EC2 API Reference, ModifyInstanceAttribute, SourceDestCheck.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.ec2.models.instances import Instance

from .correction import Correction


def corrections() -> Iterator[Correction]:
    yield Correction(Instance, "source_dest_check", lambda _: property(_check, _set_check))


def _check(instance: Any) -> bool:
    return bool(instance.nics[0].source_dest_check)


def _set_check(instance: Any, value: bool | str) -> None:
    """moto sets it once while the instance has no interface yet, and may set the text of the parameter."""
    if primary := getattr(instance, "nics", {}).get(0):
        primary.source_dest_check = str(value).lower() == "true"
