"""With every patch switched off, the engine is upstream's, in all of its processes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from build_hooks.platforms import load_platform
from tests.engine.engines import UCM

if TYPE_CHECKING:
    from tests.engine.running import Run

pytestmark = pytest.mark.engine

_OFF = re.compile(r"^.*vllm-wheelwright: off +(\S+) \(by UCM_DISABLE_PATCHES\)$", re.MULTILINE)
_MODULE = re.compile(r"vllm-wheelwright: (vllm\S*): upstream's code, in ")


def test_the_tokens_are_those_of_stock(ucm_stock: Run, ucm_switched_off: Run) -> None:
    assert ucm_switched_off.tokens(UCM.name) == ucm_stock.tokens(UCM.name)


def test_ucm_is_asked_for_and_never_called(ucm_switched_off: Run) -> None:
    assert ucm_switched_off.answer["calls"] == []
    assert "wheelwright_ucm" not in ucm_switched_off.log


def test_what_is_off_is_said_where_it_is_asked(ucm_switched_off: Run) -> None:
    off = set(_OFF.findall(ucm_switched_off.log))
    assert {name.partition("/")[0] for name in off} == {"ucm", "ucm-sparse"}
    sparse = load_platform("ucm-sparse").patches
    assert {name for name in off if name.startswith("ucm-sparse/")} <= {
        f"ucm-sparse/{stem}" for stem in sparse
    }
    assert {"ucm/scheduler_connector", "ucm-sparse/scheduler"} <= off


def test_scheduler_and_worker_import_upstreams_code(ucm_switched_off: Run) -> None:
    imported = _MODULE.findall(ucm_switched_off.log)
    for name in ("vllm.v1.core.sched.scheduler", "vllm.v1.worker.gpu_model_runner"):
        # By the process that generates, EngineCore and its worker, as far as they need it.
        assert imported.count(name) >= 1
