"""What was edited on top of patches is found again on upstream's own file."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from build_hooks.repository.unpatching import EntangledError, without_patches
from transforms.engine.apply import EditedFile, splice
from transforms.engine.site import Site

BEFORE = b"one\ntwo\nthree\nfour\n"


def patched(*changes: tuple[int, int, bytes]) -> EditedFile:
    """Give a file in which each patch has put bytes in the place of a range of upstream's."""
    sites = [
        Site(path="m.py", start=start, end=end, replacement=text, line=1)
        for start, end, text in changes
    ]
    named = tuple((f"p/{number}", site) for number, site in enumerate(sites))
    return EditedFile(path="m.py", before=BEFORE, after=splice(BEFORE, sites), sites=named)


def test_an_edit_beside_a_patch_is_kept_and_the_patch_is_not() -> None:
    file = patched((4, 7, b"TWO!"))
    assert file.after == b"one\nTWO!\nthree\nfour\n"
    edited = b"one\nTWO!\nthree and more\nnew\nfour\n"
    assert without_patches(file, edited) == b"one\ntwo\nthree and more\nnew\nfour\n"


def test_an_edit_on_the_line_of_a_patch_is_kept_where_they_do_not_meet() -> None:
    file = patched((4, 5, b"T"))
    assert without_patches(file, b"one\nTwo too\nthree\nfour\n") == b"one\ntwo too\nthree\nfour\n"


@pytest.mark.parametrize("edited", [b"one\nTWX\nthree\nfour\n", b"one\nfour\n", b""])
def test_what_a_patch_has_written_cannot_be_edited(edited: bytes) -> None:
    with pytest.raises(EntangledError, match="p/0"):
        without_patches(patched((4, 7, b"TWO")), edited)


def test_an_untouched_file_is_upstreams() -> None:
    file = patched((0, 0, b"# notice\n"), (8, 13, b"3"))
    assert without_patches(file, file.after) == BEFORE


@given(st.data())
def test_edits_between_patches_come_out_as_if_made_first(data: st.DataObject) -> None:
    """The oracle makes both changes on upstream's file, each in its own part of it."""
    middle = data.draw(st.integers(1, len(BEFORE) - 1))
    text = st.text("ab\nX", max_size=6).map(str.encode)
    lead, tail, other = data.draw(text), data.draw(text), data.draw(text)
    # A patch on either side, and whole new lines of the user's between them.
    line = BEFORE.find(b"\n", middle - 1) + 1
    assume(2 < line < len(BEFORE) - 2)
    file = patched((0, 1, lead), (len(BEFORE) - 2, len(BEFORE) - 1, tail))
    mine = b"mine " + other + b"\n"
    wanted = BEFORE[:line] + mine + BEFORE[line:]
    shift = len(lead) - 1
    edited = file.after[: line + shift] + mine + file.after[line + shift :]
    assert without_patches(file, edited) == wanted
