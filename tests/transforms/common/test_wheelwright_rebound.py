"""`python -m vllm.wheelwright rebound`: what a plugin patches though it is compiled in."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.transforms.common.marked_engine import ENGINE, PLUGIN, RUNTIME

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path) -> Path:
    files = {
        "vllm/__init__.py": "",
        "vllm/wheelwright.py": (RUNTIME / "wheelwright.py").read_text(encoding="utf-8"),
        "vllm/wheelwright_marks.py": (RUNTIME / "wheelwright_marks.py").read_text(encoding="utf-8"),
        "vllm/wheelwright_plugins/plug/__init__.py": "",
        "vllm/engine.py": ENGINE,
        "plug/__init__.py": "",
        "plug/patch.py": f"{PLUGIN}\nEngine.step = around(Engine.step)\n",
        "plug/broken.py": "raise ValueError('no device')\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def run(site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "vllm.wheelwright", "rebound", *words]
    return subprocess.run(command, cwd=site, capture_output=True, text=True, check=False)


def test_the_command_says_what_the_imported_modules_bind_again(site: Path) -> None:
    alone = run(site, "--import", "vllm.engine")
    assert (alone.returncode, alone.stdout.splitlines()[0]) == (
        0,
        "0 of 8 compiled names are rebound in this process",
    )
    assert "not known of: vllm.engine.LIMIT" in alone.stdout
    done = run(site, "--import", "vllm.engine", "plug.patch")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0] == "vllm.engine.Engine.step"
    assert lines[1].split() == ["compiled", "in", "plug/one"]
    assert lines[2].split()[1:] == ["to", "plug.patch.inner", "(the", "plugin", "itself)"]
    assert lines[3].strip() == f"{site / 'plug/patch.py'}:10"


def test_the_command_says_the_same_as_json(site: Path) -> None:
    done = run(site, "--import", "plug.patch", "--json")
    document = json.loads(done.stdout)
    assert done.returncode == 1
    by = {"module": "plug.patch", "name": "inner", "file": str(site / "plug/patch.py"), "line": 10}
    row = {"module": "vllm.engine", "name": "Engine.step", "patch": "plug/one", "by": by}
    assert document == {
        "rebound": [{**row, "by_plugin": True}],
        "unknown": [{"module": "vllm.engine", "name": "LIMIT", "patch": "plug/two"}],
    }


def test_the_command_says_what_it_cannot_import(site: Path) -> None:
    done = run(site, "--import", "plug.broken")
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr == "error: plug.broken cannot be imported: ValueError: no device\n"


def test_a_plugin_asks_in_one_line_whether_it_is_compiled_in(site: Path) -> None:
    code = "from vllm.wheelwright import compiled_in as c; print(c('plug'), c('plu-g'), c('other'))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=site, capture_output=True, text=True, check=True)
    assert done.stdout == "True False False\n"


def test_the_module_needs_nothing_but_the_standard_library() -> None:
    code = "import sys, wheelwright_marks; print('vllm' in sys.modules)"
    command = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, '.'); {code}"]
    done = subprocess.run(command, cwd=RUNTIME, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
