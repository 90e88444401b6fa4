"""A method that is measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bench.contenders import BIN, HOOKS, Contender
from bench.ground import Ground

Script = Callable[[Ground, str], list[str]]


@dataclass(frozen=True, slots=True)
class Method:
    """How a VIP is moved on a cloud.

    `vip` names the VIP of a contender, given by its number; `config` is that of vipswitch, `scripts` are the
    command lines of the other contenders, by their keys; `on_host` says whether the node carries the VIP.
    """

    name: str
    cloud: str
    vip: Callable[[int], str]
    config: Callable[[Ground, str], str]
    scripts: Mapping[str, Script] = field(default_factory=dict)
    on_host: bool = True

    def words(self, contender: Contender, ground: Ground, vip: str) -> list[str]:
        """The command line that takes `vip` for this node; hooks find the rest in their config."""
        if contender in HOOKS:
            return [str(BIN / "vipswitch-if-up"), vip]
        return self.scripts[contender.key](ground, vip)
