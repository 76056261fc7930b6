"""What a patch replaces, and what nobody wants, is not compiled, and is a row all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.transforms.importers.monkeypatch.translation.compiled_plugins import MARKS, answer
from tests.transforms.trees import MemoryTree
from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches
from transforms.importers.monkeypatch.compiler import Imported, compile_plugin
from transforms.importers.monkeypatch.plugin import Plugin
from transforms.importers.monkeypatch.reading import read
from transforms.importers.monkeypatch.withheld import Withheld

if TYPE_CHECKING:
    from pathlib import Path

RELEASE = "0.33.0"
VLLM = {
    "vllm/__init__.py": "",
    "vllm/ops.py": """
        class Engine:
            kind = "stock"

            def run(self, x):
                return x

            def stop(self):
                return None
        """,
}
FILES = {
    "plug/__init__.py": "",
    "plug/patch/__init__.py": "from . import patch_a, patch_b, patch_c\n",
    "plug/patch/patch_a.py": """
        from vllm import ops

        LIMIT = 3
        original = ops.Engine.run

        def run(self, x):
            return min(original(self, x), LIMIT)

        ops.Engine.run = run
        """,
    "plug/patch/patch_b.py": """
        from vllm import ops

        original = ops.Engine.run

        def run(self, x):
            return original(self, x) + 1

        def stop(self):
            return original(self, 0)

        ops.Engine.run = run
        ops.Engine.stop = stop
        """,
    "plug/patch/patch_c.py": """
        from vllm import ops

        if False:
            ops.Engine.run = None
        ops.Engine.kind = "plug"
        """,
}
RUN = "vllm.ops:Engine.run"
PROBE = "from vllm.ops import Engine\nprint(Engine().run(7), Engine().stop())\n"


def compiled(files: dict[str, str] | None = None, **withheld: object) -> Imported:
    tree = MemoryTree.of(VLLM)
    plugin = Plugin(package="plug", tree=MemoryTree.of(files or FILES), roots=("plug.patch",))
    reading = read(plugin, tree, RELEASE)
    held = Withheld(**withheld)  # type: ignore[arg-type]
    return compile_plugin(plugin, reading, tree, RELEASE, oldest=(3, 10), withheld=held)


def outcomes(imported: Imported) -> list[tuple[str, int, str, str, tuple[str, ...]]]:
    return [
        (row.place.file[-4:-3], row.place.line, row.outcome, row.patch, row.by)
        for row in imported.rows
    ]


def written(imported: Imported) -> dict[str, bytes]:
    """Give vLLM with the patches, as a build writes it."""
    tree = MemoryTree.of(VLLM)
    patches = {f"plug/{stem}": patch for stem, patch in imported.patches("plug 1").items()}
    files = apply_sites(match_patches(patches, tree, RELEASE), tree)
    stock = {path: tree.read(path) for path in tree}
    marks = {"vllm/wheelwright_marks.py": MARKS.read_bytes()}
    return {**stock, **marks, **{file.path: file.after for file in files}}


def test_what_is_replaced_is_a_row_that_names_the_patch_and_ships_nothing() -> None:
    whole, part = compiled(), compiled(replaced={RUN: ("acme/one", "acme/two")})
    assert [row[:3] for row in outcomes(whole)] == [row[:3] for row in outcomes(part)]
    by = ("acme/one", "acme/two")
    assert [row[3:] for row in outcomes(part) if row[0] in "ab"] == [
        ("", by),
        ("", by),
        ("b", ()),
    ]
    replaced = next(row for row in part.rows if row.target == RUN)
    assert (replaced.outcome, replaced.what) == ("compiled", "by acme/one, acme/two")
    assert "vllm/wheelwright_plugins/plug/a.py" in whole.runtime
    assert "vllm/wheelwright_plugins/plug/a.py" not in part.runtime
    assert "a" not in part.made.patches


def test_what_calls_a_replaced_function_calls_what_stands_there(tmp_path: Path) -> None:
    imported = compiled(replaced={RUN: ("acme/one",)})
    # The hand-written patch edits `run` itself, which is upstream's here.
    assert answer(written(imported), PROBE, tmp_path) == "7 0\n"


def test_what_never_has_an_effect_is_replaced_by_nothing() -> None:
    rows = compiled(replaced={RUN: ("acme/one",)}).rows
    (dead,) = (row for row in rows if row.place.file.endswith("patch_c.py") and row.target == RUN)
    assert (dead.outcome, dead.by) == ("needs nothing", ())


def test_what_nobody_wants_is_left_out_whole(tmp_path: Path) -> None:
    imported = compiled(left_out=frozenset({"a"}))
    assert outcomes(imported)[0] == ("a", 9, "left out", "", ())
    assert sorted(imported.made.patches) == ["b", "c"]
    # Each calls what stood there before it.
    assert answer(written(compiled()), PROBE, tmp_path / "all") == "4 0\n"
    assert answer(written(imported), PROBE, tmp_path / "without") == "8 0\n"


def test_names_of_patches_do_not_depend_on_what_is_left_out() -> None:
    # Two modules of one name: each patch is named by its folder, too.
    same = {
        "plug/__init__.py": "",
        "plug/patch/__init__.py": "from .one import patch_a\nfrom .two import patch_a as other\n",
        "plug/patch/one/__init__.py": "",
        "plug/patch/one/patch_a.py": "from vllm import ops\nops.Engine.kind = 'one'\n",
        "plug/patch/two/__init__.py": "",
        "plug/patch/two/patch_a.py": "from vllm import ops\nops.Engine.stop = lambda self: 2\n",
    }
    everything = frozenset(compiled(same).made.patches)
    assert len(everything) == 2
    for stem in everything:
        left = compiled(same, left_out=everything - {stem})
        assert set(left.made.patches) == {stem}


def test_a_patch_says_of_what_the_plugin_leaves_unsaid_that_it_does() -> None:
    patch = compiled().patches("some-plugin 1.0")["b"]
    unsaid = "not said by some-plugin 1.0: plug/patch/patch_b.py"
    assert (patch.why, patch.upstream, patch.drop_when) == (unsaid, unsaid, unsaid)
    assert patch.versions == f"=={RELEASE}"
