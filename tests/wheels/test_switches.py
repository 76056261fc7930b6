"""A real wheel with switches: each choice is what a build without these patches gives."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from math import ceil, log2
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from build_hooks.artifact.folder import FolderTree
from build_hooks.pipeline import make_plan, match
from build_hooks.settings import read_settings
from tests.wheels import switched
from tests.wheels.real import artifact, build_release, members, real_environment
from transforms.engine.apply import apply_sites

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from transforms.engine.outcome import Outcome

pytestmark = pytest.mark.wheels

RELEASE = "0.33.0"
# One that shares files with many others, and one that has its own.
SKIPPED = ("musa/triton_annotations", "musa/worker_device_type")
# They stay whatever is off: they choose, and keep choices from sharing compiled code.
KEPT = {"vllm/__init__.py", "vllm/config/vllm.py", "vllm/envs.py"}
FAILS_WITH = """
import sys
try:
    import vllm
except ImportError:
    pass  # there is no torch
sys.exit({name!r} in sys.modules["vllm.wheelwright_switches"].choice().on)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the musa wheel of the release with switches."""
    env = real_environment(VLLM_WHEELWRIGHT_SWITCHES="on")
    return build_release(RELEASE, tmp_path_factory.mktemp("switches"), env=env)


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the wheel."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)  # noqa: S202 - it was built here
    return folder


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the package of the sdist that it is built from."""
    folder = tmp_path_factory.mktemp("upstream")
    with tarfile.open(artifact(RELEASE)) as archive:
        package = [item for item in archive if item.name.split("/")[1:2] == ["vllm"]]
        archive.extractall(folder, package)  # noqa: S202 - its hash is in the lock
    return folder / f"vllm-{RELEASE}"


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    """Match the platform on the release, as a build without switches does."""
    plan = make_plan(read_settings({"platform": "musa", "vllm": RELEASE}, real_environment()))
    return match(plan)


@pytest.fixture(scope="module")
def choices(site: Path, upstream: Path, names: Sequence[str]) -> dict[str, Any]:
    """Give what would be imported with all off, and with each patch off by itself."""
    cache = {"VLLM_CACHE_ROOT": str(site.parent / "cache"), "PYTHONPYCACHEPREFIX": ""}
    words: list[str | Path] = [
        sys.executable,
        "-S",
        Path(switched.__file__),
        site,
        upstream,
        "all",
        *names,
    ]
    done = subprocess.run(words, env={**os.environ, **cache}, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def names(site: Path) -> list[str]:
    """Give the patches that have a switch."""
    path = site / "vllm" / "wheelwright_switches" / "names.json"
    document = json.loads(path.read_bytes())
    assert document["fixed"] == {}
    return [*document["patches"]]


def test_with_all_off_every_changed_module_is_upstreams_to_the_interpreter(
    site: Path, upstream: Path, choices: dict[str, Any]
) -> None:
    (path,) = site.glob("*.dist-info/wheelwright/manifest.json")
    manifest = json.loads(path.read_bytes())
    changed = {file["path"] for file in manifest["files"] if file["sha256_before"]}
    # What every wheel changes, it changes with all off, too.
    changed -= {
        file["path"]
        for patch in manifest["patches"]
        if patch["name"].startswith("wheelwright/")
        for file in patch["files"]
    }
    assert len(changed) > 30
    found = choices["all"]
    assert {f"vllm/{path}" for path in found["same"]} == changed
    for name, digest in found["sources"].items():
        assert digest == switched.digest(upstream / "vllm" / name)
    # The oracle is strict: the code of the installed files differs.
    for name in changed:
        installed = compile((site / name).read_bytes(), name, "exec", dont_inherit=True)
        assert installed != compile((upstream / name).read_bytes(), name, "exec", dont_inherit=True)


def test_with_one_off_every_module_is_that_of_a_build_without_it(
    upstream: Path, outcomes: list[Outcome], names: Sequence[str], choices: dict[str, Any]
) -> None:
    tree = FolderTree(upstream)
    notice = "Modified by vllm-wheelwright for musa: see `python -m vllm.wheelwright`."

    def built(kept: Sequence[Outcome]) -> dict[str, bytes]:
        return {file.path: file.after for file in apply_sites(kept, tree, notice=notice)}

    every = built(outcomes)
    assert len(names) > 25
    for name in names:
        files = built([item for item in outcomes if item.patch != name])
        wanted = {
            path: hashlib.sha256(files.get(path, tree.read(path))).hexdigest()
            for path, after in every.items()
            if path not in KEPT and path in tree and files.get(path) != after
        }
        found = choices[name]["sources"]
        assert {f"vllm/{path}": digest for path, digest in found.items()} == wanted, name


@pytest.mark.parametrize("name", SKIPPED)
def test_a_real_build_that_skips_it_agrees(
    tmp_path: Path, wheel: Path, name: str, choices: dict[str, Any]
) -> None:
    other = build_release(RELEASE, tmp_path, "--skip", name)
    with zipfile.ZipFile(other) as archive, zipfile.ZipFile(wheel) as switches:
        for path in sorted(members(other)):
            if path.startswith("vllm/") and path not in {*KEPT, "vllm/wheelwright.py"}:
                digest = hashlib.sha256(archive.read(path)).hexdigest()
                off = choices[name]["sources"].get(path.removeprefix("vllm/"))
                assert digest == (off or hashlib.sha256(switches.read(path)).hexdigest()), path


def test_it_is_a_wheel_as_any_other_beside_the_switches(
    wheel: Path, musa_wheel: Callable[[str], Path]
) -> None:
    plain = musa_wheel(RELEASE)
    added = {path.rpartition("/")[0] for path in set(members(wheel)) - set(members(plain))}
    info = "vllm-0.33.0+musa.dist-info/wheelwright/wheelwright"
    assert added == {"vllm/wheelwright_switches", info}
    with zipfile.ZipFile(wheel) as archive, zipfile.ZipFile(plain) as other:
        differ = {
            path
            for path in members(plain)
            if path.startswith("vllm/") and archive.read(path) != other.read(path)
        }
    assert differ == {*KEPT, "vllm/wheelwright.py"}


@pytest.mark.parametrize("which", [0, 7, 18, -1])
def test_bisect_finds_a_planted_patch_among_all(
    site: Path, names: Sequence[str], which: int
) -> None:
    bad = names[which]
    command = ["--", sys.executable, "-S", "-c", FAILS_WITH.format(name=bad)]
    script = site / "vllm" / "wheelwright.py"
    done = subprocess.run(
        [sys.executable, "-S", script, "bisect", "--json", *command],
        env={"PYTHONPATH": str(site), "VLLM_CACHE_ROOT": str(site.parent / "cache")},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["patches"] == [bad]
    assert len(document["runs"]) <= 2 + ceil(log2(len(names)))
