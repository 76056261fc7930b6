"""On Windows vLLM decides for `spawn`, and tells why as it does for WSL."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from transforms.platforms.windows.spawn_context import PATCH

BEFORE = """
def _maybe_force_spawn():
    if environ.get("VLLM_WORKER_MULTIPROC_METHOD") == "spawn":
        return
    reasons = []
    if cuda_is_initialized():
        reasons.append("CUDA is initialized")
    if reasons:
        environ["VLLM_WORKER_MULTIPROC_METHOD"] = "spawn"
    return reasons
"""


@pytest.mark.parametrize("release", ["0.14.1", "0.33.0"])
@pytest.mark.parametrize(
    ("system", "reasons"), [("win32", ["Windows has no fork"]), ("linux", []), ("darwin", [])]
)
def test_only_windows_is_a_reason(release: str, system: str, reasons: list[str]) -> None:
    environ: dict[str, str] = {}
    names = run(
        patched(PATCH, release, "vllm.utils.system_utils", BEFORE),
        sys=SimpleNamespace(platform=system),
        environ=environ,
        cuda_is_initialized=lambda: False,
    )
    assert names._maybe_force_spawn() == reasons
    assert environ == ({"VLLM_WORKER_MULTIPROC_METHOD": "spawn"} if reasons else {})


def test_it_is_not_for_releases_before() -> None:
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED
