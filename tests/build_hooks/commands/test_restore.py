"""`restore` gives upstream's bytes back, or refuses and writes nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.command_line import assert_clean_failure, build, run, run_json
from tests.build_hooks.small_release import WHEEL, small_files
from tests.build_hooks.switched_release import release_files, switched_wheel
from tests.build_hooks.tampered import contents, tampered

if TYPE_CHECKING:
    from pathlib import Path

INFO = "vllm-0.33.0+musa.dist-info"
CONFIG, INTERFACE = "vllm/config/vllm.py", "vllm/platforms/interface.py"
WORKER, OWN = "vllm/v1/worker/gpu_worker.py", "vllm/wheelwright.py"
DIFF = f"{INFO}/wheelwright/musa/worker_device_type.diff"


def files_below(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def upstreams(paths: list[str], files: dict[str, bytes] | None = None) -> dict[str, bytes]:
    """Give the bytes of the artifact, which no code under test has read."""
    return {path: (files or small_files())[path] for path in paths}


def differing(wheel: Path) -> tuple[list[str], list[str]]:
    """Give the files of the package that differ from the artifact's, and those it lacks."""
    files = small_files()
    package = {path: data for path, data in contents(wheel).items() if path.startswith("vllm/")}
    changed = [path for path in package if path in files and package[path] != files[path]]
    return sorted(changed), sorted(package.keys() - files)


@pytest.fixture(scope="module")
def made(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel, with byte code; nothing may change it."""
    folder = tmp_path_factory.mktemp("made") / "environment"
    uv: list[str | Path] = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "-q", "-p", sys.executable, folder], check=True)
    # A test that edits a file must not edit uv's cache.
    words = ["--link-mode", "copy", "--no-deps", "--compile-bytecode", "-q"]
    python = folder / "bin" / "python"
    subprocess.run([*uv, "pip", "install", *words, "-p", python, wheel], check=True)
    return folder


@pytest.fixture
def environment(made: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Give the interpreter and the packages of an environment with the wheel."""
    folder = tmp_path / "environment"
    shutil.copytree(made, folder, symlinks=True)
    (site,) = (folder / "lib").glob("python3.*/site-packages")
    return folder / "bin" / "python", site


def test_a_wheel_gives_upstreams_files(wheel: Path, tmp_path: Path) -> None:
    document = run_json("restore", wheel, "-o", tmp_path / "new")
    changed, added = differing(wheel)
    assert {CONFIG, INTERFACE, WORKER} <= set(changed)
    assert OWN in added
    assert files_below(tmp_path / "new") == upstreams(changed)
    assert (document["files"], document["removed"]) == (changed, added)
    assert document["artifact"] == "vllm-0.33.0.tar.gz"
    assert document["target"] == str(tmp_path / "new")
    again = tmp_path / "again"
    done = run("restore", wheel, "-o", again)
    assert done.stdout.splitlines() == [
        f"{len(changed)} files are as in vllm-0.33.0.tar.gz, byte for byte, in {again}",
        f"{len(added)} files that the build has added left out: {', '.join(added)}",
    ]


def test_an_sdist_and_a_binary_wheel_do_too(sdist: Path, upstream: Path, tmp_path: Path) -> None:
    for source, kind in ((sdist, "--sdist"), (upstream, "--wheel")):
        path = build(source, tmp_path / kind, kind)
        document = run_json("restore", path, "-o", tmp_path / f"new{kind}")
        found = files_below(tmp_path / f"new{kind}")
        assert found == upstreams(document["files"])
        assert set(found) >= {CONFIG, INTERFACE, WORKER}


def test_a_wheel_with_switches_does_too(tmp_path: Path) -> None:
    wheel = switched_wheel(tmp_path)
    document = run_json("restore", wheel, "-o", tmp_path / "new")
    found = files_below(tmp_path / "new")
    assert found == upstreams(document["files"], release_files())
    assert {"vllm/__init__.py", "vllm/envs.py"} < set(found)


@pytest.mark.parametrize("record", [False, True])
def test_a_tampered_diff_is_refused(wheel: Path, tmp_path: Path, *, record: bool) -> None:
    diff = contents(wheel)[DIFF].replace(b"-        if ", b"-        if not ")
    other = tampered(wheel, tmp_path / WHEEL, {DIFF: diff}, record=record)
    done = run("restore", other, "-o", tmp_path / "new")
    message = assert_clean_failure(done, 5)
    assert f"{WHEEL} is not as it was built:" in message
    assert "nothing was written" in message
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "restore takes a wheel or sdist, or --installed, one of the two"),
        (("--installed", "-o", "x"), "--installed restores in place"),
        (("{wheel}",), "name a folder by -o DIR"),
        (("{wheel}", "-o", "{folder}"), "is there already"),
        (("{wheel}", "-o", "new", "--python", "x"), "--python goes with --installed"),
        (("{wheel}", "--installed"), "one of the two"),
        (("no.whl", "-o", "new"), "no such wheel or sdist"),
    ],
)
def test_wrong_use_is_said(wheel: Path, words: tuple[str, ...], said: str) -> None:
    filled = [word.format(wheel=wheel, folder=wheel.parent) for word in words]
    assert said in assert_clean_failure(run("restore", *filled), 2)


