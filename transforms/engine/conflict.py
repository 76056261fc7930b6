"""Two patches that touch the same bytes are a conflict that names both and the lines."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from transforms.engine.outcome import Problem, Status
from transforms.engine.site import NOT_BEHIND

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from transforms.engine.site import Site


class _Touched(NamedTuple):
    """Bytes that a patch needs for itself, and the site that it needs them for."""

    path: str
    start: int
    end: int
    patch: str
    site: Site


def overlaps(sites: Iterable[tuple[str, Site]]) -> dict[str, list[Problem]]:
    """Find the sites that touch the same bytes of one file, or add the same file.

    Insertions at one point do not overlap: they are written in the order of the patches' names. An
    insertion behind a statement overlaps with what replaces a block around that statement. A site
    that writes only a part of its match needs more than that part for itself, its claim. Equal
    sites that can be shared are one.

    Args:
        sites: pairs of a patch's full name and one of its sites.

    Returns:
        For each patch that clashes, one problem for each clash.
    """
    found: defaultdict[str, list[Problem]] = defaultdict(list)
    ordered = sorted(touched for patch, site in sites for touched in _touched(patch, site))
    for _, group in groupby(ordered, key=lambda touched: touched.path):
        reaching: list[_Touched] = []
        for touched in group:
            reaching = [other for other in reaching if _reaches(other, touched)]
            for other in reaching:
                if not _is_one(other.site, touched.site):
                    _record(found, other, touched)
            reaching.append(touched)
    return dict(found)


def _touched(patch: str, site: Site) -> Iterator[_Touched]:
    start, end = min(site.claim, default=site.start), max(site.claim, default=site.end)
    yield _Touched(site.path, min(start, site.start), max(end, site.end), patch, site)
    if site.behind != NOT_BEHIND:
        yield _Touched(site.path, site.behind, site.behind, patch, site)


def _reaches(left: _Touched, right: _Touched) -> bool:
    return right.start < left.end or left.site.adds_file or right.site.adds_file


def _is_one(left: Site, right: Site) -> bool:
    return left is right or (left.shared and left == right)


def _record(found: defaultdict[str, list[Problem]], left: _Touched, right: _Touched) -> None:
    if left.patch == right.patch:
        pairs = [(left, right, "two of its own sites touch the same code")]
    else:
        pairs = [
            (left, right, f"touches the same code as {right.patch}"),
            (right, left, f"touches the same code as {left.patch}"),
        ]
    for mine, other, reason in pairs:
        problem = Problem(
            status=Status.CONFLICT,
            reason=reason,
            path=mine.path,
            line=mine.site.line,
            notes=(
                f"{mine.patch} line {mine.site.line}",
                f"{other.patch} line {other.site.line}",
            ),
        )
        if problem not in found[mine.patch]:
            found[mine.patch].append(problem)
