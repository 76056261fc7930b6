"""Apply a patch to a few lines like upstream's, and run them with stubs.

For releases that are not imported in the guard tests, this is where their functions are executed:
alone, cut down to what the guard is about, on a platform that is played by a stub.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from textwrap import dedent
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status
from transforms.engine.patch import admits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.edits import Patch


@dataclass(frozen=True, slots=True)
class _Tree:
    files: dict[str, bytes]

    def __contains__(self, path: object) -> bool:
        return path in self.files

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def read(self, path: str) -> bytes:
        return self.files[path]


def patched(patch: Patch, release: str, module: str, before: str) -> str:
    """Apply those edits of a patch that are for one module of a release.

    Args:
        patch: the patch.
        release: the release that the lines are taken to be from.
        module: its dotted name.
        before: its text.

    Returns:
        The new text. A second run on it has found nothing to do.
    """
    edits = [
        edit
        for edit in patch.edits
        if getattr(edit, "inside", "").startswith(module) and admits(edit.versions, release)
    ]
    assert edits, f"no edit is for {module} of {release}"
    alone = {"musa/patch": replace(patch, edits=edits)}
    path = f"{module.replace('.', '/')}.py"
    tree = _Tree({path: dedent(before).encode()})
    (outcome,) = match_patches(alone, tree, release)
    assert outcome.status is Status.APPLIED, outcome.problems
    (file,) = apply_sites([outcome], tree)
    (again,) = match_patches(alone, _Tree({path: file.after}), release)
    assert not again.sites, "a second run changes the result"
    return file.after.decode()


def status_on(patch: Patch, release: str) -> Status:
    """Give the outcome on a release of which no file is there."""
    (outcome,) = match_patches({"musa/patch": patch}, _Tree({}), release)
    return outcome.status


def run(text: str, **names: object) -> SimpleNamespace:
    """Execute a module's text with these names bound, and give all its names."""
    scope: dict[str, Any] = dict(names)
    exec(compile(text, "excerpt", "exec"), scope)  # noqa: S102 - it is the test's own text
    return SimpleNamespace(**scope)


def platform(device: str, capability: int = 0) -> SimpleNamespace:
    """Play `current_platform` on a device."""
    return SimpleNamespace(
        device_type=device,
        is_musa=lambda: device == "musa",
        is_cuda=lambda: device == "cuda",
        is_rocm=lambda: device == "rocm",
        is_cuda_alike=lambda: device in ("cuda", "rocm"),
        is_xpu=lambda: device == "xpu",
        is_cpu=lambda: device == "cpu",
        support_deep_gemm=lambda: device == "cuda" and capability == 90,
        is_device_capability=lambda wanted: capability == wanted,
        is_device_capability_family=lambda wanted: capability // 10 == wanted // 10,
        has_device_capability=lambda wanted: capability >= wanted,
        get_device_capability=lambda: (capability // 10, capability % 10),
        device_id_to_physical_device_id=lambda index: 100 + index,
    )
