"""Tell from a file's bytes that its Triton functions have no annotation but `tl.constexpr`.

Parsing every file that holds a kernel is most of what a rule over the whole tree costs, and nearly
all kernels annotate nothing else. Whatever is unclear counts as an annotation, so that a file is
parsed once too often and never once too seldom.
"""

from __future__ import annotations

import re

from transforms.rules.triton.functions import decorator_lines

_JIT = re.compile(rb"^([ \t]*)@[^\n]*(?<!\w)jit(?!\w)", re.MULTILINE)
# The two ways in which vLLM names Triton's language; `tl` may stand for nothing else then.
_TL = re.compile(
    rb"^(?:from vllm\.triton_utils import (?:[^\n]*\W)?tl|import triton\.language as tl)(?!\w)",
    re.MULTILINE,
)
_COMMENT = re.compile(rb"#[^\n]*")
# Of a parameter, or with a value: without one it is refused.
_CONSTEXPR = re.compile(rb"(?<=\w):[ \t]*tl\.constexpr(?=[ \t]*[=,)]|\s*\))")
# A colon behind a name or bracket, and more on its line: an annotation, or what looks like one.
_ANNOTATION = re.compile(rb"[\w)\]]\s*:[ \t]*[^\s]")
_OPEN_COLON = re.compile(rb"[(,]\s*\w+\s*:[ \t]*\n")


def may_hold_annotations(data: bytes) -> bool:
    """Tell whether a function that Triton compiles may have an annotation other than constexpr.

    Args:
        data: a Python file.
    """
    if decorator_lines(data) is None:
        return True
    known = _is_language(data)
    return any(
        _may_hold(_function(data, decorator), trusted=known) for decorator in _JIT.finditer(data)
    )


def _is_language(data: bytes) -> bool:
    """Tell whether `tl` is Triton's language wherever it stands, mostly without patterns."""
    imports = data.count(b"import triton.language as tl")
    assigned = b"tl =" in data or b"tl=" in data
    return not assigned and data.count(b" as tl") == imports and _TL.search(data) is not None


def _function(data: bytes, decorator: re.Match[bytes]) -> bytes:
    """Give the text from behind a decorator to the next definition beside or around its function.

    No line of the function itself can begin so, unless it stands in a string.
    """
    margin = len(decorator[1])
    own = re.compile(rb"^[ \t]{%d}def(?!\w)" % margin, re.MULTILINE).search(data, decorator.end())
    start = own.end() if own else decorator.end()
    following = re.compile(rb"^[ \t]{0,%d}(?:@|(?:def|class|async)(?!\w))" % margin, re.MULTILINE)
    end = following.search(data, start)
    return data[start : end.start() if end else len(data)]


def _may_hold(text: bytes, *, trusted: bool) -> bool:
    # An odd number: the text ends inside of a string, and the function goes on behind it.
    if text.count(b'"""') % 2 or text.count(b"'''") % 2 or b"\\\n" in text:
        return True
    text = _COMMENT.sub(b"", text)
    if trusted:
        text = _CONSTEXPR.sub(b"", text)
    return bool(_ANNOTATION.search(text) or _OPEN_COLON.search(text))
