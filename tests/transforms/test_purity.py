"""The compiler is pure, and its parts depend on each other in one direction only.

This reads the source instead of trusting a run: what a test does not reach is checked as well.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOT = Path(__file__).resolve().parents[2]
# What the compiler may use of Python itself. Nothing of it reads or writes anything outside.
_PURE = {
    "__future__",
    "ast",
    "bisect",
    "collections",
    "copy",
    "dataclasses",
    "difflib",
    "enum",
    "fnmatch",
    "functools",
    "hashlib",
    "itertools",
    "keyword",
    "re",
    "textwrap",
    "types",
    "typing",
    "warnings",
    "weakref",
}
# These work in memory, but for some of their names.
_FILES = {"io": {"open", "open_code", "FileIO"}, "tokenize": {"open"}}
_PURE_PACKAGES = {
    "libcst",
    "packaging",
    "pyflakes",
    "transforms",
    "tree_sitter",
    "tree_sitter_cmake",
    "tree_sitter_cuda",
}
_IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint", "globals"}
_CACHES = {"cache", "lru_cache"}
_MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
_MUTABLE_TYPES = {"list", "dict", "set", "bytearray", "defaultdict", "Counter", "deque"}
_MUTATORS = {
    "add",
    "append",
    "clear",
    "discard",
    "extend",
    "insert",
    "pop",
    "popitem",
    "remove",
    "reverse",
    "setdefault",
    "sort",
    "update",
}
# Which of our packages a package may import.
_DIRECTIONS = {
    "transforms/engine": ("transforms.engine",),
    "transforms/edits": ("transforms.engine", "transforms.edits"),
    "transforms/rules": ("transforms.engine", "transforms.rules"),
    "transforms/importers": ("transforms.engine", "transforms.edits", "transforms.importers"),
    "transforms/dialects": (
        *("transforms.edits", "transforms.engine", "transforms.rules"),
        "transforms.dialects",
    ),
    "transforms/platforms": ("transforms.edits", "transforms.rules"),
    "transforms/common": ("transforms.edits", "transforms.rules"),
    # Existing changes become patches by a command.
    "build_hooks": ("transforms.engine", "transforms.importers", "build_hooks"),
}
# A module of vLLM's own, in any string: the wheel's self-description is ours.
_VLLM_MODULE = re.compile(
    r"\bvllm\.(?!wheelwright\b|lock\b|egg-info|dist-info)[a-z_]\w*"
    r"|\bvllm/(?!wheelwright\.py\b|_version\.py\b)\w[\w/]*\.pyi?\b"
)


def _modules(folder: str) -> list[Path]:
    return [
        path
        for path in sorted((_ROOT / folder).rglob("*.py"))
        # What is added to the wheel runs there, not here.
        if "runtime" not in path.relative_to(_ROOT).parts
    ]


def _name(path: Path) -> str:
    return path.relative_to(_ROOT).as_posix()


def _imports(tree: ast.AST, package: str = "") -> Iterator[tuple[str, str]]:
    """Give the modules that are imported, and the name that is taken from them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, ""
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: -node.level + 1 or None] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield module, alias.name


def _impurities(tree: ast.Module) -> list[str]:
    return [*_impure_imports(tree), *_impure_uses(tree), *_written_state(tree)]


def _impure_imports(tree: ast.Module) -> Iterator[str]:
    for module, name in _imports(tree, "transforms.here"):
        root = module.split(".")[0]
        if root not in _PURE | _PURE_PACKAGES | set(_FILES) or name in _FILES.get(root, ()):
            yield f"imports {module} {name}"
        if root == "functools" and name in _CACHES:
            yield f"keeps results in functools.{name}"


def _impure_uses(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield f"writes the global {', '.join(node.names)}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in _IMPURE_CALLS:
                yield f"calls {node.func.id}"
        elif isinstance(node, ast.Attribute) and node.attr in _FILES.get(
            getattr(node.value, "id", ""), ()
        ):
            yield f"uses {ast.unparse(node)}"


def _written_state(tree: ast.Module) -> Iterator[str]:
    """Find module-level containers that a function of the module changes."""
    state = {name for statement in tree.body for name in _containers(statement)}
    functions = [
        node
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
    ]
    for node in {inner for function in functions for inner in ast.walk(function)}:
        changed: ast.expr | None = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            changed = node.func.value if node.func.attr in _MUTATORS else None
        elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            changed = node.value
        if isinstance(changed, ast.Name) and changed.id in state:
            yield f"changes the module's {changed.id}"


def _containers(statement: ast.stmt) -> Iterator[str]:
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)):
        return
    value = statement.value
    made = isinstance(value, ast.Call) and getattr(value.func, "id", "") in _MUTABLE_TYPES
    if made or isinstance(value, _MUTABLE):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        yield from (target.id for target in targets if isinstance(target, ast.Name))


def _wrong_directions(tree: ast.Module, package: str, allowed: tuple[str, ...]) -> list[str]:
    return [
        module
        for module, name in _imports(tree, package)
        if module.split(".")[0] in {"transforms", "build_hooks"}
        and not any(f"{module}.{name}.".startswith(f"{prefix}.") for prefix in allowed)
    ]


def _own_package(path: Path) -> str:
    """Give the dotted package that a module stands in."""
    return ".".join(path.relative_to(_ROOT).parent.parts)


