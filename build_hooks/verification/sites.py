"""Tell whether a patched file is upstream's outside of the sites that the manifest lists."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from build_hooks.inspection import Problem
from transforms.engine.comments import comment_mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OUTSIDE = "differs from upstream's outside of the sites"
# The one line that the manifest does not list among the sites; `notice.diff` shows it.
_NOTICE_LINE = b" Modified by vllm-wheelwright for "


def sites_of(manifest: Mapping[str, Any], path: str) -> list[tuple[int, int]]:
    """Give the spans of upstream's bytes that patches have replaced in one file, in order.

    Args:
        manifest: the manifest.
        path: the file.
    """
    return sorted(
        {
            (site["start"], site["end"])
            for patch in manifest["patches"]
            for there in patch["files"]
            if there["path"] == path
            for site in there["sites"]
        }
    )


def same_outside(path: str, before: bytes, after: bytes, sites: list[tuple[int, int]]) -> bool:
    """Tell whether what lies between the sites stands in a file, in order, from end to end.

    Args:
        path: the file, for the kind of comment that its notice is.
        before: upstream's bytes.
        after: those of the patched file, with its notice.
        sites: the spans of upstream's bytes.
    """
    after = _without_notice(path, after)
    first, *rest = _between(before, sites)
    if not after.startswith(first):
        return False
    done = len(first)
    for part in rest[:-1]:
        done = after.find(part, done)
        if done < 0:
            return False
        done += len(part)
    if not rest:
        return after == first
    return after.endswith(rest[-1]) and len(after) - len(rest[-1]) >= done


def against_listed(
    file: Mapping[str, Any], manifest: Mapping[str, Any], before: bytes | None, after: bytes | None
) -> Iterator[Problem]:
    """Hold a patched file, and what the manifest says that it was before, against upstream's.

    Args:
        file: what the manifest says of the file.
        manifest: the manifest.
        before: upstream's file; None where it has none.
        after: the patched file; None where it is missing.
    """
    path = file["path"]
    if (None if before is None else hashlib.sha256(before).hexdigest()) != file["sha256_before"]:
        yield Problem(path=path, problem="is listed with another file than upstream's before")
    elif not (before is None or after is None) and not same_outside(
        path, before, after, sites_of(manifest, path)
    ):
        yield Problem(path=path, problem=OUTSIDE)


def _without_notice(path: str, data: bytes) -> bytes:
    start = (comment_mark(path) or b"") + _NOTICE_LINE
    lines = data.splitlines(keepends=True)
    notice = next((at for at, line in enumerate(lines) if line.startswith(start)), len(lines))
    return b"".join([*lines[:notice], *lines[notice + 1 :]])


def _between(data: bytes, sites: list[tuple[int, int]]) -> Iterator[bytes]:
    done = 0
    for start, end in sites:
        yield data[done:start]
        done = end
    yield data[done:]
