"""The provider contract: how one way of moving a VIP looks to the switch.

A provider knows the *places* of one VIP (three route tables are three places) and four verbs. Each
verb makes the requests its name says, once: a provider never loops, sleeps, retries or decides; the
switch does, within one deadline. Every method may be called from several threads at once, for
different places, and must end by itself soon after its deadline.

What every provider promises, held by the contract suite in `vipswitch.testing.contract`:

- `read` returns one answer per place asked, in one request where the cloud can. A place that could
  not be read is an error in the answer, never `Holding(None)`: "could not look" is not "nobody".
- `claim` makes the place point at `node`, or raises. It does not check its own success: the switch
  reads back. With `seen` given and a cloud that can compare and set, it changes nothing unless the
  place is still as `seen`, and raises Conflict otherwise. Whoever holds the place is replaced.
  A claim that takes two writes makes the one that is next, by what was `seen`, and raises Halfway after
  the first: the switch reads, and claims again. It does not write where the place is `busy`.
- `read` raises Undone, once, for a write of this process that the cloud had accepted and did not carry out;
  Overtaken where that was because the place is not as it was seen.
- `release` frees the place only if it is still as `seen` and `seen.holder` is this node; else Conflict.
- `restore` (`Restores`) fills a place that nobody holds, or that its holder has let go of, and raises
  Conflict where somebody has come since the read. A provider whose `claim` compares and sets with `seen`
  needs none: its claim is used.
- `mark` (`Marks`) notes beside a place that this node, at which the place still points, has let go;
  `unmark` takes that note away. `read` believes a mark (`Holding.released`) only while the place
  still points at the node that it names.
- Every error is one of `vipswitch.errors`. Unavailable: the write certainly was not made.
  OutcomeUnknown: it was sent and the answer is missing. The difference decides whether the switch may
  write again, so in doubt it is OutcomeUnknown.
- No request is sent once the deadline has passed, and none may reach the cloud later than that.

A provider whose `down` frees the place also has `release` (`Releases`); one that leaves the pointer
where it is has `mark` and `unmark` (`Marks`) instead, or neither. The node's own attach point is
`prepare` (`Prepares`). One that can name its places by a tag finds them in `discover` (`Discovers`); one
that can say which permissions its node needs does so in `grants` (`Grants`). Where one node may be written in
several ways, `spelt` tells the one that `read` gives (`Spells`). One whose takeovers leave something behind
that has no effect any more (`Holding.leftovers`) takes it away in `tidy` (`Tidies`).

Plugins are found by name in the entry-point group `vipswitch.providers`. The class is called as
`Provider(settings, vip, machine)`, must not do I/O there, and names its settings class `Settings`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import ClassVar, Literal, Protocol, TypeVar, runtime_checkable

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, VipswitchError
from vipswitch.model import Holding, NodeId, Place
from vipswitch.settings import suggestion

T = TypeVar("T")

GROUP = "vipswitch.providers"

# The providers of this package, so that a hook does not have to search all installed packages.
BUILT_IN = {
    "aws-elastic-ip": "vipswitch.providers.aws.elastic_ip.provider:AwsElasticIp",
    "aws-route-table": "vipswitch.providers.aws.route_table.provider:AwsRouteTable",
    "aws-route53": "vipswitch.providers.aws.route53.provider:AwsRoute53",
    "aws-secondary-ip": "vipswitch.providers.aws.secondary_ip.provider:AwsSecondaryIp",
    "azure-dns": "vipswitch.providers.azure.dns.public:AzureDns",
    "azure-ip-configuration": "vipswitch.providers.azure.ip_configuration.provider:AzureIpConfiguration",
    "azure-private-dns": "vipswitch.providers.azure.dns.private:AzurePrivateDns",
    "azure-public-ip": "vipswitch.providers.azure.public_ip.provider:AzurePublicIp",
    "azure-route-table": "vipswitch.providers.azure.route_table.provider:AzureRouteTable",
    "file": "vipswitch.providers.file:File",
    "gcp-alias-ip": "vipswitch.providers.gcp.alias_ip.provider:GcpAliasIp",
    "gcp-cloud-dns": "vipswitch.providers.gcp.cloud_dns.provider:GcpCloudDns",
    "gcp-external-ip": "vipswitch.providers.gcp.external_ip.provider:GcpExternalIp",
    "gcp-route": "vipswitch.providers.gcp.route.provider:GcpRoute",
    "local": "vipswitch.providers.local:Local",
}


class Addressed(StrEnum):
    """Whether a VIP of this provider has an `address` in the config."""

    ALWAYS = "always"
    MAYBE = "maybe"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the planner, the config and the callers need to know of a provider; each is read somewhere.

    `write_first`: a claim needs no token from a read, so a takeover starts with the write.
    `needs_address`: the host must carry the address to receive the packets.
    `announces`: a gratuitous ARP or unsolicited neighbour advertisement reaches somebody.
    `shares_tokens`: a write to one place makes the tokens of all places with its contention key stale.
    `life_s`: how long an order for this cloud may take before it is given up.
    `takeover_gap_s`: how long another node's takeover may leave the VIP with nobody; a restore waits.
    `addressed`: whether the config names the VIP's address; `families` which it may be of.
    """

    write_first: bool = False
    needs_address: bool = True
    announces: bool = False
    shares_tokens: bool = False
    life_s: float = 30.0
    takeover_gap_s: float = 0.0
    addressed: Addressed = Addressed.ALWAYS
    families: frozenset[int] = frozenset({4, 6})


