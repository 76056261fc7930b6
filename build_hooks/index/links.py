"""The links of a page, by the parser of the standard library."""

from __future__ import annotations

import posixpath
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit


class _Links(HTMLParser):
    """Collects addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        self.found += [value for name, value in attrs if name in {"href", "src"} and value]


def targets(page: str, html: str) -> list[str]:
    """Give the names that a page's links lead to; what leads elsewhere is given as it stands.

    Args:
        page: the page's own name in the index.
        html: its text.
    """
    parser = _Links()
    parser.feed(html)
    parser.close()
    return [name for link in parser.found if (name := target(page, link))]


def target(page: str, link: str) -> str:
    """Give the name that a link leads to; empty for a place on the same page and for `data:`.

    Args:
        page: the name of the page that has it.
        link: the link.
    """
    parts = urlsplit(link)
    if parts.scheme == "data" or not (parts.path or parts.netloc):
        return ""
    if parts.scheme or parts.netloc or parts.path.startswith("/"):
        return link
    name = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path)))
    return f"{name}/" if parts.path.endswith("/") else name
