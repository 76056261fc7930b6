"""Import what the points call as a process of the engine would, and run excerpts beside it."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING

from tests.transforms.platforms.excerpts import patched

if TYPE_CHECKING:
    import pytest

    from transforms.edits import Patch

NAME = "wheelwright_ucm"
_FOLDER = (
    Path(__file__).resolve().parents[4] / "transforms/platforms/ucm/runtime/vllm/wheelwright_ucm"
)


def load(monkeypatch: pytest.MonkeyPatch, asked: str | None = None) -> ModuleType:
    """Import a fresh copy of the package, with ENABLE_UCM_PATCH as it is asked for.

    Args:
        monkeypatch: undoes it.
        asked: the variable's text; None where it is not set.
    """
    for name in [name for name in sys.modules if name.split(".")[0] == NAME]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delenv("ENABLE_UCM_PATCH", raising=False)
    if asked is not None:
        monkeypatch.setenv("ENABLE_UCM_PATCH", asked)
    spec = importlib.util.spec_from_file_location(
        NAME, _FOLDER / "__init__.py", submodule_search_locations=[str(_FOLDER)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, NAME, module)
    for part in ("counterpart", "recovery", "steps"):
        monkeypatch.setitem(sys.modules, f"{NAME}.{part}", None)
        monkeypatch.delitem(sys.modules, f"{NAME}.{part}")
    spec.loader.exec_module(module)
    assert os.environ.get("ENABLE_UCM_PATCH") == asked
    return module


def with_counterpart(
    monkeypatch: pytest.MonkeyPatch, folder: Path, text: str = "", *, broken: str = ""
) -> None:
    """Put a package `ucm` on the path.

    Args:
        monkeypatch: undoes it.
        folder: where it goes.
        text: of `ucm.integration.vllm.ucm_connector`.
        broken: what the package's own module raises, if it cannot be imported.
    """
    for name in [name for name in sys.modules if name.split(".")[0] == "ucm"]:
        monkeypatch.delitem(sys.modules, name)
    for package in ("ucm", "ucm/integration", "ucm/integration/vllm"):
        (folder / package).mkdir()
        (folder / package / "__init__.py").write_text("")
    module = folder / "ucm/integration/vllm/ucm_connector.py"
    module.write_text(f"raise {broken}\n" if broken else text)
    monkeypatch.syspath_prepend(str(folder))
    # What the test imports goes with it.
    for name in (
        "ucm",
        "ucm.integration",
        "ucm.integration.vllm",
        "ucm.integration.vllm.ucm_connector",
    ):
        monkeypatch.setitem(sys.modules, name, None)
        monkeypatch.delitem(sys.modules, name)


def executed(
    patch: Patch, release: str, module: str, before: str, package: object, **names: object
) -> SimpleNamespace:
    """Apply a patch to an excerpt, and run it beside a copy of the package.

    Args:
        patch: the patch.
        release: the release that the excerpt is from.
        module: its dotted name.
        before: its text.
        package: what stands for `vllm.wheelwright_ucm`.
        names: what else the excerpt has.
    """
    text = patched(patch, release, module, before)
    line = "from vllm import wheelwright_ucm\n"
    assert line in text
    scope: dict[str, object] = {"wheelwright_ucm": package, "__name__": __name__, **names}
    exec(compile(text.replace(line, ""), "excerpt", "exec"), scope)  # noqa: S102 - the test's own
    return SimpleNamespace(**scope)