@pytest.mark.parametrize("path", _modules("transforms"), ids=_name)
def test_a_module_of_the_compiler_is_pure(path: Path) -> None:
    assert _impurities(ast.parse(path.read_bytes())) == []


@pytest.mark.parametrize(
    ("folder", "path"),
    [(folder, path) for folder in _DIRECTIONS for path in _modules(folder)],
    ids=lambda value: _name(value) if isinstance(value, Path) else "",
)
def test_a_module_imports_in_the_allowed_direction_only(folder: str, path: Path) -> None:
    own = _own_package(path)
    allowed = _DIRECTIONS[folder]
    if folder in {"transforms/platforms", "transforms/common"}:
        allowed = (*allowed, own)
    assert _wrong_directions(ast.parse(path.read_bytes()), own, allowed) == []


@pytest.mark.parametrize("path", _modules("transforms"), ids=_name)
def test_the_compiler_does_not_know_of_its_packaging(path: Path) -> None:
    tree = ast.parse(path.read_bytes())
    assert [module for module, _ in _imports(tree) if module.split(".")[0] == "build_hooks"] == []


@pytest.mark.parametrize("path", _modules("build_hooks"), ids=_name)
def test_the_packaging_does_not_know_the_modules_of_vllm(path: Path) -> None:
    assert _named_modules(ast.parse(path.read_bytes())) == []


def _named_modules(tree: ast.Module) -> list[str]:
    return [
        found.group()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for found in _VLLM_MODULE.finditer(node.value)
    ]


def test_there_are_modules_to_look_at() -> None:
    assert all(_modules(folder) for folder in _DIRECTIONS)
    assert not any(path.name == "wheelwright.py" for path in _modules("transforms"))


@pytest.mark.parametrize(
    "code",
    [
        "import os",
        "import os.path as p",
        "from pathlib import Path",
        "import io\nx = io.open('a')",
        "from tokenize import open",
        "def f():\n    from time import time",
        "if TYPE_CHECKING:\n    from logging import Logger",
        "from functools import cache",
        "def f(): return open('a')",
        "print('a')",
        "def f():\n    global x",
        "x = []\ndef f(): x.append(1)",
        "x: dict = {}\ndef f(): x['a'] = 1",
        "x = dict()\nclass A:\n    def f(self):\n        del x['a']",
        "x = set()\nf = lambda: x.add(1)",
        "x = [1]\ndef f(): x[0] += 1",
    ],
)
def test_impure_code_is_recognized(code: str) -> None:
    assert len(_impurities(ast.parse(code))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "import ast\nfrom functools import cached_property",
        "from collections.abc import Iterator",
        "from . import sibling",
        "import io\nx = io.BytesIO()",
        "from transforms.engine.syntax.source import Source",
        "x = {}\ndef f(): return x['a']",
        "def f():\n    x = []\n    x.append(1)",
        "x = []\nx.append(1)",
        "self.open('a')",
    ],
)
def test_pure_code_is_left_alone(code: str) -> None:
    assert _impurities(ast.parse(code)) == []


@pytest.mark.parametrize(
    ("folder", "own", "code", "wrong"),
    [
        ("build_hooks", "build_hooks", "import transforms.edits", ["transforms.edits"]),
        ("build_hooks", "build_hooks", "from transforms import edits", ["transforms"]),
        ("build_hooks", "build_hooks", "from transforms.engine.match import match_patches", []),
        ("build_hooks", "build_hooks", "from transforms import engine", []),
        ("build_hooks", "build_hooks", "from build_hooks.errors import E", []),
        (
            "transforms/engine",
            "transforms.engine",
            "from transforms.edits import Patch",
            ["transforms.edits"],
        ),
        ("transforms/engine", "transforms.engine", "from transforms import edits", ["transforms"]),
        ("transforms/engine", "transforms.engine", "from ..edits import x", ["transforms.edits"]),
        ("transforms/engine", "transforms.engine", "from .source import x", []),
        (
            "transforms/engine",
            "transforms.engine",
            "import build_hooks.wheel",
            ["build_hooks.wheel"],
        ),
        ("transforms/rules", "transforms.rules", "import transforms.edits", ["transforms.edits"]),
        ("transforms/edits", "transforms.edits", "import transforms.engine.match", []),
        (
            "transforms/engine",
            "transforms.engine",
            "import transforms.engine_two",
            ["transforms.engine_two"],
        ),
    ],
)
def test_a_wrong_direction_is_recognized(
    folder: str, own: str, code: str, wrong: list[str]
) -> None:
    assert _wrong_directions(ast.parse(dedent(code)), own, _DIRECTIONS[folder]) == wrong


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("x = 'vllm.config'", ["vllm.config"]),
        ("x = f'{a} vllm.v1.worker {b}'", ["vllm.v1"]),
        ("x = 'vllm/config.py'", ["vllm/config.py"]),
        ("x = 'python -m vllm.wheelwright, vllm/wheelwright.py'", []),
        ("x = 'vllm.lock.toml', 'vllm-0.33.0', 'vllm/', 'vllm'", []),
    ],
)
def test_a_named_module_of_vllm_is_recognized(code: str, named: list[str]) -> None:
    assert _named_modules(ast.parse(code)) == named
