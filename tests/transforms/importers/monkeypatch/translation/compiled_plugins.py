"""Run a plugin's patches on a stand-in for vLLM, as they are and compiled: Python compares."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

from tests.transforms.trees import MemoryTree
from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches
from transforms.engine.patch import Patch
from transforms.importers.monkeypatch.plugin import Plugin
from transforms.importers.monkeypatch.reading import read
from transforms.importers.monkeypatch.resolution import Library
from transforms.importers.monkeypatch.translation.assembling import Assembled, assembled
from transforms.importers.monkeypatch.translation.setting import Setting
from transforms.importers.monkeypatch.translation.translating import planned, translated

if TYPE_CHECKING:
    from collections.abc import Mapping

RELEASE = "0.23.0"
MARKS = Path(__file__).parents[5] / "transforms/common/runtime/vllm/wheelwright_marks.py"
_IMPORTS = "import plug.patch"
# Signatures without annotations, which no program asks for.
_PRELUDE = """
import inspect

def shown(function):
    given = inspect.signature(function)
    plain = [item.replace(annotation=item.empty) for item in given.parameters.values()]
    return str(inspect.Signature(plain))

def tried(call):
    try:
        return call()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
"""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A plugin that was compiled.

    Attributes:
        made: its patches.
        tree: the files of vLLM with the patches applied.
        stock: those without.
        plugin: the files of the plugin.
    """

    made: Assembled
    tree: Mapping[str, bytes]
    stock: Mapping[str, bytes]
    plugin: Mapping[str, bytes]

    @property
    def outcomes(self) -> list[str]:
        """What became of each mutation."""
        return [row.became.value for row in self.made.rows]

    @property
    def kinds(self) -> list[str]:
        """The kinds of the edits; those left out that add support modules, or marks."""
        every = [edit for edits in self.made.patches.values() for edit in edits]
        codes = [(type(edit).__name__, getattr(edit, "code", "").strip()) for edit in every]
        return sorted(
            name
            for name, code in codes
            if name != "AddModule"
            and not code.startswith(("from vllm import wheelwright_marks", "__wheelwright__ ="))
        )

    def text(self, path: str) -> str:
        """Give a file of the compiled tree."""
        return self.tree[path].decode()

    @property
    def marks(self) -> list[str]:
        """The names that are compiled in."""
        return sorted(".".join(row.mark) for row in self.made.rows if row.edits and row.mark)

    def answers(self, probe: str, folder: Path) -> tuple[str, str, str, str]:
        """Give what a probe prints: on stock vLLM, patched at run time, compiled, and both."""
        code = _PRELUDE + dedent(probe)
        return (
            answer({**self.stock, **self.plugin}, code, folder / "stock"),
            answer({**self.stock, **self.plugin}, f"{_IMPORTS}\n{code}", folder / "patched"),
            answer({**self.tree, **self.plugin}, code, folder / "compiled"),
            answer({**self.tree, **self.plugin}, f"{_IMPORTS}\n{code}", folder / "twice"),
        )

    def holds(self, probe: str, folder: Path, *, once: str = "") -> None:
        """Assert that the compiled vLLM answers as the patched one does, and the stock one not.

        So does a compiled one that the plugin patches once more.

        Args:
            probe: what prints the answers.
            folder: where the files go.
            once: what prints further ones, which do differ where it is patched once more.
        """
        *_, patched, _, twice = self.answers(probe, folder)
        assert twice == patched
        stock, patched, compiled, _ = self.answers(f"{dedent(probe)}\n{once}", folder)
        assert compiled == patched
        assert stock != patched

    def rebound(self, folder: Path) -> list[str]:
        """Give the compiled names that are rebound when the plugin patches once more.

        None is, where it does not.
        """
        modules = sorted({row.mark[0] for row in self.made.rows if row.edits and row.mark})
        code = f"import {', '.join([*modules, 'vllm.wheelwright_marks as w'])}\n"
        code += "print(*(f\"{r['module']}.{r['name']}\" for r in w.rebound()), sep='\\n')"
        files = {**self.tree, **self.plugin}
        assert answer(files, code, folder / "alone").split() == []
        return answer(files, f"{_IMPORTS}\n{code}", folder / "again").split()


def compile_plugin(
    vllm: Mapping[str, str],
    patch: str,
    *,
    others: Mapping[str, str] | None = None,
    defines: Mapping[str, str] | None = None,
) -> Compiled:
    """Compile a plugin of one patch module, `plug.patch.patch_it`.

    Args:
        vllm: the files of the stand-in, by their names below ``vllm/``.
        patch: the patch module.
        others: further files of the plugin, by their names below ``plug/``.
        defines: what is true of the machine.
    """
    tree = MemoryTree.of(
        {"vllm/__init__.py": "", **{f"vllm/{name}": text for name, text in vllm.items()}}
    )
    files = {
        "plug/__init__.py": "",
        "plug/patch/__init__.py": "import plug.patch.patch_it\n",
        "plug/patch/patch_it.py": patch,
        **{f"plug/{name}": text for name, text in (others or {}).items()},
    }
    plugin = Plugin(package="plug", tree=MemoryTree.of(files), roots=("plug.patch",))
    reading = read(plugin, tree, RELEASE, defines)
    setting = Setting(
        plugin=plugin,
        own=Library("plug", plugin.tree),
        library=Library("vllm", tree),
        tree=tree,
        release=RELEASE,
        lookup=reading.lookup,
    )
    plan = planned(reading.mutations, setting)
    made = assembled(translated(plan), oldest=(3, 10))
    patches = {
        stem: Patch(why="w", upstream="u", drop_when="d", versions="", edits=edits)
        for stem, edits in made.patches.items()
    }
    outcomes = match_patches(patches, tree, RELEASE)
    assert all(item.status.is_good for item in outcomes), outcomes
    after = {file.path: file.after for file in apply_sites(outcomes, tree)}
    stock = dict(tree.files)
    return Compiled(
        made=made,
        tree={**stock, **after, "vllm/wheelwright_marks.py": MARKS.read_bytes()},
        stock=stock,
        plugin=dict(plugin.tree.files),  # type: ignore[attr-defined]
    )


def answer(files: Mapping[str, bytes], code: str, folder: Path) -> str:
    """Give what code prints in a process that has these files.

    Args:
        files: the modules that it can import, by their paths.
        code: what it runs.
        folder: where the files go.
    """
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-B", "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
