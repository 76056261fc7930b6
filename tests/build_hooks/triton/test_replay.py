"""The runner is started in the other interpreter, and what it says comes back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from build_hooks.triton.configurations import Job
from build_hooks.triton.kernels import kernel_modules
from build_hooks.triton.parallel import compare
from build_hooks.triton.replay import PROJECT, Compiler, RunnerError, replay
from build_hooks.triton.trees import Trees
from tests.build_hooks.triton.stand_in import stand_in

JOBS = [
    Job("ops/kernels.py::a", 0, [["needs", "c", "one"]]),
    Job("ops/kernels.py::b", 1, [["needs", "c", "two"]]),
]


def tree(folder: Path, text: str) -> Path:
    """Write a package with a module of kernels."""
    file = folder / "vllm" / "ops" / "kernels.py"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    return folder / "vllm"


def seen(program: str) -> dict[str, Any]:
    """Give what a stand-in was asked."""
    found: dict[str, Any] = json.loads(Path(program).with_name("seen.json").read_text())
    return found


def test_what_the_runner_says_comes_back(tmp_path: Path) -> None:
    python = stand_in(tmp_path / "bin")
    steps: list[None] = []
    result = replay(
        Compiler(python), tree(tmp_path, "one"), JOBS, tmp_path / "w", lambda: steps.append(None)
    )
    assert result.triton == "3.1.0"
    assert result.compiled_roots == {"ops/kernels.py::a"}
    assert result.attempts[1].error == ("CompilationError: at 1:2", "E: no two")
    assert len(steps) == 2


def test_the_runner_is_told_what_stands_for_the_modules_that_it_cannot_import(
    tmp_path: Path,
) -> None:
    python = stand_in(tmp_path / "bin")
    package = tree(tmp_path, "")
    replay(Compiler(python, ("hip", "gfx90a", 64)), package, JOBS, tmp_path / "w")
    given = seen(python)["given"]
    assert given["package"] == str(package)
    assert given["target"] == ["hip", "gfx90a", 64]
    assert given["modules"] == json.loads(json.dumps(kernel_modules()))
    assert [job["config"] for job in given["jobs"]] == [job.config for job in JOBS]


def test_nothing_that_changes_what_triton_does_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TRITON_INTERPRET", "PYTHONPATH", "PYTHONSTARTUP"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/fork/lib")
    python = stand_in(tmp_path / "bin")
    replay(Compiler(python), tree(tmp_path, ""), JOBS, tmp_path / "w")
    there = seen(python)
    names = {name for name in there["environment"] if name.startswith(("TRITON_", "PYTHON"))}
    assert names == {"PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE", "TRITON_HOME", "TRITON_CACHE_DIR"}
    assert there["environment"]["PYTHONHASHSEED"] == "0"
    assert there["environment"]["TRITON_CACHE_DIR"].startswith(str(tmp_path))
    assert there["environment"]["LD_LIBRARY_PATH"] == "/opt/fork/lib"
    assert there["folder"] == str(PROJECT)


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ("this Triton cannot compile for it", "this Triton cannot compile for it"),
        ("crash", "ended with -6:\n    \ufffd a library's last words"),
    ],
)
def test_a_runner_without_a_result_is_a_failure_that_says_why(
    tmp_path: Path, ends: str, said: str
) -> None:
    python = stand_in(tmp_path / "bin", ends=ends)
    with pytest.raises(RunnerError) as caught:
        replay(Compiler(python), tree(tmp_path, ""), JOBS, tmp_path / "w")
    assert str(caught.value).endswith(said)


def test_both_trees_are_compared(tmp_path: Path) -> None:
    trees = Trees(tree(tmp_path / "1", "one"), tree(tmp_path / "2", "one two"))
    found = compare(Compiler(stand_in(tmp_path / "bin")), trees, JOBS, tmp_path / "w")
    assert [attempt.ident for attempt in found.gained] == ["ops/kernels.py::b"]
    assert [attempt.ident for attempt in found.identical] == ["ops/kernels.py::a"]
