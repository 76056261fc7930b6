# SPDX-License-Identifier: Apache-2.0
"""Is the byte code of a package what its sources compile to? Python itself asks for less.

It compares time and size, or a hash, or nothing at all (PEP 552), and all files of a wheel can have
one time: a patch that writes `"musa"` over `"cuda"` leaves the size as it was. Sources are compiled
in processes of their own, one for each core, since a damaged file can end the one that reads it.
"""

from __future__ import annotations

import importlib.util
import json
import marshal
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADER = 16
_UNCHECKED, _HASHED = 0b01, 0b11
_NAMES = ("", "1", "2")  # what -O and -OO add to a file's name
_STALE = "is stale byte code: Python will compile its source anew"
_RUN = "Python runs it all the same"


def check(site: Path, package: Path) -> dict[str, str]:
    """Say what is wrong with the byte code of a package.

    Byte code of other interpreters, which this one never loads, is left alone.

    Args:
        site: the folder that paths are given from.
        package: the package's folder.

    Returns:
        For each such file, by its path, what is wrong.
    """
    wanted: list[tuple[str, str, int]] = []
    for source in sorted(package.rglob("*.py")):
        for level, name in enumerate(_NAMES):
            compiled = importlib.util.cache_from_source(str(source), optimization=name)
            if os.path.isfile(compiled):  # noqa: PTH113 - thousands of them
                wanted.append((compiled, str(source), level))
    found = dict(_strays(site, package))
    jobs = max(1, min(os.cpu_count() or 1, len(wanted) // 50))
    with ThreadPoolExecutor(jobs) as pool:
        for rows in pool.map(_judged, [wanted[start::jobs] for start in range(jobs)]):
            for path, problem in rows:
                found[_relative(path, site)] = problem
    return found


def _relative(path: str, site: Path) -> str:
    return Path(path).relative_to(site).as_posix() if Path(path).is_relative_to(site) else path


def _strays(site: Path, package: Path) -> Iterator[tuple[str, str]]:
    """Find byte code that lies where a source could, or is of a source that is gone."""
    ours = f".{sys.implementation.cache_tag}."
    for path in package.rglob("*.py[co]"):
        name = path.relative_to(site).as_posix()
        if path.parent.name != "__pycache__":
            yield name, f"is byte code without its source: {_RUN}"
        elif ours in path.name:
            stem = path.name.partition(ours)[0]
            if not (path.parent.parent / f"{stem}.py").is_file():
                yield name, "is byte code of a source that is not there"


def _judged(files: list[tuple[str, str, int]]) -> list[tuple[str, str]]:
    """Let a process of its own look at files; where it dies, the next one goes on behind that."""
    found: list[tuple[str, str]] = []
    while files:
        # Not -I: what -X and the environment say of compiling holds for both.
        done = subprocess.run(  # noqa: S603 - this very file
            [sys.executable, "-S", __file__],
            input=json.dumps(files),
            capture_output=True,
            text=True,
            check=False,
        )
        said = [json.loads(line) for line in done.stdout.splitlines()]
        found += [(files[at][0], text) for at, text in enumerate(said) if text]
        if done.returncode and len(said) < len(files):
            found.append((files[len(said)][0], "cannot be read without ending the interpreter"))
            said.append("")
        files = files[max(1, len(said)) :]
    return found


def _judge(compiled: str, source: str, level: int) -> str:
    """Say what is wrong with one file; an empty text where nothing is."""
    try:
        data, text = Path(compiled).read_bytes(), Path(source).read_bytes()
        stat = os.stat(source)  # noqa: PTH116 - thousands of them
    except OSError as error:
        return f"cannot be read: {error}"
    flags = int.from_bytes(data[4:8], "little")
    if len(data) < _HEADER or data[:4] != importlib.util.MAGIC_NUMBER or flags & ~_HASHED:
        return _STALE
    if flags:
        fresh = data[8:16] == importlib.util.source_hash(text)
        if not fresh and flags == _UNCHECKED:
            return f"is stale byte code of another source: {_RUN}"
    else:
        parts = (int(stat.st_mtime) & 0xFFFFFFFF, stat.st_size & 0xFFFFFFFF)
        fresh = data[8:16] == b"".join(part.to_bytes(4, "little") for part in parts)
    if not fresh:
        return _STALE
    try:
        code = compile(text, source, "exec", dont_inherit=True, optimize=level)
    except (SyntaxError, ValueError):
        return f"is byte code of a source that does not compile: {_RUN}"
    try:
        same = marshal.loads(data[_HEADER:]) == code  # noqa: S302 - as Python itself reads it
    except (EOFError, ValueError, TypeError):
        same = False
    return "" if same else f"is not what its source compiles to: {_RUN}"


if __name__ == "__main__":
    for row in json.load(sys.stdin):
        sys.stdout.write(f"{json.dumps(_judge(*row))}\n")
        sys.stdout.flush()
