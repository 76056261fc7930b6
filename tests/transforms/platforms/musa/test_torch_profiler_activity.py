"""The torch profiler records MUSA kernels, where the installed torch can."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Literal, get_args

import pytest

from tests.transforms.platforms.excerpts import patched, run
from tests.transforms.platforms.musa.guards import RELEASES
from tests.transforms.platforms.musa.stub_platform import platform
from transforms.platforms.musa.torch_profiler_activity import PATCH

if TYPE_CHECKING:
    from tests.transforms.platforms.musa.guards import Guards

_QUESTION = "torch_profiler_activity"
_V1 = "vllm.v1.worker.gpu_worker"
_INLINE = """
class {owner}:
    def {method}(self):
        self.profiler = torch.profiler.profile(
            activities=[
                torch.profiler.ProfilerActivity.CPU,
                torch.profiler.ProfilerActivity.CUDA,
            ],
        )
        return self.profiler
"""
_NAMED = """
class Worker:
    def profile(self):
        return ["CPU", "CUDA"]
"""


def _torch(*activities: str) -> SimpleNamespace:
    names = {name: name for name in ("CPU", "CUDA", "XPU", "PrivateUse1", *activities)}
    return SimpleNamespace(
        profiler=SimpleNamespace(
            ProfilerActivity=SimpleNamespace(**names), profile=lambda *, activities: activities
        )
    )


_ON_EACH_PLATFORM = pytest.mark.parametrize(
    ("device", "torch", "expected"),
    [
        ("musa", _torch("MUSA"), ["CPU", "MUSA"]),
        ("musa", _torch(), ["CPU", "CUDA"]),
        ("cuda", _torch("MUSA"), ["CPU", "CUDA"]),
        ("cuda", _torch(), ["CPU", "CUDA"]),
    ],
)


@_ON_EACH_PLATFORM
@pytest.mark.parametrize(
    ("release", "module", "owner", "method"),
    [
        ("0.9.2", "vllm.worker.worker", "Worker", "__init__"),
        ("0.11.2", _V1, "Worker", "__init__"),
        ("0.33.0", "vllm.v1.worker.gpu_model_runner", "GPUModelRunner", "capture_model"),
    ],
)
def test_musa_is_asked_for_where_the_activities_are_torchs_own(  # noqa: PLR0913
    *,
    release: str,
    module: str,
    owner: str,
    method: str,
    device: str,
    torch: SimpleNamespace,
    expected: list[str],
) -> None:
    text = patched(PATCH, release, module, _INLINE.format(owner=owner, method=method))
    names = run(text, torch=torch, current_platform=platform(device))
    maker = SimpleNamespace()
    assert getattr(names, owner).__dict__[method](maker) == expected


@_ON_EACH_PLATFORM
@pytest.mark.parametrize("release", ["0.13.0", "0.30.0"])
def test_musa_is_asked_for_where_the_activities_have_names(
    release: str, device: str, torch: SimpleNamespace, expected: list[str]
) -> None:
    text = patched(PATCH, release, _V1, _NAMED)
    names = run(text, torch=torch, current_platform=platform(device))
    assert names.Worker().profile() == expected


def test_the_profiler_of_0_12_imports_the_platform_where_it_is_made() -> None:
    before = _INLINE.format(owner="TorchProfilerWrapper", method="__init__")
    text = patched(PATCH, "0.12.0", "vllm.profiler.gpu_profiler", before)
    (line,) = (line for line in text.splitlines() if "import current_platform" in line)
    assert text.index(line) < text.index("self.profiler")


@pytest.mark.parametrize("release", ["0.31.0", "0.33.0"])
@pytest.mark.parametrize("activity", ["MUSA", ""])
def test_users_may_choose_the_activity_where_torch_has_it(release: str, activity: str) -> None:
    before = """
    from pydantic import Field, model_validator
    TorchProfilerActivity = Literal["CPU", "CUDA", "PrivateUse1", "XPU"]
    """
    text = patched(PATCH, release, "vllm.config.profiler", before)
    body = "\n".join(line for line in text.splitlines() if "import" not in line)
    names = run(body, torch=_torch(*activity.split()), Literal=Literal)
    assert ("MUSA" in get_args(names.TorchProfilerActivity)) is bool(activity)


@pytest.mark.guards
@pytest.mark.parametrize("release", RELEASES)
def test_the_real_workers_ask_for_musa(guards: Guards, release: str) -> None:
    answer = guards.on_musa(_QUESTION, release)
    assert _asked(answer) == ["CPU", "MUSA"]
    assert "MUSA" in answer.get("knows", ["MUSA"])
    assert answer.get("may be chosen") is not False
    assert _asked(guards.on_musa(_QUESTION, release, stock=True)) != ["CPU", "MUSA"]
    guards.assert_others_are_as_stock(_QUESTION, release)


@pytest.mark.guards
@pytest.mark.parametrize("release", RELEASES)
def test_a_torch_without_the_activity_is_asked_for_cuda(guards: Guards, release: str) -> None:
    answer = guards.on_musa(_QUESTION, release, torch="musa-without-activity")
    assert _asked(answer) == ["CPU", "CUDA"]
    assert "MUSA" not in answer.get("knows", ())
    assert answer.get("may be chosen") is not True


def _asked(answer: dict[str, object]) -> object:
    """Give what all engines of a release ask for alike."""
    first, *others = (value for name, value in answer.items() if name.endswith(" asks"))
    assert all(other == first for other in others)
    return first
