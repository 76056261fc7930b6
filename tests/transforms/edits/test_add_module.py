"""AddModule: a file that upstream does not have."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.transforms.trees import NAME, MemoryTree, applied, outcome_on, patch
from transforms.edits import AddModule
from transforms.engine.outcome import Status

_EDIT = AddModule(path="vllm/new.py", data=b"x = 1\n")


def test_the_file_is_added_as_it_is() -> None:
    tree = MemoryTree.of({"vllm/a.py": "y = 1"})
    files = applied(tree, {NAME: patch(_EDIT)})
    assert files == {"vllm/new.py": b"x = 1\n"}
    assert tree.reads == []


def test_a_file_need_not_be_python_nor_text() -> None:
    edit = AddModule(path="vllm/new.css", data=b"a { color: #\xff }")
    files = applied(MemoryTree.of({"vllm/a.py": "y = 1"}), {NAME: patch(edit)})
    assert files == {"vllm/new.css": b"a { color: #\xff }"}


@pytest.mark.parametrize(
    ("there", "status"), [(b"x = 1\n", Status.OBSOLETE), (b"x = 2\n", Status.DRIFTED)]
)
def test_a_file_of_upstreams_own_is_not_overwritten(there: bytes, status: Status) -> None:
    outcome = outcome_on(MemoryTree.of({"vllm/new.py": there}), _EDIT)
    assert (outcome.status, outcome.sites) == (status, ())
    ((_, problem),) = outcome.problems
    assert problem.path == "vllm/new.py"


def test_two_patches_that_add_one_file_are_a_conflict() -> None:
    outcome = outcome_on(MemoryTree.of({}), _EDIT, _EDIT)
    assert outcome.status is Status.CONFLICT


def test_a_shared_file_is_added_once() -> None:
    patches = {name: patch(replace(_EDIT, shared=True)) for name in ("a/p", "b/p")}
    files = applied(MemoryTree.of({}), patches)
    assert files == {"vllm/new.py": b"x = 1\n"}


@pytest.mark.parametrize("other", [_EDIT, replace(_EDIT, data=b"x = 2\n", shared=True)])
def test_a_shared_file_is_in_conflict_with_one_that_differs_or_is_not_shared(
    other: AddModule,
) -> None:
    outcome = outcome_on(MemoryTree.of({}), replace(_EDIT, shared=True), other)
    assert outcome.status is Status.CONFLICT


def test_the_bytes_come_from_the_runtime_folder() -> None:
    edit = AddModule(path="vllm/new.py").bind({"vllm/new.py": b"z\n"})
    assert edit.data == b"z\n"


def test_a_runtime_file_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"runtime/vllm/new\.py does not exist"):
        _EDIT.bind({"vllm/other.py": b""})


def test_the_path_must_be_said() -> None:
    with pytest.raises(TypeError, match="path"):
        AddModule()  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "path", ["", "/vllm/a.py", "vllm/../a.py", "vllm\\a.py", "vllm/", "./a.py"]
)
def test_the_path_must_stay_inside_the_tree(path: str) -> None:
    with pytest.raises(ValueError, match="`path` must be relative"):
        AddModule(path=path)
