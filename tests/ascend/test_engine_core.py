"""EngineCore has what is compiled in; it has not what another process has patched."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.ascend.environment import RELEASE
from tests.ascend.mutations import ROOTS
from tests.ascend.processes import HERE, lay_out_platform, run_script

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.ascend

_PLUGIN = "vllm_ascend"
# Only the plugin's own class of another name has it, which its `run_engine_core` starts.
_INHERITED = {"vllm.v1.engine.core:DPEngineCoreProc.run_busy_loop"}


# The platform's own patch changes what this calls, and leaves it as it is.
_AS_UPSTREAM = {"vllm.v1.engine.core:EngineCoreProc.run_engine_core"}


@pytest.fixture(scope="module")
def spawned(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a process and its child have: upstream's, patched at run time, and the wheel's."""
    scratch = tmp_path_factory.mktemp("spawned")
    platform = lay_out_platform(scratch)
    script = HERE / "children" / "engine_core.py"
    found = {}
    cases = {"stock": ("stock", ()), "patched": ("stock", ROOTS), "both": ("both", ())}
    for case, (tree, roots) in cases.items():
        result = scratch / f"{case}.json"
        path = (platform, environment / "plugin") if roots else (platform,)
        run_script(environment, tree, script, result, HERE / "traces", *roots, path=path)
        found[case] = json.loads(result.read_text("utf-8"))
    return found


def test_a_spawned_process_has_all_that_is_compiled_in(spawned: dict[str, Any]) -> None:
    stock, both = spawned["stock"]["child"], spawned["both"]["child"]
    assert both == spawned["both"]["parent"]
    assert {name for name in stock if stock[name] == both[name]} == _AS_UPSTREAM


def test_a_spawned_process_has_nothing_of_what_the_plugin_patches_in_its_parent(
    spawned: dict[str, Any],
) -> None:
    parent = spawned["patched"]["parent"]
    assert {name for name, (module, _) in parent.items() if module.startswith(_PLUGIN)} == {
        *parent
    } - _INHERITED
    assert spawned["patched"]["child"] == spawned["stock"]["child"] == spawned["stock"]["parent"]


def test_the_plugin_knows_the_release_by_its_version(spawned: dict[str, Any]) -> None:
    assert {found["version"] for found in spawned.values()} == {RELEASE}
    # The plugin imports a part of its patches where its own function says so.
    assert spawned["patched"]["asked"] is True
