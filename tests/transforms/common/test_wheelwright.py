"""`python -m vllm.wheelwright` where upstream's own build made the wheel, from a patched sdist."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "transforms/common/runtime/vllm/wheelwright.py"
DIGEST = "ab" * 32
SITE: list[dict[str, list[dict[str, int]]]] = [{"sites": [{}]}]
APPLIED = {"outcome": "applied", "why": "w", "versions": "", "files": SITE}
EXCLUDED = {"outcome": "excluded", "why": "w", "versions": ">1", "files": [], "reason": "so"}
PATCHES = [{"name": "toy/python", **APPLIED}, {"name": "toy/kept", **EXCLUDED}]


def recorded(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"sha256={digest},{len(data)}"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Install what upstream's build makes: no manifest in `.dist-info`, one in the package."""
    package = tmp_path / "vllm"
    package.mkdir()
    script = SCRIPT.read_bytes().replace(b"@WHEELWRIGHT_DIGEST@", DIGEST.encode())
    changed = b"patched = True\n"
    (package / "wheelwright.py").write_bytes(script)
    (package / "changed.py").write_bytes(changed)
    hashes = {"vllm/changed.py": changed, "vllm/wheelwright.py": script, "csrc/a.cu": b"compiled"}
    manifest = {
        "distribution": "vllm",
        "version": "0.14.1+toy",
        "output": "sdist",
        "platforms": ["toy"],
        "artifact": {"filename": "vllm-0.14.1.tar.gz", "sha256": "cd" * 32},
        "digest": DIGEST,
        "patches": PATCHES,
        "files": [
            {"path": path, "sha256_after": hashlib.sha256(data).hexdigest()}
            for path, data in hashes.items()
        ],
    }
    (package / "wheelwright.json").write_text(json.dumps(manifest), encoding="utf-8")
    rows = [
        f"vllm/{name},{recorded((package / name).read_bytes())}"
        for name in ("wheelwright.py", "changed.py")
    ]
    for name, lines in (("vllm-0.14.1+toy", rows), ("vllm_plugin-1", ["vllm_plugin.py,,"])):
        info = tmp_path / f"{name}.dist-info"
        info.mkdir()
        (info / "RECORD").write_text("\n".join([*lines, f"{info.name}/RECORD,,"]), encoding="utf-8")
    return tmp_path


def run(site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-S", str(site / "vllm/wheelwright.py"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_says_what_it_carries_and_who_compiled_it(site: Path) -> None:
    done = run(site)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "vllm 0.14.1+toy (toy)"
    assert lines[2] == "  compiled    by upstream's own build, from the patched sdist"
    assert lines[4].split() == ["applied", "toy/python", "1", "sites"]
    assert lines[6].split() == ["excluded", "toy/kept", "so"]


def test_verifies_what_is_installed_and_asks_for_no_native_source(site: Path) -> None:
    done = run(site, "--verify")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (
        0,
        "PASS: 0 files differ from what was built",
    )
    (site / "vllm/changed.py").write_text("hostile = 1\n", encoding="utf-8")
    done = run(site, "--verify")
    assert done.returncode == 1
    assert "CHANGED   vllm/changed.py is a patched file and was changed" in done.stdout


def test_an_unpacked_sdist_can_say_what_it_is_and_not_that_it_is_installed(site: Path) -> None:
    for path in site.glob("*.dist-info"):
        (path / "RECORD").unlink()
    assert run(site).returncode == 0
    done = run(site, "--verify")
    assert (done.returncode, done.stdout) == (5, "")
    assert "expected one installation of this build in" in done.stderr


def test_without_any_manifest_it_says_that(site: Path) -> None:
    (site / "vllm/wheelwright.json").unlink()
    done = run(site)
    assert (done.returncode, done.stdout) == (5, "")
    assert "expected one description of this build in" in done.stderr
