"""What the wheel changes can be imported wherever upstream's can, without the plugin, too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.ascend.environment import manifest_of
from tests.ascend.processes import HERE, lay_out_platform, run_script

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

pytestmark = pytest.mark.ascend

# These ask for the plugin where they are imported: not before a function that needs them is called.
_NEEDING = {"balance_schedule", "kv_cache_coordinator", "profiling_chunk"}
_SUPPORT = "vllm.wheelwright_plugins."


def _modules(environment: Path, tree: str) -> tuple[list[str], list[str]]:
    """Give the modules of vLLM that a wheel changes, and those that it adds for the plugin."""
    files: Any = manifest_of(environment / tree)["files"]
    names = {
        str(file["path"]).removesuffix(".py").removesuffix("/__init__").replace("/", "."): file
        for file in files
        if str(file["path"]).endswith(".py")
    }
    changed = [name for name, file in names.items() if file["sha256_before"] is not None]
    return sorted(changed), sorted(name for name in names if name.startswith(_SUPPORT))


def _imported(environment: Path, scratch: Path, tree: str, modules: Sequence[str]) -> Any:  # noqa: ANN401
    result = scratch / f"{tree}.json"
    platform = scratch / "standin"
    platform = platform if platform.is_dir() else lay_out_platform(scratch)
    script = HERE / "children" / "imports.py"
    run_script(environment, tree, script, result, *modules, path=(platform,))
    return json.loads(result.read_text("utf-8"))


@pytest.fixture(scope="module")
def stock(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401
    """What becomes of upstream's modules."""
    modules = {name for tree in ("both", "woven") for name in _modules(environment, tree)[0]}
    return _imported(environment, tmp_path_factory.mktemp("stock"), "stock", sorted(modules))


@pytest.mark.parametrize("tree", ["both", "woven"])
def test_changed_modules_are_imported_without_the_plugin_as_upstreams_are(
    environment: Path,
    tmp_path: Path,
    stock: Any,  # noqa: ANN401
    tree: str,
) -> None:
    changed, _ = _modules(environment, tree)
    found = _imported(environment, tmp_path, tree, changed)
    assert found["failures"] == {
        name: why for name, why in stock["failures"].items() if name in changed
    }
    # Third parties look for them, too; nothing compiled does.
    assert {*_asked(found)} <= {*_asked(stock)}


def test_they_are_in_another_order_and_support_modules_before_them(
    environment: Path,
    tmp_path: Path,
    stock: Any,  # noqa: ANN401
) -> None:
    changed, support = _modules(environment, "woven")
    found = _imported(environment, tmp_path, "woven", [*support, *reversed(changed)])
    failures = found["failures"]
    assert {name: why for name, why in failures.items() if name in changed} == {
        name: why for name, why in stock["failures"].items() if name in changed
    }
    needing = {name.rpartition(".")[2] for name in failures if name in support}
    assert needing == _NEEDING


def _asked(found: Any) -> list[str]:  # noqa: ANN401
    return [name for names in found["asked"].values() for name in names]
