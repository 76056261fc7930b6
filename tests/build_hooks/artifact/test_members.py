"""The rules on names, held against independent definitions of them."""

from __future__ import annotations

import posixpath
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build_hooks.artifact.members import check_name, check_unique
from build_hooks.errors import ArtifactError

NAMES = st.text("ab./\\:\0\n \u00e9\u0301\udcff", max_size=12)


@given(NAMES)
def test_lets_through_only_names_that_stay_below_where_they_are_unpacked(name: str) -> None:
    try:
        assert check_name(name, "a.tar.gz") == name
    except ArtifactError:
        return
    name.encode()
    target = posixpath.normpath(posixpath.join("/root/tree", name))
    assert target == f"/root/tree/{name}".rstrip("/"), "it is written in its normal form"
    assert target.startswith("/root/tree/")
    assert "\\" not in name
    assert not any(unicodedata.category(letter).startswith("C") for letter in name)


@pytest.mark.parametrize("name", ["a", "a/b", "a/b/", "a b/c,d=e.json", ".hidden", "a..b/...", "ü"])
def test_lets_through_names_as_they_occur(name: str) -> None:
    assert check_name(name, "a.tar.gz") == name


@given(st.lists(st.text("aA\u00e9\u00c9/", min_size=1, max_size=4), max_size=5))
def test_names_are_unique_as_a_file_system_that_ignores_case_sees_them(names: list[str]) -> None:
    names = [name for name in names if name.strip("/") == name and "//" not in name]
    places: dict[str, tuple[str, bool]] = {}
    fits = len(set(names)) == len(names)
    for name in names:
        parts = name.split("/")
        for end in range(1, len(parts) + 1):
            path, is_file = "/".join(parts[:end]), end == len(parts)
            fits &= places.setdefault(path.upper(), (path, is_file)) == (path, is_file)
    if fits:
        check_unique(names, "a.tar.gz")
    else:
        with pytest.raises(ArtifactError, match=r"a\.tar\.gz is refused"):
            check_unique(names, "a.tar.gz")


def test_a_folder_and_what_is_in_it_are_no_clash() -> None:
    check_unique(["a/", "a/b/", "a/b/c.py", "a/d.py"], "a.tar.gz")


def test_a_folder_may_not_be_listed_twice() -> None:
    with pytest.raises(ArtifactError, match="the member 'a/' twice"):
        check_unique(["a/", "a/"], "a.tar.gz")
