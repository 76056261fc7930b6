"""What the plugin's mutations leave behind: at run time, compiled in, and both at once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.ascend.environment import manifest_of
from tests.ascend.processes import HERE, lay_out_platform, run_script

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_PATCH = "vllm_ascend.patch"
# The last but one is imported by the plugin's platform, where its configuration says so.
ROOTS = (
    f"{_PATCH}.platform",
    f"{_PATCH}.platform.patch_profiling_chunk",
    f"{_PATCH}.worker",
)
# The plugin imports a module where this is set; the compiled patch asks where it does something.
_VARIABLES = {"DYNAMIC_EPLB": "true"}
_DESCRIBED = frozenset({"compiled", "needs nothing"})

Subject = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What one process has at the targets.

    Attributes:
        absent: the modules of vLLM that cannot be imported, with the reason.
        applied: the plugin's modules that patch, in the order of their imports.
        failures: those that cannot be imported, with the reason.
        subjects: what stands at each target, and at the members of classes.
    """

    absent: Mapping[str, str]
    applied: list[str]
    failures: Mapping[str, str]
    subjects: Mapping[str, Subject]

    def does(self, name: str) -> Mapping[str, list[str]]:
        """Give what something does when it is called, by the seed."""
        traces: Mapping[str, list[str]] = self.subjects[name]["traces"]
        return traces


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutations:
    """All three processes.

    Attributes:
        rows: what the manifest says of each mutation.
        at_run_time: upstream's release that the plugin has patched.
        compiled: the wheel.
        doubled: the wheel that the plugin has patched.
    """

    rows: list[dict[str, Any]]
    at_run_time: Described
    compiled: Described
    doubled: Described

    @property
    def targets(self) -> dict[str, str]:
        """What became of each place."""
        return targets_of(self.rows)


def targets_of(rows: list[dict[str, Any]]) -> dict[str, str]:
    """Give the places in vLLM that are compiled, or of which it is said that they need nothing."""
    found: dict[str, str] = {}
    for row in rows:
        target, outcome = str(row["target"]), str(row["outcome"])
        if target.startswith("vllm.") and outcome in _DESCRIBED:
            found[target] = "compiled" if "compiled" in (outcome, found.get(target)) else outcome
    return found


def describe(folder: Path, scratch: Path) -> Mutations:
    """Run the three processes.

    Args:
        folder: what `environment` made.
        scratch: a folder of this test run.
    """
    manifest: Any = manifest_of(folder / "woven")
    rows = manifest["plugin"]["mutations"]
    targets = scratch / "targets.json"
    targets.write_text(json.dumps(targets_of(rows)), "utf-8")
    platform = lay_out_platform(scratch)

    def described(tree: str, kind: str, *roots: str) -> Described:
        result = scratch / f"{tree}{len(roots)}.json"
        run_script(
            folder,
            tree,
            HERE / "traces",
            result,
            targets,
            kind,
            *roots,
            path=(platform, folder / "plugin"),
            variables=_VARIABLES,
        )
        return Described(**json.loads(result.read_text("utf-8")))

    with ThreadPoolExecutor(2) as pool:
        three = [
            pool.submit(described, "stock", "stock", *ROOTS),
            pool.submit(described, "woven", "compiled"),
            pool.submit(described, "woven", "compiled", *ROOTS),
        ]
        at_run_time, compiled, doubled = (item.result() for item in three)
    return Mutations(rows=rows, at_run_time=at_run_time, compiled=compiled, doubled=doubled)


def differences(one: Described, other: Described) -> dict[str, str]:
    """Give what differs, and the first difference of each in words.

    Args:
        one: what is expected.
        other: what is held against it.
    """
    return {
        name: "; ".join(found)
        for name in sorted({*one.subjects, *other.subjects})
        if (found := list(_differing(one.subjects.get(name), other.subjects.get(name))))
    }


def _differing(one: Subject | None, other: Subject | None) -> Iterator[str]:
    if one is None or other is None:
        yield "is there in one only"
        return
    for key in ("kind", "signature", "value"):
        if one[key] != other[key]:
            yield f"{key}: {one[key]} / {other[key]}"
    for seed in one["traces"]:
        events, others = one["traces"][seed], other["traces"].get(seed, [])
        if events != others:
            pairs = zip([*events, "nothing"], [*others, "nothing"], strict=False)
            first = next((pair for pair in pairs if pair[0] != pair[1]), ("", ""))
            yield f"does, with seed {seed}: {first[0]} / {first[1]}"
            return
