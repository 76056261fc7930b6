"""Every front end makes the same wheel from a fresh checkout, and shows our messages as they are.

As a new user would do it: each in an environment of its own, with build isolation.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.command_line import REPOSITORY
from tests.wheels.real import build_release, real_environment

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.wheels

DEFAULT, OTHER = "0.33.0", "0.14.1"


@dataclass(frozen=True)
class FrontEnd:
    """A tool that builds wheels.

    Args:
        requirement: what is installed to have it.
        build: its words that build a wheel of the working folder into `dist`.
        setting: the word in front of `key=value`.
    """

    requirement: str
    build: tuple[str, ...]
    setting: str = "-C"


FRONT_ENDS = {
    "pip": FrontEnd("pip", ("pip", "wheel", ".", "--no-deps", "-w", "dist")),
    "uv": FrontEnd("uv", ("uv", "build", "--wheel")),
    "build": FrontEnd("build", ("build", "--wheel")),
}


@pytest.fixture(scope="module")
def pythons(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Give for each front end the interpreter of a fresh environment that has it and no more."""
    found = {}
    for name, front_end in FRONT_ENDS.items():
        folder = tmp_path_factory.mktemp(name)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        found[name] = folder / "bin" / "python"
        install = ["-m", "pip", "install", "-q", "--upgrade", front_end.requirement]
        subprocess.run([found[name], *install], check=True)
    return found


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what version control has, or would have: no build output, no caches."""
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    root = tmp_path_factory.mktemp("pristine")
    for name in filter(None, done.stdout.split("\0")):
        if (REPOSITORY / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, root / name)
    return root


@pytest.fixture
def checkout(pristine: Path, tmp_path: Path) -> Path:
    """Give a fresh checkout."""
    return shutil.copytree(pristine, tmp_path / "checkout")


@pytest.fixture(scope="module")
def expected(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Give the wheels that the command line makes."""
    folder = tmp_path_factory.mktemp("expected")
    return {
        release: build_release(release, folder, project=pristine).read_bytes()
        for release in (DEFAULT, OTHER)
    }


def run(
    python: Path, words: tuple[str, ...], folder: Path, **changes: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, "-m", *words],
        cwd=folder,
        env=real_environment(**changes),
        capture_output=True,
        text=True,
        check=False,
    )


def built(folder: Path, release: str) -> bytes:
    name = f"vllm-{release}+musa-py3-none-any.whl"
    wheels = [path for path in (folder / "dist").iterdir() if path.suffix == ".whl"]
    assert [path.name for path in wheels] == [name]
    return wheels[0].read_bytes()


@pytest.mark.parametrize("name", FRONT_ENDS)
def test_makes_the_same_wheel(
    name: str, pythons: dict[str, Path], checkout: Path, expected: dict[str, bytes]
) -> None:
    front_end = FRONT_ENDS[name]
    done = run(pythons[name], front_end.build, checkout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert built(checkout, DEFAULT) == expected[DEFAULT]


@pytest.mark.parametrize("name", FRONT_ENDS)
def test_passes_settings_on(
    name: str, pythons: dict[str, Path], checkout: Path, expected: dict[str, bytes]
) -> None:
    front_end = FRONT_ENDS[name]
    words = (*front_end.build, front_end.setting, f"vllm={OTHER}", "-C", "platform=musa")
    done = run(pythons[name], words, checkout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert built(checkout, OTHER) == expected[OTHER]


def test_the_environment_sets_what_no_option_does(
    pythons: dict[str, Path], checkout: Path, expected: dict[str, bytes]
) -> None:
    build = FRONT_ENDS["uv"].build
    done = run(pythons["uv"], build, checkout, VLLM_WHEELWRIGHT_VLLM=OTHER)
    assert done.returncode == 0, done.stdout + done.stderr
    assert built(checkout, OTHER) == expected[OTHER]


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
    name: str, setting: str, message: str, pythons: dict[str, Path], checkout: Path
) -> None:
    front_end = FRONT_ENDS[name]
    done = run(pythons[name], (*front_end.build, front_end.setting, setting), checkout)
    said = " ".join((done.stdout + done.stderr).replace("│", " ").split())
    assert done.returncode != 0
    assert message in said
    assert "backend.py" not in said, "that would be a traceback of ours"
    assert not (checkout / "dist").exists() or not list((checkout / "dist").glob("*.whl"))


@pytest.mark.skipif(sys.version_info < (3, 11), reason="vLLM 0.33.0 needs Python 3.11")
def test_pip_install_resolves_the_metadata(pythons: dict[str, Path], checkout: Path) -> None:
    words = ("pip", "install", "-q", "--dry-run", "--no-deps", "--report", "-", ".")
    done = run(pythons["pip"], words, checkout)
    assert done.returncode == 0, done.stdout + done.stderr
    (item,) = json.loads(done.stdout)["install"]
    assert item["metadata"]["name"] == "vllm"
    assert item["metadata"]["version"] == f"{DEFAULT}+musa"
    assert len(item["metadata"]["requires_dist"]) > 40
