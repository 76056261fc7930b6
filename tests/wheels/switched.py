"""What a process with switches would import, printed as JSON. It runs as a plain file.

    python -S switched.py SITE UPSTREAM WORD...

SITE is where the wheel is unpacked, UPSTREAM is the unpacked sdist. For each WORD, which is what
VLLM_WHEELWRIGHT_DISABLE says, it gives the sha256 of the source that each changed module would be
imported with, and the modules whose code is, to the interpreter, that of upstream's file. Nothing
of vLLM is imported, as that needs torch.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any


def main(site: Path, upstream: Path, words: list[str]) -> dict[str, Any]:
    """Give what was found by word."""
    package = ModuleType("wheelwright_switches")
    package.__path__ = [str(site / "vllm" / "wheelwright_switches")]
    sys.modules[package.__name__] = package
    choosing = importlib.import_module("wheelwright_switches.choosing")
    loading = importlib.import_module("wheelwright_switches.loading")
    folder = site / "vllm" / "wheelwright_switches"
    modules = json.loads((folder / "upstream.json").read_bytes())["modules"]
    names = choosing.read_names(folder)
    found = {}
    for word in words:
        choice = choosing.chosen(names, {choosing.DISABLE: word})
        assert choice.off, (word, choice.warnings)
        loading.install_finder(folder, choice, print)
        finder = sys.meta_path.pop(0)
        sources, same = {}, []
        for name, module in modules.items():
            path = site / "vllm" / module["path"]
            place = path.parent.parent if path.name == "__init__.py" else path.parent
            spec = finder.find_spec(name, [str(place)])
            if spec is None or spec.loader is None:
                continue
            assert spec.origin == str(path)
            code = spec.loader.get_code(name)  # type: ignore[attr-defined]
            sources[module["path"]] = digest(Path(code.co_filename))
            original = (upstream / "vllm" / module["path"]).read_bytes()
            if code == compile(original, code.co_filename, "exec", dont_inherit=True):
                same.append(module["path"])
        found[word] = {"sources": sources, "same": same}
    return found


def digest(path: Path) -> str:
    """Give the sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    json.dump(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]), sys.stdout)
