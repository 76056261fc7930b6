"""Two patches that touch the same bytes are a conflict that names both and the lines."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from typing import TYPE_CHECKING

from transforms.engine.outcome import Problem, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transforms.engine.site import Site


def overlaps(sites: Iterable[tuple[str, Site]]) -> dict[str, list[Problem]]:
    """Find the sites that touch the same bytes of one file, or add the same file.

    Insertions at one point do not overlap: they are written in the order of the patches' names.

    Args:
        sites: pairs of a patch's full name and one of its sites.

    Returns:
        For each patch that clashes, one problem for each clash.
    """
    found: defaultdict[str, list[Problem]] = defaultdict(list)
    ordered = sorted(sites, key=lambda pair: (pair[1].path, pair[1].start, pair[1].end, pair[0]))
    for _, group in groupby(ordered, key=lambda pair: pair[1].path):
        reaching: tuple[str, Site] | None = None
        for patch, site in group:
            if reaching is not None and (
                site.start < reaching[1].end or _both_add(site, reaching[1])
            ):
                _record(found, reaching, (patch, site))
            if reaching is None or site.end >= reaching[1].end:
                reaching = (patch, site)
    return dict(found)


def _both_add(left: Site, right: Site) -> bool:
    return left.adds_file or right.adds_file


def _record(
    found: defaultdict[str, list[Problem]], left: tuple[str, Site], right: tuple[str, Site]
) -> None:
    for (patch, site), (other, there) in ((left, right), (right, left)):
        found[patch].append(
            Problem(
                status=Status.CONFLICT,
                reason=f"touches the same code as {other}",
                path=site.path,
                line=site.line,
                notes=(f"{patch} line {site.line}", f"{other} line {there.line}"),
            )
        )
