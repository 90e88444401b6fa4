"""The watchdog's own settings, judged as a cloud VIP meets them; pure.

Sources: watchdog.c, wd_if.c, wd_escalation.c, and the manual's "Watchdog" chapter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from vipswitch.config import VipConfig
from vipswitch.preflight.findings import error, warning
from vipswitch.preflight.pgpool_conf import PgpoolConf
from vipswitch.preflight.pgpool_version import NEW_NAME, Version, reruns_up
from vipswitch.provider import Finding
from vipswitch.selection import capabilities_of

OLD, NEW = "delegate_IP", "delegate_ip"
MONITORED = "wd_monitoring_interfaces_list"
ESCALATION, DE_ESCALATION = "wd_escalation_command", "wd_de_escalation_command"


def delegate_name(conf: PgpoolConf, version: Version | None) -> str:
    """The setting that the delegate IP is meant to come from, although an old version may ignore it."""
    given = [name for name in conf.settings if name in (OLD, NEW)]
    if OLD in given and version is not None and version < NEW_NAME:
        return OLD
    return given[-1] if given else NEW


def look_at_watchdog(conf: PgpoolConf, version: Version | None) -> Iterator[Finding]:
    """What is true of the watchdog, whatever the VIP."""
    yield from _names(conf, version)
    yield from _members(conf)
    if "wd_priority" not in conf.settings:
        message = "is not set, so it is 1 on every node: two candidates with equal priority block each other"
        yield warning(conf.where("wd_priority"), message, "give each node another wd_priority")
    if "escalation.sh" in conf.text(ESCALATION):
        message = "runs escalation.sh before the takeover, and each dead peer costs it 5 s of outage"
        fix = "leave it out: in a cloud the API call itself is the fence"
        yield warning(conf.where(ESCALATION), message, fix)


def look_at_visibility(conf: PgpoolConf, version: Version | None, vip: VipConfig) -> Iterator[Finding]:
    """Pgpool-II sees a delegate IP only as an IPv4 address of an interface that is not lo's."""
    unseen = _unseen(vip)
    if not unseen:
        return
    if conf.text(MONITORED):
        message = f"is not empty, although {unseen}"
        yield warning(conf.where(MONITORED), message, f"leave it empty: {MONITORED} = ''")
    if reruns_up(version, conf.text(MONITORED)):
        message = (
            f"{unseen}, so Pgpool-II never sees it and runs `up` again at every network event; "
            "vipswitch then only reads, once"
        )
        fix = f"{conf.settings[delegate_name(conf, version)].name} = '' with {ESCALATION} and {DE_ESCALATION}"
        yield warning(conf.where(delegate_name(conf, version)), message, fix)


def equal_priorities(confs: Sequence[PgpoolConf]) -> Iterator[Finding]:
    """Of several nodes' files: two that start in the same second reject each other for rounds of 6 s."""
    by_priority = sorted(confs, key=_priority)
    for priority, group in groupby(by_priority, key=_priority):
        same = list(group)
        if len(same) > 1:
            message = f"is {priority} also in {', '.join(str(c.path) for c in same[1:])}"
            yield warning(same[0].where("wd_priority"), message, "give each node another wd_priority")


def _priority(conf: PgpoolConf) -> str:
    return conf.text("wd_priority", "1")


def _names(conf: PgpoolConf, version: Version | None) -> Iterator[Finding]:
    if version is not None and version >= NEW_NAME:
        if conf.text(OLD):
            yield warning(conf.where(OLD), "is the old name since 4.4", f"write {NEW}")
    elif conf.text(NEW) and version is not None:
        message = f"is not known to {_shown(version)}, which ignores it without a word: no VIP"
        yield error(conf.where(NEW), message, f"write {OLD} until 4.4")
    elif conf.text(NEW):
        message = "is ignored without a word by 4.3 and older, and no Pgpool-II was found here to ask"
        yield warning(conf.where(NEW), message, f"write {OLD} if that is older than 4.4")


def _members(conf: PgpoolConf) -> Iterator[Finding]:
    count = sum(1 for name in conf.settings if re.fullmatch(r"hostname\d+", name) and conf.text(name))
    half = "enable_consensus_with_half_votes"
    if count == 0:
        yield warning(f"{conf.path}: hostname0", "no watchdog node is named", "set hostname0, hostname1, ...")
    elif count % 2 == 0 and not conf.on(half):
        message = f"is off with {count} nodes: the half that survives has no quorum and gets no VIP"
        yield warning(conf.where(half), message, "add a node (a witness will do), or switch it on")


def _unseen(vip: VipConfig) -> str:
    name = vip.vip.name
    if not capabilities_of(vip).needs_address:
        return f"{name} is no address of a host"
    if all(address.version == 6 for address in vip.vip.addresses):
        return f"{name} is an IPv6 address"
    return f"{name} is on lo" if (vip.interface or "").startswith("lo") else ""


def _shown(version: Version) -> str:
    return "Pgpool-II " + ".".join(map(str, version))
