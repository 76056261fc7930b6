"""Describe what stands at the targets of a plugin's mutations in one tree.

    python traces RESULT TARGETS TREE [ROOT...]

`TARGETS` is a file with a JSON object: `module:path` and what became of it. `TREE` is `stock` or
`compiled`. With roots, the plugin patches the process first. Runs in an environment that has
vLLM's requirements, but not this project.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import sys
from pathlib import Path

import stubs

_SEEDS = range(40)


def main(result: Path, rows: dict[str, str], tree: str, roots: list[str]) -> None:
    """Write a JSON object."""
    stubs.install()
    import plugin  # noqa: PLC0415 - what they import needs the stubs
    from identity import Identities, standing  # noqa: PLC0415
    from subjects import subjects  # noqa: PLC0415

    targets = list(rows)
    modules = dict.fromkeys(target.partition(":")[0] for target in targets)
    absent = {name: why for name in modules if (why := _why_not(name))}
    targets = [target for target in targets if target.partition(":")[0] not in absent]
    before = {target: standing(target) for target in targets} if roots else {}
    identities = Identities()
    if tree == "compiled":
        identities.add_compiled(target for target in targets if rows[target] == "compiled")
    applied = plugin.apply_patches(roots)
    identities.add_classes(targets)
    found = {}
    for target in targets:
        members = rows[target] == "compiled"
        for name, subject in subjects(target, identities, _SEEDS, before, members=members).items():
            found[name] = dataclasses.asdict(subject)
    result.write_text(
        json.dumps(
            {
                "absent": absent,
                "applied": applied.modules,
                "failures": applied.failures,
                "subjects": found,
            }
        ),
        "utf-8",
    )


def _why_not(module: str) -> str:
    """Import a module, and tell why it cannot be."""
    try:
        importlib.import_module(module)
    except Exception as error:  # noqa: BLE001 - the same must happen in the other tree
        return f"{type(error).__name__}: {error}"
    return ""


if __name__ == "__main__":
    sys.setrecursionlimit(400)
    main(
        Path(sys.argv[1]),
        json.loads(Path(sys.argv[2]).read_text("utf-8")),
        sys.argv[3],
        sys.argv[4:],
    )
