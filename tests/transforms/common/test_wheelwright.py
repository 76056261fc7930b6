"""`python -m vllm.wheelwright` where upstream's own build made the wheel, from a patched sdist."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "transforms/common/runtime/vllm/wheelwright.py"
CHECKS = SCRIPT.with_name("wheelwright_checks")
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
    shutil.copytree(CHECKS, package / CHECKS.name, ignore=shutil.ignore_patterns("__pycache__"))
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
        for name in ("wheelwright.py", "changed.py", "wheelwright.json")
    ]
    rows += [
        f"vllm/{CHECKS.name}/{path.name},{recorded(path.read_bytes())}"
        for path in sorted(CHECKS.glob("*.py"))
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


def test_finds_what_was_added_and_who_says_that_it_did(site: Path) -> None:
    (site / "vllm/more.py").write_text("", encoding="utf-8")
    (site / "vllm/plugged.py").write_text("", encoding="utf-8")
    record = site / "vllm_plugin-1.dist-info" / "RECORD"
    record.write_text(f"{record.read_text(encoding='utf-8')}\nvllm/plugged.py,,", encoding="utf-8")
    done = run(site, "--verify")
    assert done.returncode == 1
    assert "CHANGED   vllm/more.py was added after the build\n" in done.stdout
    assert "CHANGED   vllm/plugged.py was added after the build by vllm_plugin-1\n" in done.stdout


def test_finds_byte_code_of_another_source_of_the_same_time_and_size(site: Path) -> None:
    path = site / "vllm/changed.py"
    py_compile.compile(str(path))
    assert run(site, "--verify").returncode == 0
    data, times = path.read_bytes(), path.stat()
    path.write_bytes(data.replace(b"True", b"None"))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    py_compile.compile(str(path))
    path.write_bytes(data)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    done = run(site, "--verify")
    assert done.returncode == 1
    tag = sys.implementation.cache_tag
    assert f"CHANGED   vllm/__pycache__/changed.{tag}.pyc is not what its source" in done.stdout
    assert "FAIL: 1 files differ from what was built" in done.stdout


def test_a_summary_is_short_and_never_fails(site: Path) -> None:
    program = "import runpy, sys; print(runpy.run_path(sys.argv[1])['summary']())"
    command = [sys.executable, "-c", program, str(site / "vllm/wheelwright.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == (
        "vllm-wheelwright: 0.14.1+toy, platform toy, 1 patches, digest abababababab\n"
    )
    (site / "vllm/wheelwright.json").write_text("{", encoding="utf-8")
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("vllm-wheelwright: its description cannot be read, digest ab")


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
