"""Has a name become unbound, or was an import added that nothing uses?

Before is compared with after: what upstream leaves loose itself is upstream's to mend.
"""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from transforms.engine.checks.builtin_names import needs_python
from transforms.engine.checks.loose_names import TYPING_ONLY, UNUSED, LooseName, loose_names
from transforms.engine.checks.quiet import is_quiet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.engine.checks.touched import Change, Touched
    from transforms.engine.syntax.source import Source

# Where in the file: inside the n-th change, or at an offset of the pristine file.
_Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Loose:
    """A loose end of the edited module, and where it stands in both files."""

    item: LooseName
    place: _Place
    line: int
    change: Change | None

    @property
    def key(self) -> tuple[str, str, _Place]:
        """What is compared between before and after."""
        return (self.item.kind, self.item.name, self.place)


def unbound_names(modules: Sequence[Touched], oldest: tuple[int, int]) -> Iterator[str]:
    """Say which names patches have left unbound, and which of their imports nothing uses.

    Args:
        modules: the touched Python modules; one that does not parse is passed over.
        oldest: the oldest Python that the release supports.
    """
    for module in modules:
        if isinstance(module.module, ast.Module) and not is_quiet(module):
            try:
                yield from new_loose_names(module, oldest)
            except RecursionError:
                yield f"{module.path}: nested too deeply to look for unbound names"


def new_loose_names(module: Touched, oldest: tuple[int, int]) -> list[str]:
    """Give a line for each loose end that patches brought into one module, ordered."""
    tree = module.module
    if not isinstance(tree, ast.Module):
        return []
    after = _after(module, tree, loose_names(tree, module.path, oldest))
    after = [loose for loose in after if loose.item.kind != UNUSED or _is_added(loose, module)]
    if not after:
        return []
    pristine = module.pristine
    known: Counter[tuple[str, str, _Place]] = Counter()
    if pristine is not None:
        found = loose_names(pristine, module.path, oldest)
        known.update(_before(module, pristine, found))
    lines: list[tuple[int, str]] = []
    for loose in after:
        if known[loose.key]:
            known[loose.key] -= 1
        else:
            lines.append((loose.line, _message(loose, module)))
    return [line for _, line in sorted(set(lines))]


def _after(module: Touched, tree: ast.Module, found: Sequence[LooseName]) -> list[_Loose]:
    around = _f_strings(tree) if found else {}
    placed = []
    for item in found:
        offset = _offset(around.get(id(item.node), item.node), module.after)
        shift = 0
        place: _Place | None = None
        inside: Change | None = None
        for number, change in enumerate(module.changes):
            if change.new.start <= offset < change.new.end:
                place, inside = ("in", number), change
                break
            if change.new.start > offset:
                break
            shift = change.new.end - change.old.end
        placed.append(
            _Loose(item, place or ("at", offset - shift), module.after.line_of(offset), inside)
        )
    return placed


def _before(
    module: Touched, tree: ast.Module, found: Sequence[LooseName]
) -> Iterator[tuple[str, str, _Place]]:
    around = _f_strings(tree) if found else {}
    for item in found:
        offset = _offset(around.get(id(item.node), item.node), module.before)
        place: _Place = ("at", offset)
        for number, change in enumerate(module.changes):
            if change.old.start <= offset < change.old.end:
                place = ("in", number)
        yield item.kind, item.name, place


def _offset(node: ast.AST, source: Source) -> int:
    return source.offset(getattr(node, "lineno", 1), getattr(node, "col_offset", 0))


def _f_strings(tree: ast.Module) -> dict[int, ast.AST]:
    """Give for each node inside of an f-string the outermost one (see `walk_addressable`)."""
    around: dict[int, ast.AST] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and id(node) not in around:
            around.update((id(inner), node) for inner in ast.walk(node))
    return around


def _is_added(loose: _Loose, module: Touched) -> bool:
    """Tell whether a patch added an unused import, and does not say that it is meant so."""
    node = loose.item.node
    if not isinstance(node, (ast.Import, ast.ImportFrom)) or module.path.endswith("/__init__.py"):
        return False
    for alias in node.names:
        full = _imported(node, alias)
        # `import a as a` is how a name is handed on (PEP 484).
        if loose.item.name in {full, f"{full} as {alias.asname}"} and alias.asname != alias.name:
            offset = _offset(alias, module.after)
            added = any(change.new.start <= offset < change.new.end for change in module.changes)
            return added and not _says_so(node, alias, module)
    return False


def _imported(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    if isinstance(node, ast.Import):
        return alias.name
    base = "." * node.level + (node.module or "")
    return f"{base}{alias.name}" if base.endswith(".") else f"{base}.{alias.name}"


def _says_so(node: ast.stmt, alias: ast.alias, module: Touched) -> bool:
    """Tell whether `# noqa` stands beside an import, or it tries whether a module is there."""
    lines = module.after.data.splitlines()
    if any(b"# noqa" in lines[line - 1] for line in (node.lineno, alias.lineno)):
        return True
    tree = module.module
    return isinstance(tree, ast.Module) and any(
        statement is node
        for tried in ast.walk(tree)
        if isinstance(tried, ast.Try)
        for statement in tried.body
    )


def _message(loose: _Loose, module: Touched) -> str:
    name, line = loose.item.name, loose.line
    patches = loose.change.patch if loose.change else module.patches(name)
    where = f"{patches}: {module.path}:{line}"
    if loose.item.kind == UNUSED:
        return (
            f"{where} imports {name!r}, which nothing uses; next: leave it out, or say why with "
            "`# noqa: F401`"
        )
    if loose.item.kind == TYPING_ONLY:
        return (
            f"{where} uses {name!r} at run time, but it is bound under `if TYPE_CHECKING` only; "
            "next: import it where it is used, or with AddImport"
        )
    since = needs_python(name)
    if since:
        why = f"is built in since Python {'.'.join(map(str, since))} only"
    else:
        near = get_close_matches(name, sorted(loose.item.known), 1)
        why = "is not bound there" + (f" (did you mean {near[0]!r}?)" if near else "")
    return f"{where} uses {name!r}, which {why}; next: bind it with AddImport, or import it inside"
