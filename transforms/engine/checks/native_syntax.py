"""Is every touched file of C++ and CUDA still as good a syntax as upstream's?

`tree-sitter-cuda` parses without a preprocessor, so upstream's own files have places that it makes
no sense of. An edit must add none. The packages are imported when they are needed: most builds
touch no such file.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.cpp.files import CPP
from transforms.engine.optional_packages import CPP_GUARD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tree_sitter import Node

    from transforms.engine.apply import EditedFile

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class _Refused:
    """A place that the grammar makes no sense of.

    Attributes:
        said: what it is: the text itself, or what is missing.
        line: where, 1-based.
        start: its first byte.
        end: the byte behind its last one.
    """

    said: str
    line: int
    start: int
    end: int


def refused_syntax(files: Sequence[EditedFile]) -> Iterator[str]:
    """Say which touched files have more places than before that are no C++ or CUDA.

    Args:
        files: all touched files.
    """
    native = [file for file in files if file.path.endswith(CPP)]
    if not native:
        return
    try:
        parse = _parser()
    except ImportError as error:
        wanted = " ".join(f"'{item}'" for item in CPP_GUARD)
        yield (
            f"{', '.join(file.path for file in native)}: edited, and cannot be checked without "
            f"tree-sitter ({error}); next: pip install {wanted}"
        )
        return
    for file in native:
        there = list(_refused(parse(file.before or b"")))
        now = list(_refused(parse(file.after)))
        for item in _added(file, there, now):
            yield (
                f"{file.path}:{item.line} is no C++ after {_patches(file, item)}: {item.said} "
                "(tree-sitter-cuda); next: let what is written be whole statements or expressions"
            )


def _parser() -> Callable[[bytes], Node]:
    import tree_sitter  # noqa: PLC0415 - see above
    import tree_sitter_cuda  # noqa: PLC0415

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_cuda.language()))
    return lambda data: parser.parse(data).root_node


def _refused(root: Node) -> Iterator[_Refused]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            text = (node.text or b"").decode("utf-8", "replace")
            said = f"missing {node.type!r}" if node.is_missing else f"unexpected {_short(text)!r}"
            yield _Refused(said, node.start_point[0] + 1, node.start_byte, node.end_byte)
        if node.has_error:
            waiting += reversed(node.children)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return f"{text[:_SHOWN]}..." if len(text) > _SHOWN else text


def _added(file: EditedFile, there: list[_Refused], now: list[_Refused]) -> list[_Refused]:
    """Give what is new: more than before in all, or within bytes where there was nothing.

    What upstream has around an edit reads differently after it, and is no more than before. What
    it has in the bytes that an edit replaces may be written there several times.
    """
    replaced = [
        item
        for item in there
        if any(site.start <= item.start and item.end <= site.end for _, site in file.sites)
    ]
    copied = {item.said for item in replaced}
    there = [item for item in there if item not in replaced]
    now = [item for item in now if not (item.said in copied and _sites(file, item))]
    known = Counter(item.said for item in there)
    new = []
    for item in now:
        known[item.said] -= 1
        if known[item.said] < 0:
            new.append(item)
    if len(now) > len(there):
        return new
    touched = [(site.start, site.end) for _, site in file.sites]
    clean = not any(
        item.start <= end and start <= item.end for item in there for start, end in touched
    )
    return [item for item in new if clean and _sites(file, item)]


def _sites(file: EditedFile, item: _Refused) -> list[str]:
    """Give the patches whose text is in a place, or has it inside."""
    found = []
    shift = 0
    for patch, site in file.sites:
        start = site.start + shift
        end = start + len(site.replacement)
        shift += len(site.replacement) - (site.end - site.start)
        if start <= item.end and item.start <= end:
            found.append(patch)
    return found


def _patches(file: EditedFile, item: _Refused) -> str:
    every = [patch for patch, _ in file.sites]
    return ", ".join(sorted(set(_sites(file, item) or every)))
