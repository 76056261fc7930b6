"""UCM's run-time patches, compiled from the function that UCM itself calls."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from docs.diffs_page import PAGE
from tests.build_hooks.command_line import run
from tests.wheels.real import real_environment

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.upstream

# The lock's root is what UCM calls to patch vLLM; these functions nothing of this module calls.
NOT_CALLED = "ucm.integration.vllm.patch.patch_funcs.v092.vllm_patch"


@pytest.mark.parametrize(
    ("version", "release", "define", "counts"),
    [
        ("0.3.0", "0.9.2", ["_enable_sparse=True", "vllm_use_rerope=False"], (64, 19, 15, 30)),
        ("0.3.0", "0.9.2", ["vllm_use_rerope=True"], (64, 11, 48, 5)),
        ("0.5.0", "0.11.0", ["ENABLE_SPARSE=False"], (92, 17, 45, 30)),
        ("0.5.0", "0.11.0", ["ENABLE_SPARSE=True"], (92, 44, 0, 48)),
    ],
)
def test_ucms_run_time_patches_are_followed_from_what_ucm_calls(
    tmp_path: Path, version: str, release: str, define: list[str], counts: tuple[int, ...]
) -> None:
    spec = f"uc-manager=={version}"
    words = ["import-monkeypatch", spec, "--vllm", release, "--define", *define]
    done = run(*words, "-o", tmp_path / "out", "--json", env=real_environment())
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    outcomes = Counter(row["outcome"] for row in found["rows"])
    seen = tuple(outcomes[name] for name in ("compiled", "needs nothing", "cannot"))
    assert (len(found["rows"]), *seen) == counts
    said = f"| {version} | {release} | `{' '.join(define)}` | {' | '.join(map(str, counts))} |"
    assert said in PAGE.read_text(encoding="utf-8")


def test_what_one_set_of_ucm_takes_from_the_other_is_a_row(tmp_path: Path) -> None:
    """Both sets replace `Scheduler.__init__`: while vLLM runs, the last one wins."""
    words = ["import-monkeypatch", "uc-manager==0.5.0", "--vllm", "0.11.0"]
    words += ["--define", "ENABLE_SPARSE=True"]
    done = run(*words, "-o", tmp_path / "out", env=real_environment())
    lines = done.stdout.splitlines()
    clash = "vllm.v1.core.sched.scheduler:Scheduler.__init__"
    (number,) = [n for n, line in enumerate(lines) if "cannot" in line and line.endswith(clash)]
    assert lines[number + 1].strip().startswith("touches the same code as ucm/integration")


def test_functions_that_nothing_calls_are_said_to_be_for_later(tmp_path: Path) -> None:
    words = ["import-monkeypatch", "uc-manager==0.3.0", "--vllm", "0.9.2", "--root", NOT_CALLED]
    done = run(*words, "-o", tmp_path / "out", env=real_environment())
    assert done.returncode == 0, done.stderr
    assert "33 changes: compiled 0, needs nothing 0, needs a hint 0, cannot 33" in done.stdout
    assert done.stdout.count("it is done when `_patch_") >= 20


def test_a_wheel_with_them_is_built_and_proves_what_it_is(tmp_path: Path) -> None:
    words = ["--vllm", "0.11.0", "--plugin", "uc-manager==0.5.0"]
    words += ["--define", "ENABLE_SPARSE=True"]
    built = run("build", *words, "-o", tmp_path, env=real_environment())
    assert built.returncode == 0, built.stderr
    assert "92 mutations: 44 compiled, 48 cannot be compiled" in built.stderr + built.stdout
    (wheel,) = tmp_path.glob("*.whl")
    for command in ("verify", "reproduce"):
        done = run(command, wheel, env=real_environment())
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("PASS")