class Level(StrEnum):
    """How bad a finding of the preflight is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `vipswitch check`: what was looked at, what was found, how to mend it."""

    level: Level
    subject: str
    message: str
    fix: str = ""


class Machine(Protocol):
    """What a provider may ask about the machine it runs on."""

    def mac(self) -> str:
        """The MAC of the VIP's interface, lower case with colons. Raises ConfigError, HostError."""
        ...

    def cache(self) -> Path:
        """A folder of ours for what may be forgotten at any time; it exists."""
        ...

    def node(self) -> NodeId | None:
        """The node id that the config gives this machine, if it gives one."""
        ...

    def nodes(self) -> tuple[NodeId, ...]:
        """All ids of all nodes that the config names, this one's among them."""
        ...

    def shared(self, key: Hashable, make: Callable[[], T]) -> T:
        """What the providers of this process have in common under `key`: an SDK's clients take 30 MB."""
        ...


Call = Literal["read", "claim", "release", "prepare", "mark", "tidy"]


class Provider(Protocol):
    """One way of moving one VIP."""

    capabilities: ClassVar[Capabilities]

    @property
    def places(self) -> tuple[Place, ...]:
        """The places that must all point at the holder. ConfigError while a tag was not looked up."""
        ...

    def node(self, deadline: Deadline) -> NodeId:
        """This node as a holder. Cached: a failover must not depend on the metadata service."""
        ...

    def read(self, places: Sequence[Place], deadline: Deadline) -> Mapping[Place, Holding | VipswitchError]:
        """Who holds each place, as the cloud says it."""
        ...

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        """Point the place at `node`, replacing whoever holds it."""
        ...

    def contention_key(self, place: Place) -> str:
        """Writes with equal keys are made one after the other, also between processes."""
        ...

    def calls(self, call: Call, places: Sequence[Place], node: NodeId) -> list[str]:
        """The API requests that `call` would make, a line each, for `--dry-run`."""
        ...

    def check(self, deadline: Deadline) -> Iterable[Finding]:
        """Look at everything that can be wrong before a failover, changing nothing."""
        ...


@runtime_checkable
class Releases(Protocol):
    """A provider whose `down` frees this node's places."""

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        """Free the place if it is still as `seen`, held by `node`; Conflict otherwise."""
        ...


