"""Every link inside our own pages leads to something that is there, and every example is listed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md")), *sorted(ROOT.glob("examples/**/*.md"))]
EXAMPLES = sorted(path.name for path in (ROOT / "examples").iterdir() if path.is_dir())
_LINK = re.compile(r"\]\(([^)\s#]+)(?:#[\w-]*)?\)")


def links(text: str) -> list[str]:
    """The targets of a page's links to files, without what leads elsewhere."""
    return [target for target in _LINK.findall(text) if "://" not in target]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """From where the page lies, as a browser reads them."""
    assert [target for target in links(page.read_text()) if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_listed(example: str) -> None:
    """Nobody looks for a folder that no list names."""
    assert example in links((ROOT / "examples/README.md").read_text())


def test_a_link_that_leads_nowhere_is_seen() -> None:
    """So that the tests before this one can fail."""
    assert links("see [this](nowhere.md#part), [that](https://example.org/x) and [more](../a/b.md)") == [
        "nowhere.md",
        "../a/b.md",
    ]
