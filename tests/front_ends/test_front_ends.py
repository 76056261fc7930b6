"""Every front end makes the same wheel from a fresh checkout, and shows our messages as they are.

As a new user would do it: each in an environment of its own, with build isolation. The release is a
small one, whose builds take no time; tests/reproduce builds a real one by each of them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from build_hooks.fetch.cache import hash_file
from tests.build_hooks.commands.test_capture import keep_patches
from tests.build_hooks.project import Project, copy_checkout, make_project
from tests.build_hooks.small_release import ONLY, RELEASE, WHEEL
from tests.build_hooks.tampered import contents
from tests.machines import requirements_of_a_build
from tests.wheels.real import artifact, new_environment, real_environment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

pytestmark = pytest.mark.wheels

STEM = f"vllm-{RELEASE}+musa"
# Each asks the installed vLLM what it is; importing it would need torch.
WHAT = "import importlib.metadata as m; print(m.version('vllm'))"
WHERE = "import importlib.util as u; print(u.find_spec('vllm').origin)"


@dataclass(frozen=True)
class FrontEnd:
    """A tool that builds wheels.

    Args:
        requirement: what is installed to have it.
        build: its words that build a wheel of the working folder into `dist`.
    """

    requirement: str
    build: tuple[str, ...]


FRONT_ENDS = {
    "pip": FrontEnd("pip", ("pip", "wheel", ".", "--no-deps", "-w", "dist")),
    "uv": FrontEnd("uv", ("uv", "build", "--wheel")),
    "build": FrontEnd("build", ("build", "--wheel")),
}
INSTALLERS = {
    "pip": ("pip", "install", "-q", "--no-deps"),
    "uv": ("uv", "pip", "install", "-q", "--no-deps"),
}


@pytest.fixture(scope="module")
def pythons(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Give for each front end the interpreter of a fresh environment that has it and no more."""
    folder = tmp_path_factory.mktemp("front_ends")
    return {
        name: new_environment(folder / name, front_end.requirement)
        for name, front_end in FRONT_ENDS.items()
    }


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Give a fresh checkout, with the patches that hold on the small release and no others."""
    project = make_project(tmp_path)
    keep_patches(project.root, ONLY)
    return project


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Give the wheel that the command line makes."""
    project = make_project(tmp_path_factory.mktemp("expected"))
    keep_patches(project.root, ONLY)
    done = project.build("--only", "")
    assert done.returncode == 0, done.stderr
    return (project.root / "dist" / WHEEL).read_bytes()


def run(
    python: Path, words: Sequence[object], project: Project, **changes: str
) -> subprocess.CompletedProcess[str]:
    # pip and uv find our index in our setting: theirs is for what the build needs.
    env = real_environment(**project.environment(**changes))
    command = [str(python), "-m", *map(str, words)]
    return subprocess.run(
        command, cwd=project.root, env=env, capture_output=True, text=True, check=False
    )


def succeed(python: Path, words: Sequence[object], project: Project, **changes: str) -> str:
    done = run(python, words, project, **changes)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def built(project: Project, name: str = WHEEL) -> bytes:
    wheels = [path for path in (project.root / "dist").iterdir() if path.suffix == ".whl"]
    assert [path.name for path in wheels] == [name]
    return wheels[0].read_bytes()


