"""Upstream's own build makes of a patched sdist what this project says it does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.sdists.real import PLATFORM, UPSTREAM_PYTHON, build_patched, package, upstream_build
from tests.wheels.real import artifact, real_environment

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.sdists


@pytest.fixture(scope="session")
def compiled(patched: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the wheel that upstream's build makes of the patched sdist."""
    return upstream_build(patched, tmp_path_factory.mktemp("compiled"))


def metadata(wheel: Path) -> str:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return archive.read(name).decode("utf-8")


def test_it_has_the_python_and_the_metadata_of_our_own_wheel(
    release: str, compiled: Path, tmp_path: Path
) -> None:
    ours = build_patched(release, tmp_path, "wheel")
    files, own = package(compiled), package(ours)
    manifest = json.loads(files.pop("vllm/wheelwright.json"))
    assert manifest["output"] == "sdist"
    assert set(files) == set(own)
    # The digest in it is that of all that was changed, native sources and setup.py as well.
    assert {name for name in own if own[name] != files[name]} == {"vllm/wheelwright.py"}
    assert metadata(compiled) == metadata(ours)


def test_the_label_is_the_distributions_and_not_the_packages(
    release: str, compiled: Path, tmp_path: Path
) -> None:
    """What upstream's build makes of upstream's own sdist is the measure."""
    stock = upstream_build(artifact(release), tmp_path)
    assert stock.name.startswith(f"vllm-{release}+empty-")
    assert compiled.name.startswith(f"vllm-{release}+{PLATFORM}-")
    versions = []
    for wheel in (stock, compiled):
        names: dict[str, str] = {}
        exec(package(wheel)["vllm/_version.py"], names)  # noqa: S102 - it is what says the version
        versions.append((names["__version__"], names["__version_tuple__"]))
    assert versions[0] == versions[1]
    added = set(package(compiled)) - set(package(stock))
    assert {"vllm/wheelwright.py", "vllm/wheelwright.json"} <= added
    assert set(package(stock)) - set(package(compiled)) == set()


def test_uv_installs_it_and_the_installation_says_what_it_is(
    release: str, patched: Path, tmp_path: Path
) -> None:
    """Uv holds the version of the wheel against that of the sdist's name."""
    python = os.environ[UPSTREAM_PYTHON]
    words = ("uv", "pip", "install", "-q", "-p", python, "--target", tmp_path / "site")
    env = {**real_environment(), "VLLM_TARGET_DEVICE": "empty"}
    subprocess.run(
        (sys.executable, "-m", *words, "--no-deps", "--no-build-isolation", patched),
        env=env,
        check=True,
    )
    script = tmp_path / "site/vllm/wheelwright.py"
    done = subprocess.run(
        [sys.executable, "-S", script, "--verify"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.startswith(f"vllm {release}+{PLATFORM} ({PLATFORM})\n")
    assert "compiled    by upstream's own build, from the patched sdist" in done.stdout
    assert done.stdout.endswith("PASS: 0 files differ from what was built\n")
