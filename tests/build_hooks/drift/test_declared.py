"""Every patch module is a row, broken ones included."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.build_hooks.drift.planted import TOY, plant

if TYPE_CHECKING:
    from pathlib import Path

    from tests.build_hooks.project import Project

PROGRAM = """
import json
from dataclasses import asdict
from build_hooks.drift.declared import declared
from build_hooks.errors import WheelwrightError
try:
    found = declared("toy")
except WheelwrightError as error:
    print(json.dumps([type(error).__name__, str(error)]))
else:
    broken = {name: asdict(failure) for name, failure in found.broken.items()}
    print(json.dumps([sorted(found.patches), broken]))
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return plant(tmp_path, {"drifts": TOY["drifts"], "holds": TOY["holds"]})


def declared(project: Project, **files: str) -> Any:  # noqa: ANN401 - what JSON holds
    folder = project.root / "transforms" / "platforms" / "toy"
    for stem, text in files.items():
        (folder / f"{stem}.py").write_text(text)
    done = project.hook(f"exec({PROGRAM!r})")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_platform_where_all_is_well(project: Project) -> None:
    assert declared(project) == [["toy/drifts", "toy/holds"], {}]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("raise ValueError('planted')", "cannot be loaded: ValueError: planted"),
        ("def (", "cannot be loaded: SyntaxError"),
        ("x = 1", "declares no PATCH"),
    ],
)
def test_a_broken_module_does_not_hide_the_others(project: Project, text: str, said: str) -> None:
    patches, broken = declared(project, broken=text)
    assert patches == ["toy/drifts", "toy/holds"]
    assert list(broken) == ["toy/broken"]
    assert said in broken["toy/broken"]["message"]
    assert (broken["toy/broken"]["kind"], broken["toy/broken"]["exit_code"]) == ("declaration", 9)


def test_a_module_beside_a_broken_one_keeps_its_runtime_file(project: Project) -> None:
    adds = "from transforms.edits import AddModule, Patch\nPATCH = Patch(why='w', upstream='u', "
    adds += "drop_when='d', versions='', edits=[AddModule(path='vllm/new.py')])\n"
    runtime = project.root / "transforms" / "platforms" / "toy" / "runtime" / "vllm"
    runtime.mkdir(parents=True)
    (runtime / "new.py").write_text("n = 1\n")
    patches, broken = declared(project, adds=adds, broken="raise ValueError")
    assert patches == ["toy/adds", "toy/drifts", "toy/holds"]
    assert list(broken) == ["toy/broken"]


def test_where_the_platform_itself_is_broken_every_patch_says_so(project: Project) -> None:
    patches, broken = declared(project, __init__="PATCH_SET = None")
    assert patches == []
    assert list(broken) == ["toy/drifts", "toy/holds"]
    assert all("declares no PATCH_SET" in item["message"] for item in broken.values())


def test_a_broken_platform_without_patches_is_an_error(project: Project) -> None:
    folder = project.root / "transforms" / "platforms" / "toy"
    for path in folder.glob("[a-z]*.py"):
        path.unlink()
    name, said = declared(project, __init__="raise ValueError('planted')")
    assert name == "PatchModuleError"
    assert "planted" in said
