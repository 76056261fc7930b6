"""What is served is checked first, and taken apart."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from build_hooks.errors import ArtifactError, IntegrityError
from build_hooks.index.distribution import read_distribution
from tests.build_hooks.command_line import run
from tests.build_hooks.sample_archives import make_sdist, make_wheel, save
from tests.build_hooks.small_release import ONLY, PATCHES
from tests.build_hooks.tampered import contents, tampered

INFO = "vllm-0.33.0+musa.dist-info"


def test_a_patched_wheel_says_what_was_done_to_it(wheel: Path) -> None:
    found = read_distribution(wheel)
    entry, inside = found.entry, contents(wheel)
    assert (entry.project, entry.version, entry.kind) == ("vllm", "0.33.0+musa", "wheel")
    assert entry.sha256 == hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert entry.requires_python == "<3.15,>=3.10"
    assert found.parts[f"{found.place}.metadata"] == inside[f"{INFO}/METADATA"]
    manifest = json.loads(inside[f"{INFO}/wheelwright/manifest.json"])
    assert entry.built is not None
    assert entry.built["platforms"] == ["musa"]
    assert entry.built["digest"] == manifest["digest"]
    shown = {patch["name"]: patch for patch in entry.built["patches"]}
    assert {*PATCHES} <= {*shown} == {patch["name"] for patch in manifest["patches"]}
    for name in entry.reports:
        assert found.parts[f"files/{entry.sha256}/{name}"] == inside[f"{INFO}/{name}"]
    assert "wheelwright/manifest.json" in entry.reports
    assert {f"wheelwright/{name}.diff" for name in PATCHES} <= {*entry.reports}


def test_a_patched_sdist_says_the_same(sdist: Path, tmp_path: Path) -> None:
    done = run("build", "--sdist", "--source", sdist, "-o", tmp_path, "--only", ONLY)
    assert done.returncode == 0, done.stderr
    found = read_distribution(next(tmp_path.glob("*.tar.gz")))
    assert (found.entry.kind, found.entry.metadata_sha256) == ("sdist", None)
    assert found.entry.built is not None
    assert found.entry.built["platforms"] == ["musa"]
    assert "wheelwright/sbom.cdx.json" in found.entry.reports


def test_files_of_others_are_served_without_a_story(tmp_path: Path) -> None:
    wheel = save(
        tmp_path / "some_plugin-1.0-py3-none-any.whl", make_wheel("1.0", name="some-plugin")
    )
    sdist = save(tmp_path / "vllm-0.33.0.tar.gz", make_sdist())
    for path, project in ((wheel, "some-plugin"), (sdist, "vllm")):
        entry = read_distribution(path).entry
        assert (entry.project, entry.built, entry.reports) == (project, None, ())


def test_one_changed_file_keeps_a_wheel_out(wheel: Path, tmp_path: Path) -> None:
    path = "vllm/v1/worker/gpu_worker.py"
    data = contents(wheel)[path] + b"#"
    for record in (False, True):
        bad = tampered(wheel, tmp_path / wheel.name, {path: data}, record=record)
        with pytest.raises(IntegrityError, match=path):
            read_distribution(bad)


def test_a_renamed_wheel_is_refused(tmp_path: Path, wheel: Path) -> None:
    for name in ("vllm-0.34.0+musa-py3-none-any.whl", "vllm_musa-0.33.0+musa-py3-none-any.whl"):
        with pytest.raises(ArtifactError):
            read_distribution(Path(shutil.copy(wheel, tmp_path / name)))


def test_a_renamed_sdist_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "vllm-0.34.0.tar.gz", make_sdist("0.33.0"))
    with pytest.raises(ArtifactError, match=r"its metadata are of vllm 0\.33\.0"):
        read_distribution(path)


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ("Metadata-Version: 2.1\nName: vllm\nVersion: 0.33.0+musa\nNo-Such: 1\n", "no-such"),
        ("Metadata-Version: 2.1\nName: vllm\n", "version"),
        (
            "Metadata-Version: 2.1\nName: vllm\nVersion: 0.33.0+musa\nRequires-Dist: a b\n",
            "requires-dist",
        ),
    ],
)
def test_metadata_that_break_the_specification_are_refused(
    wheel: Path, tmp_path: Path, metadata: str, said: str
) -> None:
    changes = {f"{INFO}/METADATA": metadata.encode()}
    bad = tampered(wheel, tmp_path / wheel.name, changes, record=True)
    with pytest.raises(ArtifactError, match=f"(?i){said}"):
        read_distribution(bad)


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    for name in ("vllm-0.33.0-py3-none-any.whl", "vllm-0.33.0.tar.gz", "vllm.whl", "a.tar.gz"):
        with pytest.raises(ArtifactError):
            read_distribution(save(tmp_path / name, b"PK"))
