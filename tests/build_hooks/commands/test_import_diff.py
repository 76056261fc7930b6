"""`import-diff` writes patches that give exactly what `git apply` gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.command_line import assert_clean_failure
from tests.build_hooks.diffs.imports import Place

if TYPE_CHECKING:
    from pathlib import Path

WORKER = "vllm/v1/worker/gpu_worker.py"
INTERFACE = "vllm/platforms/interface.py"
KERNEL = "csrc/cache.cu"
CMAKE = "CMakeLists.txt"
NOTES = "docs/notes.md"
WHY = "Startup fails on MUSA.\nhttps://x.org/1."
NATIVE = {
    KERNEL: (
        b"#include <cuda.h>\n\n"
        b"namespace vllm {\nvoid run(int n) {\n  check(n);\n  start(n);\n}\n}\n"
    ),
    CMAKE: b"project(vllm)\nset(FLAGS a)\nadd_library(one one.cpp)\n",
    NOTES: b"# Notes\n\nfirst\n\nsecond\n",
}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place.of(tmp_path, NATIVE)


def test_one_diff_becomes_typed_edits_and_a_table(place: Place) -> None:
    tree = place.tree
    tree.edit(WORKER, 'device_type == "cuda"', 'device_type in ("cuda", "musa")')
    tree.edit(INTERFACE, "        return False\n", "        return self.is_cuda()\n")
    tree.write("vllm/more.py", b"X = 1\n")
    diff = tree.diff()
    document = place.document(diff)
    assert place.made() == tree.applied(diff)
    assert [(row["path"], row["became"]) for row in document["rows"]] == [
        ("vllm/more.py", "file"),
        (INTERFACE, "syntax"),
        (WORKER, "syntax"),
    ]
    (patch,) = document["patches"]
    assert patch["patch"] == "change"
    assert patch["missing"] == ["why"]
    text = (place.folder / "out" / "change.py").read_text()
    assert 'inside="vllm.v1.worker.gpu_worker.Worker.init_device"' in text
    assert 'upstream="not said by 0-change.patch"' in text
    assert place.left() == ["change.py", "more.py", "runtime", "vllm"]


def test_each_commit_of_a_series_is_a_patch_with_its_reason(place: Place) -> None:
    tree = place.tree
    tree.edit(WORKER, 'device_type == "cuda"', 'device_type != "cpu"')
    tree.commit(f"worker: start on any device\n\n{WHY}\n\nSigned-off-by: A <a@b>")
    tree.edit(INTERFACE, 'return self.device_type == "cpu"', "return True")
    tree.commit("Say that it is a CPU")
    diff = tree.series()
    document = place.document(diff)
    assert place.made() == tree.applied(diff)
    assert [item["patch"] for item in document["patches"]] == [
        "start_on_any_device",
        "say_that_it_is_a_cpu",
    ]
    text = (place.folder / "out" / "start_on_any_device.py").read_text()
    assert "Startup fails on MUSA." in text
    assert "Signed-off-by" not in text
    assert 'upstream="https://x.org/1"' in text
    assert 'drop_when="not said by 0-change.patch, commit 1"' in text


def test_commits_that_build_on_one_another_become_one_patch(place: Place) -> None:
    tree = place.tree
    tree.edit(WORKER, "self.started = True", "self.started = 2")
    tree.commit("Count to two")
    tree.edit(INTERFACE, "return False", "return True")
    tree.commit("Be out of tree")
    tree.edit(WORKER, "self.started = 2", "self.started = 3")
    tree.commit("Count to three")
    diff = tree.series()
    document = place.document(diff)
    assert place.made() == tree.applied(diff)
    assert [(item["patch"], len(item["commits"])) for item in document["patches"]] == [
        ("count_to_two", 2),
        ("be_out_of_tree", 1),
    ]


def test_a_commit_that_only_takes_away_what_another_wrote_is_one_with_it(place: Place) -> None:
    tree = place.tree
    there = "            self.started = True\n"
    tree.edit(WORKER, there, f"{there}            self.count = 1\n            self.more = 2\n")
    tree.commit("Count")
    tree.edit(WORKER, "            self.more = 2\n", "")
    tree.commit("Count less")
    diff = tree.series()
    document = place.document(diff)
    assert place.made() == tree.applied(diff)
    assert [len(item["commits"]) for item in document["patches"]] == [2]


def test_what_a_later_commit_takes_back_is_said(place: Place) -> None:
    tree = place.tree
    tree.edit(WORKER, "self.started = True", "self.started = 2")
    tree.commit("Count")
    tree.edit(WORKER, "self.started = 2", "self.started = True")
    tree.edit(INTERFACE, "return False", "return True")
    tree.commit("Revert that, and be out of tree")
    diff = tree.series()
    document = place.document(diff)
    assert place.made() == tree.applied(diff)
    assert [row["became"] for row in document["rows"]] == ["undone", "syntax", "undone"]


def test_several_files_are_one_series_and_a_name_makes_one_patch(place: Place) -> None:
    tree = place.tree
    tree.edit(WORKER, "self.started = True", "self.started = 2")
    first = tree.diff()
    tree.commit("one")
    base, tree.base = tree.base, tree.git("rev-parse", "HEAD").decode().strip()
    tree.edit(INTERFACE, "return False", "return True")
    second = tree.diff()
    tree.base = base
    document = place.document(first, second, options=("--name", "both", "--why", "it fails"))
    assert [item["patch"] for item in document["patches"]] == ["both"]
    assert document["patches"][0]["missing"] == []
    assert place.made() == tree.applied(first, second)


def test_native_files_become_native_edits_and_others_exact_text(place: Place) -> None:
    tree = place.tree
    tree.edit(KERNEL, "  start(n);\n", "  prepare(n);\n  start(n, true);\n")
    tree.edit(CMAKE, "set(FLAGS a)", "set(FLAGS a b)")
    tree.edit(NOTES, "first", "first of all")
    diff = tree.diff()
    document = place.document(diff)
    assert place.made() == tree.applied(diff)
    kinds = {row["path"]: [edit["kind"] for edit in row["edits"]] for row in document["rows"]}
    assert {kind.split(".")[0] for kind in kinds[KERNEL]} == {"cpp"}
    assert {kind.split(".")[0] for kind in kinds[CMAKE]} == {"cmake"}
    assert kinds[NOTES] == ["ReplaceText"]


def test_files_may_be_left_out_and_that_is_said(place: Place) -> None:
    tree = place.tree
    tree.edit(NOTES, "first", "1st")
    tree.edit(WORKER, "self.started = True", "self.started = 2")
    diff = tree.diff()
    document = place.document(diff, options=("--exclude", "docs/*"))
    assert [row["became"] for row in document["rows"]] == ["left out", "syntax"]
    assert list(place.made()) == [WORKER]


def test_text_says_what_each_hunk_became_and_a_verdict(place: Place) -> None:
    tree = place.tree
    tree.edit(WORKER, "self.started = True", "self.started = 2")
    done = place.run(tree.diff())
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == WORKER
    assert lines[1].split()[:5] == ["@@", "-2,6", "+2,6", "@@", "syntax"]
    assert lines[-1].startswith("PASS: 1 hunk on 0.33.0: 1 syntax; 1 patch, byte for byte")
    assert "next: fill in why of change" in done.stdout


def test_a_check_that_a_build_would_fail_is_said_and_fails(place: Place) -> None:
    tree = place.tree
    tree.edit(WORKER, "self.started = True", "self.started = nowhere")
    done = place.run(tree.diff())
    assert done.returncode == 1
    assert "check: " in done.stdout
    assert "nowhere" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("FAIL: ")
    assert place.left() == ["change.py"]


def test_a_file_in_the_way_stays_as_it_is(place: Place) -> None:
    tree = place.tree
    tree.edit(WORKER, "self.started = True", "self.started = 2")
    diff = tree.diff()
    assert place.run(diff).returncode == 0
    before = (place.folder / "out" / "change.py").read_bytes()
    message = assert_clean_failure(place.run(diff), 2)
    assert "exists" in message
    assert (place.folder / "out" / "change.py").read_bytes() == before
