"""The pages for clients: the simple repository API as HTML (PEP 503) and as JSON (PEP 691).

A static server cannot look at what a client accepts, so both lie there: `index.html`, which a
server gives for the folder and every pip reads, and `index.json` beside it. docs/index.md shows the
few lines with which nginx chooses between them.

Written of each file: its hash, Requires-Python, the digest of its METADATA under both names (PEP
658 and 714), a yank with its reason (PEP 592), and in JSON its size and time, and the versions of
the project (PEP 700).
"""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

from packaging.version import Version

from build_hooks.index.layout import (
    JSON_PAGE,
    PAGE,
    SIMPLE,
    address_of,
    part_name,
    project_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from build_hooks.index.entry import Entry

API_VERSION = "1.1"
_UP = "../../"
_HTML = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="pypi:repository-version" content="{version}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{title}</title>
</head>
<body>
<h1>{title}</h1>
{links}
</body>
</html>
"""


def simple_pages(projects: Mapping[str, Sequence[Entry]]) -> dict[str, bytes]:
    """Render every page for clients, projects first.

    Args:
        projects: the entries of each project.
    """
    pages: dict[str, bytes] = {}
    for project, entries in projects.items():
        pages[project_name(project)] = _project_html(project, entries)
        pages[project_name(project, JSON_PAGE)] = _project_json(project, entries)
    pages[f"{SIMPLE}{PAGE}"] = _root_html(projects)
    pages[f"{SIMPLE}{JSON_PAGE}"] = _json({"projects": [{"name": name} for name in projects]})
    return pages


def _root_html(projects: Iterable[str]) -> bytes:
    return _page("Projects", [_link(name, {"href": f"{address_of(name)}/"}) for name in projects])


def _project_html(project: str, entries: Iterable[Entry]) -> bytes:
    return _page(f"Files of {project}", [_link(item.filename, _said(item)) for item in entries])


def _said(entry: Entry) -> dict[str, str]:
    """Give the attributes of a file's link."""
    attributes = {"href": f"{_file_address(entry)}#sha256={entry.sha256}"}
    if entry.requires_python is not None:
        attributes["data-requires-python"] = entry.requires_python
    if entry.metadata_sha256 is not None:
        for name in ("data-core-metadata", "data-dist-info-metadata"):
            attributes[name] = f"sha256={entry.metadata_sha256}"
    if entry.yanked is not None:
        attributes["data-yanked"] = entry.yanked
    return attributes


def _link(text: str, attributes: Mapping[str, str]) -> str:
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return f"<a{written}>{escape(text)}</a><br>"


def _page(title: str, links: Iterable[str]) -> bytes:
    text = _HTML.format(version=API_VERSION, title=escape(title), links="\n".join(links))
    return text.encode()


def _project_json(project: str, entries: Sequence[Entry]) -> bytes:
    versions = sorted({Version(entry.version) for entry in entries})
    return _json(
        {
            "name": project,
            "versions": [str(version) for version in versions],
            "files": [_file(entry) for entry in entries],
        }
    )


def _file(entry: Entry) -> dict[str, Any]:
    document: dict[str, Any] = {
        "filename": entry.filename,
        "url": _file_address(entry),
        "hashes": {"sha256": entry.sha256},
        "size": entry.size,
        "upload-time": entry.uploaded,
        # An empty reason would read as "not yanked".
        "yanked": False if entry.yanked is None else entry.yanked or True,
    }
    if entry.requires_python is not None:
        document["requires-python"] = entry.requires_python
    if entry.metadata_sha256 is not None:
        for name in ("core-metadata", "dist-info-metadata"):
            document[name] = {"sha256": entry.metadata_sha256}
    return document


def _json(document: Mapping[str, Any]) -> bytes:
    whole = {"meta": {"api-version": API_VERSION}, **document}
    return (json.dumps(whole, indent=1, ensure_ascii=False) + "\n").encode()


def _file_address(entry: Entry) -> str:
    return f"{_UP}{address_of(part_name(entry.sha256, entry.filename))}"
