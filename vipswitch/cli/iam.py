"""`vipswitch iam`: the least privilege that the VIPs named need, as a document to paste."""

from __future__ import annotations

from collections.abc import Iterable

from vipswitch.config import Config, VipConfig
from vipswitch.deadline import Deadline, SystemClock
from vipswitch.edge import stopped_by_signals, to_stderr
from vipswitch.errors import ConfigError
from vipswitch.options import Options
from vipswitch.provider import NODE, Grant, Grants, PolicyForm
from vipswitch.selection import selected
from vipswitch.steplog import StepLog
from vipswitch.wiring import switch_for

_DEADLINE_S = 10.0


def iam(options: Options) -> int:
    """Print what the nodes' own role must allow, or the roles that they assume, as their cloud writes it."""
    read, vips = selected(options)
    deadline = Deadline(options.deadline or _DEADLINE_S, SystemClock())
    providers = [_asking(read, vip) for vip in vips]
    form = _only(provider.policy for provider in providers)
    with stopped_by_signals([deadline]):
        grants = [grant for provider in providers for grant in provider.grants(deadline)]
    wanted = [grant for grant in grants if (grant.principal != NODE) == options.role]
    print(form.written(form.document(wanted)))
    for line in form.advice(wanted):
        to_stderr(line)
    _tell_of_others(grants, as_role=options.role)
    return 0


def _asking(read: Config, vip: VipConfig) -> Grants:
    """The provider of a VIP, which asks a cloud for something."""
    provider = switch_for(read, vip, StepLog(vip.vip.name), only_looks=True).provider
    if not isinstance(provider, Grants):
        message = f"{vip.vip.name}: {vip.provider} asks no cloud for anything"
        raise ConfigError(message, hint="name VIPs of a cloud's provider")
    return provider


def _only(forms: Iterable[PolicyForm]) -> PolicyForm:
    """The one form of all VIPs: a document belongs to one cloud."""
    found = set(forms)
    if len(found) != 1:
        raise ConfigError(
            "VIPs of several clouds: each needs a document of its own", hint="name those of one"
        )
    return found.pop()


def _tell_of_others(grants: Iterable[Grant], *, as_role: bool) -> None:
    roles = sorted({grant.principal for grant in grants} - {NODE})
    if roles and not as_role:
        to_stderr(f"this is the policy of the nodes; for {', '.join(roles)} add --role")
