"""What is read: one resource, the resources of a scope, or those of all scopes.

Rules: a list has no `items` where there are none; a scope of an aggregated list then has a warning. Lists are
filtered as they are shown, and come in pages if that is asked for. Source: the `list` and `aggregatedList`
methods in the discovery document of compute v1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from . import addresses, filters, instances, networks, routes
from .answers import Json
from .errors import GcpError, invalid, not_found
from .request import Call
from .store import Store

Show = Callable[[Store, Json], Json]

SHOW: Mapping[str, Show] = {
    "instances": instances.show,
    "routes": routes.show,
    "addresses": addresses.show,
    "networks": networks.show,
}
_WORDS = {"addresses": "address", "aliases": "alias"}
_MOST = 500


def shown(store: Store, kind: str, document: Json) -> Json:
    """A resource as it is answered."""
    show = SHOW.get(kind)
    return store.shown(show(store, document) if show else document)


def get(store: Store, call: Call, kind: str) -> Json:
    """One resource. Raises GcpError if there is none."""
    path = call.resource
    store.operations.look_at(path)
    if (found := store.read(path)) is None:
        raise not_found(path)
    return shown(store, kind, found)


def listed(store: Store, call: Call, kind: str) -> Json:
    """The resources of one scope. Raises GcpError for a filter that makes no sense."""
    path = call.resource
    store.operations.look_at(path)
    found, more = _page(call, _found(store, call, kind, path))
    word = _WORDS.get(kind, kind.removesuffix("s"))
    items = {"items": found} if found else {}
    return {
        "kind": f"compute#{word}List",
        "id": path,
        **items,
        **more,
        "selfLink": store.shown({"selfLink": path})["selfLink"],
    }


def aggregated(store: Store, call: Call, kind: str) -> Json:
    """The resources of all scopes of a project."""
    project = call.names["project"]
    base = f"projects/{project}"
    scopes = _scopes(store, base, "zones" if kind == "instances" else "regions")
    items: Json = {}
    for scope in scopes:
        short = scope.removeprefix(f"{base}/")
        if short in store.rules.unreachable:
            items[short] = {"warning": _out_of_reach(short)}
            continue
        store.operations.look_at(f"{scope}/{kind}")
        found = _found(store, call, kind, f"{scope}/{kind}")
        items[short] = {kind: found} if found else {"warning": _nothing(short)}
    word = _WORDS.get(kind, kind.removesuffix("s"))
    path = f"{base}/aggregated/{kind}"
    head = {"kind": f"compute#{word}AggregatedList", "id": path}
    return {**head, "items": items, "selfLink": store.shown({"selfLink": path})["selfLink"]}


def _found(store: Store, call: Call, kind: str, path: str) -> list[Json]:
    wanted = filters.parse(call.query.get("filter", ""))
    every = [shown(store, kind, one) for _, one in store.read_below(path)]
    return [one for one in every if wanted(one)]


def _page(call: Call, found: list[Json]) -> tuple[list[Json], Json]:
    try:
        size = int(call.query.get("maxResults", _MOST))
        at = int(call.query.get("pageToken") or 0)
    except ValueError:
        raise invalid("pageToken", call.query.get("pageToken")) from None
    if not 0 <= size <= _MOST:
        raise invalid("maxResults", size, f"Must be in the range [0, {_MOST}].")
    end = at + (size or _MOST)
    return found[at:end], {"nextPageToken": str(end)} if end < len(found) else {}


def _scopes(store: Store, base: str, kind: str) -> list[str]:
    """The zones or regions of a project."""
    zones = [path for path, _ in store.below(f"{base}/zones") if path.count("/") == 3]
    regions = [path for path, _ in store.below(f"{base}/regions") if path.count("/") == 3]
    return zones if kind == "zones" else regions


def _nothing(scope: str) -> Json:
    text = f"There are no results for scope '{scope}' on this page."
    return {
        "code": "NO_RESULTS_ON_PAGE",
        "message": text,
        "data": [{"key": "scope", "value": scope}],
    }


def _out_of_reach(scope: str) -> Json:
    text = f"The scope '{scope}' cannot be reached."
    return {"code": "UNREACHABLE", "message": text, "data": [{"key": "scope", "value": scope}]}


def operation(store: Store, call: Call) -> Json:
    """An operation, which counts as a look at it. Raises GcpError if there is none."""
    found = store.operations.find(call.resource)
    if found is None:
        raise not_found(call.resource)
    store.operations.look(found)
    return store.shown(found.shown())


def no_method(call: Call) -> GcpError:
    """What is at no path here."""
    text = f"The requested URL {call.path} was not found on this server."
    return GcpError(404, "notFound", text)
