"""`plugin=` compiles what a plugin patches while it runs into the wheel, and says so in it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from build_hooks.errors import PatchFailureError
from tests.build_hooks.command_line import assert_clean_failure, environment, run, run_json
from tests.build_hooks.project import make_project
from tests.build_hooks.small_plugin import (
    DEVICE,
    SPEC,
    SUPPORT,
    VERSION,
    WOVEN,
    lock_plugin,
    plugin_folder,
    plugin_sdist,
    plugin_wheel,
)
from tests.build_hooks.small_release import RELEASE, WHEEL

if TYPE_CHECKING:
    from pathlib import Path

    from tests.build_hooks.project import Project

# What the musa patch of the worker edits is what the plugin replaces.
MUSA = "musa/worker_device_type"
ROWS = {
    "vllm.platforms.interface:Platform.is_cpu": ("compiled", ["platform", "worker"], "plug/kind"),
    DEVICE: ("compiled", ["worker"], "plug/device"),
    "torch.cuda.Stream": ("cannot", ["worker"], None),
    "vllm.platforms.interface:Platform.device_type": ("needs a hint", ["worker"], None),
}


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    return plugin_sdist(tmp_path / "index")


def built(sdist: Path, folder: Path, *words: str | Path, **options: Any) -> Path:  # noqa: ANN401
    """Build a wheel of the small release, and give its path."""
    done = run("build", "--source", sdist, "-o", folder, *words, **options)
    assert done.returncode == 0, done.stderr
    return folder / done.stdout.strip().rpartition("/")[2]


def manifest(wheel: Path) -> Any:  # noqa: ANN401
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith("manifest.json"))
        return json.loads(archive.read(name))


def unpack(wheel: Path, folder: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)  # noqa: S202 - it was built here


def changed(wheel: Path) -> dict[str, bytes]:
    """Give the files of the package that a build changed or added."""
    with zipfile.ZipFile(wheel) as archive:
        # The digest is another one where the plugin came in another file.
        return {
            file["path"]: archive.read(file["path"])
            for file in manifest(wheel)["files"]
            if file["path"] != "vllm/wheelwright.py"
        }


def test_the_wheel_does_what_the_plugin_did(sdist: Path, plugin: Path, tmp_path: Path) -> None:
    wheel = built(sdist, tmp_path / "dist", "--plugin", plugin)
    assert wheel.name == WOVEN
    unpack(wheel, tmp_path / "site")
    program = """
from types import SimpleNamespace
from vllm.platforms.interface import Platform
from vllm.v1.worker.gpu_worker import Worker

platform, worker = Platform(), Worker()
answers = []
for kind in ("cpu", "plug", "cuda"):
    platform.device_type = kind
    worker.device_config = SimpleNamespace(device_type=kind)
    worker.init_device()
    answers.append((platform.is_cpu(), worker.started))
print(answers)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path / "site",
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "[(True, False), (True, True), (False, False)]\n", done.stderr


