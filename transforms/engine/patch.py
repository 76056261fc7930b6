"""Patches and patch sets: plain declarations, checked when they are made."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet

from transforms.engine.edit import AddsFile
from transforms.engine.said import refusals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from transforms.engine.edit import Edit


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """One concern: why it is needed, until when, for which releases, and its edits.

    The fields that say why have no defaults: leaving one out is a `TypeError`.

    Attributes:
        why: the symptom that a user sees without it.
        upstream: a link to the change upstream, or why there is none.
        drop_when: a condition that somebody, or the tool, can check.
        versions: the releases it is for, a PEP 440 specifier.
        edits: the changes; each may be for some of these releases only.
        replaces: what a plugin does to vLLM while it runs and this patch does in its place, by its
            target, e.g. ``vllm.v1.engine.core:EngineCore.__init__``: where the plugin is compiled
            in, its own way is left out.
        needs: the patches of the same platform, by stem, without which this one makes no sense: it
            uses a name that they bring. They are left out, or switched off, with them only.
    """

    why: str
    upstream: str
    drop_when: str
    versions: str
    edits: Sequence[Edit]
    replaces: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a declaration that says nothing, or a specifier that is none."""
        fields = ("why", "upstream", "drop_when")
        empty = [repr(name) for name in fields if not getattr(self, name).strip()]
        if empty:
            raise ValueError(f"a patch's fields must not be empty: fill in {', '.join(empty)}")
        refused = refusals({name: getattr(self, name) for name in fields})
        if refused:
            raise ValueError("; ".join(refused))
        SpecifierSet(self.versions)
        if not self.edits:
            raise ValueError("a patch needs at least one edit")
        for edit in self.edits:
            SpecifierSet(edit.versions)
        for target in self.replaces:
            _check_target(target)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchSet:
    """A platform: a named set of patches, and the files that they may add to the wheel.

    Attributes:
        name: the platform's name, as in ``-C platform=musa``.
        summary: one line for `list`.
        source: the kind of artifact that the platform builds from: ``sdist`` or ``wheel``.
        builds: what is built where nobody says otherwise: ``wheel``, or ``sdist`` for a platform
            that changes native sources, which somebody has to compile.
        dialect: the dialect of Triton that its devices have, e.g. ``triton-3.1``: the dialect's
            patches are the platform's too. Empty where Triton is as new as vLLM asks for.
        aliases: further environment variables that switch patches off where a wheel has switches,
            each with the stems of those patches, or patterns of stems: ``*`` for all.
        verbose: further environment variables that let a wheel with switches say what is on.
        patches: each patch under its stem; discovery adds one for each module.
    """

    name: str
    summary: str
    source: str
    builds: str = "wheel"
    dialect: str = ""
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    verbose: tuple[str, ...] = ()
    patches: Mapping[str, Patch] = field(default_factory=dict)


def bind_runtime(patches: Mapping[str, Patch], runtime: Mapping[str, bytes]) -> dict[str, Patch]:
    """Give the edits that add files the bytes of those files.

    Args:
        patches: by stem.
        runtime: the bytes of a platform's runtime files, by their path in the tree.

    Raises:
        ValueError: an edit adds a file that is not there, or a file is there that no edit adds.
    """
    added = {
        edit.path
        for patch in patches.values()
        for edit in patch.edits
        if isinstance(edit, AddsFile)
    }
    for path in sorted(set(runtime) - added):
        raise ValueError(f"no patch adds runtime/{path}")
    return {
        stem: replace(
            patch,
            edits=[
                edit.bind(runtime) if isinstance(edit, AddsFile) else edit for edit in patch.edits
            ],
        )
        for stem, patch in patches.items()
    }


def bare_patch(edits: Sequence[Edit]) -> Patch:
    """Make a patch of edits that are only tried, for whatever release: it is never shipped.

    Args:
        edits: the changes.
    """
    tried = "only tried"
    return Patch(why=tried, upstream=tried, drop_when=tried, versions="", edits=edits)


def admits(versions: str, release: str) -> bool:
    """Tell whether a specifier is for a release; an empty one is for all."""
    return SpecifierSet(versions).contains(release, prereleases=True)


def _check_target(target: str) -> None:
    """Refuse what names nothing that a plugin could change."""
    module, colon, path = target.partition(":")
    names = [*module.split("."), *path.split(".")]
    if not colon or not all(name.isidentifier() for name in names):
        raise ValueError(f"`replaces` must name targets as module:path, not {target!r}")
