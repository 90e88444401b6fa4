"""keepalived.conf and patroni.yml: those that were named, else the usual ones, if they call us.

keepalived and Patroni may be here for something else, of which nothing is said.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from vipswitch.config import Config, VipConfig
from vipswitch.options import Options
from vipswitch.preflight import keepalived, patroni
from vipswitch.preflight.examination import Part
from vipswitch.preflight.files import Read, read_file
from vipswitch.preflight.users import User, hook_user
from vipswitch.provider import Finding

Conf = TypeVar("Conf")


@dataclass(frozen=True, slots=True)
class OtherCaller:
    """One file: the VIPs that it names, and the look at it."""

    vips: tuple[VipConfig, ...]
    part: Part


def other_callers(
    options: Options, config: Config | None, trouble: Callable[[User, str, bool], str]
) -> list[OtherCaller]:
    """Every file of a caller other than Pgpool-II; `trouble` is what keeps a user from running a program."""
    of_patroni = partial(trouble, hook_user(pgpool=True))
    return [
        *(
            _other(
                item,
                lambda conf: keepalived.vips_in(conf, config),
                lambda conf: keepalived.look_at_keepalived(conf, config),
            )
            for item in _keepaliveds(options.keepalived_conf)
        ),
        *(
            _other(
                item,
                lambda yml: patroni.vips_in(yml, config),
                lambda yml: patroni.look_at_patroni(yml, config, of_patroni),
            )
            for item in _patronis(options.patroni_yml)
        ),
    ]


def _other(
    item: Read[Conf],
    vips_in: Callable[[Conf], Iterable[VipConfig]],
    look: Callable[[Conf], Iterable[Finding]],
) -> OtherCaller:
    subject = str(item.path)
    if item.conf is None:
        return OtherCaller((), Part(subject, partial(iter, item.findings)))
    return OtherCaller(tuple(vips_in(item.conf)), Part(subject, partial(look, item.conf)))


def _keepaliveds(named: Sequence[Path]) -> list[Read[keepalived.KeepalivedConf]]:
    paths = named or _there([keepalived.USUAL])
    read = [read_file(path, keepalived.read_conf, "keepalived.conf") for path in paths]
    return [item for item in read if named or item.conf is None or item.conf.scripts]


def _patronis(named: Sequence[Path]) -> list[Read[patroni.PatroniYml]]:
    paths = named or _there(patroni.USUAL)
    read = [read_file(path, patroni.read_yml, "patroni.yml") for path in paths]
    return [item for item in read if named or item.conf is None or item.conf.callbacks]


def _there(paths: Iterable[Path]) -> list[Path]:
    return [path for path in paths if os.path.exists(path)]
