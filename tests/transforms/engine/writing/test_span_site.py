"""Sites of code that is neither an expression nor whole statements."""

from __future__ import annotations

from tests.transforms.trees import source_of, spliced
from transforms.engine.syntax.source import Span
from transforms.engine.writing.span_site import span_site

_CODE = b"if 1:\r\n  def f(a,  # why\r\n      b): pass\r\n"
_SPAN = Span(_CODE.index(b"def"), _CODE.index(b": pass") + 1)
_TEXT = "def f(\n    a,\n    b,\n    c,\n):"


def test_what_does_not_change_is_not_written_but_claimed() -> None:
    site = span_site(_SPAN, _TEXT, lambda _: True, source_of(_CODE), as_written=False)
    assert spliced(_CODE, [site]) == _CODE.decode().replace("b)", "b, c)")
    assert site.claim == _SPAN
    assert site.line == 3


def test_all_is_written_where_the_layout_counts_or_the_change_would_not_fit() -> None:
    whole = "def f(\r\n      a,\r\n      b,\r\n      c,\r\n  ):"
    for as_written, fits in ((True, True), (False, False)):
        site = span_site(_SPAN, _TEXT, lambda _: fits, source_of(_CODE), as_written=as_written)  # noqa: B023
        assert (site.start, site.end, site.line) == (*_SPAN, 2)
        assert site.replacement.decode() == whole
