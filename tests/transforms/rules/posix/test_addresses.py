"""Literal backends of gloo and literal addresses of ipc."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.transforms.rules.posix.conftest import RuleTester, run_on
from transforms.rules.posix.gloo_backends import RULE as GLOO_BACKENDS
from transforms.rules.posix.ipc_paths import RULE as IPC_PATHS

_OURS = SimpleNamespace(cpu_backend=lambda: "ours", ipc_address=lambda path: f"ours:{path}")
_VLLM = SimpleNamespace(wheelwright_windows=_OURS)


@pytest.fixture
def gloo() -> RuleTester:
    return RuleTester(GLOO_BACKENDS)


@pytest.fixture
def ipc() -> RuleTester:
    return RuleTester(IPC_PATHS)


@pytest.mark.parametrize(
    "before",
    [
        "import torch\nfound = torch.distributed.new_group([0], backend='gloo', timeout=1)\n",
        "import torch.distributed as dist\nfound = dist.new_group([0], backend='gloo')\n",
        "from torch import distributed\nfound = distributed.init_process_group(backend='gloo')\n",
        "from torch.distributed import new_group\nfound = new_group(backend='gloo')\n",
        (
            "import torch\ndef f(b):\n    if b is None:\n        b = 'gloo'\n"
            "    return torch.distributed.new_group([0], backend=b)\nfound = f(None)\n"
        ),
    ],
)
def test_what_torch_is_given_is_asked_for(gloo: RuleTester, before: str) -> None:
    after = gloo.changed(before)
    assert gloo.apply(after) == (after, None)

    def group(*_: object, backend: str, **__: object) -> str:
        return backend

    distributed = SimpleNamespace(new_group=group, init_process_group=group)
    torch = SimpleNamespace(distributed=distributed)
    modules = {"torch": torch, "torch.distributed": distributed, "vllm": _VLLM}
    if " as dist" in before:  # `import a.b as c` binds what `a` has as `b`
        before, after = (
            each.replace(
                "import torch.distributed as dist", "from torch import distributed as dist"
            )
            for each in (before, after)
        )
    assert run_on("posix", before, modules)["found"] == "gloo"
    assert run_on("windows", after, modules)["found"] == "ours"


@pytest.mark.parametrize(
    "code",
    [
        "import torch\nx = torch.distributed.is_available() and backend == 'gloo'\n",
        "import torch.distributed\nstateless_init(backend='gloo')\n",
        "import torch.distributed\ndef f():\n    b = 'gloo'\n    stateless_init(backend=b)\n",
        "import torch.distributed\ndist_backend: str = 'gloo'\n",
        "import torch\ndef f():\n    b = 'gloo'\n    torch.distributed.barrier(b)\n",
        "import torch\ntorch.distributed.new_group([0], backend='cpu:gloo,cuda:nccl')\n",
        "import torch\ntorch.distributed.new_group([0], backend=gloo)\n",
    ],
)
def test_leaves_alone_what_several_processes_talk_through(gloo: RuleTester, code: str) -> None:
    gloo.assert_untouched(code)


@pytest.mark.parametrize(
    ("expression", "address"),
    [
        ("f'ipc://{base}/x_{1}'", "ours:ipc:///tmp/x_1"),
        ("'ipc:///tmp/x'", "ours:ipc:///tmp/x"),
        ("(\n    f'ipc://{base}/'\n    'x'\n)", "ours:ipc:///tmp/x"),
        ("str('ipc:///tmp/x')", "ours:ipc:///tmp/x"),
    ],
)
def test_an_address_is_asked_for(ipc: RuleTester, expression: str, address: str) -> None:
    after = ipc.changed(f"import os\n\nfound = {expression}\n")
    assert ipc.apply(after) == (after, None)
    assert run_on("windows", after, {"vllm": _VLLM}, base="/tmp")["found"] == address  # noqa: S108


@pytest.mark.parametrize(
    "code",
    [
        "ok = path.startswith('ipc://')\n",
        "ok = path.startswith(('ipc://', 'inproc://'))\n",
        "name = path.removeprefix('ipc://')\n",
        "'''ipc:// is a scheme'''\n",
        "def f():\n    '''ipc://x.'''\n",
        "def get_open_zmq_ipc_path():\n    return f'ipc://{base}/{uuid4()}'\n",
        "x = 'tcp://', 'see ipc://'\n",
    ],
)
def test_leaves_schemes_alone(ipc: RuleTester, code: str) -> None:
    ipc.assert_untouched(code)


@pytest.mark.parametrize("code", ["x = 'ipc:///a' + b\n", "ok = x == 'ipc:///a'\n"])
def test_refuses_parts_of_an_address(ipc: RuleTester, code: str) -> None:
    ipc.assert_refused(code, "stands alone")
