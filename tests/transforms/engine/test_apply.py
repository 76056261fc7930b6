"""Applying: each touched file once, nothing outside the sites, and the same bytes every time."""

from __future__ import annotations

import ast
import hashlib
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.trees import (
    NAME,
    RELEASE,
    MemoryTree,
    applied,
    one,
    outside,
    patch,
)
from transforms.edits import (
    AddImport,
    AddModule,
    InsertAfter,
    InsertBefore,
    Patch,
    Replace,
    ReplaceText,
)
from transforms.engine.apply import (
    DIGEST_PLACEHOLDER,
    NOTICE,
    EditedFile,
    apply_sites,
    fill_digest,
    notice_site,
    patch_digest,
    splice,
)
from transforms.engine.match import match_patches
from transforms.engine.outcome import Outcome, Status
from transforms.engine.site import Site
from transforms.engine.syntax.source import Source

_TREE = {
    "m.py": "import os\r\n\r\ndef f(a):  # é\r\n\tif a: return old\r\n\treturn (  old  )".encode(),
    "n.py": b"# head\nold = 1\n",
    "o.py": b"untouched\n",
}
_PATCHES = {
    "a/one": patch(Replace(inside="m.f", find="return old", replace="return new", count=2)),
    "b/last": patch(InsertAfter(inside="m", anchor="import os", code="import abc")),
    "b/two": patch(InsertBefore(inside="m", anchor="import os", code="import sys")),
    "b/three": patch(InsertAfter(inside="m", anchor="import os", code="import re\nimport io")),
    "c/four": patch(Replace(inside="n", find="old", replace="new")),
    "c/five": patch(AddModule(path="p.py", data=b"p\n")),
}


def test_only_touched_files_are_given_in_the_order_of_their_names() -> None:
    tree = MemoryTree.of(_TREE)
    files = apply_sites(match_patches(_PATCHES, tree, RELEASE), tree)
    assert [file.path for file in files] == ["m.py", "n.py", "p.py"]
    assert [file.before for file in files] == [_TREE["m.py"], _TREE["n.py"], None]
    assert [name for name, _ in files[0].sites] == [
        "b/two",
        "b/last",
        "b/three",
        "a/one",
        "a/one",
    ]
    assert "o.py" not in tree.reads


def test_the_result_is_exact() -> None:
    assert applied(MemoryTree.of(_TREE), _PATCHES) == {
        "m.py": (
            "import sys\r\nimport os\r\nimport abc\r\nimport re\r\nimport io\r\n\r\n"
            "def f(a):  # é\r\n\tif a: return new\r\n\treturn new"
        ).encode(),
        "n.py": b"# head\nnew = 1\n",
        "p.py": b"p\n",
    }


@pytest.mark.parametrize("order", [*permutations(_PATCHES)][::31])
def test_the_order_of_the_patches_never_matters(order: tuple[str, ...]) -> None:
    tree = MemoryTree.of(_TREE)
    shuffled = {name: _PATCHES[name] for name in order}
    outcomes = match_patches(shuffled, tree, RELEASE)
    assert outcomes == match_patches(_PATCHES, tree, RELEASE)
    files = apply_sites(outcomes, tree, notice="changed")
    assert files == apply_sites(outcomes[::-1], tree, notice="changed")


