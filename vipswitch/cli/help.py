"""`vipswitch help [PROVIDER]`: the providers, and the keys of each as config and flags take them."""

from __future__ import annotations

import sys
from collections.abc import Set

from vipswitch.config import Common
from vipswitch.options import Options
from vipswitch.provider import Addressed, load, names
from vipswitch.settings import keys


def help_on_providers(options: Options) -> int:
    """Without a name, list the providers; with one, its keys."""
    if not options.names:
        print("providers (`vipswitch help NAME` shows the keys of one):")
        for name in names():
            print(f"  {name:<20} {_about(load(name))}")
        return 0
    provider = load(options.names[0])
    print(f"{options.names[0]}: {_about(provider)}\n\nkeys of every VIP:")
    addressed = provider.capabilities.addressed  # type: ignore[attr-defined]
    _show_keys(
        Common,
        required={"address"} if addressed is Addressed.ALWAYS else set(),
        without={"address"} if addressed is Addressed.NEVER else set(),
    )
    print("\nkeys of this provider:")
    taken = {name for name, _, _ in keys(Common)}
    _show_keys(provider.Settings, in_section=taken)  # type: ignore[attr-defined]
    return 0


def _about(provider: type) -> str:
    """The first sentence of the provider module's docstring."""
    text = sys.modules[provider.__module__].__doc__ or provider.__doc__ or ""
    return text.strip().splitlines()[0]


def _show_keys(
    settings: type,
    *,
    required: Set[str] = frozenset(),
    without: Set[str] = frozenset(),
    in_section: Set[str] = frozenset(),
) -> None:
    """One line for each. What is called like a key of every VIP can be given `in_section` only."""
    for name, about, always in keys(settings):
        if name in without:
            continue
        flag = "" if name in in_section else f"--{name.replace('_', '-')}"
        only = f" (in [{about.section}] only)" if name in in_section else ""
        shared = only or (f" (or in [{about.section}])" if about.section else "")
        must = "required; " if always or name in required else ""
        print(f"  {name:<16} {flag:<20} {must}{about.help}{shared}")
