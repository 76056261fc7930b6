"""Whatever is wrong with a plugin: one message, its own exit code, nothing half-written."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.artifact.archives import entry, make_sdist
from tests.build_hooks.command_line import assert_clean_failure, run
from tests.build_hooks.project import Project, make_project
from tests.build_hooks.small_plugin import (
    NAME,
    SPEC,
    VERSION,
    WOVEN,
    lock_plugin,
    plugin_folder,
    plugin_sdist,
)
from tests.build_hooks.small_release import RELEASE, write_folder

if TYPE_CHECKING:
    from pathlib import Path

UPSTREAM = f"vllm-{RELEASE}.tar.gz"
FILE = f"small_plugin-{VERSION}.tar.gz"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = make_project(tmp_path)
    lock_plugin(project, plugin_sdist(project.index))
    return project


class Builds:
    """Builds of a checkout, all into one folder."""

    def __init__(self, project: Project, dist: Path) -> None:
        self.project = project
        self.dist = dist

    def refused(self, *words: str | Path, code: int) -> str:
        """Assert that a build fails and writes nothing; give the message."""
        done = run("build", "-o", self.dist, *words,
                   project=self.project.root, env=self.project.environment())  # fmt: skip
        message = assert_clean_failure(done, code)
        assert not self.dist.exists()
        assert not [name for name in self.project.kept() if name.endswith(".part")]
        return message

    def succeeds(self, *words: str | Path) -> None:
        """Assert that a build succeeds."""
        done = run("build", "-o", self.dist, *words,
                   project=self.project.root, env=self.project.environment())  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert [path.name for path in self.dist.iterdir()] == [WOVEN]


@pytest.fixture
def builds(project: Project, tmp_path: Path) -> Builds:
    return Builds(project, tmp_path / "dist")


def test_another_file_than_the_locked_one(project: Project, builds: Builds) -> None:
    plugin_sdist(project.index, {"plug/more.py": "x = 1\n"})
    message = builds.refused("--plugin", SPEC, code=5)
    assert FILE in message
    assert "nothing was kept" in message
    assert project.kept() == []
    plugin_sdist(project.index)
    builds.succeeds("--plugin", SPEC)
    assert project.kept() == [FILE, UPSTREAM]


def test_offline_without_the_file(builds: Builds) -> None:
    message = builds.refused("--plugin", SPEC, "--offline", code=4)
    assert f"{FILE} is not in the cache, and `offline` is set" in message


def test_an_index_that_does_not_have_it(project: Project, builds: Builds) -> None:
    (project.index / FILE).unlink()
    assert f"no index has {FILE}" in builds.refused("--plugin", SPEC, code=4)


def test_a_hostile_archive(project: Project, builds: Builds, tmp_path: Path) -> None:
    hostile = make_sdist(tmp_path, entry(f"small_plugin-{VERSION}/../../escaped.py"))
    assert "escaped.py" in builds.refused("--plugin", hostile, code=6)
    assert not list(tmp_path.rglob("escaped.py"))
    # A locked one as well: that its bytes are known says nothing of what they are.
    (project.index / FILE).write_bytes(b"no archive")
    lock = project.root / "vendored" / "plugins.lock.toml"
    text = lock.read_text()
    (line,) = (each for each in text.splitlines() if each.startswith("sha256"))
    (size,) = (each for each in text.splitlines() if each.startswith("size"))
    digest = hashlib.sha256(b"no archive").hexdigest()
    lock.write_text(text.replace(line, f'sha256 = "{digest}"').replace(size, "size = 10"))
    assert "not a usable sdist" in builds.refused("--plugin", SPEC, code=6)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("smal-plugin==1.2.post1", f"holds no plugin 'smal-plugin' (did you mean '{NAME}'"),
        (f"{NAME}==1.2", f"the lock holds no {NAME} 1.2 (known: 1.2.post1)"),
    ],
)
def test_what_the_lock_does_not_hold(builds: Builds, spec: str, message: str) -> None:
    text = builds.refused("--plugin", spec, code=3)
    assert message in text
    assert f"`python -m build_hooks lock add --plugin {spec}`, or give the path of" in text


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (NAME, f"and no NAME==VERSION (did you mean '{SPEC}'"),
        (f"{NAME}>=1", "no such file or folder, and no NAME==VERSION"),
        ("nowhere/small.tar.gz", "no such file or folder, and no NAME==VERSION"),
        (f"{NAME}==new", "'new' is no version (PEP 440)"),
    ],
)
def test_what_is_neither_a_plugin_nor_a_path(builds: Builds, spec: str, message: str) -> None:
    assert message in builds.refused("--plugin", spec, code=2)


def test_a_plugin_that_patches_nothing(builds: Builds, tmp_path: Path) -> None:
    nothing = dict.fromkeys(
        ("plug/patch/platform/__init__.py", "plug/patch/worker/__init__.py"), "x = 1\n"
    )
    unused = [f"plug/patch/{name}.py" for name in ("platform/patch_kind", "worker/patch_device")]
    unused.append("plug/patch/worker/patch_other.py")
    folder = plugin_folder(tmp_path / "f", {**nothing, **dict.fromkeys(unused, "")})
    message = builds.refused("--plugin", folder, code=2)
    assert "plug: nothing below plug.patch.platform, plug.patch.worker patches vLLM" in message


def test_a_define_that_nothing_asks_for(builds: Builds) -> None:
    message = builds.refused("--plugin", SPEC, "--define", "is_odl=True", code=2)
    assert "no condition of plug asks for 'is_odl' (did you mean 'is_old'?)" in message


def test_a_root_that_is_not_there(builds: Builds) -> None:
    message = builds.refused("--plugin", SPEC, "--root", "plug.patch.worke", code=2)
    assert "plug has no module 'plug.patch.worke' (did you mean 'plug.patch.worker'?)" in message


def test_a_root_is_a_function_that_is_not_there(builds: Builds) -> None:
    message = builds.refused("--plugin", SPEC, "--root", "plug.patch.worker:apply", code=2)
    assert "plug.patch.worker has no function 'apply'" in message


def test_a_folder_without_a_package_and_one_with_two(builds: Builds, tmp_path: Path) -> None:
    empty = write_folder(tmp_path / "empty", {"read.me": b""})
    message = builds.refused("--plugin", empty, code=2)
    assert f"{empty} is no package and holds none: there is no __init__.py" in message
    two = plugin_folder(tmp_path / "two", {"second/__init__.py": ""})
    assert "holds several packages: plug, second" in builds.refused("--plugin", two, code=2)
    builds.succeeds("--plugin", two, "--root", "plug.patch.worker")


def test_a_package_of_the_name_of_a_platform(builds: Builds, tmp_path: Path) -> None:
    text = "from vllm.platforms import interface\ninterface.Platform.device_type = 'm'\n"
    folder = write_folder(
        tmp_path / "f", {"musa/__init__.py": b"", "musa/patch/__init__.py": text.encode()}
    )
    message = builds.refused("--plugin", folder, "-p", "musa", code=2)
    assert "the plugin's package is called 'musa', as patches of ours are" in message


def test_what_is_about_a_plugin_without_one(builds: Builds) -> None:
    message = builds.refused("--define", "is_old=True", code=2)
    assert "setting 'define' is about a plugin, and none is built in" in message


def test_a_lock_of_plugins_that_cannot_be(project: Project, builds: Builds) -> None:
    lock = project.root / "vendored" / "plugins.lock.toml"
    lock.write_text(lock.read_text() + "more = 1\n")
    assert "unknown key 'more'" in builds.refused("--plugin", SPEC, code=8)
    lock.unlink()
    assert "cannot be read" in builds.refused("--plugin", SPEC, code=8)
