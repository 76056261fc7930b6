"""What it costs to compile a plugin's run-time patches, beside only parsing what they patch.

    python benchmarks/plugin.py [--plugin NAME==VERSION] [--release V] [--rounds N]

All are interleaved in one run. The peers change nothing: Python's `ast` parses every module of
vLLM, as whoever searches it must; LibCST, which codemods are written with, parses the modules that
the plugin changes. The aim is in seconds of CPU, as the issue states it; the ratios are what holds
on another machine.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from measured import compare, table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from build_hooks.fetch import fetch  # noqa: E402 - needs the root
from build_hooks.lock import read_lock  # noqa: E402
from build_hooks.pipeline import make_plan  # noqa: E402
from build_hooks.settings import Settings  # noqa: E402

AST, LIBCST = "`ast`, all of vLLM", "LibCST, the modules that change"
READ, COMPILE = "read", "read and compile"
_OPEN = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from build_hooks.artifact import open_artifact
tree = open_artifact(Path(sys.argv[2]))
"""
_AST = f"""{_OPEN}
import ast
for path in tree:
    if path.startswith("vllm/") and path.endswith(".py"):
        ast.parse(tree.read(path))
"""
_LIBCST = f"""{_OPEN}
import libcst
for path in sys.argv[3:]:
    libcst.parse_module(tree.read(path))
"""
_READ = f"""{_OPEN}
from build_hooks.plugins.reading import read_plugin
from build_hooks.plugins.wanted import opened_plugin
from build_hooks.settings import Settings
name, release = sys.argv[3:]
opened = opened_plugin(name, Settings(plugin=name, offline=True))
reading = read_plugin(opened, tree, release)
"""
_COMPILE = f"""{_READ}
from transforms.importers.monkeypatch.compiler import compile_plugin
made = compile_plugin(opened.plugin, reading, tree, release, oldest=(3, 10))
texts = made.modules
"""
# The aim of the project: seconds of CPU, on the medians of the run.
MOST_SECONDS = 60.0


def changed_modules(plugin: str, release: str) -> list[str]:
    """Give the paths of the modules of vLLM that the plugin's own patches change."""
    plan = make_plan(Settings(plugin=plugin, vllm=release))
    found: set[str] = set()
    for patch in plan.patches.values():
        for edit in patch.edits:
            paths = edit.paths(plan.artifact)
            found.update(paths if isinstance(paths, tuple) else ())
    return sorted(path for path in found if path in plan.artifact and path.endswith(".py"))


def main() -> int:
    """Measure, print the table, and say whether the aim is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plugin", default="vllm-ascend==0.23.0.post1")
    parser.add_argument("--release", default="0.23.0")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    sdist = fetch(read_lock().find("vllm", options.release, "sdist"))
    changed = changed_modules(options.plugin, options.release)
    python, given = sys.executable, [str(ROOT), str(sdist)]
    named = [options.plugin, options.release]
    series = compare(
        {
            AST: [python, "-c", _AST, *given],
            LIBCST: [python, "-c", _LIBCST, *given, *changed],
            READ: [python, "-c", _READ, *given, *named],
            COMPILE: [python, "-c", _COMPILE, *given, *named],
        },
        rounds=options.rounds,
        folder=str(ROOT),
    )
    print(f"{options.plugin} on vLLM {options.release}: {len(changed)} modules change\n")
    print(table(series, AST))
    seconds = series[COMPILE].median("cpu")
    passed = "PASS" if seconds < MOST_SECONDS else "FAIL"
    print(f"\n{passed}: {COMPILE} under {MOST_SECONDS:.0f} s of CPU: {seconds:.1f}")
    return 0 if seconds < MOST_SECONDS else 1


if __name__ == "__main__":
    raise SystemExit(main())
