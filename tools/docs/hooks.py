"""Hooks of mkdocs: add pages outside docs/ to the site, and adapt links and the navigation.

In the repository, links point to files. On the site, a link to a page points to that page. A link to source is
replaced by its text, or points to the repository if STORE_EVENTS_REPOSITORY is its address.
"""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.structure.files import File, Files

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]

# Pages outside docs/, by their path on the site.
EXTERNAL = {
    "index.md": "README.md",
    "changelog.md": "CHANGELOG.md",
    "contributing.md": "CONTRIBUTING.md",
    "security.md": "SECURITY.md",
    "policy-pack.md": "policy/README.md",
    "local-aws.md": "localaws/README.md",
    "setup.md": "tools/setup/README.md",
}
PAGES = {source: page for page, source in EXTERNAL.items()}

LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
FENCE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Add pages that are not in the navigation under "More", so that new pages need no configuration."""
    named = set(_names(config.nav or []))
    more = sorted(
        str(path.relative_to(ROOT / "docs"))
        for path in (ROOT / "docs").rglob("*.md")
        if str(path.relative_to(ROOT / "docs")) not in named
    )
    if more and config.nav is not None:
        config.nav.append({"More": more})
    return config


def _names(nav: Any) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    values = nav.values() if isinstance(nav, dict) else nav
    return [name for value in values for name in _names(value)]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    for page, source in EXTERNAL.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text()))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    here = page.file.src_uri
    source = EXTERNAL.get(here, "docs/" + here)
    parts = FENCE.split(markdown)
    for i, part in enumerate(parts):
        # Mermaid would be loaded from another site, so the source of a diagram is shown instead.
        parts[i] = part.replace("```mermaid", "```text", 1) if i % 2 else _links(part, source, here)
    return "".join(parts)


def _links(text: str, source: str, here: str) -> str:
    if source == "README.md":  # Its HTML images, which mkdocs does not adapt.
        text = re.sub(r'(src|srcset)="docs/', r'\1="', text)
    return LINK.sub(lambda m: _link(m, source, here), text)


def _link(match: re.Match[str], source: str, here: str) -> str:
    image, label, target = match.groups()
    if re.match(r"[a-z]+:", target) or target.startswith("#"):
        return match.group(0)
    path, _, anchor = target.partition("#")
    path = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
    place = PAGES.get(path)
    if place is None and path.startswith("docs/") and (ROOT / path).is_file():
        place = path.removeprefix("docs/")
    if place is not None:
        place = posixpath.relpath(place, posixpath.dirname(here) or ".")
        return f"{image}[{label}]({place}{'#' + anchor if anchor else ''})"
    if not (ROOT / path).exists():
        return match.group(0)  # mkdocs reports it.
    repository = os.environ.get("STORE_EVENTS_REPOSITORY", "").rstrip("/")
    return f"[{label}]({repository}/blob/main/{path})" if repository else label