def say(python: Path, program: str) -> str:
    done = subprocess.run(
        [python, "-c", program], cwd=python.parent, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.parametrize("name", FRONT_ENDS)
def test_makes_the_same_wheel(
    name: str, pythons: dict[str, Path], project: Project, expected: bytes
) -> None:
    succeed(pythons[name], FRONT_ENDS[name].build, project)
    assert built(project) == expected


@pytest.mark.parametrize("name", FRONT_ENDS)
def test_passes_settings_on(name: str, pythons: dict[str, Path], project: Project) -> None:
    settings = ("-C", "skip=musa/worker_device_type", "-C", f"vllm={RELEASE}")
    succeed(pythons[name], (*FRONT_ENDS[name].build, *settings), project)
    built(project)
    info = contents(project.root / "dist" / WHEEL)[f"{STEM}.dist-info/wheelwright/manifest.json"]
    assert json.loads(info)["skip"] == ["musa/worker_device_type"]


def test_the_environment_sets_what_no_option_does(
    pythons: dict[str, Path], project: Project
) -> None:
    done = run(pythons["uv"], FRONT_ENDS["uv"].build, project, VLLM_WHEELWRIGHT_VLLM="0.9.9")
    assert "the lock holds no release '0.9.9' of vllm" in done.stdout + done.stderr


@pytest.mark.parametrize("name", FRONT_ENDS)
@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("platfrom=musa", "error: setting -C platfrom is unknown (did you mean 'platform'?)"),
        ("platform=muza", "error: no platform 'muza' (did you mean 'musa'?)"),
        ("vllm=9.9.9", "error: the lock holds no release '9.9.9' of vllm"),
    ],
)
def test_shows_our_message_and_no_traceback_of_ours(
    name: str, setting: str, message: str, pythons: dict[str, Path], project: Project
) -> None:
    done = run(pythons[name], (*FRONT_ENDS[name].build, "-C", setting), project)
    said = " ".join((done.stdout + done.stderr).replace("│", " ").split())
    assert done.returncode != 0
    assert message in said
    assert "backend.py" not in said, "that would be a traceback of ours"
    dist = project.root / "dist"
    assert not dist.exists() or not list(dist.glob("*.whl"))


