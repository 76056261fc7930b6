"""An edit is only proposed if applying it gives the wanted bytes, and applying it twice nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from transforms.edits import Replace
from transforms.engine.apply import splice
from transforms.engine.conflict import overlaps
from transforms.engine.outcome import Status
from transforms.engine.syntax.source import Source, SourceError
from transforms.importers.size import says_too_much

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from transforms.engine.edit import Edit, Found
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Tree


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """Bytes of the file before, and what stands in their place in the file after.

    Attributes:
        start: the first byte.
        end: the byte after the last.
        text: what takes their place.
    """

    start: int
    end: int
    text: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """One file before and after, and all that has been explained of the difference so far.

    Attributes:
        before: the file as it was.
        after: the file as it is to be.
        tree: the tree that the file is in.
        module: the file's dotted module name.
        is_strict: every edit must say of the file after that its work is done; where another edit
            changes what it looks for, it can only find nothing there.
        joins_comments: a statement that changed together with the comments above it is replaced
            with them, rather than each by itself.
        joins_twins: the same change in several places of a scope is one edit, with a count.
        keeps_short: no edit says far more than what it changes.
        release: the release that the file before is of; empty where that is not known.
        taken: the sites of the edits so far.
    """

    before: Source
    after: Source
    tree: Tree
    module: str
    is_strict: bool = True
    joins_comments: bool = False
    joins_twins: bool = False
    keeps_short: bool = True
    release: str = ""
    taken: list[Site] = field(default_factory=list)

    def accepts(self, make: Callable[[], Edit], *changes: Change) -> Edit | None:
        """Try an edit; one that makes exactly these changes, once, is kept.

        Args:
            make: makes the edit; a declaration that is refused is no candidate.
            changes: all that it has to do.

        Returns:
            The edit, or None where it does something else.
        """
        try:
            edit = make()
            if self.keeps_short and says_too_much(edit, changes, self.before.data):
                return None
            found = edit.match(self.before, self.tree)
            if self.joins_twins and found.problem and len(found.sites) > 1:
                edit = replace(edit, count=len(found.sites))  # type: ignore[type-var]
                found = edit.match(self.before, self.tree)
        except (ValueError, TypeError, SourceError, RecursionError):
            return None
        if found.problem or not found.sites or _overlap(found.sites, self.taken):
            return None
        if not self._gives(found.sites, changes) or not self._is_done(edit, found.sites):
            return None
        self.taken.extend(found.sites)
        return edit

    def _gives(self, sites: tuple[Site, ...], changes: tuple[Change, ...]) -> bool:
        """Tell whether sites make exactly these changes, and elsewhere only what is wanted."""
        own = [site for site in sites if _touches(site, changes)]
        twins = [site for site in sites if site not in own]
        try:
            made = _spliced(self.before.data, own)
        except ValueError:
            return False
        return made == changed(self.before.data, changes) and all(map(self._is_wanted, twins))

    def _is_wanted(self, twin: Site) -> bool:
        """Tell whether the line that a site makes is one of the file after."""
        data = self.before.data
        start = data.rfind(b"\n", 0, twin.start) + 1
        end = data.find(b"\n", twin.end)
        made = data[start : twin.start] + twin.replacement + data[twin.end : end]
        return made in self.after.data and made not in data

    def is_covered(self, change: Change) -> bool:
        """Tell whether the edits so far make a change already."""
        inside = [site for site in self.taken if _touches(site, (change,))]
        try:
            made = _spliced(self.before.data, inside)
        except ValueError:
            return False
        return bool(inside) and made == changed(self.before.data, (change,))

    def replaces(self, inside: str, find: str, by: str, change: Change) -> Edit | None:
        """Try a replacement, with upstream's layout of what it does not change, or with its own."""
        for as_written in (False, True):
            make = partial(Replace, inside=inside, find=find, replace=by, as_written=as_written)
            edit = self.accepts(make, change)
            if edit is not None:
                return edit
        return None

    def _is_done(self, edit: Edit, sites: tuple[Site, ...]) -> bool:
        """Tell whether an edit finds nothing left to do, in its own result and in the last one."""
        try:
            data = _spliced(self.before.data, sites)
        except ValueError:
            return False
        alone = matched(edit, Source(self.before.path, data), self.tree)
        if not _is_obsolete(alone):
            return False
        last = matched(edit, self.after, self.tree)
        return last is not None and not last.sites and (_is_obsolete(last) or not self.is_strict)


def _is_obsolete(found: Found | None) -> bool:
    return bool(found and found.problem and found.problem.status is Status.OBSOLETE)


def matched(edit: Edit, source: Source, tree: Tree) -> Found | None:
    """Match an edit; None where the file cannot be matched against."""
    try:
        return edit.match(source, tree)
    except (SourceError, RecursionError):
        return None


def changed(data: bytes, changes: tuple[Change, ...]) -> bytes:
    """Put the texts of changes into the bytes of a file."""
    for change in sorted(changes, reverse=True):
        data = data[: change.start] + change.text + data[change.end :]
    return data


def _touches(site: Site, changes: tuple[Change, ...]) -> bool:
    return any(site.start <= change.end and change.start <= site.end for change in changes)


def _spliced(data: bytes, sites: Iterable[Site]) -> bytes:
    return splice(data, sorted(sites, key=lambda site: site.place))


def _overlap(sites: tuple[Site, ...], taken: list[Site]) -> bool:
    """Tell whether sites share bytes with others, or stand at one place with them."""
    pairs = [("", site) for site in (*taken, *sites)]
    places = {(site.start, site.end) for site in taken}
    return bool(overlaps(pairs)) or any((site.start, site.end) in places for site in sites)
