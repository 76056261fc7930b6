"""Declarations: what a patch must say."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from transforms.edits import AddModule, Patch, Replace
from transforms.engine.patch import admits, bind_runtime

_EDIT = Replace(inside="m", find="a", replace="b")
_GOOD: dict[str, object] = {
    "why": "w",
    "upstream": "u",
    "drop_when": "d",
    "versions": ">=0.9.2",
    "edits": [_EDIT],
}


@pytest.mark.parametrize("missing", _GOOD)
def test_a_field_that_is_left_out_is_a_type_error(missing: str) -> None:
    with pytest.raises(TypeError, match=missing):
        Patch(**{name: value for name, value in _GOOD.items() if name != missing})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"why": ""}, "must not be empty: fill in 'why'$"),
        ({"upstream": "  "}, "must not be empty: fill in 'upstream'$"),
        ({"why": "", "drop_when": "\n"}, "must not be empty: fill in 'why', 'drop_when'$"),
        ({"why": "n/a"}, r"^`why` is 'n/a', which says nothing: say what a user sees"),
        ({"upstream": "none"}, r"^`upstream` is 'none', which says nothing: give a link"),
        ({"drop_when": "TODO"}, r"^`drop_when` is 'TODO', which says nothing: give a condition"),
        (
            {"upstream": "?", "drop_when": "future"},
            r"^`upstream` is '\?'.*; `drop_when` is 'future'",
        ),
        ({"versions": "0.9.2"}, "Invalid specifier: '0.9.2'"),
        ({"versions": ">=zero"}, "Invalid specifier"),
        ({"edits": []}, "at least one edit"),
        ({"replaces": ("vllm.a.B",)}, "targets as module:path, not 'vllm.a.B'"),
        ({"replaces": ("vllm.a:", "vllm.a:b")}, "targets as module:path, not 'vllm.a:'"),
        (
            {"edits": [Replace(inside="m", find="a", replace="b", versions="new")]},
            "Invalid specifier: 'new'",
        ),
    ],
)
def test_a_wrong_declaration_fails_where_it_is_made(
    fields: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Patch(**{**_GOOD, **fields})  # type: ignore[arg-type]


def test_a_patch_cannot_be_changed() -> None:
    patch = Patch(**_GOOD)  # type: ignore[arg-type]
    with pytest.raises(FrozenInstanceError):
        patch.why = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("versions", "release", "admitted"),
    [
        ("", "0.33.0", True),
        (">=0.10", "0.9.2", False),
        (">=0.10", "0.10.0", True),
        (">=0.9.2,<0.11", "0.10.1.1", True),
        ("<0.11", "0.11.0", False),
        ("==0.12.*", "0.12.0", True),
        (">=0.33", "0.33.1rc2", True),
        (">=0.33", "0.33.0+cu129", True),
        (">=0.33", "0.33.0rc1", False),
    ],
)
def test_bounds_are_those_of_pep_440(versions: str, release: str, *, admitted: bool) -> None:
    assert admits(versions, release) is admitted


def test_added_files_get_their_bytes_from_the_runtime_folder() -> None:
    patches = {"new": Patch(**{**_GOOD, "edits": [_EDIT, AddModule(path="a.py")]})}  # type: ignore[arg-type]
    bound = bind_runtime(patches, {"a.py": b"text"})
    assert bound["new"].edits == [_EDIT, AddModule(path="a.py", data=b"text")]
    assert patches["new"].edits[1] == AddModule(path="a.py")


def test_a_runtime_file_that_no_patch_adds_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"no patch adds runtime/b\.py"):
        bind_runtime({"old": Patch(**_GOOD)}, {"b.py": b""})  # type: ignore[arg-type]


def test_a_patch_that_adds_no_runtime_file_is_an_error() -> None:
    patches = {"new": Patch(**{**_GOOD, "edits": [AddModule(path="a.py")]})}  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"runtime/a\.py does not exist"):
        bind_runtime(patches, {})
