"""`rebase` reports every edit on a newer release, and rewrites only what moved for certain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from build_hooks.diffs.loading import load_folder
from tests.build_hooks.command_line import assert_clean_failure, run, run_json
from tests.build_hooks.small_release import PKG_INFO, RELEASE, small_files, write_sdist
from tests.transforms.trees import MemoryTree
from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NEWER = "0.34.0"
LAYER = """\
import os


class Attention:
    def forward(self, query, key, value):
        out = self.impl(query, key, value)
        return out

    def reset(self):
        self.count = 0


def unified(query, key):
    result = query @ key
    return result.softmax()
"""
RUNNER = """\
from vllm.attention.layer import Attention


class Runner:
    def execute(self, batch):
        with self.timer:
            state = self.prepare(batch, self.device, self.dtype)
            logits = self.model(state, batch.positions)
            return self.sample(logits, batch.temperature)
"""
OLD = {
    "vllm/attention/__init__.py": b"",
    "vllm/attention/layer.py": LAYER.encode(),
    "vllm/runner.py": RUNNER.encode(),
    "csrc/one.cu": b"void run(int n) {\n  start(n);\n}\n",
}
PATCH = '''"""Count what is done."""

from transforms.edits import InsertAfter, Patch, Replace, ReplaceText, cpp

PATCH = Patch(
    why="nobody counts",
    upstream="none: a test",
    drop_when="`vllm.runner` counts",
    versions=">=0.33.0",
    edits=[
        InsertAfter(
            inside="vllm.attention.layer.Attention.forward",
            anchor="out = $value",
            code="self.count += 1",
            other_side="return out",
        ),  # why it is there
        Replace(inside="vllm.attention.layer.unified", find="query @ key", replace="key @ query"),
        Replace(
            inside="vllm.runner.Runner.execute",
            find="self.sample($logits, $$others)",
            replace="self.counted($logits, $$others)",
        ),
        cpp.Replace(path="csrc/one.cu", find="start(n)", replace="start(n, 1)"),
        ReplaceText(path="csrc/one.cu", find="run(int n)", replace="run(int m)", versions="<1"),
    ],
)
'''
WITHOUT = ("vllm/attention/layer.py", "csrc/one.cu")


def release(folder: Path, version: str, files: Mapping[str, bytes]) -> Path:
    info = PKG_INFO.replace(f"Version: {RELEASE}", f"Version: {version}")
    return write_sdist(folder / f"vllm-{version}.tar.gz", {**small_files(pkg_info=info), **files})


class Bench:
    """Patches for an older release, and a newer one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.patches = folder / "patches"
        self.patches.mkdir()
        self.module = self.patches / "count.py"
        self.module.write_text(PATCH)
        self.old = release(folder, RELEASE, OLD)

    def words(self, files: Mapping[str, bytes], *options: str) -> list[str | Path]:
        """Give the command that takes the patches to a release with these files."""
        kept = {path: data for path, data in OLD.items() if path not in WITHOUT}
        new = release(self.folder, NEWER, {**kept, **files})
        sources: list[str | Path] = ["--vllm", NEWER, "--source", new, "--from", self.old]
        return ["rebase", self.patches, *sources, *options]

    def rebased(self, files: Mapping[str, bytes], *options: str, code: int = 0) -> dict[str, Any]:
        """Take the patches there."""
        return run_json(*self.words(files, *options), code=code)

    def made(self, files: Mapping[str, bytes], version: str) -> dict[str, bytes]:
        """Give what the patches, as they are now, make of some files."""
        patches = {f"x/{stem}": patch for stem, patch in load_folder(self.patches).items()}
        tree = MemoryTree.of(files)
        outcomes = match_patches(patches, tree, version)
        assert all(item.status.is_good for item in outcomes), outcomes
        return {file.path: file.after for file in apply_sites(outcomes, tree)}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


MOVED = {
    "vllm/layers/__init__.py": b"",
    "vllm/layers/attention.py": LAYER.encode(),
    "vllm/runner.py": RUNNER.replace("attention.layer", "layers.attention").encode(),
    "csrc/kernels/one.cu": OLD["csrc/one.cu"],
}


