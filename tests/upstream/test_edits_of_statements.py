"""The edits of expressions and statements, on upstream's own: just these lines change."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from build_hooks.artifact import open_artifact
from tests.transforms.trees import NAME, patch
from tests.wheels.real import OFFICIAL, artifact
from transforms.edits import (
    AddArgument,
    DropArgument,
    ExtendLiteral,
    Guard,
    Remove,
    SetConstant,
    Widen,
)
from transforms.engine.apply import apply_sites
from transforms.engine.checks import check_edited
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.edit import Edit
    from transforms.engine.syntax.source import Tree

pytestmark = pytest.mark.upstream

_OLDEST = (3, 10)
_WORKER = "vllm.v1.worker.gpu_worker"
_CASES: dict[str, tuple[Edit, str, str]] = {
    "a condition in a chain of elif": (
        Widen(
            inside="vllm.v1.attention.ops.paged_attn",
            find="current_platform.is_cuda_alike()",
            by="current_platform.is_musa()",
        ),
        "if current_platform.is_cuda_alike():\n",
        "if current_platform.is_cuda_alike() or current_platform.is_musa():\n",
    ),
    "a condition in an and, over several lines": (
        Widen(
            inside="vllm.v1.attention.ops.triton_prefill_attention.get_block_size",
            find="$platform.is_cuda_alike()",
            by="$platform.is_musa()",
        ),
        "    elif current_platform.is_cuda_alike() and current_platform.has_device_capability(\n",
        (
            "    elif (current_platform.is_cuda_alike() or current_platform.is_musa()) and "
            "current_platform.has_device_capability(\n"
        ),
    ),
    "a condition behind a not": (
        Widen(
            inside="vllm.config.parallel",
            find="current_platform.is_cuda_alike()",
            by="current_platform.is_musa()",
        ),
        "            if not current_platform.is_cuda_alike()",
        "            if not (current_platform.is_cuda_alike() or current_platform.is_musa())",
    ),
    "a comparison that is a whole condition": (
        Widen(
            inside=f"{_WORKER}.Worker.init_device",
            find='$config.device_type == "cuda"',
            by='$config.device_type == "musa"',
        ),
        '        if self.device_config.device_type == "cuda":\n',
        (
            '        if self.device_config.device_type == "cuda" or '
            'self.device_config.device_type == "musa":\n'
        ),
    ),
    "one statement": (
        Guard(
            inside=f"{_WORKER}.Worker.init_device",
            find='os.environ.pop("NCCL_ASYNC_ERROR_HANDLING", None)',
            condition="not current_platform.is_musa()",
        ),
        '            os.environ.pop("NCCL_ASYNC_ERROR_HANDLING", None)\n',
        (
            "            if not current_platform.is_musa():\n"
            '                os.environ.pop("NCCL_ASYNC_ERROR_HANDLING", None)\n'
        ),
    ),
    "two statements, with an else": (
        Guard(
            inside=f"{_WORKER}.Worker.init_device",
            find="gc.collect()\n$device.empty_cache()",
            condition="not current_platform.is_musa()",
            orelse="gc.collect()",
        ),
        "            gc.collect()\n            {device}.empty_cache()\n",
        (
            "            if not current_platform.is_musa():\n                gc.collect()\n"
            "                {device}.empty_cache()\n            else:\n"
            "                gc.collect()\n"
        ),
    ),
    "a statement": (
        Remove(
            inside=f"{_WORKER}.Worker.init_device",
            find='os.environ.pop("NCCL_ASYNC_ERROR_HANDLING", None)',
        ),
        '            os.environ.pop("NCCL_ASYNC_ERROR_HANDLING", None)\n',
        "",
    ),
    "a decorator": (
        Remove(
            inside=f"{_WORKER}.Worker.determine_available_memory", find="@torch.inference_mode()"
        ),
        "    @torch.inference_mode()\n",
        "",
    ),
    "a constant of a module": (
        SetConstant(
            inside="vllm.model_executor.layers.quantization.utils.marlin_utils",
            name="GPTQ_MARLIN_MAX_PARALLEL",
            was="16",
            value="64",
        ),
        "GPTQ_MARLIN_MAX_PARALLEL = 16\n",
        "GPTQ_MARLIN_MAX_PARALLEL = 64\n",
    ),
    "an annotated constant of a class": (
        SetConstant(
            inside="vllm.platforms.cuda.CudaPlatformBase",
            name="device_control_env_var",
            was='"CUDA_VISIBLE_DEVICES"',
            value='"MUSA_VISIBLE_DEVICES"',
        ),
        '    device_control_env_var: str = "CUDA_VISIBLE_DEVICES"\n',
        '    device_control_env_var: str = "MUSA_VISIBLE_DEVICES"\n',
    ),
    "a Literal": (
        ExtendLiteral(
            inside="vllm.config.device", find='Literal["auto", "cuda", $$others]', add='"musa"'
        ),
        'Device = Literal["auto", "cuda", "cpu", "tpu", "xpu"]\n',
        'Device = Literal["auto", "cuda", "cpu", "tpu", "xpu", "musa"]\n',
    ),
    "a list": (
        ExtendLiteral(
            inside="vllm.model_executor.layers.quantization.utils.marlin_utils",
            name="MARLIN_SUPPORTED_GROUP_SIZES",
            add="256",
        ),
        "MARLIN_SUPPORTED_GROUP_SIZES = [-1, 32, 64, 128]\n",
        "MARLIN_SUPPORTED_GROUP_SIZES = [-1, 32, 64, 128, 256]\n",
    ),
    "a parameter on a line of its own": (
        AddArgument(
            inside=f"{_WORKER}.init_worker_distributed_environment",
            argument="*, timeout_s: float | None = None",
        ),
        '    backend: str = "nccl",\n',
        '    backend: str = "nccl",\n    *,\n    timeout_s: float | None = None,\n',
    ),
    "a parameter behind another": (
        AddArgument(
            inside=f"{_WORKER}.init_worker_distributed_environment",
            argument="device: int",
            after="rank",
        ),
        "    rank: int,\n",
        "    rank: int,\n    device: int,\n",
    ),
    "an argument of a call": (
        AddArgument(
            inside=f"{_WORKER}.Worker.init_device",
            call="set_random_seed",
            argument="seed_all=True",
        ),
        "            set_random_seed(self.model_config.seed)\n",
        "            set_random_seed(self.model_config.seed, seed_all=True)\n",
    ),
    "a positional argument of a call": (
        DropArgument(inside=f"{_WORKER}.Worker.init_device", call="set_random_seed", argument=0),
        "            set_random_seed(self.model_config.seed)\n",
        "            set_random_seed()\n",
    ),
    "a parameter": (
        DropArgument(inside="vllm.v1.worker.utils.bind_kv_cache", argument="num_attn_module"),
        "    num_attn_module: int = 1,\n",
        "",
    ),
}
# A patch with nothing but these would be refused: the other side of the call does not agree.
_NEED_MORE = {"a parameter"}
_DEVICE = {"0.14.1": "torch.cuda", "0.33.0": "torch.accelerator"}


@pytest.fixture(scope="module", params=OFFICIAL)
def release(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def tree(release: str) -> Tree:
    return open_artifact(artifact(release))


@pytest.mark.parametrize("case", _CASES)
def test_just_these_lines_change_and_it_compiles(case: str, release: str, tree: Tree) -> None:
    edit, gone, written = _CASES[case]
    patches = {NAME: patch(edit)}
    outcomes = match_patches(patches, tree, release)
    assert [item.status for item in outcomes] == [Status.APPLIED], outcomes
    (file,) = files = apply_sites(outcomes, tree)
    problems = check_edited(files, patches, tree, release, oldest=_OLDEST)
    assert bool(problems) == (case in _NEED_MORE), problems
    assert file.before is not None
    before, after = file.before.decode(), file.after.decode()
    ast.parse(after, feature_version=_OLDEST)
    device = _DEVICE[release]
    gone, written = gone.replace("{device}", device), written.replace("{device}", device)
    assert before.count(gone) >= 1
    assert after in _each_replaced(before, gone, written)
    (again,) = match_patches(patches, _Edited(tree, file.path, file.after), release)
    assert (again.status, again.sites) == (Status.OBSOLETE, ())


def _each_replaced(before: str, gone: str, written: str) -> list[str]:
    """Replace the text at each place where it stands, in turn."""
    pieces = before.split(gone)
    return [
        gone.join(pieces[:at]) + written + gone.join(pieces[at:]) for at in range(1, len(pieces))
    ]


class _Edited:
    """A tree with one file changed."""

    def __init__(self, tree: Tree, path: str, data: bytes) -> None:
        self._tree = tree
        self._changed = {path: data}

    def __contains__(self, path: object) -> bool:
        return path in self._tree

    def __iter__(self) -> Iterator[str]:
        return iter(self._tree)

    def read(self, path: str) -> bytes:
        return self._changed.get(path) or self._tree.read(path)
