"""What pages are made of: links to tests, and text between two markers."""

from __future__ import annotations

import pytest

from docs.proofs import between, linked


def test_tests_of_one_file_stand_together_as_sentences() -> None:
    proofs = ["a/test_b.py::test_it_is_so[case]", "c/test_d.py::test_x", "a/test_b.py::test_y"]
    assert linked(proofs) == (
        "[b](../tests/a/test_b.py): it is so (`case`), y; [d](../tests/c/test_d.py): x"
    )


def test_what_stands_between_two_markers_is_made_anew() -> None:
    assert between("a <b> old <e> z", "<b>", "<e>", "new") == "a <b>\n\nnew\n\n<e> z"


@pytest.mark.parametrize("text", ["none", "<b> without an end", "<e> alone"])
def test_a_page_without_the_markers_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="the page has no '<b>'"):
        between(text, "<b>", "<e>", "new")