def test_what_moved_is_rewritten_and_holds_on_both_releases(bench: Bench) -> None:
    before = bench.made(OLD, RELEASE)
    document = bench.rebased(MOVED)
    assert [(item["outcome"], item["moved_to"]) for item in document["edits"]] == [
        ("moved", "vllm.layers.attention.Attention.forward"),
        ("moved", "vllm.layers.attention.unified"),
        ("applied", None),
        ("moved", "csrc/kernels/one.cu"),
        ("moved", "csrc/kernels/one.cu"),
    ]
    assert (document["good"], document["written"], document["base"]) == (True, True, RELEASE)
    assert bench.made(OLD, RELEASE) == before
    after = bench.made(MOVED, NEWER)
    assert after["vllm/layers/attention.py"] == before["vllm/attention/layer.py"]
    assert after["csrc/kernels/one.cu"] == before["csrc/one.cu"]
    text = bench.module.read_text()
    assert "# why it is there" in text
    assert text.count('versions="<0.34.0"') == 3
    assert 'versions="<1,<0.34.0"' in text
    again = bench.rebased(MOVED)
    assert {item["outcome"] for item in again["edits"]} == {"applied", "excluded"}
    assert again["files"] == []


def test_a_dry_run_writes_nothing(bench: Bench) -> None:
    document = bench.rebased(MOVED, "--dry-run")
    assert (document["good"], document["written"]) == (True, False)
    assert bench.module.read_text() == PATCH


def test_a_renamed_function_is_known_by_its_body(bench: Bench) -> None:
    lines = LAYER.replace("def unified(", "def unified_attention(")
    # Too short to be known by its body, but for a function of that size.
    longer = "    result = query @ key\n    total = result.sum(dim=-1, keepdim=True)\n"
    longer += "    scaled = result / total.clamp(min=1e-6)\n"
    old = LAYER.replace("    result = query @ key\n", longer)
    new = lines.replace("    result = query @ key\n", longer)
    bench.old = release(bench.folder, RELEASE, {**OLD, "vllm/attention/layer.py": old.encode()})
    files = {"vllm/attention/layer.py": new.encode(), "csrc/one.cu": OLD["csrc/one.cu"]}
    document = bench.rebased(files)
    assert document["edits"][1]["moved_to"] == "vllm.attention.layer.unified_attention"
    assert document["good"] is True


def test_two_places_are_one_too_many(bench: Bench) -> None:
    files = {**MOVED, "vllm/layers/other.py": LAYER.encode()}
    document = bench.rebased(files, code=1)
    assert [item["outcome"] for item in document["edits"]][:2] == ["missing", "missing"]
    assert any("other" in note for note in document["edits"][0]["notes"])
    assert document["good"] is False
    assert "vllm.layers" not in bench.module.read_text()


def test_a_pattern_that_fits_elsewhere_while_its_scope_is_there_stays(bench: Bench) -> None:
    there = RUNNER.replace("self.sample(logits", "self.finish(logits")
    there += "\n    def other(self, logits, batch):\n        return self.sample(logits, batch)\n"
    document = bench.rebased({**MOVED, "vllm/runner.py": there.encode()}, code=1)
    item = document["edits"][2]
    assert (item["outcome"], item["moved_to"]) == ("drifted", None)
    assert item["reason"] == "matched 0 sites, expected 1"


def test_what_upstream_has_is_obsolete_and_fails(bench: Bench) -> None:
    there = RUNNER.replace("self.sample(logits", "self.counted(logits")
    done = run(*bench.words({**MOVED, "vllm/runner.py": there.encode()}))
    assert done.returncode == 1
    assert "what it would write is already there" in done.stdout
    lines = done.stdout.splitlines()
    assert lines[-2] == "5 edits on 0.34.0: 4 moved, 1 obsolete"
    assert lines[-1] == "0.34.0: FAIL: 1 drifted"


def test_edits_that_are_made_by_code_are_left_to_their_author(bench: Bench) -> None:
    text = PATCH.replace("    edits=[\n", "    edits=_same([\n").replace("    ],\n)", "    ]),\n)")
    text = text.replace("PATCH = ", "def _same(edits):\n    return edits\n\n\nPATCH = ")
    bench.module.write_text(text)
    document = bench.rebased(MOVED, code=1)
    assert document["fixed"] == {"count": "its edits are not a list of calls"}
    assert bench.module.read_text() == text


def test_a_folder_without_patches_is_refused(bench: Bench) -> None:
    words = bench.words(MOVED)
    bench.module.unlink()
    assert "holds no patch" in assert_clean_failure(run(*words), 2)
    words[1] = bench.folder / "nowhere"
    assert "is no folder" in assert_clean_failure(run(*words), 2)


def test_a_module_that_cannot_be_loaded_is_named(bench: Bench) -> None:
    bench.module.write_text(PATCH.replace('find="query @ key"', 'find="query @"'))
    message = assert_clean_failure(run(*bench.words(MOVED)), 9)
    assert "count.py cannot be loaded: PatternError" in message
