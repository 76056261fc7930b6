# SPDX-License-Identifier: Apache-2.0
"""`python -m vllm.wheelwright live DIR`: is a running engine what its wheel says?

The engine was started with WHEELWRIGHT_LIVE=DIR. Every process of it is asked for each name that
patches have changed. Exit codes: 0 every process runs the patched code, 1 a name is rebound, or a
process is of another build or does not answer, 2 wrong use, 5 the description is unreadable.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import names
from .answering import REQUEST, started, write

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

_VARIABLE = b"WHEELWRIGHT_LIVE"
_PATCHED, _REBOUND, _OTHER, _SILENT, _STOCK = (
    "patched",
    "rebound",
    "other build",
    "no answer",
    "stock",
)


def main(words: Sequence[str]) -> int:
    """Ask all processes, and say what they answer.

    Args:
        words: the command's arguments.
    """
    parser = argparse.ArgumentParser(
        prog="python -m vllm.wheelwright live",
        description="Ask every process of an engine that was started with WHEELWRIGHT_LIVE=DIR "
        "whether what its patches changed is still what the wheel's files hold.",
    )
    parser.add_argument("folder", metavar="DIR", type=Path)
    parser.add_argument("--timeout", type=float, default=30, help="seconds to wait for answers")
    parser.add_argument("--json", action="store_true", help="write JSON")
    options = parser.parse_args(words)
    if not options.folder.is_dir():
        print(
            f"error: no such folder: {options.folder}\n"
            "next: start the engine with WHEELWRIGHT_LIVE set to it",
            file=sys.stderr,
        )
        return 2
    own = _self_description()
    try:
        described = own.manifest()
        diffs = own.BESIDE if own.BESIDE.is_file() else own.dist_info() / "wheelwright"
        files = names.patched_files(own.BESIDE.parent.parent, described, diffs)
    except (own.DescriptionError, OSError, SyntaxError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 5
    processes = ask(options.folder, files, own.DIGEST, options.timeout)
    good = bool(processes) and all(row["state"] in {_PATCHED, _STOCK} for row in processes)
    good = good and any(row["state"] == _PATCHED for row in processes)
    if options.json:
        document = {"schema": 1, "good": good, "digest": own.DIGEST, "processes": processes}
        print(json.dumps(document, indent=1, ensure_ascii=False))
    else:
        print("\n".join(_lines(processes, good=good)))
    return 0 if good else 1


def _self_description() -> ModuleType:
    """Load the module beside this package as a file: importing vLLM needs torch."""
    path = Path(__file__).resolve().parent.parent / "wheelwright.py"
    spec = importlib.util.spec_from_file_location("wheelwright_self", path)
    assert spec is not None  # noqa: S101 - it is a file that ends in .py
    assert spec.loader is not None  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ask(
    place: Path, files: list[dict[str, Any]], digest: str, timeout: float
) -> list[dict[str, Any]]:
    """Write a request, wait for the answers, and judge them.

    Args:
        place: the folder of the engine's variable.
        files: what `names.patched_files` gives.
        digest: this installation's digest.
        timeout: how long to wait for answers, in seconds.
    """
    wanted = f"{time.time_ns()}-{os.getpid()}"
    write(place / REQUEST, {"id": wanted, "files": files})
    until = time.monotonic() + timeout
    while True:
        present = _present(place)
        answers = {pid: _json(place / f"{pid}.answer.json") for pid in present}
        answers = {pid: said for pid, said in answers.items() if said.get("id") == wanted}
        if time.monotonic() > until or (present and present.keys() == answers.keys()):
            break
        if not present and time.monotonic() > until - timeout + 2:
            break
        time.sleep(0.1)
    rows = [_judged(who, answers.get(pid), digest) for pid, who in sorted(present.items())]
    return rows + list(_others(place, present))


def _present(place: Path) -> dict[int, dict[str, Any]]:
    """Give the processes that have said that they are there, and still are."""
    found = {}
    for path in place.glob("*.json"):
        said = _json(path) if path.stem.isdecimal() else {}
        pid = said.get("pid")
        if isinstance(pid, int) and _alive(pid) and said.get("started") == started(pid):
            found[pid] = said
    return found


def _alive(pid: int) -> bool:
    if os.name == "nt":
        # os.kill(pid, 0) is Ctrl+C there. vLLM requires psutil.
        exists: bool = importlib.import_module("psutil").pid_exists(pid)
        return exists
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return not _status(pid).startswith("Z")


def _status(pid: int) -> str:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return text.rpartition(")")[2].strip()


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _judged(who: dict[str, Any], answer: dict[str, Any] | None, digest: str) -> dict[str, Any]:
    row: dict[str, Any] = {"pid": who["pid"], "name": who["name"], "command": _command(who["pid"])}
    if who["digest"] != digest:
        return {**row, "state": _OTHER, "digest": who["digest"]}
    if answer is None:
        return {**row, "state": _SILENT}
    row["name"] = answer["name"]
    if "error" in answer:
        return {**row, "state": _SILENT, "error": answer["error"]}
    found = answer["found"]
    foreign = [item for item in found if item["state"] == "foreign"]
    rebound = [{"module": item["module"], **each} for item in found for each in item["rebound"]]
    rebound += [
        {"module": item["module"], "name": "", "patches": [], "by": {"file": item["by"]}}
        for item in foreign
    ]
    unknown = [{"module": item["module"], **each} for item in found for each in item["unknown"]]
    return {
        **row,
        "state": _REBOUND if rebound else _PATCHED,
        "modules": sum(item["state"] == "loaded" for item in found),
        "switched": sum(item["state"] == "switched" for item in found),
        "built": sum(item["built"] for item in found),
        "rebound": rebound,
        "unknown": unknown,
    }


def _others(place: Path, present: dict[int, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Give the processes that have the variable and have not imported this vLLM (Linux only)."""
    wanted = b"%s=%s" % (_VARIABLE, os.fsencode(place))
    ways = {wanted, b"%s=%s" % (_VARIABLE, os.fsencode(place.resolve()))}
    for path in sorted(Path("/proc").glob("[0-9]*/environ")):
        pid = int(path.parent.name)
        try:
            has = ways & set(path.read_bytes().split(b"\0"))
        except OSError:
            continue
        command = _command(pid)
        if has and pid not in present and pid != os.getpid() and command:
            yield {"pid": pid, "name": "", "command": command, "state": _STOCK}


