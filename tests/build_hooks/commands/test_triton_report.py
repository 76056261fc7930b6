"""`triton-report` compiles both trees of a release, and says what came of it and how it ended."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from build_hooks.lock import Lock, dump_lock
from tests.build_hooks.command_line import assert_clean_failure, run, run_json
from tests.build_hooks.drift.planted import write_platform
from tests.build_hooks.project import Project, copy_checkout, locked_sdist
from tests.build_hooks.small_release import RELEASE, small_files, write_sdist
from tests.build_hooks.triton.stand_in import stand_in

if TYPE_CHECKING:
    from pathlib import Path

KERNELS = b"""\
import triton


@triton.jit
def always(needs): ...


@triton.jit
def gained(needs): ...


@triton.jit
def stops(needs): ...


@triton.jit
def lost(needs): ...


@triton.jit
def helper(x): ...


def host():
    return "one"
"""
PATCH = (
    'EDIT = Replace(inside="vllm.ops.kernels.host", find=\'"one"\', replace=\'"two"\')',
    "",
)
# What the stand-in for a compiler looks for in the file.
NEEDS = {"always": "import triton", "gained": '"two"', "stops": "no such text", "lost": '"one"'}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Give a checkout with a platform whose patch changes a file with kernels."""
    folder = tmp_path_factory.mktemp("kernels")
    root, index = copy_checkout(folder / "project"), folder / "index"
    write_platform(root, "toy", {"kernels": PATCH})
    sdist = write_sdist(
        index / f"vllm-{RELEASE}.tar.gz",
        {**small_files(), "vllm/ops/__init__.py": b"", "vllm/ops/kernels.py": KERNELS},
    )
    lock = dump_lock(Lock(RELEASE, (locked_sdist(sdist),)))
    (root / "vendored" / "vllm.lock.toml").write_text(lock, encoding="utf-8")
    record(root, *NEEDS)
    (root / "docs").mkdir()
    return Project(root, index, folder / "cache")


def record(root: Path, *names: str) -> None:
    """Record a configuration for some of the kernels, and for nothing else."""
    folder = root / "vendored" / "triton"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    lines = KERNELS.decode().splitlines()
    rows = [
        {
            "path": "ops/kernels.py",
            "name": name,
            "line": lines.index(f"def {name}(needs): ...") + 1,
            "found_with": "3.9.0",
            "config": [["needs", "c", NEEDS[name]]],
        }
        for name in names
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / f"{RELEASE}.jsonl").write_text(text, encoding="utf-8")


def options(project: Project) -> dict[str, Any]:
    """Run in the checkout, for its platform."""
    return {"project": project.root, "env": project.environment(VLLM_WHEELWRIGHT_PLATFORM="toy")}


@pytest.fixture
def python(tmp_path: Path) -> str:
    return stand_in(tmp_path / "bin")


def test_every_function_is_reported_with_what_became_of_it(project: Project, python: str) -> None:
    document = run_json("triton-report", "--python", python, code=1, **options(project))
    assert (document["release"], document["platforms"], document["triton"]) == (
        RELEASE,
        ["toy"],
        "3.1.0",
    )
    verdicts = {row["name"]: row["verdict"] for row in document["functions"]}
    assert verdicts == {
        "always": "compiles",
        "gained": "gained",
        "stops": "stops",
        "lost": "lost",
        "helper": "stops",
    }
    assert document["lost"] == ["ops/kernels.py::lost"]
    assert document["counts"]["kernels"] == {"of": 4, "before": 2, "after": 2}


def test_a_lost_kernel_fails_the_command(project: Project, python: str) -> None:
    done = run("triton-report", "--python", python, "--triton", "3.1", **options(project))
    assert done.returncode == 1, done.stderr
    assert 'What the patches took away:\n  ops/kernels.py::lost: E: no "one"' in done.stdout
    assert done.stdout.splitlines()[-1].startswith("FAIL: ")
    assert done.stderr == ""


def test_without_the_patch_nothing_is_lost(project: Project, python: str) -> None:
    skipped = ("--skip", "toy/kernels", "-v")
    done = run("triton-report", "--python", python, *skipped, **options(project))
    assert done.returncode == 0, done.stderr
    assert "ops/kernels.py::always: compiles" in done.stdout.splitlines()
    assert done.stdout.splitlines()[-1].startswith("PASS: ")


def test_a_page_and_the_figures_are_written_where_they_are_asked_for(
    project: Project, python: str, tmp_path: Path
) -> None:
    page = tmp_path / "report.html"
    done = run("triton-report", "--python", python, "--html", page, "--record", **options(project))
    assert done.returncode == 1, done.stderr
    assert "<title>Triton 3.1.0: vLLM 0.33.0</title>" in page.read_text(encoding="utf-8")
    (entry,) = json.loads((project.root / "docs" / "triton-measured.json").read_text())
    assert entry["counts"]["kernels"] == {"of": 4, "before": 2, "after": 2}


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ((), 2, "name a Triton (--triton 3.1.0), or an interpreter that has one (--python)"),
        (("--triton", "3.1.0", "--offline"), 4, "`offline` is set"),
        (("--python", "/bin/false"), 10, "/bin/false ended with 1"),
        (("--python", "{python}", "--triton", "3.2.0"), 2, "has Triton 3.1.0"),
        (("--python", "{python}", "--target", "cuda:90"), 2, "BACKEND:ARCH:WARP"),
        (("--python", "{python}", "--vllm", "0.99"), 3, "no release '0.99'"),
        (("--python", "{python}", "-p", "tyo"), 2, "no platform 'tyo' (did you mean 'toy'?)"),
        (("--python", "{python}", "--html", "no/such/folder/x.html"), 7, "there is no folder"),
    ],
)
def test_wrong_use_ends_with_its_own_code_and_a_reason(
    project: Project, python: str, given: tuple[str, ...], code: int, said: str
) -> None:
    filled = [word.format(python=python) for word in given]
    done = run("triton-report", *filled, **options(project))
    assert said in assert_clean_failure(done, code)


def test_a_runner_that_dies_leaves_nothing_behind(project: Project, tmp_path: Path) -> None:
    python = stand_in(tmp_path / "bin", ends="crash")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    chosen = options(project)
    chosen["env"] = {**chosen["env"], "TMPDIR": str(temporary)}
    page = tmp_path / "report.html"
    done = run("triton-report", "--python", python, "--html", page, **chosen)
    assert "a library's last words" in assert_clean_failure(done, 10)
    assert not page.exists()
    assert list(temporary.iterdir()) == []
