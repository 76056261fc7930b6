"""`python -m vllm.wheelwright profile` and `diagnose` hand over to the platform's own package."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.profile.loaded import FOLDER, load, switched_on

if TYPE_CHECKING:
    from pathlib import Path

WHEELWRIGHT = FOLDER.parents[4] / "common/runtime/vllm/wheelwright.py"
MANIFEST = {
    "distribution": "vllm",
    "version": "0.33.0+profile",
    "release": "0.33.0",
    "platforms": ["profile"],
    "digest": "0" * 64,
    "patches": [{"name": "profile/scheduler", "outcome": "applied"}],
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Install a vLLM that cannot be imported, with the platform."""
    package = tmp_path / "site" / "vllm"
    package.mkdir(parents=True)
    shutil.copy(WHEELWRIGHT, package)
    (package / "__init__.py").write_text("raise ImportError('no torch here')\n", encoding="utf-8")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(FOLDER, package / "wheelwright_profile", ignore=ignored)
    described = tmp_path / "site" / "vllm-0.33.0+profile.dist-info" / "wheelwright"
    described.mkdir(parents=True)
    (described / "manifest.json").write_text(json.dumps(MANIFEST), encoding="utf-8")
    return tmp_path / "site"


def run(site: Path, *words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the file by itself, in an environment without packages."""
    command = [sys.executable, "-S", site / "vllm" / "wheelwright.py", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def session(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Record as JSON lines: there is no pyarrow where the commands run."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    recording = load(switched_on(folder)).recording
    recording.fired("scheduler.schedule")
    recording.fired("forward.ends")
    recording.finish()
    return next(folder.glob("session_*"))


@pytest.mark.parametrize("word", ["profile", "diagnose"])
def test_a_wheel_without_the_platform_says_how_to_get_it(site: Path, word: str) -> None:
    shutil.rmtree(site / "vllm" / "wheelwright_profile")
    done = run(site, word, "latest")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        f"error: {word!r} needs the platform profile, and this wheel was built without it",
        "next: build one with it, alone or joined to others: -C platform=musa,profile",
    ]


def test_it_runs_where_vllm_cannot_be_imported(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run(site, "diagnose", session(tmp_path, monkeypatch))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Wheel: vllm 0.33.0+profile (profile)\n  applied: scheduler\n")
    assert done.stdout.splitlines()[-1].startswith("PASS: 2 of ")


def test_it_runs_as_a_module_of_vllm(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site / "vllm" / "__init__.py").write_text("", encoding="utf-8")
    recorded = str(session(tmp_path, monkeypatch))
    command = [sys.executable, "-S", "-m", "vllm.wheelwright", "profile", recorded]
    done = subprocess.run(command, cwd=site, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Steps by phase" in done.stdout


@pytest.mark.parametrize("value", ["1", "nonsense"])
def test_looking_at_sessions_records_none(site: Path, tmp_path: Path, value: str) -> None:
    folder = tmp_path / "sessions"
    folder.mkdir()
    environment = {"VLLM_ENABLE_PROFILING": value, "VLLM_PROFILING_DIR": str(folder)}
    done = run(site, "diagnose", **environment)
    assert done.returncode == 0, done.stderr
    assert list(folder.iterdir()) == []
    assert f"  VLLM_ENABLE_PROFILING={value}" in done.stdout


def test_a_wheel_that_does_not_describe_itself_can_be_diagnosed(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(next(site.glob("*.dist-info")))
    done = run(site, "diagnose", session(tmp_path, monkeypatch))
    assert done.returncode == 0
    assert "it cannot be told what is compiled in: expected one description" in done.stdout


def test_errors_keep_their_exit_codes(site: Path, tmp_path: Path) -> None:
    done = run(site, "profile", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: no session in {tmp_path}")