def _command(pid: int) -> str:
    try:
        data = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return data.replace(b"\0", b" ").decode(errors="replace").strip()[:100]


def _lines(processes: list[dict[str, Any]], *, good: bool) -> Iterator[str]:
    for row in processes:
        name = row["name"] or row["command"]
        yield f"{row['pid']:>8}  {row['state']:<12} {name}"
        if row["state"] in {_PATCHED, _REBOUND}:
            counts = f"{row['built']} names in {row['modules']} modules are as built"
            if row["switched"]:
                counts += f", {row['switched']} modules are switched off"
            if row["unknown"]:
                counts += f", of {len(row['unknown'])} it cannot be told"
            yield f"          {counts}"
        for item in row.get("rebound", ()):
            by = item["by"] or {}
            patches = ", ".join(item["patches"])
            yield f"          {item['module']}.{item['name']}".rstrip(".") + f"  ({patches})"
            line = f":{by['line']}" if by.get("line") else ""
            yield f"            is now {by.get('module')}.{by.get('name')}  {by.get('file')}{line}"
        if "error" in row:
            yield f"          {row['error']}"
        if row["state"] == _STOCK:
            yield "          it has not imported this vLLM: a helper, or a stock one"
    totals = {state: sum(row["state"] == state for row in processes) for state in _ALL}
    said = ", ".join(f"{count} {state}" for state, count in totals.items() if count)
    yield f"{'PASS' if good else 'FAIL'}: {said or 'no process answers'}"


_ALL = (_PATCHED, _REBOUND, _OTHER, _SILENT, _STOCK)
