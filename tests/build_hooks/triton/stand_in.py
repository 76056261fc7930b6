"""A program in the place of an interpreter that has a Triton: it answers as the runner does.

A configuration compiles if its constant `needs` stands in the tree's `ops/kernels.py`. Everything
around the compiler is real: how it is asked, started, and what is made of its answers.
"""

from __future__ import annotations

import sys
from textwrap import dedent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """\
#!{python}
import json, os, pathlib, sys

ENDS = {ends!r}
if sys.argv[1] == "-c":
    print(json.dumps({{"python": {version!r}, "triton": {triton!r}, "error": "No module"}}),
          file=sys.stderr)
    raise SystemExit
assert sys.argv[1:3] == ["-m", "build_hooks.triton.runner"], sys.argv
given = json.loads(pathlib.Path(sys.argv[3]).read_text())
seen = {{"given": given, "environment": dict(os.environ), "folder": os.getcwd()}}
pathlib.Path({seen!r}).write_text(json.dumps(seen))
if ENDS == "crash":
    os.write(2, b"\\xff a library's last words\\n")
    os.abort()
if ENDS:
    sys.exit(ENDS)
text = pathlib.Path(given["package"], "ops", "kernels.py").read_text()
results = []
for job in given["jobs"]:
    wanted = job["config"][0][2]
    row = {{"raw_ir": "r", "ttir": "t", "reached": [job["ident"]]}}
    if wanted not in text:
        row = {{"error": ["CompilationError: at 1:2", "E: no " + wanted]}}
    results.append({{"ident": job["ident"], "number": job["number"], **row}})
    print("attempted", flush=True)
keys = {{job["ident"]: None for job in given["jobs"]}}
pathlib.Path(sys.argv[4]).write_text(json.dumps({{
    "triton": {triton!r}, "jit_functions": len(keys), "loaded": list(keys), "results": results,
    "cache_keys": keys, "parameters": {{}}, "notes": [],
}}))
"""


def stand_in(
    folder: Path,
    *,
    triton: str | None = "3.1.0",
    version: tuple[int, int] = (3, 11),
    ends: str = "",
) -> str:
    """Write the program and give its path; what it was asked goes into `seen.json` beside it.

    Args:
        folder: where it goes.
        triton: the version that it says it has; None for none.
        version: of the Python that it says it is.
        ends: a message with which it ends instead; `crash` for an abort.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "python"
    seen = str(folder / "seen.json")
    text = PROGRAM.format(
        python=sys.executable, ends=ends, version=version, triton=triton, seen=seen
    )
    path.write_text(dedent(text), encoding="utf-8")
    path.chmod(0o755)
    return str(path)
