"""Everything that `vipswitch check` looks at, in the order in which a failover meets it."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from vipswitch import client
from vipswitch.config import VipConfig
from vipswitch.deadline import Deadline
from vipswitch.errors import HostError
from vipswitch.folders import cache_folder, run_folder
from vipswitch.installed.origin import this
from vipswitch.options import Options
from vipswitch.preflight.agent import look_at_agent
from vipswitch.preflight.examination import Part
from vipswitch.preflight.files import Read, read_file
from vipswitch.preflight.findings import warning
from vipswitch.preflight.follow import followed_by, look_at_source
from vipswitch.preflight.hooks import look_at_hooks
from vipswitch.preflight.in_place import look_at_hooks_in_place
from vipswitch.preflight.other_callers import OtherCaller, other_callers
from vipswitch.preflight.pgpool import USUAL, look_at_pgpool
from vipswitch.preflight.pgpool_calls import Surroundings, vips_in
from vipswitch.preflight.pgpool_conf import PgpoolConf, read
from vipswitch.preflight.pgpool_version import Version, installed_version
from vipswitch.preflight.pgpool_watchdog import equal_priorities
from vipswitch.preflight.run_folder import look_at_run_folder
from vipswitch.preflight.setup import Setup, look_at_file, no_vip, read_setup
from vipswitch.preflight.users import User, hook_user, trouble_running, user
from vipswitch.preflight.vip import vip_parts
from vipswitch.provider import Finding


def parts(options: Options, deadline: Deadline) -> Iterator[Part]:
    """The parts one by one; what a later part needs is read when it is reached."""
    paths = options.pgpool_conf or _usual()
    who = hook_user(pgpool=bool(paths))
    setup = read_setup(options)
    read_confs = [read_file(path, read, "pgpool.conf") for path in paths]
    confs = [found.conf for found in read_confs if found.conf is not None]
    around = Surroundings(_version(confs), setup.config, partial(_trouble, who))
    others = other_callers(options, setup.config, _trouble)
    vips = _vips(setup, confs, around, others) if not options.names else setup.vips
    yield from _machine_parts(setup, vips, who)
    run = run_folder(setup.config.tool.run_dir if setup.config else None, make=False)
    kept = cache_folder(run, make=False)
    nodes = setup.config.node_ids if setup.config else ()
    with tempfile.TemporaryDirectory(prefix="vipswitch-check-") as cache:
        for vip in vips:
            yield from vip_parts(vip, Path(cache), kept, deadline, nodes=nodes)
    if setup.config is not None:
        for name in followed_by(vips):
            yield Part(f"follow {name}", partial(look_at_source, name, setup.config))
    yield from _pgpool_parts(read_confs, around, who)
    yield from (other.part for other in others)


def _machine_parts(setup: Setup, vips: Sequence[VipConfig], who: User) -> Iterator[Part]:
    yield Part("config", lambda: (*setup.findings, *no_vip(setup, vips)))
    if setup.config is not None and (path := setup.config.path) is not None:
        yield Part(str(path), partial(look_at_file, path, who))
    run_dir = setup.config.tool.run_dir if setup.config else None
    yield Part("run folder", partial(look_at_run_folder, run_dir, who))
    yield Part("hooks", partial(look_at_hooks, who))
    yield Part("hooks in place", partial(look_at_hooks_in_place, this()))
    if setup.config is not None:
        at = Path(client.socket_path(str(run_dir or "")))
        yield Part("agent", partial(look_at_agent, at, setup.config, who))


def _pgpool_parts(found: Sequence[Read[PgpoolConf]], around: Surroundings, who: User) -> Iterator[Part]:
    if found and who.uid != os.geteuid():
        yield Part("user", partial(_other_user, who))
    for item in found:
        conf = item.conf
        yield Part(
            str(item.path), partial(look_at_pgpool, conf, around) if conf else partial(iter, item.findings)
        )
    yield Part("wd_priority", partial(equal_priorities, [item.conf for item in found if item.conf]))


def _vips(
    setup: Setup, confs: Sequence[PgpoolConf], around: Surroundings, others: Sequence[OtherCaller]
) -> tuple[VipConfig, ...]:
    """The config's VIPs, and those that a caller's own config defines by flags alone."""
    vips = {_identity(vip): vip for conf in confs for vip in vips_in(conf, around)}
    vips |= {_identity(vip): vip for other in others for vip in other.vips}
    return tuple((vips | {_identity(vip): vip for vip in setup.vips}).values())


def _identity(vip: VipConfig) -> object:
    """A VIP by its addresses, whatever it is called; one that has none by its name."""
    return vip.vip.addresses or vip.vip.name


def _usual() -> tuple[Path, ...]:
    return tuple(path for path in USUAL if os.path.exists(path))


def _version(confs: Sequence[PgpoolConf]) -> Version | None:
    """None also where it did not answer: what depends on it is then a warning."""
    with contextlib.suppress(HostError):
        return installed_version() if confs else None
    return None


def _trouble(who: User, program: str, as_root: bool) -> str:
    return trouble_running(program, user(0) if as_root else who)


def _other_user(who: User) -> Iterator[Finding]:
    message = f"looked at as uid {os.geteuid()}, but the hooks run as {who.name}"
    yield warning("user", message, f"run `sudo -u {who.name} vipswitch check` as well")