@pytest.mark.skipif(sys.version_info < (3, 11), reason="vLLM 0.33.0 needs Python 3.11")
@pytest.mark.parametrize("editable", [False, True], ids=["wheel", "editable"])
def test_pip_resolves_the_metadata_of_a_real_release_without_building_it(
    pythons: dict[str, Path], tmp_path: Path, *, editable: bool
) -> None:
    artifact("0.33.0")
    checkout = copy_checkout(tmp_path / "checkout")
    # A build would stop here: it is not asked for one.
    with (checkout / "transforms" / "engine" / "match.py").open("a", encoding="utf-8") as module:
        module.write(
            "\n\ndef match_patches(*_: object) -> None:\n    raise SystemExit('matched')\n"
        )
    words = ["pip", "install", "-q", "--dry-run", "--no-deps", "--report", "-"]
    words += ["-e", "."] if editable else ["."]
    done = subprocess.run(
        [pythons["pip"], "-m", *words],
        cwd=checkout,
        env=real_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (item,) = json.loads(done.stdout)["install"]
    assert item["metadata"]["name"] == "vllm"
    assert item["metadata"]["version"] == "0.33.0+musa"
    assert len(item["metadata"]["requires_dist"]) > 40


@pytest.mark.parametrize("name", INSTALLERS)
def test_installs_from_the_checkout(name: str, project: Project, tmp_path: Path) -> None:
    python = new_environment(tmp_path / "venv", name, *(["pip"] if name == "uv" else []))
    succeed(python, (*INSTALLERS[name], "."), project)
    assert say(python, WHAT) == f"{RELEASE}+musa"
    installed = say(python, WHERE)
    assert str(tmp_path / "venv") in installed
    script = installed.replace("__init__.py", "wheelwright.py")
    assert subprocess.run([python, script, "--verify"], check=False).returncode == 0


@pytest.mark.parametrize("name", INSTALLERS)
def test_an_editable_install_is_the_patched_tree(
    name: str, project: Project, tmp_path: Path
) -> None:
    python = new_environment(tmp_path / "venv", name, *(["pip"] if name == "uv" else []))
    install = (*INSTALLERS[name], "-e", ".")
    succeed(python, install, project)
    tree = project.root / "build" / "editable" / STEM
    assert say(python, WHAT) == f"{RELEASE}+musa"
    assert say(python, WHERE) == str(tree / "vllm" / "__init__.py")
    listed = json.loads(succeed(python, ("pip", "list", "--format", "json"), project))
    assert [item["version"] for item in listed if item["name"] == "vllm"] == [f"{RELEASE}+musa"]
    # Edits are kept, and what was captured of them is no hindrance.
    worker = tree / "vllm" / "v1" / "worker" / "gpu_worker.py"
    worker.write_text(worker.read_text().replace("self.started = True", "self.started = 'mine'"))
    done = run(python, install, project)
    said = " ".join((done.stdout + done.stderr).replace("│", " ").split())
    assert done.returncode != 0
    assert "has edits that would be lost: vllm/v1/worker/gpu_worker.py" in said
    assert "'mine'" in worker.read_text()
    worker.write_text(worker.read_text().replace("'mine'", "True"))
    again = "--reinstall" if name == "uv" else "--force-reinstall"
    succeed(python, (*install, again), project)
    succeed(python, ("pip", "uninstall", "-q", "-y", "vllm"), project)
    absent = "import importlib.util as u; print(u.find_spec('vllm'))"
    assert say(python, absent) == "None"


@pytest.mark.parametrize("name", INSTALLERS)
def test_the_wheel_installs_under_its_hash_and_under_no_other(
    name: str, project: Project, tmp_path: Path, expected: bytes
) -> None:
    python = new_environment(tmp_path / "venv", name)
    wheel = tmp_path / "served" / WHEEL
    wheel.parent.mkdir()
    wheel.write_bytes(expected)
    digest = hash_file(wheel)
    listed = tmp_path / "requirements.txt"
    words = (*INSTALLERS[name], "--require-hashes", "--no-index", "-f", wheel.parent, "-r", listed)
    listed.write_text(f"vllm=={RELEASE}+musa --hash=sha256:{digest[::-1]}\n")
    done = run(python, words, project)
    assert done.returncode != 0
    assert "hash" in (done.stdout + done.stderr).lower()
    listed.write_text(f"vllm=={RELEASE}+musa --hash=sha256:{digest}\n")
    succeed(python, words, project)
    assert say(python, WHAT) == f"{RELEASE}+musa"


def test_uv_builds_with_build_requirements_that_are_pinned_by_hash(
    pythons: dict[str, Path], project: Project, tmp_path: Path, expected: bytes
) -> None:
    asked, pinned = tmp_path / "build.in", tmp_path / "build.txt"
    asked.write_text("\n".join(requirements_of_a_build()))
    compiling = ("uv", "pip", "compile", "-q", "--generate-hashes", asked, "-o", pinned)
    succeed(pythons["uv"], compiling, project)
    words = (*FRONT_ENDS["uv"].build, "--build-constraint", pinned, "--require-hashes")
    succeed(pythons["uv"], words, project)
    assert built(project) == expected
    pinned.write_text(pinned.read_text().replace("sha256:", "sha256:0000")[:-4])
    assert run(pythons["uv"], words, project).returncode != 0


@pytest.mark.parametrize("name", ["pip", "uv"])
def test_builds_where_there_is_no_network(
    name: str, pythons: dict[str, Path], project: Project, tmp_path: Path, expected: bytes
) -> None:
    wheelhouse = tmp_path / "wheelhouse"
    words = ("pip", "wheel", "-q", "-w", wheelhouse, *requirements_of_a_build())
    succeed(pythons["pip"], words, project)
    nowhere = {
        "VLLM_WHEELWRIGHT_OFFLINE": "on",
        "VLLM_WHEELWRIGHT_INDEX": "http://127.0.0.1:9/simple",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheelhouse),
        "UV_NO_INDEX": "1",
        "UV_FIND_LINKS": str(wheelhouse),
    }
    done = run(pythons[name], FRONT_ENDS[name].build, project, **nowhere)
    said = " ".join((done.stdout + done.stderr).replace("│", " ").split())
    assert done.returncode != 0
    assert "is not in the cache, and `offline` is set" in said
    fetched = project.build("--only", "", "-o", tmp_path)
    assert fetched.returncode == 0, fetched.stderr
    succeed(pythons[name], FRONT_ENDS[name].build, project, **nowhere)
    assert built(project) == expected
