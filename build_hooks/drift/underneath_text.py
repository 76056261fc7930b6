"""What upstream changed under patches that hold, as `check` writes it: short, or with diffs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from build_hooks.report import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from build_hooks.drift.underneath import Ended, Held, Underneath

_INDENT = "    "


def underneath_lines(underneath: Underneath, *, verbose: bool) -> Iterator[str]:
    """Say of each patch what upstream changed under it, and in one line where it did not.

    Args:
        underneath: what was found.
        verbose: whether to show what changed, line by line.
    """
    patches = {item.patch for item in underneath.held}
    patches |= {item.patch for item in underneath.ended}
    same = []
    for patch in sorted(patches):
        changed = [item for item in underneath.held if item.patch == patch and item.found.lines]
        for item in changed:
            yield f"{patch}: {item.base} -> {item.release}: {_changed(item)}"
            if verbose:
                yield from (f"{_INDENT}{line}" for line in item.found.diff.splitlines())
        yield from (_ended(item) for item in underneath.ended if item.patch == patch)
        if not changed and any(item.patch == patch for item in underneath.held):
            same.append(patch)
    if same:
        yield f"unchanged under: {', '.join(same)}"
    if underneath.unnamed:
        yield f"not compared, their edits name no scope of Python: {', '.join(underneath.unnamed)}"


def _changed(item: Held) -> str:
    found = item.found
    if found.notes:
        return f"{item.name}: {counted(found.lines, 'line')} of comments, layout or docstring only"
    differ = "line differs" if found.lines == 1 else "lines differ"
    signature = f", signature {found.signature}" if found.signature else ""
    return f"{item.name}: {found.lines} {differ}{signature}"


def _ended(item: Ended) -> str:
    if not item.scope:
        said = f"excluded from {item.release} on, it is for {item.versions}"
        return f"{item.patch}: {said}; upstream: {item.upstream}"
    return f"{item.patch}: {item.name}: not edited from {item.release} on, only {item.versions}"
