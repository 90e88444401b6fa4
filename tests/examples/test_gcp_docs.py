"""The pages for Google Cloud: every config on them is one that vipswitch takes, every link leads on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from vipswitch import configfile

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs/providers").glob("gcp*.md"))
READMES = sorted((ROOT / "examples").glob("*gcp*/README.md"))
_REST = {
    "[vip.primary]": '[vip.primary]\nprovider = "gcp-route"\naddress = "10.99.0.50"\n',
    "[vip.public]": '[vip.public]\nprovider = "gcp-external-ip"\nexternal_ip = ["vip-db"]\n',
}


def _snippets() -> list[tuple[str, str]]:
    """Each piece of TOML, with the page that it is on."""
    found = [
        (page.stem, block)
        for page in PAGES
        for block in re.findall(r"```toml\n(.*?)```", page.read_text(), re.S)
    ]
    assert {name for name, _ in found} == {page.stem for page in PAGES}
    return found


@pytest.mark.parametrize(("page", "snippet"), _snippets())
def test_every_config_on_a_page_is_taken(page: str, snippet: str, tmp_path: Path) -> None:
    """Completed by VIPs where it shows what they share."""
    copy = tmp_path / "vipswitch.toml"
    rest = [text for title, text in _REST.items() if title not in snippet]
    copy.write_text("\n".join([snippet, *rest]))
    config = configfile.read(copy)
    assert {vip.vip.name for vip in config.all()} == set(config.vips)


@pytest.mark.parametrize("page", [*PAGES, *READMES], ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_every_link_leads_somewhere(page: Path) -> None:
    """Also to the part of a page that it names."""
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text())
    assert links
    for link in links:
        file, _, part = link.partition("#")
        there = page.parent / file if file else page
        assert there.exists(), link
        assert not part or part in _parts(there), link


def _parts(page: Path) -> set[str]:
    """The names of a page's headings, as links name them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.M)
    return {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
