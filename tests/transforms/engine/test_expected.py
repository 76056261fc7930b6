"""The generated module of expected numbers is Python that says what was counted."""

from __future__ import annotations

import pytest
from packaging.specifiers import SpecifierSet

from transforms.engine.expected import expected_sites_module, releases_with_sites

COUNTS = {
    "second": {"0.33.0": 4},
    "first": {"0.10.0": 1, "0.9.2": 2, "0.10.1.1": 3, "0.10.1": 0},
}


def test_says_what_was_counted_in_the_order_of_names_and_releases() -> None:
    module: dict[str, dict[str, dict[str, int]]] = {}
    exec(expected_sites_module(COUNTS), module)  # noqa: S102 - what was just written
    assert module["EXPECTED"] == COUNTS
    assert list(module["EXPECTED"]) == ["first", "second"]
    assert list(module["EXPECTED"]["first"]) == ["0.9.2", "0.10.0", "0.10.1", "0.10.1.1"]


def test_does_not_depend_on_the_order_of_counting() -> None:
    backwards = {stem: dict(reversed(counts.items())) for stem, counts in COUNTS.items()}
    assert expected_sites_module(COUNTS) == expected_sites_module(dict(reversed(backwards.items())))


def test_says_how_the_module_is_made() -> None:
    text = expected_sites_module(COUNTS)
    assert text.startswith('"""How many sites each rule has in each release')
    assert "python -m build_hooks expect" in text


@pytest.mark.parametrize("counts", COUNTS.values())
def test_the_releases_with_sites_are_those_and_what_nobody_has_counted(
    counts: dict[str, int],
) -> None:
    admitted = SpecifierSet(releases_with_sites(counts))
    for release, count in counts.items():
        assert (release in admitted) is (count > 0)
    assert "0.99.0" in admitted
    assert "0.9.1" not in admitted
