"""Where everything lies in an index, as names relative to its address.

Below `files/<sha256>/` nothing ever changes: a client that has read an old page still gets the very
bytes that the page promised.
"""

from __future__ import annotations

from urllib.parse import quote

ENTRIES = "entries/"
FILES = "files/"
LOCKS = "lock/"
SIMPLE = "simple/"
PAGE = "index.html"
JSON_PAGE = "index.json"
SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".metadata": "text/plain; charset=utf-8",
    ".diff": "text/plain; charset=utf-8",
}
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


def entry_name(project: str, filename: str) -> str:
    """Give the place of what is known of a file."""
    return f"{ENTRIES}{project}/{filename}.json"


def part_name(sha256: str, part: str) -> str:
    """Give the place of a distribution file, or of what was taken out of it.

    Args:
        sha256: the digest of the distribution file.
        part: its name, or that of a part of it.
    """
    return f"{FILES}{sha256}/{part}"


def metadata_name(sha256: str, filename: str) -> str:
    """Give the place of a wheel's METADATA (PEP 658: the file's own address and `.metadata`)."""
    return f"{part_name(sha256, filename)}.metadata"


def about_name(filename: str) -> str:
    """Give the place of the page that shows a file to people."""
    return f"about/{filename}/{PAGE}"


def project_name(project: str, page: str = PAGE) -> str:
    """Give the place of a project's page for clients (PEP 503)."""
    return f"{SIMPLE}{project}/{page}"


def address_of(name: str) -> str:
    """Write a name as an address relative to the index; `+` is a space to some servers."""
    return quote(name)


def content_type(name: str) -> str:
    """Give the type that a server is to say of a file."""
    if name.startswith(SIMPLE) and name.endswith(".json"):
        return SIMPLE_JSON
    if name.endswith("/"):
        return _TYPES[".html"]
    known = [text for ending, text in _TYPES.items() if name.endswith(ending)]
    return known[0] if known else "application/octet-stream"


def cache_control(name: str) -> str:
    """Say how long caches may keep a file: for ever, or not without asking again."""
    return _FOR_EVER if name.startswith(FILES) else _ASK_AGAIN
