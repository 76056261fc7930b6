"""Platforms and patches are discovered, and what is wrong with one is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import transforms.platforms
from build_hooks.errors import UsageError
from build_hooks.metadata import label_version
from build_hooks.platforms import (
    PatchModuleError,
    chosen_patches,
    dialect_names,
    load_common,
    load_dialect,
    load_platform,
    platform_names,
)
from tests.build_hooks.small_release import write_folder

if TYPE_CHECKING:
    from pathlib import Path

SET = b"""
from transforms.edits import PatchSet
PATCH_SET = PatchSet(name="x", summary="", source="sdist")
"""
PATCH = b"""
from transforms.edits import AddModule, Patch
EDITS = [AddModule(path="vllm/new.py")]
PATCH = Patch(why="w", upstream="u", drop_when="d", versions="", edits=EDITS)
"""


@pytest.fixture
def platform(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, Path]:
    """Give the name and folder of a new platform; each test's own, as modules stay loaded."""
    name = f"new{abs(hash(request.node.nodeid))}"
    paths = [*transforms.platforms.__path__, str(tmp_path)]
    monkeypatch.setattr(transforms.platforms, "__path__", paths)
    return name, tmp_path / name


def test_musa_is_there_and_its_patches_are_its_modules() -> None:
    assert "musa" in platform_names()
    patches = load_platform("musa").patches
    assert {"platform_is_musa", "worker_device_type"} <= set(patches)
    assert list(patches) == sorted(patches)
    assert not any(stem.startswith("_") for stem in patches)


def test_a_new_platform_needs_no_list_to_edit(platform: tuple[str, Path]) -> None:
    name, folder = platform
    files = {
        "__init__.py": SET,
        "one.py": PATCH,
        "_helper.py": b"",
        "runtime/vllm/new.py": b"n = 1\n",
    }
    write_folder(folder, files)
    assert name in platform_names()
    (patch,) = load_platform(name).patches.values()
    assert patch.edits[0].data == b"n = 1\n"  # type: ignore[attr-defined]


def test_a_name_with_a_hyphen_is_a_package_with_an_underscore(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [*transforms.platforms.__path__, str(tmp_path)]
    monkeypatch.setattr(transforms.platforms, "__path__", paths)
    declared = SET.replace(b'"x"', b'"made-up-one"')
    write_folder(tmp_path / "made_up_one", {"__init__.py": declared})
    assert "made-up-one" in platform_names()
    assert load_platform("made-up-one").name == "made-up-one"
    with pytest.raises(UsageError, match="did you mean 'made-up-one'"):
        load_platform("made_up_one")


def test_no_two_platforms_have_one_label() -> None:
    labels = [label_version("0.33.0", [name]) for name in platform_names()]
    assert len(set(labels)) == len(labels)
    assert all("." not in label.partition("+")[2] for label in labels)


def test_a_runtime_file_need_not_be_python_but_byte_code_is_none(
    platform: tuple[str, Path],
) -> None:
    name, folder = platform
    files = {
        "__init__.py": SET,
        "one.py": PATCH.replace(b"new.py", b"new.css"),
        "runtime/vllm/new.css": b"a {}\xff\n",
        "runtime/vllm/__pycache__/new.cpython-310.pyc": b"code",
    }
    write_folder(folder, files)
    (patch,) = load_platform(name).patches.values()
    assert patch.edits[0].data == b"a {}\xff\n"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"__init__.py": b""}, "declares no PATCH_SET"),
        ({"__init__.py": SET, "one.py": b""}, r"\.one declares no PATCH"),
        ({"__init__.py": SET, "one.py": b"1 / 0"}, "one cannot be loaded: ZeroDivisionError"),
        ({"__init__.py": SET, "one.py": b"("}, "one cannot be loaded: SyntaxError"),
        ({"__init__.py": SET, "one.py": PATCH}, r"runtime/vllm/new\.py does not exist"),
        ({"__init__.py": SET, "runtime/vllm/x.py": b""}, r"no patch adds runtime/vllm/x\.py"),
        ({"__init__.py": SET, "runtime/vllm/x.css": b""}, r"no patch adds runtime/vllm/x\.css"),
        (
            {"__init__.py": SET, "one.py": b"", "one/__init__.py": b""},
            "has 2 patches of the name 'one'",
        ),
        ({"__init__.py": SET, "one.py": b"", "One.py": b""}, "has 2 patches of the name 'one'"),
        (
            {"__init__.py": SET, "one.py": PATCH.replace(b'"w"', b'""').replace(b'"d"', b'""')},
            "one cannot be loaded: ValueError: .* fill in 'why', 'drop_when'",
        ),
    ],
)
def test_what_is_wrong_with_a_platform_is_named(
    platform: tuple[str, Path], files: dict[str, bytes], why: str
) -> None:
    name, folder = platform
    write_folder(folder, files)
    with pytest.raises(PatchModuleError, match=why) as caught:
        load_platform(name)
    assert f"transforms.platforms.{name}" in str(caught.value)


def test_a_platform_has_the_patches_of_its_dialect(platform: tuple[str, Path]) -> None:
    name, folder = platform
    write_folder(folder, {"__init__.py": SET.replace(b")", b", dialect='triton-3.1')")})
    assert "triton-3.1" in dialect_names()
    found = load_platform(name)
    assert found.name == "x"
    assert found.patches == load_dialect("triton-3.1").patches
    assert found.patches.items() <= load_platform("musa").patches.items()


@pytest.mark.parametrize(
    ("dialect", "why"),
    [
        (b"triton-3.11", r"names no dialect of Triton: 'triton-3.11' \(did you mean 'triton-3.1'"),
        (b"triton-3.1", "'x' and its dialect 'triton-3.1' both have a patch 'triton_annotations'"),
    ],
)
def test_a_dialect_that_cannot_be_taken_over_is_named(
    platform: tuple[str, Path], dialect: bytes, why: str
) -> None:
    name, folder = platform
    files = {
        "__init__.py": SET.replace(b")", b", dialect='%b')" % dialect),
        "triton_annotations.py": PATCH,
        "runtime/vllm/new.py": b"n = 1\n",
    }
    write_folder(folder, files)
    with pytest.raises(PatchModuleError, match=why):
        load_platform(name)


def test_an_unknown_platform_names_the_closest() -> None:
    with pytest.raises(UsageError, match=r"no platform 'muza' \(did you mean 'musa'\?\)"):
        load_platform("muza")


def test_patches_are_chosen_by_full_name() -> None:
    musa = load_platform("musa")
    every = chosen_patches([musa], only=(), skip=())
    assert list(every) == [f"musa/{stem}" for stem in musa.patches]
    one = "musa/platform_is_musa"
    assert list(chosen_patches([musa], only=[one], skip=())) == [one]
    assert list(chosen_patches([musa], only=(), skip=[one])) == [n for n in every if n != one]
    for wrong in (
        {"only": ["musa/is_musa"], "skip": ()},
        {"only": (), "skip": ["platform_is_musa"]},
    ):
        with pytest.raises(UsageError, match=r"no patch '.*'"):
            chosen_patches([musa], **wrong)


def test_every_wheel_describes_itself() -> None:
    assert "self_description" in load_common().patches
