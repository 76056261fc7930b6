"""Remove: lines go with the comment behind them; what upstream has changed is not done."""

from __future__ import annotations

import pytest

from tests.transforms.cmake_files import PATH, assert_changes, assert_untouched
from transforms.edits.cmake import Remove
from transforms.engine.outcome import Status


def _remove(find: str, **rest: object) -> Remove:
    return Remove(path=PATH, find=find, **rest)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("find", "before", "after"),
    [
        ("f(a)", b"# f\n  f(a)  # c\r\ng()\n", b"# f\ng()\n"),
        ("f(a)", b"g()\nf(a)", b"g()\n"),
        ("f(\na\nb)", b"g()\nf(a # a\n  b) # b\nh()\n", b"g()\nh()\n"),
        ("if(A)\n$$x\nendif()", b"if(A)\n  f()\nendif(A)\ng()\n", b"g()\n"),
    ],
)
def test_whole_lines_go(find: str, before: bytes, after: bytes) -> None:
    assert_changes(_remove(find), before, after)


def test_all_that_were_counted_go() -> None:
    assert_changes(_remove("f($x)", count=2), "f(a)\nf(b)\ng()\n", "g()\n")


def test_what_is_gone_is_obsolete() -> None:
    assert_untouched(_remove("f(a b c)"), "g()\n", Status.OBSOLETE)


def test_what_upstream_has_changed_in_one_word_is_drift() -> None:
    problem = assert_untouched(_remove("f(a b c)"), "f(a b d)\n")
    assert problem.notes == ("differs in: c -> d",)


@pytest.mark.parametrize("fields", [{"find": ""}, {"find": "$$x"}, {"count": 0}, {"path": ""}])
def test_a_wrong_declaration_fails_where_it_is_made(fields: dict[str, object]) -> None:
    good: dict[str, object] = {"path": PATH, "find": "f($x)"}
    with pytest.raises(ValueError, match=r"empty|any commands|at least 1|relative"):
        Remove(**{**good, **fields})  # type: ignore[arg-type]
