"""`show` says what a wheel was built from, and every patch with its reason."""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from pathlib import Path

from tests.build_hooks.command_line import assert_clean_failure, build, run, run_json
from tests.build_hooks.small_release import PATCHES, RELEASE
from tests.build_hooks.tampered import contents


def test_json_is_the_manifest_inside(wheel: Path, sdist: Path) -> None:
    manifest = run_json("show", wheel)["manifest"]
    inside = contents(wheel)["vllm-0.33.0+musa.dist-info/wheelwright/manifest.json"]
    assert manifest == json.loads(inside)
    assert manifest["release"] == RELEASE
    assert manifest["version"] == f"{RELEASE}+musa"
    assert manifest["artifact"] == {
        "filename": sdist.name,
        "kind": "sdist",
        "sha256": hashlib.sha256(sdist.read_bytes()).hexdigest(),
        "size": sdist.stat().st_size,
    }
    outcomes = {patch["name"]: patch["outcome"] for patch in manifest["patches"]}
    wheelwright = ("wheelwright/compile_cache_key", "wheelwright/self_description")
    assert outcomes == dict.fromkeys([*PATCHES, *wheelwright], "applied")
    for patch in manifest["patches"]:
        assert all(patch[key] for key in ("why", "upstream", "drop_when", "versions"))


def test_text_has_each_patch_with_its_reason_and_its_places(wheel: Path) -> None:
    done = run("show", wheel)
    assert done.returncode == 0, done.stderr
    manifest = run_json("show", wheel)["manifest"]
    assert done.stdout.startswith(f"vllm {RELEASE}+musa\n  platforms   musa\n")
    for patch in manifest["patches"]:
        assert f"\n{patch['name']}: applied\n  why        {patch['why']}\n" in done.stdout
        assert f"  drop when  {patch['drop_when']}\n" in done.stdout
    assert "  vllm/v1/worker/gpu_worker.py: line 4\n" in done.stdout
    assert "  vllm/wheelwright.py: added\n" in done.stdout
    assert f"  only        {', '.join(PATCHES)}\n" in done.stdout


def test_shows_what_was_left_out_and_excluded(sdist: Path, tmp_path: Path) -> None:
    only, skip = "musa/platform_is_musa", "musa/worker_device_type"
    wheel = build(sdist, tmp_path, "--only", only, "--skip", skip)
    text = run("show", wheel).stdout
    assert f"  skip        {skip}\n" in text
    assert f"\n{skip}: " not in text


def test_wrong_use() -> None:
    assert "no such wheel or sdist: missing.whl" in assert_clean_failure(
        run("show", "missing.whl"), 2
    )
    assert "wheel" in assert_clean_failure(run("show"), 2)


def test_says_where_the_diffs_and_the_sbom_are(wheel: Path) -> None:
    info = f"vllm-{RELEASE}+musa.dist-info"
    document = run_json("show", wheel)
    assert (document["diffs"], document["sbom"]) == (
        f"{info}/wheelwright/",
        f"{info}/sboms/vllm-wheelwright.cdx.json",
    )
    assert document["sbom"] in contents(wheel)
    assert f"  diffs       {info}/wheelwright/\n" in run("show", wheel).stdout


def test_an_installation_says_the_same_and_can_be_written_as_a_page(
    wheel: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{tmp_path}" exec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    page = tmp_path / "carried.html"
    document = run_json("show", "--installed", "--python", python, "--html", page)
    assert document["manifest"] == run_json("show", wheel)["manifest"]
    assert Path(document["sbom"]).is_file()
    assert (Path(document["diffs"]) / "musa/worker_device_type.diff").is_file()
    assert "Sites: upstream&#39;s line 4" in page.read_text() or "line 4" in page.read_text()
    (tmp_path / "vllm/wheelwright.py").unlink()
    done = run("show", "--installed", "--python", python)
    assert "does not describe itself" in assert_clean_failure(done, 5)


def test_options_that_exclude_each_other(wheel: Path, tmp_path: Path) -> None:
    for words in (("show", wheel, "--installed"), ("show", wheel, "--python", "python")):
        assert_clean_failure(run(*words), 2)
    done = run("show", wheel, "--html", tmp_path / "no" / "page.html")
    assert "cannot be written" in assert_clean_failure(done, 7)
