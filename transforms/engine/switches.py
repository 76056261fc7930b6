"""What of a patched tree can be switched off again: each site, and what upstream has in its place.

A wheel with switches holds the patched files as they are, and beside them the text of upstream that
each site took the place of. A module in which some patches are off is the patched one with their
sites taken back: byte for byte the one that a build without these patches gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.apply import NOTICE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from transforms.engine.apply import EditedFile
    from transforms.engine.outcome import Outcome
    from transforms.engine.patch import Patch
    from transforms.engine.site import Site

COMMON = NOTICE.partition("/")[0]
"""The set of the patches that every wheel carries: to switch them off is nothing that one needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A span of a patched file, and what upstream has there.

    Attributes:
        start: the first byte in the patched file.
        end: the byte after the last one.
        upstream: upstream's bytes.
        patches: who wrote it; upstream's bytes come back where all of these are off.
    """

    start: int
    end: int
    upstream: bytes
    patches: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """The patches of a build that can be switched off, and all that this takes.

    Attributes:
        needs: each of them, with those of them that it needs.
        fixed: the other patches that change files, each with the reason.
        adding: those that only add files: what nobody imports any more need not go.
        spans: for each module that they change, by its path, the spans in the order of the file.
    """

    needs: Mapping[str, tuple[str, ...]]
    fixed: Mapping[str, str]
    adding: tuple[str, ...]
    spans: Mapping[str, tuple[Span, ...]]


def switches_of(
    outcomes: Iterable[Outcome],
    files: Sequence[EditedFile],
    patches: Mapping[str, Patch],
    package: str,
) -> Switches:
    """Find what can be switched off.

    Args:
        outcomes: what became of every patch.
        files: the edited files that came of it.
        patches: all patches by full name.
        package: the folder of the package with a slash: only what is imported from there has a
            choice.
    """
    applied = [item for item in outcomes if item.status.is_good and item.sites]
    changed = {item.patch: _changed(item.sites) for item in applied}
    changed = {name: there for name, there in changed.items() if not name.startswith(f"{COMMON}/")}
    reasons = {name: _why_fixed(there, package) for name, there in changed.items() if there}
    fixed = {name: reason for name, reason in reasons.items() if reason}
    needs = {
        name: full_needs(name, patches[name]) for name, reason in reasons.items() if not reason
    }
    needs = {name: tuple(x for x in names if x in needs) for name, names in needs.items()}
    writers = _writers(applied)
    spans = {
        file.path: _spans(file, writers)
        for file in files
        if file.before is not None and any(name in needs for name, _ in file.sites)
    }
    adding = tuple(name for name, there in changed.items() if not there)
    return Switches(needs=needs, fixed=fixed, adding=adding, spans=spans)


def full_needs(name: str, patch: Patch) -> tuple[str, ...]:
    """Give the full names of the patches that one needs.

    Args:
        name: its full name.
        patch: the patch.
    """
    platform = name.partition("/")[0]
    return tuple(f"{platform}/{stem}" for stem in patch.needs)


def _changed(sites: Iterable[Site]) -> list[str]:
    return sorted({site.path for site in sites if not site.adds_file})


def _why_fixed(changed: Sequence[str], package: str) -> str:
    """Say why a patch that changes some files cannot be switched off; empty where it can."""
    if f"{package}__init__.py" in changed:
        return f"it changes {package}__init__.py, which runs before anything can be chosen"
    others = [path for path in changed if not path.endswith(".py") or not path.startswith(package)]
    return f"it changes {others[0]}, which is not imported" if others else ""


def _writers(outcomes: Iterable[Outcome]) -> dict[object, list[str]]:
    """Give the patches of each site: of one that several share, all of them."""
    found: dict[object, list[str]] = {}
    for outcome in outcomes:
        for site in outcome.sites:
            found.setdefault(_key(site), []).append(outcome.patch)
    return found


def _key(site: Site) -> object:
    return site if site.shared else id(site)


def _spans(file: EditedFile, writers: Mapping[object, Sequence[str]]) -> tuple[Span, ...]:
    before = file.before or b""
    # The notice says that the file is changed, and goes with the last change.
    everyone = {each for name, site in file.sites for each in writers.get(_key(site), [name])}
    everyone.discard(NOTICE)
    spans = []
    shift = 0
    for name, site in file.sites:
        names = everyone if name == NOTICE else set(writers[_key(site)])
        start = site.start + shift
        span = Span(
            start=start,
            end=start + len(site.replacement),
            upstream=before[site.start : site.end],
            patches=tuple(sorted(names)),
        )
        spans.append(span)
        shift += len(site.replacement) - (site.end - site.start)
    return tuple(spans)
