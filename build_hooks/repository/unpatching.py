"""Take a build's patches out of a file that was edited on top of them."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.apply import EditedFile


class _Hunk(NamedTuple):
    """Bytes of the patched file, and what was put in their place."""

    start: int
    end: int
    text: bytes


def without_patches(file: EditedFile, edited: bytes) -> bytes:
    """Give a file as it would be if upstream's own had been edited.

    Args:
        file: the file before and after the patches, with their sites.
        edited: the file after the patches and the edits.

    Raises:
        EntangledError: something was edited that a patch has written; it names the patches.
    """
    before = file.before or b""
    pieces: list[bytes] = []
    done = 0
    for hunk in _hunks(file.after, edited):
        start, end = _upstream(file, hunk)
        pieces += [before[done:start], hunk.text]
        done = end
    return b"".join([*pieces, before[done:]])


class EntangledError(Exception):
    """What was edited is what patches have written.

    Args:
        patches: their full names.
    """

    def __init__(self, patches: list[str]) -> None:
        super().__init__(", ".join(patches))


def _hunks(patched: bytes, edited: bytes) -> Iterator[_Hunk]:
    """Compare by lines, and say of each difference where in its lines it begins and ends."""
    old, new = patched.splitlines(keepends=True), edited.splitlines(keepends=True)
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for kind, first, last, new_first, new_last in matcher.get_opcodes():
        if kind == "equal":
            continue
        was, text = b"".join(old[first:last]), b"".join(new[new_first:new_last])
        head = _common(was, text)
        tail = _common(was[head:][::-1], text[head:][::-1])
        yield _Hunk(starts[first] + head, starts[last] - tail, text[head : len(text) - tail])


def _common(left: bytes, right: bytes) -> int:
    """Count the bytes with which two texts begin alike."""
    length = min(len(left), len(right))
    if left[:length] == right[:length]:
        return length
    return next(index for index in range(length) if left[index] != right[index])


def _upstream(file: EditedFile, hunk: _Hunk) -> tuple[int, int]:
    """Say where in upstream's file the bytes of a hunk are."""
    shift = 0
    touched: list[str] = []
    for patch, site in file.sites:
        start = site.start + shift
        end = start + len(site.replacement)
        if hunk.end <= start:
            break
        if hunk.start < end:
            touched.append(patch)
        shift += len(site.replacement) - (site.end - site.start)
    if touched:
        raise EntangledError(sorted(set(touched)))
    return hunk.start - shift, hunk.end - shift
