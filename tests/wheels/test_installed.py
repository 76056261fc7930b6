"""The musa wheel is installed by pip and by uv, and the installation can be verified."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.command_line import run
from tests.wheels.real import members, new_environment, text

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [
    pytest.mark.wheels,
    pytest.mark.skipif(sys.version_info < (3, 11), reason="vLLM 0.33.0 needs Python 3.11"),
]

RELEASE = "0.33.0"
PATCHED, PLAIN = "vllm/v1/worker/gpu_worker.py", "vllm/logger.py"


def with_pip(python: Path, wheel: Path) -> None:
    install = ["-m", "pip", "install", "-q", "--no-deps", str(wheel)]
    subprocess.run([python, *install], check=True)


def with_uv(python: Path, wheel: Path) -> None:
    install = ["-m", "uv", "pip", "install", "-q", "--no-deps", "-p", str(python), str(wheel)]
    subprocess.run([sys.executable, *install], check=True)


@pytest.fixture(params=[with_pip, with_uv], ids=["pip", "uv"])
def installed(
    request: pytest.FixtureRequest, musa_wheel: Callable[[str], Path], tmp_path: Path
) -> tuple[Path, Path]:
    """Give the interpreter of a fresh environment with the wheel, and its site-packages."""
    if request.param is with_pip:
        subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
        python = tmp_path / "venv" / "bin" / "python"
    else:
        python = new_environment(tmp_path / "venv")
    request.param(python, musa_wheel(RELEASE))
    program = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return python, Path(output(python, "-c", program).strip())


def output(python: Path, *words: str | Path, code: int = 0) -> str:
    done = subprocess.run([python, *words], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout


def test_can_be_verified_and_what_is_changed_later_is_found(
    installed: tuple[Path, Path], musa_wheel: Callable[[str], Path]
) -> None:
    python, site = installed
    wheel = musa_wheel(RELEASE)
    program = "from importlib.metadata import version; print(version('vllm'))"
    assert output(python, "-c", program) == f"{RELEASE}+musa\n"
    for name in members(wheel):
        assert name.endswith(".dist-info/RECORD") or (site / name).is_file(), name

    script = site / "vllm" / "wheelwright.py"
    said = output(python, script, "--verify")
    assert said.splitlines()[-1] == "PASS: 0 files differ from what was built"
    document = json.loads(output(python, script, "--json"))
    assert document == json.loads(text(wheel, "wheelwright/manifest.json"))
    verify = ("verify", "--installed", "--python", python)
    assert run(*verify).stdout.startswith(f"PASS: vllm {RELEASE}+musa: ")

    for name in (PATCHED, PLAIN):
        (site / name).write_bytes((site / name).read_bytes() + b"# edited\n")
    said = output(python, script, "--verify", code=1)
    assert f"CHANGED   {PLAIN} was changed after the build\n" in said
    assert f"CHANGED   {PATCHED} is a patched file and was changed after the build\n" in said
    # What pip compiled is now of other sources.
    stale = said.count("is stale byte code: Python will compile its source anew")
    assert stale == 2 * (site / "vllm" / "__pycache__").is_dir()
    assert said.splitlines()[-1] == f"FAIL: {2 + stale} files differ from what was built"
    done = run(*verify)
    assert done.returncode == 1
    assert PLAIN in done.stdout
    assert PATCHED in done.stdout


def test_the_version_of_vllm_itself_is_upstreams(installed: tuple[Path, Path]) -> None:
    python, site = installed
    program = "import runpy, sys; print(runpy.run_path(sys.argv[1])['__version__'])"
    assert output(python, "-c", program, site / "vllm" / "_version.py") == f"{RELEASE}\n"
