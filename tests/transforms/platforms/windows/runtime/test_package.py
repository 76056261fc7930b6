"""The package gives what its modules have, and can be imported anywhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from transforms.platforms.windows.runtime.vllm import wheelwright_windows as ours

_FOLDER = Path(str(ours.__file__)).parent
_MODULES = [module for module in vars(ours).values() if isinstance(module, ModuleType)]


def test_it_loads_all_of_its_modules() -> None:
    stems = {file.stem for file in _FOLDER.glob("*.py")} - {"__init__"}
    assert {module.__name__.rpartition(".")[2] for module in _MODULES} == stems


@pytest.mark.parametrize("module", _MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_it_gives_all_that_a_module_has_for_others(module: ModuleType) -> None:
    own = {
        name
        for name, value in vars(module).items()
        if name.startswith("LOCK_") or getattr(value, "__module__", "") == module.__name__
    }
    public = {name for name in own if not name.startswith("_")}
    assert public <= set(ours.__all__)
    assert all(getattr(ours, name) is getattr(module, name) for name in public)


def test_importing_it_imports_nothing_but_the_standard_library() -> None:
    code = (
        "import sys\nsys.path.insert(0, sys.argv[1])\nbefore = set(sys.modules)\n"
        "import wheelwright_windows\n"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(new - set(sys.stdlib_module_names) - {'__mp_main__'}))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(_FOLDER.parent)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "['wheelwright_windows']\n"
