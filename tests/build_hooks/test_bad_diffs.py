"""Diffs that cannot be imported as they are: an exact outcome, or an exact refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.command_line import assert_clean_failure, run
from tests.build_hooks.diffs.imports import Place

if TYPE_CHECKING:
    from pathlib import Path

WORKER = "vllm/v1/worker/gpu_worker.py"
WINDOWS = "vllm/windows.py"
OPEN_END = "vllm/open_end.py"
TABLE = "vllm/table.py"
FILES = {
    WINDOWS: b"import os\r\n\r\nA = 1\r\nB = 2\r\n",
    OPEN_END: b"A = 1\nB = 2",
    TABLE: b"".join(b"KEY_%d = %d\n" % (number, number) for number in range(30)),
    "vllm/bytes.bin": bytes(range(256)),
}
ARTIFACT, USAGE, PATCHES = 6, 2, 1


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place.of(tmp_path, FILES)


def worker_diff(place: Place) -> bytes:
    place.tree.edit(WORKER, "self.started = True", "self.started = 2")
    return place.tree.diff()


def test_a_diff_with_crlf_for_a_file_with_lf_is_refused_as_git_refuses_it(place: Place) -> None:
    diff = worker_diff(place).replace(b"\n", b"\r\n")
    assert place.tree.applied(diff) is None
    message = place.refusal(diff, code=PATCHES)
    assert f"{WORKER}, hunk 1 of 1, @@ -2,6 +2,6 @@: " in message
    assert "its lines end with CRLF, those of the file with LF" in message


def test_a_file_with_crlf_keeps_its_line_ends(place: Place) -> None:
    place.tree.edit(WINDOWS, "A = 1\r\n", "A = 2\r\nA += 1\r\n")
    diff = place.tree.diff()
    place.document(diff)
    assert place.made() == place.tree.applied(diff)
    assert place.made()[WINDOWS] == b"import os\r\n\r\nA = 2\r\nA += 1\r\nB = 2\r\n"


def test_a_rename_is_refused(place: Place) -> None:
    place.tree.git("mv", TABLE, "vllm/moved.py")
    message = place.refusal(place.tree.diff("-M"), code=USAGE)
    assert f"vllm/moved.py: it is renamed from {TABLE}, and no edit takes a file away" in message


def test_a_deleted_file_is_refused(place: Place) -> None:
    place.tree.git("rm", "-q", TABLE)
    message = place.refusal(place.tree.diff(), code=USAGE)
    assert f"{TABLE}: it is deleted, and no edit takes a file away" in message


def test_a_copy_becomes_a_new_file(place: Place) -> None:
    text = (place.tree.root / TABLE).read_bytes().replace(b"KEY_4 = 4", b"KEY_4 = 5")
    place.tree.write("vllm/copied.py", text)
    diff = place.tree.diff("-C", "--find-copies-harder")
    assert b"copy from" in diff
    place.document(diff)
    assert place.made() == place.tree.applied(diff) == {"vllm/copied.py": text}


def test_a_changed_mode_is_refused(place: Place) -> None:
    (place.tree.root / WORKER).chmod(0o755)
    message = place.refusal(place.tree.diff(), code=USAGE)
    assert f"{WORKER}: its mode changes from 100644 to 100755" in message


def test_the_mode_of_a_new_file_is_said_to_be_lost(place: Place) -> None:
    place.tree.write("vllm/tool2.sh", b"#!/bin/sh\n")
    (place.tree.root / "vllm/tool2.sh").chmod(0o755)
    document = place.document(place.tree.diff())
    assert document["notes"] == ["vllm/tool2.sh: added without its mode 100755; a wheel has none"]


def test_a_symbolic_link_is_refused(place: Place) -> None:
    (place.tree.root / "vllm/link.py").symlink_to("table.py")
    message = place.refusal(place.tree.diff(), code=USAGE)
    assert "vllm/link.py: it is a symbolic link, and a wheel holds files only" in message


@pytest.mark.parametrize("how", [("--binary",), ()])
def test_a_binary_file_is_refused_unless_it_is_left_out(place: Place, how: tuple[str, ...]) -> None:
    place.tree.write("vllm/bytes.bin", bytes(range(255, -1, -1)))
    place.tree.edit(WORKER, "self.started = True", "self.started = 2")
    diff = place.tree.diff(*how)
    message = place.refusal(diff, code=USAGE)
    assert "vllm/bytes.bin: it is binary" in message
    document = place.document(diff, options=("--exclude", "*.bin"))
    assert [row["became"] for row in document["rows"]] == ["left out", "syntax"]


@pytest.mark.parametrize("after", [b"A = 1\nB = 3", b"A = 1\nB = 2\n", b"A = 1\nB = 2\nC = 3"])
def test_a_file_without_a_last_line_end_comes_out_as_git_has_it(place: Place, after: bytes) -> None:
    place.tree.write(OPEN_END, after)
    diff = place.tree.diff()
    assert b"\\ No newline at end of file" in diff
    place.document(diff)
    assert place.made() == place.tree.applied(diff) == {OPEN_END: after}


def test_a_last_line_end_may_go(place: Place) -> None:
    place.tree.write(TABLE, place.tree.files[TABLE].removesuffix(b"\n"))
    diff = place.tree.diff()
    place.document(diff)
    assert place.made() == place.tree.applied(diff)


def test_what_would_need_fuzz_is_refused_with_the_line_that_differs(place: Place) -> None:
    diff = worker_diff(place).replace(b" class Worker:\n", b" class OldWorker:\n")
    assert b" class OldWorker:" in diff
    assert place.tree.applied(diff) is None
    message = place.refusal(diff, code=PATCHES)
    assert "a line around it is 'class OldWorker:', and line 2 is 'class Worker:'" in message
    assert "(5 of 6 lines are there)" in message
    assert "1 of 1 hunks do not apply to 0.33.0" in message


def test_another_place_is_taken_and_said_where_it_is_the_only_one(place: Place) -> None:
    place.tree.edit(TABLE, "KEY_20 = 20\n", "KEY_20 = 21\n")
    diff = place.tree.diff().replace(b"@@ -18,7 +18,7 @@", b"@@ -8,7 +8,7 @@")
    document = place.document(diff)
    assert place.made() == place.tree.applied(diff)
    (note,) = document["notes"]
    assert note.startswith(f"{TABLE}, hunk 1 of 1: applied +10 lines from where it says")
    assert document["rows"][0]["offset"] == 10


def test_one_of_several_other_places_is_never_guessed(place: Place) -> None:
    text = b"".join(b"def f_%d():\n    a()\n    b()\n    c()\n\n" % number for number in range(6))
    other = Place.of(place.folder / "other", {"vllm/alike.py": text})
    other.tree.write("vllm/alike.py", text.replace(b"b()", b"B()"))
    lines = b"--- a/vllm/alike.py\n+++ b/vllm/alike.py\n"
    diff = lines + b"@@ -30,3 +30,3 @@\n     a()\n-    b()\n+    B()\n     c()\n"
    # git takes the nearest one.
    assert other.tree.applied(diff) is not None
    message = other.refusal(diff, code=PATCHES)
    assert "it fits at lines 2, 7, 12, 17, 22, 27, and none of them is the one it names" in message


def test_a_diff_for_another_release_says_all_that_does_not_apply(place: Place) -> None:
    files = {
        **FILES,
        TABLE: FILES[TABLE].replace(b"KEY_5 = 5", b"OLD_5 = 5"),
        "vllm/gone.py": b"A\n",
    }
    older = Place.of(place.folder / "older", files)
    older.tree.edit(TABLE, "KEY_4 = 4\n", "KEY_4 = 0\n")
    older.tree.edit(TABLE, "KEY_25 = 25\n", "KEY_25 = 0\n")
    older.tree.write("vllm/gone.py", b"B\n")
    diff = older.tree.diff()
    assert place.tree.applied(diff) is None
    message = place.refusal(diff, code=USAGE)
    assert "vllm/gone.py: there is no such file" in message
    assert f"{TABLE}, hunk 1 of 2, @@ -2,7 +2,7 @@" in message
    assert "a line around it is 'OLD_5 = 5', and line 6 is 'KEY_5 = 5'" in message
    assert "it was made for another file: git's" in message


@pytest.mark.parametrize("reverse", [False, True])
def test_what_is_there_already_is_said(place: Place, reverse: bool) -> None:  # noqa: FBT001
    """Nothing tells a diff that was made the other way round from one whose work is done."""
    if reverse:
        place.tree.edit(WORKER, "self.started = True", "self.started = 2")
        diff = place.tree.diff("-R")
    else:
        text = place.tree.files[WORKER].replace(b"self.started = True", b"self.started = 2")
        older = Place.of(place.folder / "older", {WORKER: text})
        older.tree.edit(WORKER, "self.started = 2", "self.started = True")
        diff = older.tree.diff()
    assert place.tree.applied(diff) is None
    message = place.refusal(diff, code=PATCHES)
    assert "what it would write is there already, at line 2" in message
    assert "all of it is in 0.33.0 already, or it was made the other way round" in message


def test_a_new_file_that_is_there_is_refused(place: Place) -> None:
    older = Place.of(place.folder / "older", {})
    older.tree.write(TABLE, FILES[TABLE])
    diff = older.tree.diff()
    assert "and it is the same" in place.refusal(diff, code=PATCHES)
    message = place.refusal(diff.replace(b"+KEY_4 = 4", b"+KEY_4 = 5"), code=PATCHES)
    assert f"{TABLE}: the release has such a file of its own" in message


def test_a_diff_from_a_folder_needs_to_say_so(place: Place) -> None:
    place.tree.edit(WORKER, "self.started = True", "self.started = 2")
    diff = place.tree.diff("--relative", cwd="vllm")
    message = place.refusal(diff, code=USAGE)
    assert "v1/worker/gpu_worker.py: there is no such file" in message
    assert f"{WORKER} is there: if it is meant, give -p 0 or --directory vllm" in message
    place.document(diff, options=("--directory", "vllm"))
    assert place.made() == place.tree.applied(diff, options=("--directory=vllm",))


@pytest.mark.parametrize("strip", [0, 3])
def test_other_prefixes_need_their_number(place: Place, strip: int) -> None:
    place.tree.edit(WORKER, "self.started = True", "self.started = 2")
    prefixes = ["--no-prefix"] if not strip else ["--src-prefix=a/b/c/", "--dst-prefix=d/e/f/"]
    diff = place.tree.diff(*prefixes)
    message = place.refusal(diff, code=USAGE)
    assert ("there is no such file" if not strip else "and says no rename") in message
    assert "-p" in message
    place.document(diff, options=("-p", str(strip)))
    assert place.made() == place.tree.applied(diff, options=(f"-p{strip}",))


def test_too_many_folders_to_strip_is_said(place: Place) -> None:
    message = place.refusal(worker_diff(place), code=USAGE, options=("-p", "9"))
    assert "has no 9 folders to strip" in message


@pytest.mark.parametrize(
    "name",
    [
        "a/../../outside.py",
        "/etc/passwd",
        "a/vllm/./x.py",
        "a/.git/config",
        "C:/x/y.py",
        "a\\\\b/x.py",
    ],
)
def test_a_path_out_of_the_tree_is_refused_before_anything_else(place: Place, name: str) -> None:
    text = f"--- /dev/null\n+++ {name}\n@@ -0,0 +1 @@\n+X = 1\n"
    message = place.refusal(text.encode(), code=ARTIFACT)
    assert "leads out of the tree" in message
    assert "0-change.patch:2: " in message


def test_a_diff_that_was_cut_is_refused_wherever_it_was_cut(place: Place) -> None:
    place.tree.edit(WORKER, "self.started = True", "self.started = 2")
    diff = place.tree.diff()
    hunk = diff.index(b"@@")
    lines = diff[hunk:].count(b"\n")
    for count in range(1, lines):
        kept = b"".join(line + b"\n" for line in diff[hunk:].split(b"\n")[:count])
        message = place.refusal(diff[:hunk] + kept, code=ARTIFACT)
        assert "it ends inside of @@ -2,6 +2,6 @@" in message
    assert "in the middle of a line" in place.refusal(diff[:-3], code=ARTIFACT)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"@@ -2,6 +2,6 @@", b"@@ -2,5 +2,5 @@", "more lines than @@ -2,5 +2,5 @@ says"),
        (b"@@ -2,6 +2,6 @@", b"@@ -2,7 +2,7 @@", "it ends inside of @@ -2,7 +2,7 @@"),
        (b"@@ -2,6 +2,6 @@", b"@@ -2,x +2,6 @@", "a hunk's header that says no lines"),
        (b"     def init_device", b"*    def init_device", "no line of @@ -2,6 +2,6 @@"),
        (b"+++ b/vllm/v1/worker/gpu_worker.py\n", b"", "`---` without `+++`"),
    ],
)
def test_a_garbled_diff_is_refused_with_its_line(
    place: Place, old: bytes, new: bytes, said: str
) -> None:
    diff = worker_diff(place)
    assert old in diff
    message = place.refusal(diff.replace(old, new, 1), code=ARTIFACT)
    assert said in message
    assert "0-change.patch:" in message


def test_other_kinds_of_diffs_are_refused(place: Place) -> None:
    context = b"*** a/x\n--- b/x\n***************\n*** 1 ****\n! a\n--- 1 ----\n! b\n"
    assert "a context diff" in place.refusal(context, code=USAGE)
    merge = b"diff --cc x\nindex 1,2..3\n--- a/x\n+++ b/x\n@@@ -1,1 -1,1 +1,1 @@@\n"
    assert "a combined diff" in place.refusal(merge, code=USAGE)
    assert "no diff in it" in place.refusal(b"nothing of the kind\n", code=USAGE)
    assert "no diff in it" in place.refusal(b"", code=USAGE)
    text = worker_diff(place).decode().encode("utf-16")
    assert "it is UTF-16" in place.refusal(text, code=ARTIFACT)


def test_a_log_of_several_commits_is_refused_since_its_order_is_not_known(place: Place) -> None:
    worker_diff(place)
    place.tree.commit("one")
    place.tree.edit(TABLE, "KEY_4 = 4\n", "KEY_4 = 0\n")
    place.tree.commit("two")
    message = place.refusal(place.tree.git("log", "-p", "-2"), code=USAGE)
    assert "several commits of `git log`" in message
    shown = place.tree.git("show")
    place.document(shown)
    assert place.made() == place.tree.applied(shown)
    assert '"""Two."""' in (place.folder / "out" / "two.py").read_text()


def test_a_diff_without_context_is_refused_as_git_refuses_it(place: Place) -> None:
    place.tree.edit(TABLE, "KEY_4 = 4\n", "KEY_4 = 0\n")
    diff = place.tree.diff("-U0")
    assert place.tree.applied(diff) is None
    assert "it has no lines around what changes" in place.refusal(diff, code=PATCHES)


def test_a_file_that_is_not_there_and_a_name_that_is_none(place: Place) -> None:
    diff = worker_diff(place)
    words = place.words(diff)
    (place.folder / "0-change.patch").unlink()
    assert "cannot be read" in assert_clean_failure(run(*words), USAGE)
    message = place.refusal(diff, code=USAGE, options=("--name", "A b"))
    assert "is no name" in message
