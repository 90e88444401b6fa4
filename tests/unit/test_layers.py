"""The shape: imports point downward only, as docs/architecture.md draws them.

Read from the source, not from what happens to be imported: an import inside a function counts too, one for
type checkers only does not.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import vipswitch

ROOT = Path(vipswitch.__file__).parent

LAYERS = (
    "errors wire",
    "model deadline processes settings fields",
    "provider world folders client nodes move locks",
    "plan orders authority phases",
    "result followed",
    "act steplog history hostside",
    "loop recorder",
    "errand",
    "switch",
    "dryrun together",
    "host providers config options edge timeline metrics logs",
    "tables",
    "configfile",
    "selection",
    "wiring",
    "agent",
    "callers",
    "follow installed",
    "preflight",
    "cli",
    "__main__",
    "testing",
    "demo",
)
"""From the bottom to the top. A module may import what is below it; a folder also itself."""

SHARED_BY_CLOUDS = frozenset(
    (
        "asked",
        "dns_findings",
        "dns_keys",
        "dns_names",
        "foreign",
        "http_adapter",
        "identity",
        "handover",
        "kept",
        "looked_at",
        "machine",
        "marks",
        "meanings",
        "metadata",
        "own_addresses",
        "parsers",
        "propagation",
        "published",
        "record_sets",
        "secret_file",
        "side_by_side",
        "sockets",
        "tags",
    )
)
"""What providers/ has beside its folders, the clouds, and its single-file providers."""

PURE = ("errors", "model", "settings", "world", "plan", "result")
"""They decide, and do nothing."""

WITHOUT_IO = frozenset(
    ("__future__", "collections", "dataclasses", "difflib", "enum", "ipaddress", "itertools", "typing")
)


def modules() -> list[str]:
    """Every module of the package, by its name below it."""
    return sorted(".".join(path.relative_to(ROOT).with_suffix("").parts) for path in ROOT.rglob("*.py"))


def imports(module: str) -> set[str]:
    """Everything a module imports when it runs, by whole names."""
    path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    return set(_imports(ast.parse(path.read_text()), f"vipswitch.{module}".split(".")[:-1]))


def _imports(node: ast.AST, package: list[str]) -> Iterator[str]:
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        return
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        above = package[: len(package) - node.level + 1] if node.level else []
        base = ".".join([*above, *([node.module] if node.module else [])])
        yield from ([f"{base}.{alias.name}" for alias in node.names] if _has_modules(base) else [base])
    for child in ast.iter_child_nodes(node):
        yield from _imports(child, package)


def _has_modules(name: str) -> bool:
    """Whether names imported from there may be modules of ours."""
    first, *rest = name.split(".")
    return first == "vipswitch" and ROOT.joinpath(*rest).is_dir()


def part(module: str) -> str:
    """The file or folder of the package that a module belongs to; empty for the package itself."""
    return module.split(".")[0].removesuffix("__init__")


def ours(module: str) -> set[str]:
    """The parts of the package that a module imports."""
    return {name.split(".")[1] for name in imports(module) if name.startswith("vipswitch.")} & PARTS


PARTS = {part(module) for module in modules()} - {""}
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer.split()}


def test_every_part_has_its_layer() -> None:
    """A new file or folder is given its place here, and in docs/architecture.md."""
    assert set(RANK) == PARTS


@pytest.mark.parametrize("module", modules())
def test_imports_point_downward(module: str) -> None:
    """So that whoever reads a layer need not read those above it."""
    here = part(module)
    for there in ours(module):
        assert there == here or RANK[there] < RANK[here], f"{module} imports {there}"


@pytest.mark.parametrize("module", [name for name in modules() if part(name) in ("host", "providers")])
def test_host_and_providers_never_meet(module: str) -> None:
    """The switch brings them together; a provider asks its `Machine`."""
    assert not ours(module) & {"host", "providers"} - {part(module)}


@pytest.mark.parametrize("module", [name for name in modules() if name.startswith("providers.")])
def test_clouds_never_meet(module: str) -> None:
    """Each cloud's imports stay in its own folder, and in what all clouds share."""
    mine = module.split(".")[1]
    others = {name.split(".")[2] for name in imports(module) if name.startswith("vipswitch.providers.")}
    assert others - {mine} <= SHARED_BY_CLOUDS


@pytest.mark.parametrize("module", PURE)
def test_what_decides_does_nothing(module: str) -> None:
    """No I/O, no clock, no process: only data in and data out."""
    outside = {name.split(".")[0] for name in imports(module) if not name.startswith("vipswitch")}
    assert outside <= WITHOUT_IO
    assert ours(module) <= {*PURE, "deadline"}


@pytest.mark.parametrize("module", [name for name in modules() if part(name) not in ("demo", "testing")])
def test_what_ships_to_nodes_needs_no_test_cloud(module: str) -> None:
    """`vipswitch.testing` is for tests, the demo and authors of providers."""
    assert not ours(module) & {"demo", "testing"}