@given(st.data())
def test_bytes_outside_the_sites_are_untouched(data: st.DataObject) -> None:
    before = data.draw(st.binary(max_size=60))
    edges = sorted(data.draw(st.lists(st.integers(0, len(before)), max_size=8)))
    sites = [
        Site(path="a", start=start, end=end, replacement=data.draw(st.binary(max_size=4)), line=1)
        for start, end in zip(edges[::2], edges[1::2], strict=False)
    ]
    after = splice(before, sites)
    kept = outside(before, sites)
    woven = [kept[0]]
    for site, piece in zip(sites, kept[1:], strict=True):
        woven += [site.replacement, piece]
    assert after == b"".join(woven)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import os\n", "import os\n\nfrom p import b\n"),
        ("from p import a\n", "from p import a, b\n"),
        ("from p import (\n    a,\n    c,\n)\n", "from p import (\n    a,\n    b,\n    c,\n)\n"),
    ],
)
def test_what_several_patches_import_is_written_once(before: str, after: str) -> None:
    rest = "\nx = y = 1\n"
    new = AddImport(inside="m", code="from p import b")
    patches = {
        f"p/{name}": patch(new, InsertAfter(inside="m", anchor="x = y = 1", code=f"{name} = b"))
        for name in ("three", "one", "two")
    }
    tree = one(before + rest)
    assert applied(tree, patches)["m.py"].decode() == f"{after}{rest}one = b\nthree = b\ntwo = b\n"
    outcomes = match_patches(patches, tree, RELEASE)
    assert {len(outcome.sites) for outcome in outcomes} == {2}
    (file,) = apply_sites(outcomes, tree)
    assert [name for name, site in file.sites if site.shared] == ["p/one"]


def importing(**names: str) -> dict[str, Patch]:
    return {
        f"p/{stem}": patch(AddImport(inside="m", code=f"from p import {name}"))
        for stem, name in names.items()
    }


@pytest.mark.parametrize("names", [{"one": "b", "two": "c"}, {"one": "c", "two": "b"}])
def test_other_names_at_one_place_are_all_written(names: dict[str, str]) -> None:
    text = applied(one("from p import a\n"), importing(**names))["m.py"]
    (statement,) = ast.parse(text).body
    assert isinstance(statement, ast.ImportFrom)
    assert {item.name for item in statement.names} == {"a", "b", "c"}


def test_other_names_that_break_one_line_are_a_conflict() -> None:
    long = "from p import " + ", ".join("abcdefghij"[at] * 8 for at in range(8))
    outcomes = match_patches(importing(one="k" * 8, two="l" * 8), one(f"{long}\n"), RELEASE)
    assert {outcome.status for outcome in outcomes} == {Status.CONFLICT}


def test_patches_that_did_not_apply_are_not_written() -> None:
    site = Site(path="m.py", start=0, end=1, replacement=b"X", line=1)
    for status in Status:
        files = apply_sites([Outcome(patch="a/b", status=status, sites=(site,))], one("abc"))
        assert bool(files) is status.is_good


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"x = 1\n", b"# N\nx = 1\n"),
        (b'"""Doc."""\n', b'# N\n"""Doc."""\n'),
        (
            b"#!/usr/bin/python\n# coding: utf-8\n\nx\n",
            b"#!/usr/bin/python\n# coding: utf-8\n# N\n\nx\n",
        ),
        (b"# a\r\nx\r\n", b"# a\r\n# N\r\nx\r\n"),
        (b"# a\r# coding: utf-8\rx\r", b"# a\r# coding: utf-8\r# N\rx\r"),
        (b"\xef\xbb\xbfx\n", b"\xef\xbb\xbf# N\nx\n"),
        (b"\xef\xbb\xbf# a\nx\n", b"\xef\xbb\xbf# a\n# N\nx\n"),
        (b"# a", b"# a\n# N\n"),
        (b"x", b"# N\nx"),
        (b"", b"# N\n"),
    ],
)
def test_the_notice_stands_below_the_first_comments(before: bytes, after: bytes) -> None:
    assert splice(before, [notice_site(Source("m.py", before), "N")]) == after


def test_changed_files_carry_the_notice_and_added_files_do_not() -> None:
    tree = MemoryTree.of(_TREE)
    files = apply_sites(match_patches(_PATCHES, tree, RELEASE), tree, notice="changed")
    assert [file.after.count(b"# changed") for file in files] == [1, 1, 0]
    assert files[1].after.startswith(b"# head\n# changed\n")
    assert files[1].sites[0][0] == NOTICE