def test_the_manifest_says_what_became_of_each_mutation_and_where(
    sdist: Path, plugin: Path, tmp_path: Path
) -> None:
    wheel = built(sdist, tmp_path, "--plugin", plugin)
    said = manifest(wheel)
    assert said["platforms"] == []
    found = said["plugin"]
    rows = {
        row["target"]: (row["outcome"], row["processes"], row["patch"])
        for row in found.pop("mutations")
    }
    assert rows == ROWS
    assert found == {
        "name": "small-plugin",
        "version": VERSION,
        "package": "plug",
        "filename": plugin.name,
        "kind": "sdist",
        "sha256": found["sha256"],
        "size": plugin.stat().st_size,
        "roots": ["plug.patch.platform", "plug.patch.worker"],
        "define": {},
    }
    patches = {patch["name"]: patch for patch in said["patches"]}
    assert patches["plug/kind"]["why"] == "Its kind is another one."
    unsaid = f"not said by small-plugin {VERSION}: plug/patch/worker/patch_device.py"
    assert patches["plug/device"]["drop_when"] == unsaid
    assert patches["plug/device"]["versions"] == f"=={RELEASE}"
    shown = run("show", wheel).stdout
    assert "  platforms   none\n" in shown
    summary = (
        f"small-plugin {VERSION}: 4 mutations: 2 compiled, 1 needs a hint, 1 cannot be compiled"
    )
    assert f"  plugin      {summary}\n" in shown
    verified = run("verify", wheel)
    assert verified.returncode == 0, verified.stdout
    unpack(wheel, tmp_path / "site")
    told = subprocess.run(
        [sys.executable, "-m", "vllm.wheelwright", "--verify"],
        cwd=tmp_path / "site",
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith(f"vllm {RELEASE}+plug (no platform)\n")
    counts = "1 cannot, 2 compiled, 1 needs a hint"
    assert f"  plugin      small-plugin {VERSION}: 4 mutations: {counts}\n" in told.stdout


def test_a_wheel_without_a_plugin_says_nothing_of_one(sdist: Path, tmp_path: Path) -> None:
    wheel = built(sdist, tmp_path, "--only", MUSA)
    assert "plugin" not in manifest(wheel)
    assert "plugin" not in run("show", wheel).stdout


def test_the_plugin_comes_in_any_shape(sdist: Path, plugin: Path, tmp_path: Path) -> None:
    expected = changed(built(sdist, tmp_path / "sdist", "--plugin", plugin))
    assert f"{SUPPORT}/device.py" in expected
    folder = plugin_folder(tmp_path / "folder")
    for shape in (folder, folder / "plug", plugin_wheel(tmp_path / "wheels")):
        wheel = built(sdist, tmp_path / "again", "--plugin", shape)
        assert changed(wheel) == expected
        said = manifest(wheel)["plugin"]
        is_file = shape.is_file()
        assert (said["filename"], said["sha256"] is not None) == (shape.name, is_file)
        assert (said["name"], said["version"]) == (
            ("small-plugin", VERSION) if is_file else ("plug", None)
        )


def test_the_same_bytes_whatever_the_order_of_sets(
    sdist: Path, plugin: Path, tmp_path: Path
) -> None:
    wheels = [
        built(sdist, tmp_path / seed, "--plugin", plugin, env=environment(PYTHONHASHSEED=seed))
        for seed in ("1", "77")
    ]
    assert wheels[0].read_bytes() == wheels[1].read_bytes()


def test_an_sdist_has_the_plugin_and_says_so(sdist: Path, plugin: Path, tmp_path: Path) -> None:
    path = built(sdist, tmp_path, "--plugin", plugin, "--sdist")
    assert path.name == f"vllm-{RELEASE}+plug.tar.gz"
    assert run("verify", path).returncode == 0
    with tarfile.open(path) as archive:
        root = path.name.removesuffix(".tar.gz")
        member = archive.extractfile(f"{root}/wheelwright/sbom.cdx.json")
        assert member is not None
        document = json.load(member)
        assert f"{root}/{SUPPORT}/device.py" in archive.getnames()
    found = document["metadata"]["component"]["pedigree"]["ancestors"]
    assert {(item["name"], item["version"]) for item in found} == {
        ("vllm", RELEASE),
        ("small-plugin", VERSION),
    }
    (own,) = (item for item in found if item["name"] == "small-plugin")
    digest = hashlib.sha256(plugin.read_bytes()).hexdigest()
    assert own["hashes"] == [{"alg": "SHA-256", "content": digest}]


def test_what_is_settled_is_compiled_so(sdist: Path, plugin: Path, tmp_path: Path) -> None:
    wheel = built(sdist, tmp_path, "--plugin", plugin, "--define", "is_old=True")
    assert manifest(wheel)["plugin"]["define"] == {"is_old": "True"}
    assert b"device_type: str = 'old'" in changed(wheel)["vllm/platforms/interface.py"]


def test_check_and_diff_show_the_plugin(sdist: Path, plugin: Path) -> None:
    words = ("--source", sdist, "--plugin", plugin)
    (release,) = run_json("check", *words)["releases"]
    assert {row["target"]: row["outcome"] for row in release["plugin"]["mutations"]} == {
        target: outcome for target, (outcome, _, _) in ROWS.items()
    }
    text = run("check", *words).stdout
    assert f"plugin small-plugin {VERSION}: 4 mutations: 2 compiled" in text
    assert "torch.cuda.Stream is not vLLM's" in run("check", *words, "-v").stdout
    diff = run("diff", *words).stdout
    assert f"plug/kind on {RELEASE}\n" in diff
    assert "plug/device" in diff


def test_patches_of_a_plugin_are_chosen_by_name(sdist: Path, plugin: Path, tmp_path: Path) -> None:
    words = ("--plugin", plugin, "--skip")
    wheel = built(sdist, tmp_path, *words, "plug/device")
    said = manifest(wheel)
    assert "plug/device" not in {patch["name"] for patch in said["patches"]}
    assert f"{SUPPORT}/device.py" not in changed(wheel)
    (row,) = (row for row in said["plugin"]["mutations"] if row["target"] == DEVICE)
    assert (row["outcome"], row["patch"]) == ("left out", None)
    alone = built(sdist, tmp_path / "only", "--plugin", plugin, "--only", "plug/device")
    names = {patch["name"] for patch in manifest(alone)["patches"]}
    assert {name for name in names if name.startswith("plug/")} == {"plug/device"}
    wrong = run("build", "--source", sdist, "-o", tmp_path / "no", *words, "plug/devise")
    assert "no patch 'plug/devise' (did you mean 'plug/device'" in assert_clean_failure(wrong, 2)
    assert not (tmp_path / "no").exists()


def with_replaces(project: Project, *targets: str) -> None:
    """Have the musa patch of the worker say what it replaces."""
    module = project.root / "transforms" / "platforms" / f"{MUSA}.py"
    text = module.read_text(encoding="utf-8")
    assert text.count("    edits=[") == 1
    module.write_text(text.replace("    edits=[", f"    replaces={targets!r},\n    edits=["))


def test_two_ways_to_change_one_function_are_a_conflict_until_one_replaces_the_other(
    sdist: Path, plugin: Path, tmp_path: Path
) -> None:
    project = make_project(tmp_path / "p")
    only = f"{MUSA},plug/device,plug/kind"
    words = ("-p", "musa", "--plugin", plugin, "--only", only)
    done = run("build", "--source", sdist, "-o", tmp_path / "no", *words, project=project.root)
    message = assert_clean_failure(done, PatchFailureError.exit_code)
    assert f"plug/device: conflict on {RELEASE}: touches the same code as {MUSA}" in message
    assert not (tmp_path / "no").exists()

    with_replaces(project, DEVICE, "vllm.gone:Engine.run")
    done = run("build", "--source", sdist, "-o", tmp_path, *words, project=project.root)
    assert done.returncode == 0, done.stderr
    gone = "replaces what small-plugin 1.2.post1 does not do: vllm.gone:Engine.run"
    assert f"note: {MUSA} {gone}\n" in done.stderr
    wheel = tmp_path / WHEEL
    (row,) = (row for row in manifest(wheel)["plugin"]["mutations"] if row["target"] == DEVICE)
    assert (row["outcome"], row["what"], row["patch"]) == ("compiled", f"by {MUSA}", MUSA)
    # What only the plugin's own way needs is not shipped.
    assert f"{SUPPORT}/device.py" not in changed(wheel)
    assert b"ALWAYS" not in changed(wheel)["vllm/v1/worker/gpu_worker.py"]

    # A patch that is left out replaces nothing.
    words = ("-p", "musa", "--plugin", plugin, "--only", "plug/device")
    wheel = built(sdist, tmp_path / "own", *words, project=project.root)
    (row,) = (row for row in manifest(wheel)["plugin"]["mutations"] if row["target"] == DEVICE)
    assert row["patch"] == "plug/device"


def test_the_hooks_build_what_the_command_line_does(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    plugin = plugin_sdist(project.index)
    lock_plugin(project, plugin, is_old="True", is_odd="True")
    dist = tmp_path / "dist"
    config = repr({"plugin": "Small.Plugin == 1.2.post1", "source": "sdist", "vllm": RELEASE})
    done = project.hook(
        f"print(backend.get_requires_for_build_wheel({config})); "
        f"print(backend.prepare_metadata_for_build_wheel({str(tmp_path)!r}, {config})); "
        f"backend.build_wheel({str(dist)!r}, {config})"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"[]\nvllm-{RELEASE}+plug.dist-info\n"
    assert [path.name for path in dist.iterdir()] == [WOVEN]
    note = f"the lock settles what small-plugin {VERSION} does not ask for on this release: is_odd"
    assert f"note: {note}\n" in done.stderr
    assert project.kept() == [plugin.name, f"vllm-{RELEASE}.tar.gz"]
    line = run("build", "--plugin", SPEC, "-o", tmp_path / "line", "--offline",
               project=project.root, env=project.environment())  # fmt: skip
    assert line.returncode == 0, line.stderr
    assert (tmp_path / "line" / WOVEN).read_bytes() == (dist / WOVEN).read_bytes()
    # The user's word counts more than the lock's.
    words = ("--plugin", SPEC, "-o", tmp_path / "new", "--define", "is_old=False")
    other = run("build", *words, project=project.root, env=project.environment())
    assert other.returncode == 0, other.stderr
    assert manifest(tmp_path / "new" / WOVEN)["plugin"]["define"]["is_old"] == "False"