@runtime_checkable
class Restores(Protocol):
    """A provider whose claim replaces whoever holds the place, and that can also fill only an empty one."""

    def restore(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        """Point the place at `node` if it is still as `seen`: held by nobody, or released; else Conflict.

        Where the cloud cannot compare a released holder, the window is that of one request.
        """
        ...


@runtime_checkable
class Marks(Protocol):
    """A provider whose `down` leaves the pointer, and notes beside it that its holder has let go."""

    def mark(self, place: Place, node: NodeId, generation: int, deadline: Deadline) -> None:
        """Note that `node`, by its order of that generation, has let go of the place; the pointer stays."""
        ...

    def unmark(self, place: Place, node: NodeId, deadline: Deadline) -> None:
        """Take away the mark that names `node`; nothing happens where there is none."""
        ...


@runtime_checkable
class Tidies(Protocol):
    """A provider whose claim leaves older objects beside the place, which its own has made ineffective."""

    def tidy(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        """Delete what `seen` shows as left over, each by a name of its own, so never what came later."""
        ...


@runtime_checkable
class Prepares(Protocol):
    """A provider with something to see to on the node's own attach point while the places move."""

    def prepare(self, node: NodeId, deadline: Deadline) -> Iterable[str]:
        """Make the node able to take the traffic; one warning for each thing that stands in the way."""
        ...


@runtime_checkable
class Discovers(Protocol):
    """A provider whose config may name places by a tag: its `places` are known once they were found."""

    @property
    def tags(self) -> Mapping[str, Sequence[str]]:
        """Each tag in the config, and the ids that are kept for it."""
        ...

    def discover(self, deadline: Deadline, *, anew: bool = False) -> None:
        """Find what the config names by a tag and keep it on disk; asks nothing if it is kept there.

        With `anew` it asks in any case, and replaces what is kept. ConfigError when nothing has the tag.
        """
        ...


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a grant: all of `values` are compared with `key` by `operator`."""

    operator: str
    key: str
    values: tuple[str, ...]


@runtime_checkable
class Spells(Protocol):
    """A provider whose nodes can be written in several ways in the config."""

    def spelt(self, node: NodeId, deadline: Deadline) -> NodeId:
        """A node of the config as `read` names it. ConfigError for what is none of this provider's."""
        ...


NODE = "node"
"""The principal of what the node does with its own credentials."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What one principal must be allowed: actions on resources under conditions, in the cloud's words.

    `principal` is NODE, or the role that the node acts as. `purpose` says what for, in one word of
    letters and digits.
    """

    principal: str
    purpose: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()


def _no_advice(_: Iterable[Grant]) -> Iterable[str]:
    return ()


def _as_json(document: Mapping[str, object]) -> str:
    import json  # 3 ms that no hook needs

    return json.dumps(document, indent=2)


@dataclass(frozen=True, slots=True)
class PolicyForm:
    """How a cloud writes its grants down: as a document, and what people have to do with that, if more.

    The grants may be those of several VIPs, and the same one several times. `written` is the text of the
    document: JSON, unless the cloud's own tool wants another.
    """

    document: Callable[[Iterable[Grant]], Mapping[str, object]]
    advice: Callable[[Iterable[Grant]], Iterable[str]] = _no_advice
    written: Callable[[Mapping[str, object]], str] = _as_json


@runtime_checkable
class Grants(Protocol):
    """A provider that can say which permissions its config needs, and no more."""

    policy: ClassVar[PolicyForm]

    def grants(self, deadline: Deadline) -> Sequence[Grant]:
        """Everything that `up`, `down`, `status` and `check` need. ConfigError where a name is missing."""
        ...


def load(name: str) -> type:
    """The provider class of that name. Imports no cloud SDK; raises ConfigError for an unknown name."""
    target = BUILT_IN.get(name) or _installed().get(name)
    if target is None:
        raise ConfigError(f"provider {name}: unknown", hint=suggestion(name, names()))
    module, _, attribute = target.partition(":")
    found: type = getattr(import_module(module), attribute)
    return found


def names() -> list[str]:
    """All providers that are installed."""
    return sorted({*BUILT_IN, *_installed()})


def _installed() -> dict[str, str]:
    from importlib import metadata  # 20 ms that the built-in providers do not need

    return {entry.name: entry.value for entry in metadata.entry_points(group=GROUP)}
