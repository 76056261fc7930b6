"""The number of sites that each rule must have in each release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.platforms.windows._expected import EXPECTED

if TYPE_CHECKING:
    from collections.abc import Mapping


def sites_of(stem: str) -> Mapping[str, int]:
    """Give the reviewed numbers of a patch's sites; none for a patch that nobody has counted yet.

    Args:
        stem: the patch's name in this platform.
    """
    return EXPECTED.get(stem, {})
