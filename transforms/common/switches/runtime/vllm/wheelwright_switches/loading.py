# SPDX-License-Identifier: Apache-2.0
"""Give a module the source that it has without the patches that are off.

That source is written to a file of its own, in vLLM's cache folder: what reads the source of what
runs, such as Triton, torch.compile, tracebacks and debuggers, reads a file with the true lines. The
module is the installed one in all else: `__file__` is, and so what lies beside it is found.
"""

from __future__ import annotations

import hashlib
import linecache
import os
import sys
import tempfile
from contextlib import suppress
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder, SourceFileLoader
from importlib.util import cache_from_source, decode_source
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .choosing import read_json

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType

    from .choosing import Choice


def install_finder(folder: Path, choice: Choice, say: Callable[[str], None]) -> None:
    """Let modules that switched-off patches change be imported without these changes.

    Args:
        folder: the folder of this package.
        choice: what is off.
        say: writes a line for whoever watches.
    """
    modules: dict[str, dict[str, Any]] = read_json(folder / "upstream.json")["modules"]
    off = frozenset(choice.off)
    changed = {
        name: module
        for name, module in modules.items()
        if any(off.issuperset(span[3]) for span in module["spans"])
    }
    sys.meta_path.insert(0, _Finder(folder.parent, changed, off, say if choice.verbose else None))


class _Finder(MetaPathFinder):
    """Finds the modules that are not as they are installed."""

    def __init__(
        self,
        package: Path,
        modules: dict[str, dict[str, Any]],
        off: frozenset[str],
        say: Callable[[str], None] | None,
    ) -> None:
        self._package = package
        self._modules = modules
        self._off = off
        self._say = say

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        module = self._modules.get(fullname)
        spec = PathFinder.find_spec(fullname, path, target) if module else None
        if module is None or spec is None or spec.origin is None:
            return None
        installed = self._package / module["path"]
        if Path(spec.origin).resolve() != installed.resolve():
            return None
        source = without(installed.read_bytes(), module, self._off, fullname)
        written = written_source(source, module["path"], fullname)
        spec.loader = _Loader(fullname, str(written), spec.origin)
        spec.cached = cache_from_source(str(written))
        if self._say:
            names = {name for span in module["spans"] for name in span[3]}
            left = ", ".join(sorted(names - self._off))
            code = f"upstream's code and {left}" if left else "upstream's code"
            self._say(f"{fullname}: {code}, in {written}")
        return spec


class _Loader(SourceFileLoader):
    """Loads a module from the file that was written for it."""

    def __init__(self, fullname: str, path: str, installed: str) -> None:
        super().__init__(fullname, path)
        self._installed = installed

    def get_code(self, fullname: str) -> CodeType:
        # Of a class, `inspect` reads the source by the module's `__file__`. Without a time, an
        # entry is never held against the file.
        data = Path(self.path).read_bytes()
        lines = decode_source(data).splitlines(keepends=True)
        linecache.cache[self._installed] = (len(data), None, lines, self._installed)
        code = super().get_code(fullname)
        if code is None:
            raise ImportError(f"{self.path} has no code", name=fullname)
        return code


def without(data: bytes, module: dict[str, Any], off: Collection[str], fullname: str) -> bytes:
    """Take the changes of some patches back.

    Args:
        data: the installed file.
        module: what the wheel says of it.
        off: the patches that are off.
        fullname: the module's name, for messages.

    Raises:
        ImportError: the file is not the one that was installed.
    """
    if hashlib.sha256(data).hexdigest() != module["sha256"]:
        raise ImportError(
            f"vllm-wheelwright: vllm/{module['path']} was changed after the build, so that no patch "
            "in it can be switched off: install the wheel anew, or unset VLLM_WHEELWRIGHT_DISABLE",
            name=fullname,
        )
    pieces: list[bytes] = []
    done = 0
    kept = False
    for start, end, upstream, patches in module["spans"]:
        if not set(patches) <= set(off):
            kept = True
            continue
        pieces += [data[done:start], upstream.encode("utf-8", "surrogateescape")]
        done = end
    source = b"".join([*pieces, data[done:]])
    if not kept and hashlib.sha256(source).hexdigest() != module["sha256_upstream"]:
        raise ImportError(
            f"vllm-wheelwright: upstream.json does not give upstream's vllm/{module['path']} back",
            name=fullname,
        )
    return source


def written_source(source: bytes, path: str, fullname: str) -> Path:
    """Write a module's source where every process of the same choice finds it; give the file.

    Args:
        source: the bytes.
        path: the module's path in the package.
        fullname: the module's name, for messages.

    Raises:
        ImportError: it cannot be written.
    """
    digest = hashlib.sha256(source).hexdigest()[:16]
    target = _cache() / "wheelwright_switches" / digest / "vllm" / path
    with suppress(OSError):
        if target.read_bytes() == source:
            return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f"{target.name}.", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(source)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ImportError(
            f"vllm-wheelwright: {target} cannot be written ({error.strerror or error}): let "
            "VLLM_CACHE_ROOT name a folder that can",
            name=fullname,
        ) from error
    return target


def _cache() -> Path:
    """Give vLLM's own cache folder, as `vllm/envs.py` finds it."""
    root = os.environ.get("VLLM_CACHE_ROOT")
    if root:
        return Path(root).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base).expanduser() if base else Path.home() / ".cache") / "vllm"
