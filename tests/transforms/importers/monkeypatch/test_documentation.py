"""Which documentation belongs to which mutation."""

from __future__ import annotations

from tests.transforms.importers.monkeypatch.running import plugin_of, reading_of
from transforms.importers.monkeypatch.documentation import read_documentation

_FILES = {
    "plug/__init__.py": "",
    "plug/patch/__init__.py": """
        # ** File: main/patch_a.py **
        #   1. `vllm.ops.compute`
        #    Why: one
        #   2. `vllm.api.Engine`
        #    Why: two
        #   3. `vllm.ops.Engine.run`
        #    Why: three
        # ** File: patch_b.py **
        #   1. `vllm.ops.something_else`
        #    Why: four
        # ** File: main/patch_gone.py **
        #   1. `vllm.ops.compute`
        #    Why: five
        # ** File: main/patch_other.py **
        #   1. `vllm.base.Base.size`
        #    Why: six
        """,
    "plug/patch/main/__init__.py": """
        from plug.patch.main import patch_a, patch_b, patch_c
        """,
    "plug/patch/main/patch_a.py": """
        from vllm import ops
        ops.compute = 1
        ops.Engine.kind = 2
        ops.Engine.run = 3
        ops.LIMIT = 4
        """,
    "plug/patch/main/patch_b.py": '"""Says it here."""\nfrom vllm import ops\nops.other = 1\n',
    "plug/patch/main/patch_c.py": "from vllm import base\nbase.Base.size = 1\n",
    "plug/patch/main/patch_d.py": "from vllm import ops\nops.NAMES = 1\n",
    "plug/patch/main/patch_other.py": "",
}
_ROOTS = ["plug.patch.main"]


def test_the_entry_that_names_the_target_most_exactly_is_its() -> None:
    documentation = read_documentation(plugin_of(_FILES, _ROOTS))
    found = {}
    for row in reading_of(_FILES, roots=_ROOTS).mutations:
        entry = documentation.of(row)
        found[row.spelled] = entry and entry.why
    assert found == {
        "ops.compute": "one",
        "ops.Engine.kind": "two",
        "ops.Engine.run": "three",
        "ops.LIMIT": None,  # of several entries none names it
        "ops.other": "four",  # the only entry of its file
        "base.Base.size": "six",  # named in full, under another file's heading
        "ops.NAMES": None,
    }


def test_what_is_not_documented_and_what_is_lost_is_said() -> None:
    documentation = read_documentation(plugin_of(_FILES, _ROOTS))
    rows = reading_of(_FILES, roots=_ROOTS).mutations
    assert documentation.undocumented(rows) == ["plug/patch/main/patch_d.py"]
    assert [item.file for item in documentation.lost] == ["main/patch_gone.py"]
    assert documentation.notes == {"plug/patch/main/patch_b.py": "Says it here."}
