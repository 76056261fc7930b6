"""Changes that can neither unbind a name nor use a new one: most of what a wide rule does.

They are known from the edited module's syntax and the bytes that were replaced, so that the
pristine module need not be parsed.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from transforms.engine.checks.builtin_names import ALWAYS_BUILT_IN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.checks.touched import Change, Touched
    from transforms.engine.syntax.source import Span

# What binds names or makes a scope of its own, and f-strings, whose inside has no positions.
_LOUD = (
    ast.NamedExpr,
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
    ast.JoinedStr,
    ast.Starred,
)
# The fields of statements that are only read.
_READ = ("test", "value", "msg", "exc")
# What may bind a name, end a statement or hold names where no position says so.
_BINDS = re.compile(
    rb":=|;|[\r\n]|(?<![=!<>])=(?!=)|(?i:\b[fr]{1,2}['\"])"
    rb"|\b(?:lambda|for|import|del|as|def|class|global|nonlocal|with|async|await|yield|return)\b"
)
_WORD = re.compile(rb"(?<![\w.])[A-Za-z_\x80-\xff][\w\x80-\xff]*")
_KEYWORDS = frozenset({b"and", b"or", b"not", b"in", b"is", b"if", b"else"})
# A string literal on one line; a triple-quoted one counts as three, and its words as names.
_STRING = re.compile(rb"\"[^\"\\\n]*\"|'[^'\\\n]*'")
# Functions and classes whose strings are types to a checker (typing).
_TYPING = frozenset({"cast", "TypeVar", "NamedTuple", "TypedDict", "NewType", "Optional", "Union"})
_COMMENT = re.compile(rb"\s*(?:#[^\r\n]*(?:\r\n|\r|\n|\Z)\s*)*\Z")
_ANNOTATION = re.compile(rb"\s*:(?P<annotation>.+?)(?P<equals>\s*=\s*)?\Z", re.DOTALL)


def is_quiet(module: Touched) -> bool:
    """Tell whether no change to a module can have unbound a name or used a new one.

    A change is quiet that

    - replaces comments and white space by such, or
    - takes the annotation from a parameter or a variable, or
    - puts one expression in the place of another that uses at least the same names; since it is
      one that is read where it stands now, what stood there was read, too; or
    - does so inside of a function and uses, besides those, names that the module imports at its
      top level and binds nowhere else.

    Args:
        module: an edited module that parses.
    """
    tree = module.module
    if module.file.before is None or not isinstance(tree, ast.Module):
        return False
    rest = [change for change in module.changes if not _is_comment(change, module)]
    if not all(_may_be_quiet(change, module) for change in rest):
        return False
    return all(_is_quiet_in(tree, change, module) for change in rest)


def _texts(change: Change, module: Touched) -> tuple[bytes, bytes]:
    old = module.before.data[change.old.start : change.old.end]
    return old, module.after.data[change.new.start : change.new.end]


def _is_comment(change: Change, module: Touched) -> bool:
    old, new = _texts(change, module)
    return bool(_COMMENT.match(old) and _COMMENT.match(new))


def _may_be_quiet(change: Change, module: Touched) -> bool:
    """Rule out most changes by their bytes alone."""
    old, new = _texts(change, module)
    if not new.strip(b" \t="):
        return _removed_annotation(old) is not None
    if _BINDS.search(old) or _BINDS.search(new):
        return False
    more = _words(new) - _words(old)
    return all(_is_only_imported(word, module.after.data) for word in more)


def _words(text: bytes) -> set[bytes]:
    """Give what may be names in a piece of code: all words but keywords and attributes."""
    return set(_WORD.findall(_STRING.sub(b"", text))) - _KEYWORDS


def _is_only_imported(name: bytes, data: bytes) -> bool:
    """Tell whether a module imports a name at its top level and only reads it everywhere else.

    An attribute of it is taken, or it is called: anything else may bind it, and counts as such.
    What is built in needs no import.
    """
    imported = re.compile(rb"^from [\w.]+ import %b[ \t]*\r?$" % name, re.MULTILINE)
    read = rb"(?<![\w.])(?<!def )(?<!class )(?<!import )%b(?=[.(])" % name
    every = re.findall(rb"(?<![\w.])%b(?!\w)" % name, data)
    imports = 0 if name.decode() in ALWAYS_BUILT_IN else 1
    same = len(every) == imports + len(re.findall(read, data))
    return same and len(imported.findall(data)) == imports


def _removed_annotation(old: bytes) -> frozenset[str] | None:
    annotated = _ANNOTATION.match(old)
    return _names(annotated["annotation"]) if annotated else None


def _names(text: bytes) -> frozenset[str] | None:
    """Give the names that an expression reads; None where it is none, or does more than read."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return None
    nodes = list(ast.walk(tree))
    if any(isinstance(node, _LOUD) for node in nodes):
        return None
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    # In an annotation or in `__all__`, a string names things, too.
    texts = {node.value for node in nodes if isinstance(node, ast.Constant)}
    return frozenset(names | {text for text in texts if isinstance(text, str)})


def _is_quiet_in(tree: ast.Module, change: Change, module: Touched) -> bool:
    old, new = _texts(change, module)
    more = _words(new) - _words(old)
    in_function = False
    for node in _across(tree, change.new, module):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            # Its defaults and decorators are read where it is defined.
            in_function = module.after.span(node.body[0]).start <= change.new.start
        if not new.strip(b" \t="):
            # `x: int = 0` became `x = 0`; nothing else than an annotation can have stood there.
            if isinstance(node, ast.arg):
                bare: ast.expr | ast.arg | None = node
            else:
                bare = node.targets[0] if isinstance(node, ast.Assign) else None
            if bare is not None and module.after.span(bare).end == change.new.start:
                return True
        elif isinstance(node, ast.stmt) and _is_read_by(node, change, module):
            return in_function or not more
    return False


def _is_read_by(statement: ast.stmt, change: Change, module: Touched) -> bool:
    """Tell whether a change lies in an expression of a statement that is read and binds nothing."""
    managers = [item.context_expr for item in getattr(statement, "items", ())]
    for read in (*managers, *(getattr(statement, name, None) for name in _READ)):
        if isinstance(read, ast.expr) and not any(isinstance(n, _LOUD) for n in ast.walk(read)):
            start, end = module.after.span(read)
            new = module.after.data[change.new.start : change.new.end]
            first = change.new.end - len(new.lstrip())
            last = change.new.start + len(new.rstrip())
            if start <= first and last <= end and not (_STRING.search(new) and _names_types(read)):
                return True
    return False


def _names_types(read: ast.expr) -> bool:
    """Tell whether a string in an expression may name something, as in `cast("Worker", x)`."""
    return any(isinstance(node, ast.Name) and node.id in _TYPING for node in ast.walk(read)) or any(
        isinstance(node, ast.Attribute) and node.attr in _TYPING for node in ast.walk(read)
    )


def _across(tree: ast.Module, span: Span, module: Touched) -> Iterator[ast.AST]:
    """Give the nodes whose lines hold a span, without the inside of f-strings."""
    first, last = module.after.line_of(span.start), module.after.line_of(span.end)
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        begin, end = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
        if begin is not None and end is not None:
            decorators = getattr(node, "decorator_list", [])
            begin = min([begin, *(item.lineno for item in decorators)])
            if begin > last or end < first:
                continue
            yield node
        if not isinstance(node, ast.JoinedStr):
            waiting += ast.iter_child_nodes(node)