def test_an_installation_is_upstreams_again(wheel: Path, environment: tuple[Path, Path]) -> None:
    python, site = environment
    changed, added = differing(wheel)
    stems = {path.rpartition(".")[0] for path in (*changed, *added)}

    def of_those(path: Path) -> bool:
        return f"{path.parent.parent.relative_to(site)}/{path.name.split('.')[0]}" in stems

    every = set(site.rglob("*.pyc"))
    kept = {path for path in every if not of_those(path)}
    assert kept < every
    document = run_json("restore", "--installed", "--python", python)
    assert (document["files"], document["removed"]) == (changed, added)
    files = small_files()
    for path, data in files.items():
        if path.startswith("vllm/"):
            assert (site / path).read_bytes() == data
    package = {f"vllm/{path}" for path in files_below(site / "vllm") if "__pycache__" not in path}
    assert package == {path for path in files if path.startswith("vllm/")}
    assert set(site.rglob("*.pyc")) == kept
    assert not (site / INFO / "wheelwright").exists()
    assert not (site / INFO / "sboms").exists()


def test_what_is_left_is_listed_and_goes_when_it_is_uninstalled(
    environment: tuple[Path, Path],
) -> None:
    python, site = environment
    run_json("restore", "--installed", "--python", python)
    # `importlib.metadata` and an installer read RECORD for themselves.
    program = """
import base64, hashlib, importlib.metadata as m
for file in m.files("vllm"):
    data = file.locate().read_bytes()
    if file.hash:
        digest = base64.urlsafe_b64encode(hashlib.new(file.hash.mode, data).digest())
        assert digest.rstrip(b"=").decode() == file.hash.value, file
        assert file.size == len(data), file
"""
    subprocess.run([python, "-c", program], check=True)
    for path in site.rglob("*.pyc"):
        path.unlink()
    uninstall: list[str | Path] = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "uninstall",
        "-q",
        "-p",
        python,
        "vllm",
    ]
    subprocess.run(uninstall, check=True)
    assert not [path for path in site.rglob("*") if path.is_file() and "vllm" in path.parts]


def test_the_cache_of_the_installer_is_not_written_through(
    environment: tuple[Path, Path], tmp_path: Path
) -> None:
    python, site = environment
    link = tmp_path / "cached.py"
    link.hardlink_to(site / CONFIG)
    patched = link.read_bytes()
    run_json("restore", "--installed", "--python", python)
    assert link.read_bytes() == patched != (site / CONFIG).read_bytes()


@pytest.mark.parametrize(
    ("path", "data", "said"),
    [
        (INTERFACE, b"mine = 1\n", f"{INTERFACE} was edited since"),
        (OWN, b"mine = 1\n", f"{OWN} was edited since"),
        (WORKER, None, f"{WORKER} is missing"),
        (DIFF, None, "worker_device_type.diff is missing"),
        (DIFF, b"", "gpu_worker.py is not upstream's when its diffs are taken back"),
        (DIFF, b"diff\n", "worker_device_type.diff is malformed"),
        (f"{INFO}/RECORD", None, "RECORD cannot be read"),
        (f"{INFO}/wheelwright/manifest.json", b"{}", "manifest.json cannot be read"),
    ],
)
def test_an_installation_that_was_edited_is_refused_whole(
    environment: tuple[Path, Path], path: str, data: bytes | None, said: str
) -> None:
    python, site = environment
    if data is None:
        (site / path).unlink()
    else:
        (site / path).write_bytes(data)
    before = files_below(site)
    done = run("restore", "--installed", "--python", python)
    assert said in assert_clean_failure(done, 5)
    assert files_below(site) == before


def test_a_manifest_leads_nowhere_else(environment: tuple[Path, Path], tmp_path: Path) -> None:
    python, site = environment
    mine = tmp_path / "mine.py"
    mine.write_bytes(b"mine = 1\n")
    manifest = site / INFO / "wheelwright" / "manifest.json"
    text = manifest.read_text(encoding="utf-8")
    outside = "../" * 5 + "mine.py"
    manifest.write_text(text.replace(CONFIG, outside), encoding="utf-8")
    message = assert_clean_failure(run("restore", "--installed", "--python", python), 5)
    assert "which is not in the package" in message
    assert mine.read_bytes() == b"mine = 1\n"


def test_what_was_interrupted_goes_on(wheel: Path, environment: tuple[Path, Path]) -> None:
    python, site = environment
    changed, added = differing(wheel)
    (site / CONFIG).write_bytes(small_files()[CONFIG])
    (site / OWN).rename(site / "elsewhere.py")
    words = ("restore", "--installed", "--python", python)
    document = run_json(*words)
    assert (document["files"], document["removed"]) == (changed, added)
    assert {path: (site / path).read_bytes() for path in changed} == upstreams(changed)


def test_what_was_restored_cannot_be_restored_again(environment: tuple[Path, Path]) -> None:
    python, _ = environment
    run_json("restore", "--installed", "--python", python)
    message = assert_clean_failure(run("restore", "--installed", "--python", python), 5)
    assert "found none" in message


def test_an_environment_without_vllm_is_said(tmp_path: Path) -> None:
    done = run("restore", "--installed", "--python", tmp_path / "none")
    assert "cannot be run" in assert_clean_failure(done, 2)


def test_what_upstreams_own_build_made_of_an_sdist_is_not_restored(
    environment: tuple[Path, Path],
) -> None:
    python, site = environment
    (site / "vllm" / "wheelwright.json").write_text("{}", encoding="utf-8")
    message = assert_clean_failure(run("restore", "--installed", "--python", python), 5)
    assert "holds no diffs" in message