def test_the_notice_stands_above_what_is_put_before_the_first_statement() -> None:
    tree = one("# head\nx\n")
    patches = {"a/first": patch(InsertBefore(inside="m", anchor="x", code="y"))}
    (file,) = apply_sites(match_patches(patches, tree, RELEASE), tree, notice="changed")
    assert file.after == b"# head\n# changed\ny\nx\n"


def test_the_digest_names_the_content_of_the_touched_files() -> None:
    def file(path: str, after: bytes) -> EditedFile:
        return EditedFile(path=path, before=b"", after=after, sites=())

    one_file, other = file("a", b"1"), file("b", b"2")
    digest = patch_digest([one_file, other])
    assert digest == patch_digest([other, one_file])
    lines = "".join(
        f"{path}\0{hashlib.sha256(data).hexdigest()}\n" for path, data in (("a", b"1"), ("b", b"2"))
    )
    assert digest == hashlib.sha256(lines.encode()).hexdigest()
    others = [[one_file], [file("a", b"2"), file("b", b"1")], [one_file, file("c", b"2")]]
    assert digest not in [patch_digest(files) for files in others]


def _adding(text: bytes) -> Outcome:
    site = Site(path="p.py", start=0, end=0, replacement=text, line=1, adds_file=True)
    return Outcome(patch="a/b", status=Status.APPLIED, sites=(site,))


def test_the_digest_is_written_where_an_added_file_has_a_place_for_it() -> None:
    other = Site(path="m.py", start=0, end=1, replacement=DIGEST_PLACEHOLDER, line=1)
    outcomes = [_adding(b"D = '%b'" % DIGEST_PLACEHOLDER)]
    outcomes.append(Outcome(patch="a/c", status=Status.APPLIED, sites=(other,)))
    filled, same = fill_digest(outcomes, "f00")
    assert filled.sites[0].replacement == b"D = 'f00'"
    assert same.sites == (other,)


@pytest.mark.parametrize("text", [b"", DIGEST_PLACEHOLDER * 2])
def test_there_is_one_place_for_the_digest(text: bytes) -> None:
    with pytest.raises(ValueError, match="expected once"):
        fill_digest([_adding(text)], "f00")


def test_refuses_to_write_bytes_twice() -> None:
    sites = [
        Site(path="m.py", start=0, end=9, replacement=b"", line=1),
        Site(path="m.py", start=8, end=8, replacement=b"# a notice\n", line=2),
    ]
    with pytest.raises(ValueError, match="inside another"):
        splice(b"# first\nlast\n", sites)


def test_the_notice_goes_above_what_replaces_the_first_comments() -> None:
    tree = one("# one\n# two\nx = 1\n")
    text = ReplaceText(path="m.py", find="# two\nx", replace="# three\ny")
    outcomes = match_patches({NAME: patch(text)}, tree, RELEASE)
    (file,) = apply_sites(outcomes, tree, notice="changed")
    assert file.after == b"# one\n# changed\n# three\ny = 1\n"


def test_what_is_no_python_file_gets_no_comment() -> None:
    tree = MemoryTree.of({"config.json": b'{"a": 1}\n'})
    text = ReplaceText(path="config.json", find='"a"', replace='"b"')
    outcomes = match_patches({NAME: patch(text)}, tree, RELEASE)
    (file,) = apply_sites(outcomes, tree, notice="changed")
    assert file.after == b'{"b": 1}\n'


def test_native_files_carry_the_notice_in_their_own_comments() -> None:
    before = {"a.cu": b"// a\nx\n", "CMakeLists.txt": b"x\n", "a.txt": b"x\n"}
    edits = [ReplaceText(path=path, find="x", replace="y") for path in before]
    tree = MemoryTree.of(before)
    files = apply_sites(match_patches({NAME: patch(*edits)}, tree, RELEASE), tree, notice="N")
    assert {file.path: file.after for file in files} == {
        "a.cu": b"// a\n// N\ny\n",
        "CMakeLists.txt": b"# N\ny\n",
        "a.txt": b"y\n",
    }
