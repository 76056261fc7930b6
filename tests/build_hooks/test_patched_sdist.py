"""The patched sdist of a platform, by the command line and by the hooks of a front end."""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

from build_hooks.artifact.sdist import SdistTree
from build_hooks.commands.verify import NOT_COMPARED
from build_hooks.errors import UsageError
from build_hooks.pipeline import make_plan
from build_hooks.settings import Settings
from tests.build_hooks.command_line import (
    assert_clean_failure,
    environment,
    limited,
    run,
    run_json,
)
from tests.build_hooks.native_platform import BOTH, NAME, add_platform
from tests.build_hooks.project import Project, make_project
from tests.build_hooks.small_release import FILES, ONLY, RELEASE, SDIST, small_files
from tests.build_hooks.tampered import contents

if TYPE_CHECKING:
    from pathlib import Path

VARIED: dict[str, dict[str, str]] = {
    "hash seed": {"PYTHONHASHSEED": "4242"},
    "time zone, locale, user": {
        "TZ": "Pacific/Chatham",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "HOME": os.devnull,
        "USER": "nobody",
    },
}


@pytest.fixture(scope="module")
def patched_sdist(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(sdist, tmp_path_factory.mktemp("patched-sdist"))


@pytest.fixture(scope="module")
def native(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = make_project(tmp_path_factory.mktemp("native"))
    add_platform(project)
    return project


def built(source: Path, folder: Path, **options: Any) -> Path:  # noqa: ANN401 - as `run`
    words = ("build", "--sdist", "--source", source, "-o", folder, "--only", ONLY)
    done = run(*words, **options)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert done.stdout == f"{folder / SDIST}\n"
    return folder / SDIST


def manifest_of(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SdistTree(path).read("wheelwright/manifest.json"))
    return found


def test_has_what_the_wheel_has_and_says_what_it_is(patched_sdist: Path, wheel: Path) -> None:
    tree, files = SdistTree(patched_sdist), contents(wheel)
    assert tree.root == SDIST.removesuffix(".tar.gz")
    for path in tree:
        if path.startswith("vllm/") and path != "vllm/wheelwright.json":
            same = tree.read(path) == files[path]
            # Its digest is that of the sdist's files, setup.py among them.
            assert same == (path != "vllm/wheelwright.py"), path
    manifest = manifest_of(patched_sdist)
    assert (manifest["output"], manifest["version"]) == ("sdist", f"{RELEASE}+musa")
    names = {patch["name"]: patch["outcome"] for patch in manifest["patches"]}
    assert names["wheelwright/one_version"] == "applied"
    for name in names:
        assert f"wheelwright/{name}.diff" in tree
    assert tree.read("vllm/wheelwright.json") == tree.read("wheelwright/manifest.json")
    bom = json.loads(tree.read("wheelwright/sbom.cdx.json"))
    (ancestor,) = bom["metadata"]["component"]["pedigree"]["ancestors"]
    assert ancestor["hashes"][0]["content"] == manifest["artifact"]["sha256"]
    inside = json.loads(files[f"vllm-{RELEASE}+musa.dist-info/wheelwright/manifest.json"])
    assert inside["output"] == "wheel"
    assert "wheelwright/one_version" not in {patch["name"] for patch in inside["patches"]}


def test_the_diffs_lead_back_to_upstreams_files(
    patched_sdist: Path, sdist: Path, tmp_path: Path
) -> None:
    subprocess.run(["tar", "-xzf", patched_sdist, "-C", tmp_path], check=True)
    (root,) = tmp_path.iterdir()
    manifest = manifest_of(patched_sdist)
    names = [patch["name"] for patch in manifest["patches"] if patch["outcome"] == "applied"]
    for name in reversed([*names, "wheelwright/notice"]):
        diff = root / "wheelwright" / f"{name}.diff"
        subprocess.run(["git", "apply", "-R", diff], cwd=root, check=True)
    upstream = SdistTree(sdist)
    own = {"PKG-INFO", "vllm.egg-info/PKG-INFO", "vllm.egg-info/SOURCES.txt"}
    for path in set(upstream) - own:
        assert (root / path).read_bytes() == upstream.read(path), path


@pytest.mark.parametrize("name", VARIED)
def test_the_machine_does_not_matter(
    sdist: Path, patched_sdist: Path, tmp_path: Path, name: str
) -> None:
    other = built(
        sdist, tmp_path, env=environment(**VARIED[name]), preexec_fn=lambda: os.umask(0o077)
    )
    assert other.read_bytes() == patched_sdist.read_bytes()


def test_the_hook_gives_the_same(native: Project, patched_sdist: Path, tmp_path: Path) -> None:
    settings = {"only": ONLY, "platform": "musa"}
    done = native.hook(f"print(backend.build_sdist({str(tmp_path)!r}, {settings!r}))")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{SDIST}\n", "")
    assert (tmp_path / SDIST).read_bytes() == patched_sdist.read_bytes()
    asked = native.hook("print(backend.get_requires_for_build_sdist({}))")
    assert asked.stdout == "[]\n"


def test_source_date_epoch_is_the_time_of_every_member(sdist: Path, tmp_path: Path) -> None:
    path = built(sdist, tmp_path, env=environment(SOURCE_DATE_EPOCH="1700000000"))
    with tarfile.open(path) as archive:
        assert {member.mtime for member in archive} == {1_700_000_000}


def test_a_full_disk_leaves_nothing(sdist: Path, tmp_path: Path) -> None:
    words = ("build", "--sdist", "--source", sdist, "-o", tmp_path / "out", "--only", ONLY)
    done = run(*words, preexec_fn=lambda: limited(2000))
    assert "cannot be written" in assert_clean_failure(done, 7)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_binary_wheel_gives_no_sdist(upstream: Path, sdist: Path, tmp_path: Path) -> None:
    words = ("--source", upstream, "-o", tmp_path, "--only", ONLY)
    message = assert_clean_failure(run("build", "--sdist", *words), 2)
    assert f"an sdist cannot be made from the wheel {upstream.name}" in message
    assert "build from the sdist" in message
    # A platform that is built from wheels is built from the sdist here.
    settings = Settings(platform=("profile",), source=str(sdist))
    assert make_plan(settings, "sdist").output == "sdist"
    with pytest.raises(UsageError, match="an sdist cannot be made"):
        make_plan(Settings(source=str(upstream)), "sdist")


def test_a_patched_sdist_is_not_patched_again(patched_sdist: Path, tmp_path: Path) -> None:
    done = run("build", "--source", patched_sdist, "-o", tmp_path)
    assert "was built by vllm-wheelwright" in assert_clean_failure(done, 2)


def test_verify_and_show_take_it(patched_sdist: Path) -> None:
    done = run("verify", patched_sdist)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"PASS: vllm {RELEASE}+musa: 5 patches in {FILES + 3} files, 0 problems",
        f"not compared with vllm-{RELEASE}.tar.gz: {NOT_COMPARED}",
    ]
    shown = run_json("show", patched_sdist)["manifest"]
    assert shown == manifest_of(patched_sdist)
    assert "  setup.py: line " in run("show", patched_sdist).stdout


def test_a_platform_of_native_sources_is_built_to_an_sdist(native: Project, tmp_path: Path) -> None:
    env = native.environment()
    words = ("build", "-p", NAME, "-o", tmp_path)
    built = run_json(*words, project=native.root, env=env)
    name = f"vllm-{RELEASE}+native.tar.gz"
    assert (built["wheels"], built["sdists"]) == ([], [str(tmp_path / name)])
    tree = SdistTree(tmp_path / name)
    assert tree.read("csrc/native.h").endswith(b"// a header\n")
    assert tree.read("LICENSE") == b"The Apache License\n"
    assert b"csrc/native.h" in tree.read("vllm.egg-info/SOURCES.txt").split(b"\n")
    done = run("verify", tmp_path / name, project=native.root, env=env)
    assert done.stdout.splitlines() == [
        f"PASS: vllm {RELEASE}+native: 6 patches in {FILES + 3} files, 0 problems",
        f"compared with vllm-{RELEASE}.tar.gz, every file",
    ]
    listed = run_json("list", project=native.root)["platforms"]
    assert {item["name"]: item["builds"] for item in listed}[NAME] == "sdist"
    assert f"{NAME}: s (built to an sdist)\n" in run("list", project=native.root).stdout


def test_its_wheel_leaves_native_sources_out_and_says_so(native: Project, tmp_path: Path) -> None:
    words = ("build", "-p", NAME, "--wheel", "-o", tmp_path)
    done = run(*words, project=native.root, env=native.environment())
    assert done.returncode == 0, done.stderr
    assert done.stderr == (
        "note: 2 patches of native sources: a wheel cannot hold them, the sdist does "
        "(build --sdist)\n"
    )
    wheel = tmp_path / f"vllm-{RELEASE}+native-py3-none-any.whl"
    files = contents(wheel)
    assert not any("native.h" in name for name in files)
    info = f"vllm-{RELEASE}+native.dist-info"
    manifest = json.loads(files[f"{info}/wheelwright/manifest.json"])
    outcomes = {patch["name"]: patch["outcome"] for patch in manifest["patches"]}
    assert outcomes["native/python"] == "applied"
    assert outcomes["native/header"] == outcomes["native/license_text"] == "excluded"
    assert files[f"{info}/licenses/LICENSE"] == small_files()["LICENSE"]
    assert f"{info}/wheelwright/native/header.diff" not in files
    shown = run("show", wheel, project=native.root).stdout
    assert "  reason     it changes native sources only: the sdist has it" in shown
    assert run_json("verify", wheel, project=native.root)["good"] is True


def test_checking_it_reads_what_is_built(native: Project) -> None:
    words = ("check", "-p", NAME, "-v")
    done = run(*words, project=native.root, env=native.environment())
    assert done.returncode == 0, done.stdout
    assert f"native/license_text: applied on {RELEASE}: 1 site in LICENSE" in done.stdout
    assert f"wheelwright/one_version: applied on {RELEASE}: 2 sites in setup.py" in done.stdout


def test_it_is_not_for_binary_wheels(native: Project, upstream: Path) -> None:
    words = ("check", "-p", NAME, "--source", upstream)
    message = assert_clean_failure(run(*words, project=native.root), 2)
    assert f"native changes native sources, and {upstream.name} holds none" in message


def test_a_patch_of_both_sides_is_named_where_a_wheel_is_built(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    add_platform(project, both=BOTH)
    words = ("build", "-p", NAME, "-o", tmp_path / "out")
    done = run(*words, project=project.root, env=project.environment())
    assert done.returncode == 0, done.stderr
    done = run(*words, "--wheel", project=project.root, env=project.environment())
    message = assert_clean_failure(done, 1)
    where = "LICENSE is not below vllm/, and a wheel holds nothing else"
    assert f"native/both: {where}; split the patch, which changes vllm/__init__.py too" in message
    assert [path.suffix for path in (tmp_path / "out").iterdir()] == [".gz"]


def test_one_kind_of_output_at_a_time() -> None:
    assert "not allowed with" in assert_clean_failure(run("build", "--sdist", "--wheel"), 2)


def test_pips_own_reader_takes_the_metadata(patched_sdist: Path) -> None:
    from packaging.metadata import Metadata  # noqa: PLC0415 - the only use
    from packaging.utils import parse_sdist_filename  # noqa: PLC0415

    with tarfile.open(patched_sdist) as archive:
        file = archive.extractfile(f"{SDIST.removesuffix('.tar.gz')}/PKG-INFO")
        assert isinstance(file, io.BufferedReader)
        metadata = Metadata.from_email(file.read())
    assert parse_sdist_filename(patched_sdist.name) == (metadata.name, metadata.version)
