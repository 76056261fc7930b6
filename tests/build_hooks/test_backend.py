"""The hooks that pip, uv and build call, each in a process of its own."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.command_line import assert_clean_failure
from tests.build_hooks.project import Project, make_project
from tests.build_hooks.small_release import ONLY, RELEASE, WHEEL

if TYPE_CHECKING:
    from pathlib import Path

INFO = f"vllm-{RELEASE}+musa.dist-info"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_project(tmp_path_factory.mktemp("checkout"))


def test_builds_the_wheel_of_the_command_line(
    project: Project, wheel: Path, tmp_path: Path
) -> None:
    # uv gives lists where a key is repeated, and strings where it is not.
    settings = {"only": ONLY.split(","), "platform": "musa"}
    done = project.hook(f"print(backend.build_wheel({str(tmp_path)!r}, {settings!r}))")
    assert (done.returncode, done.stdout) == (0, f"{WHEEL}\n"), done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [WHEEL]
    assert (tmp_path / WHEEL).read_bytes() == wheel.read_bytes()


def test_prepares_the_metadata_that_the_wheel_has(
    project: Project, wheel: Path, tmp_path: Path
) -> None:
    program = f"print(backend.prepare_metadata_for_build_wheel({str(tmp_path)!r}))"
    done = project.hook(program)
    assert (done.returncode, done.stdout) == (0, f"{INFO}\n"), done.stderr
    prepared = {
        path.relative_to(tmp_path).as_posix(): path.read_bytes()
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    assert {f"{INFO}/METADATA", f"{INFO}/WHEEL", f"{INFO}/entry_points.txt"} <= set(prepared)
    assert f"{INFO}/RECORD" not in prepared, "PEP 517"
    with zipfile.ZipFile(wheel) as archive:
        assert {name: archive.read(name) for name in prepared} == prepared


def test_metadata_need_no_patch_to_hold(project: Project, tmp_path: Path) -> None:
    # The small release lacks what most musa patches change, so that a build of all of them fails.
    done = project.hook(f"backend.prepare_metadata_for_build_wheel({str(tmp_path)!r}, {{}})")
    assert done.returncode == 0, done.stderr
    done = project.hook(f"backend.build_wheel({str(tmp_path)!r}, {{}})")
    message = assert_clean_failure(done, 1)
    assert message.splitlines()[-1].startswith("FAIL: ")
    assert not list(tmp_path.glob("*.whl"))


def test_settings_come_from_the_environment_too(project: Project, tmp_path: Path) -> None:
    program = f"backend.build_wheel({str(tmp_path)!r}, {{'only': {ONLY!r}}})"
    done = project.hook(program, VLLM_WHEELWRIGHT_VLLM="0.1")
    assert "no release '0.1'" in assert_clean_failure(done, 3)
    done = project.hook(program, VLLM_WHEELWRIGHT_VLLM=RELEASE)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("settings", "code", "why"),
    [
        ({"platfrom": "musa"}, 2, "setting -C platfrom is unknown (did you mean 'platform'?)"),
        ({"platform": "muza"}, 2, "no platform 'muza' (did you mean 'musa'?)"),
        ({"vllm": ["0.33.0", "0.14.1"]}, 2, "given 2 times"),
        ({"switches": "maybe"}, 2, "-C switches is 'maybe'; it takes on or off"),
        ({"vllm": "9.9"}, 3, "the lock holds no release '9.9'"),
    ],
)
def test_a_wrong_setting_is_one_message_in_every_hook(
    project: Project, tmp_path: Path, settings: dict[str, object], code: int, why: str
) -> None:
    for hook in ("build_wheel", "build_sdist", "prepare_metadata_for_build_wheel"):
        done = project.hook(f"backend.{hook}({str(tmp_path)!r}, {settings!r})")
        assert why in assert_clean_failure(done, code)
        assert list(tmp_path.iterdir()) == []


def test_what_writes_the_sbom_is_a_build_requirement(project: Project) -> None:
    for kind in ("sdist", "wheel"):
        done = project.hook(f"print(backend.get_requires_for_build_{kind}({{}}))")
        assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr
    text = (project.root / "pyproject.toml").read_text()
    assert '"cyclonedx-python-lib>=11",' in text.partition("[dependency-groups]")[0]


def test_a_traceback_is_shown_where_it_is_asked_for(project: Project, tmp_path: Path) -> None:
    program = f"backend.build_wheel({str(tmp_path)!r}, {{'x': 'y'}})"
    done = project.hook(program, VLLM_WHEELWRIGHT_TRACEBACK="1")
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "UsageError: setting -C x is unknown" in done.stderr


REWRITE = """
import libcst
from transforms.edits import Patch, Rewrite
EDIT = Rewrite(inside="vllm.m", node=libcst.Name, function=lambda name: name, done="x")
PATCH = Patch(why="w", upstream="u", drop_when="d", versions="", edits=[EDIT])
"""


def test_a_build_asks_for_the_packages_that_its_patches_need(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    ask = "print(backend.get_requires_for_build_wheel({'platform': 'musa'}))"
    assert project.hook(ask).stdout == "[]\n"
    patch = project.root / "transforms" / "platforms" / "musa" / "rewriting.py"
    patch.write_text(REWRITE)
    assert project.hook(ask).stdout == "['libcst>=1.8']\n"
    # A front end asks before it is installed.
    absent = f"import sys; sys.modules['libcst'] = None; {ask}"
    assert project.hook(absent).stdout == "['libcst>=1.8']\n"
    patch.write_text("import no_such_module\n")
    assert "No module named 'no_such_module'" in assert_clean_failure(project.hook(ask), 9)
