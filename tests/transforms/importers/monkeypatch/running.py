"""What a small plugin does to a stand-in of vLLM: as CPython does it, and as it is read."""

from __future__ import annotations

import json
import subprocess
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

from tests.transforms.trees import MemoryTree
from transforms.engine.syntax.modules import module_name
from transforms.importers.monkeypatch.plugin import Plugin
from transforms.importers.monkeypatch.reading import read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from transforms.importers.monkeypatch.mutation import Mutation
    from transforms.importers.monkeypatch.reading import Reading

RELEASE = "0.23.0"

VLLM = {
    "vllm/__init__.py": f'__version__ = "{RELEASE}"\n',
    "vllm/base.py": """
        class Base:
            def inherited(self):
                return "base"

            @property
            def size(self):
                return 1

        class Sibling(Base):
            def own(self):
                return "sibling"
        """,
    "vllm/ops.py": """
        from vllm.base import Base

        LIMIT = 3
        REGISTRY = {"a": 1}
        NAMES = ["x"]

        def compute(x):
            return x + 1

        def other(x):
            return compute(x) * 2

        class Engine(Base):
            kind = "stock"
            table = {}

            class Inner:
                def run(self):
                    return "inner"

            def run(self, x):
                return compute(x)

            @staticmethod
            def plain(x):
                return x

            @classmethod
            def make(cls):
                return cls()

            @property
            def state(self):
                return "state"

            @classmethod
            def register(cls, name):
                def decorator(function):
                    cls.table[name] = function
                    return function
                return decorator
        """,
    "vllm/user.py": """
        from vllm.ops import Engine, compute

        def use(x):
            return compute(x)
        """,
    "vllm/api/__init__.py": "from vllm.ops import Engine, compute\n",
    "vllm/api/deep.py": "from vllm.api import compute\n\ndef far():\n    return compute(0)\n",
}

# Before and after: each attribute of each module and class of vLLM, and what each container holds.
_PROBE = """
import importlib, json, sys
sys.dont_write_bytecode = True

def classes_of(holder, found):
    for value in list(vars(holder).values()):
        if isinstance(value, type) and value.__module__.split(".")[0] == "vllm":
            where = value.__module__ + "." + value.__qualname__
            if where not in found:
                found[where] = value
                classes_of(value, found)

def noted(dotted, holder, found):
    for name, value in list(vars(holder).items()):
        key = dotted + "." + name
        if isinstance(value, type(sys)) or (name.startswith("__") and holder in loaded()):
            continue
        found[key] = value
        if isinstance(value, dict):
            found[key + "[]"] = tuple(value.items())
        elif isinstance(value, list):
            found[key + "[]"] = tuple(value)

def loaded():
    return [module for name, module in sys.modules.items() if name.split(".")[0] == "vllm"]

def state(classes):
    found = {}
    for module in loaded():
        noted(module.__name__, module, found)
    for dotted, cls in classes.items():
        noted(dotted, cls, found)
    return found

SKIPPED = ("__dict__", "__weakref__", "__doc__", "__module__", "__annotations__")

def changed_by(folder, modules, roots):
    for name in [name for name in sys.modules if name.split(".")[0] in ("vllm", "plug")]:
        del sys.modules[name]
    sys.path.insert(0, folder)
    importlib.invalidate_caches()
    for name in modules:
        importlib.import_module(name)
    # The classes that are there before: what takes the place of one has members of its own.
    classes = {}
    for module in loaded():
        classes_of(module, classes)
    before = state(classes)
    for root in roots:
        module, _, function = root.partition(":")
        imported = importlib.import_module(module)
        if function:
            getattr(imported, function)()
    after = state(classes)
    sys.path.remove(folder)
    changed = set()
    missing = object()
    for key in set(before) | set(after):
        if key.rpartition(".")[2] in SKIPPED:
            continue
        one, other = before.get(key, missing), after.get(key, missing)
        if key.endswith("[]"):
            if one != other:
                changed.add(key[:-2])
        elif one is not other:
            changed.add(key)
    return sorted(changed)

print(json.dumps([changed_by(*asked) for asked in json.load(sys.stdin)]))
"""


def plugin_of(files: Mapping[str, str], roots: Sequence[str] = ("plug",)) -> Plugin:
    """Make a plugin of the package `plug`; texts are dedented."""
    return Plugin(package="plug", tree=MemoryTree.of(dict(files)), roots=tuple(roots))


def reading_of(
    files: Mapping[str, str] | str,
    *,
    roots: Sequence[str] = ("plug",),
    defines: Mapping[str, str] | None = None,
    release: str = RELEASE,
    vllm: Mapping[str, str] | None = None,
) -> Reading:
    """Read a plugin; one text is its only module."""
    given = {"plug/__init__.py": files} if isinstance(files, str) else files
    tree = MemoryTree.of({**VLLM, **(vllm or {})})
    return read(plugin_of(given, roots), tree, release, defines)


def rows_of(
    files: Mapping[str, str] | str,
    *,
    defines: Mapping[str, str] | None = None,
    vllm: Mapping[str, str] | None = None,
) -> tuple[Mutation, ...]:
    """Give the rows of a plugin."""
    return reading_of(files, defines=defines, vllm=vllm).mutations


def row_of(
    files: Mapping[str, str] | str,
    *,
    defines: Mapping[str, str] | None = None,
    vllm: Mapping[str, str] | None = None,
) -> Mutation:
    """Give the only row of a plugin."""
    (row,) = rows_of(files, defines=defines, vllm=vllm)
    return row


def dotted(row: Mutation) -> str:
    """Give a row's target with dots only."""
    return "" if row.target is None else ".".join((row.target.module, *row.target.path))


def said_to_change(rows: Sequence[Mutation]) -> list[str]:
    """Give the targets of vLLM that are said to change when the plugin is imported."""
    return sorted(
        {
            dotted(row)
            for row in rows
            if dotted(row).startswith("vllm.") and row.form.name != "INSTANCE"
            if not row.dead or "nothing in it reads one" in row.dead
        }
    )


def changed_by_python(
    plugins: Sequence[Mapping[str, str]],
    folder: Path,
    *,
    roots: Sequence[str] = ("plug",),
) -> list[list[str]]:
    """Import plugins with CPython, and give for each what of vLLM is another object then.

    Args:
        plugins: the files of each.
        folder: an empty one.
        roots: the modules that are imported, and the functions that are called, of each plugin.
    """
    asked = []
    for number, files in enumerate(plugins):
        inside = folder / str(number)
        everything = {**VLLM, **files}
        for path, text in everything.items():
            file = inside / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(dedent(text).removeprefix("\n"), encoding="utf-8")
        modules = sorted(module_name(path) for path in everything if path.startswith("vllm/"))
        asked.append((str(inside), modules, list(roots)))
    done = subprocess.run(
        [sys.executable, "-c", _PROBE],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
        env={},
    )
    found: list[list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found
