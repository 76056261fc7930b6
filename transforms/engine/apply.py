"""Write matched sites into a tree: each touched file once, all other bytes as upstream has them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from transforms.engine.comments import comment_mark, line_below_first_comments
from transforms.engine.site import Site
from transforms.engine.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transforms.engine.outcome import Outcome
    from transforms.engine.syntax.source import Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedFile:
    """One file that patches changed or added.

    Attributes:
        path: where it is in the tree.
        before: upstream's bytes; None for an added file.
        after: the bytes to ship.
        sites: pairs of a patch's name and its site, in the order of the file. A site that several
            patches share is there once, under the first of their names.
    """

    path: str
    before: bytes | None
    after: bytes
    sites: tuple[tuple[str, Site], ...]


def apply_sites(outcomes: Iterable[Outcome], tree: Tree, *, notice: str = "") -> list[EditedFile]:
    """Rewrite each touched file once.

    Args:
        outcomes: the outcomes of all patches; the sites of those that are `applied` are written.
        tree: the pristine tree that they were matched on.
        notice: one line that every changed file of code carries (Apache-2.0, section 4(b)).

    Returns:
        The touched files, ordered by path.
    """
    by_path: defaultdict[str, list[tuple[str, Site]]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.status.is_good:
            for site in outcome.sites:
                by_path[site.path].append((outcome.patch, site))
    return [_edit(path, sites, tree, notice) for path, sites in sorted(by_path.items())]


def _edit(path: str, sites: list[tuple[str, Site]], tree: Tree, notice: str) -> EditedFile:
    before = tree.read(path) if path in tree else None
    # Where no comment can be written, the manifest alone says that the file was changed.
    if before is not None and notice and comment_mark(path):
        site = notice_site(Source(path, before), notice, [site for _, site in sites])
        sites = [(NOTICE, site), *sites]
    # At one place the notice comes first, above what patches put in front of the first statement.
    ordered = sorted(sites, key=lambda pair: (pair[1].place, pair[0] != NOTICE, pair[0]))
    # What several patches share is the first one's: equal sites, and the very same ones.
    shared = {site: pair for pair in reversed(ordered) if (site := pair[1]).shared}
    same = {id(pair[1]): pair for pair in reversed(ordered)}
    once = [pair for pair in ordered if shared.get(pair[1], same[id(pair[1])]) is pair]
    after = splice(before or b"", [site for _, site in once])
    return EditedFile(path=path, before=before, after=after, sites=tuple(once))


NOTICE = "wheelwright/notice"


def notice_site(source: Source, notice: str, others: Iterable[Site] = ()) -> Site:
    """Find the place of the notice: below the comments that a file begins with.

    Args:
        source: the pristine file.
        notice: the comment's text.
        others: what is written beside it; the notice goes above what replaces those comments.
    """
    line = line_below_first_comments(source)
    others = list(others)
    while any(site.start < source.line_start(line) < site.end for site in others):
        line -= 1
    start = source.line_start(line)
    text = comment_mark(source.path) + f" {notice}".encode() + source.newline
    if line > 1 and not source.data[:start].endswith((b"\n", b"\r")):
        text = source.newline + text
    return Site(path=source.path, start=start, end=start, replacement=text, line=line)


def splice(data: bytes, sites: Iterable[Site]) -> bytes:
    """Put the replacements of sites, in order, into the bytes of a file.

    Raises:
        ValueError: sites overlap, so that bytes would be written twice.
    """
    pieces: list[bytes] = []
    done = 0
    for site in sites:
        if site.start < done:
            raise ValueError(f"{site.path}:{site.line}: a site begins inside another one")
        pieces += [data[done : site.start], site.replacement]
        done = site.end
    return b"".join([*pieces, data[done:]])


def patch_digest(files: Iterable[EditedFile]) -> str:
    """Name what a set of patches made of a release: equal digests mean equal patched files.

    Returns:
        The hexadecimal sha256 over the path and the sha256 of every touched file.
    """
    whole = hashlib.sha256()
    for file in sorted(files, key=lambda file: file.path):
        whole.update(f"{file.path}\0{hashlib.sha256(file.after).hexdigest()}\n".encode())
    return whole.hexdigest()


DIGEST_PLACEHOLDER = b"@WHEELWRIGHT_DIGEST@"


def fill_digest(outcomes: Iterable[Outcome], digest: str) -> list[Outcome]:
    """Write the digest into the one added file that has a place for it.

    Raises:
        ValueError: the placeholder does not stand in the added files exactly once.
    """
    outcomes = list(outcomes)
    added = [site for item in outcomes for site in item.sites if site.adds_file]
    count = sum(site.replacement.count(DIGEST_PLACEHOLDER) for site in added)
    if count != 1:
        raise ValueError(
            f"{DIGEST_PLACEHOLDER!r} stands {count} times in added files, expected once"
        )
    return [
        replace(item, sites=tuple(_filled(site, digest) for site in item.sites))
        for item in outcomes
    ]


def _filled(site: Site, digest: str) -> Site:
    if not site.adds_file:
        return site
    text = site.replacement.replace(DIGEST_PLACEHOLDER, digest.encode())
    return replace(site, replacement=text)
