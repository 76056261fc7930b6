"""Platforms compose in one wheel, and two that touch the same code are a conflict by name."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.build_hooks.command_line import REPOSITORY, assert_clean_failure, environment
from tests.build_hooks.small_release import PATCHES, WHEEL, write_folder

PLATFORM = """
from transforms.edits import PatchSet
PATCH_SET = PatchSet(name="rival", summary="a second platform", source="sdist")
"""
PATCH = '''
"""{name}."""
from transforms.edits import Patch, Replace
PATCH = Patch(
    why="a test", upstream="none: a test", drop_when="never", versions=">=0.9.2",
    edits=[Replace(inside={inside!r}, find={find!r}, replace={replace!r})],
)
'''
SAME = {
    "inside": "vllm.v1.worker.gpu_worker.Worker.init_device",
    "find": 'self.device_config.device_type == "cuda"',
    "replace": 'self.device_config.device_type != "cpu"',
}
OTHER = {
    "inside": "vllm.platforms.interface.Platform.is_cpu",
    "find": '"cpu"',
    "replace": '"rival"',
}
# Discovery walks the package: a platform in another folder is found like those in this repository.
PROGRAM = (
    "import sys, transforms.platforms as p; p.__path__.append(sys.argv.pop(1)); "
    "from build_hooks.__main__ import main; raise SystemExit(main())"
)


def run(
    folder: Path, patch: dict[str, str], *words: str | Path
) -> subprocess.CompletedProcess[str]:
    text = PATCH.format(name="worker", **patch)
    write_folder(folder / "rival", {"__init__.py": PLATFORM.encode(), "worker.py": text.encode()})
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, folder, *words],
        cwd=REPOSITORY,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def words(sdist: Path, tmp_path: Path) -> list[str | Path]:
    only = ",".join([*PATCHES, "rival/worker"])
    dist = tmp_path / "dist"
    return ["build", "-p", "rival,musa", "--source", sdist, "-o", dist, "--only", only]


def test_two_platforms_that_conflict(tmp_path: Path, words: list[str | Path]) -> None:
    message = assert_clean_failure(run(tmp_path / "more", SAME, *words), 1)
    for one, other in (("musa", "rival/worker"), ("rival", "musa/worker_device_type")):
        assert f"error: {one}/worker" in message or f"\n{one}/worker" in message
        assert f"conflict on 0.33.0: touches the same code as {other}" in message
    assert "musa/worker_device_type line 4" in message
    assert "rival/worker line 4" in message
    assert message.splitlines()[-1] == "FAIL: 3 applied, 2 conflict"
    assert not (tmp_path / "dist").exists()


def test_two_platforms_that_compose(tmp_path: Path, words: list[str | Path]) -> None:
    done = run(tmp_path / "more", OTHER, *words)
    assert done.returncode == 0, done.stderr
    name = WHEEL.replace("+musa", "+musa.rival")
    assert Path(done.stdout.strip()).name == name
    with zipfile.ZipFile(done.stdout.strip()) as archive:
        info = name.removesuffix("-py3-none-any.whl") + ".dist-info"
        text = archive.read("vllm/platforms/interface.py").decode()
        assert {f"{info}/wheelwright/{patch}.diff" for patch in (*PATCHES, "rival/worker")} <= set(
            archive.namelist()
        )
    assert 'self.device_type == "rival"' in text
    assert "def is_musa" in text
    assert "# Modified by vllm-wheelwright for musa, rival: " in text


def test_a_patch_module_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    broken = {**OTHER, "find": "(("}
    message = assert_clean_failure(run(tmp_path, broken, "check", "-p", "rival"), 9)
    assert "transforms.platforms.rival.worker cannot be loaded: " in message
