"""A build as a series of commits: upstream, one for each applied patch, and last the notices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.apply import NOTICE, splice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from build_hooks.pipeline import Compiled, Plan
    from transforms.engine.patch import Patch

ARTIFACT = "Wheelwright-Artifact"
RELEASE = "Wheelwright-Release"
PLATFORMS = "Wheelwright-Platforms"
ONLY = "Wheelwright-Only"
SKIP = "Wheelwright-Skip"
PATCH = "Wheelwright-Patch"
"""The trailers by which `capture` knows what a repository was made from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit to write.

    Attributes:
        message: subject, body and trailers.
        files: the whole new bytes of every file that it adds or changes, by path.
    """

    message: str
    files: Mapping[str, bytes]


def commits(plan: Plan, compiled: Compiled) -> Iterator[Commit]:
    """Give the commits of a build, in the order of the patches' names.

    Upstream's commit holds every file of an sdist. Of a wheel, most of which is compiled, it holds
    the Python files and those that patches change.

    Args:
        plan: what is built.
        compiled: what became of its patches.
    """
    yield Commit(
        message=_upstream_message(plan),
        files={path: plan.artifact.read(path) for path in _shown(plan, compiled)},
    )
    done: set[str] = set()
    names = [*(outcome.patch for outcome in compiled.outcomes), NOTICE]
    touched = {name for file in compiled.files for name, _ in file.sites}
    for name in filter(touched.__contains__, names):
        done.add(name)
        files = {
            file.path: splice(file.before or b"", [site for who, site in file.sites if who in done])
            for file in compiled.files
            if any(who == name for who, _ in file.sites)
        }
        yield Commit(message=_patch_message(name, plan.patches.get(name)), files=files)


def _shown(plan: Plan, compiled: Compiled) -> list[str]:
    changed = {file.path for file in compiled.files}
    every = plan.origin.kind != "wheel"
    return sorted(
        path for path in plan.artifact if every or path.endswith(".py") or path in changed
    )


def _upstream_message(plan: Plan) -> str:
    origin = plan.origin
    source = f"{origin.artifact} sha256:{origin.sha256}" if origin.sha256 else origin.artifact
    return (
        f"vLLM {origin.release} as upstream ships it\n\n"
        f"{ARTIFACT}: {source}\n"
        f"{RELEASE}: {origin.release}\n"
        f"{PLATFORMS}: {', '.join(sorted(plan.settings.platform))}\n"
        + "".join(
            f"{trailer}: {', '.join(names)}\n"
            for trailer, names in ((ONLY, plan.settings.only), (SKIP, plan.settings.skip))
            if names
        )
    )


def _patch_message(name: str, patch: Patch | None) -> str:
    if patch is None:
        why = "Changed files say that they were changed (Apache-2.0, section 4(b)).\n"
    else:
        why = f"{patch.why}\n\nUpstream: {patch.upstream}\nDrop it when: {patch.drop_when}\n"
    return f"{name}\n\n{why}\n{PATCH}: {name}\n"
