"""Tell from a file's bytes that no rule can have a site in its Triton functions.

Parsing every file that holds a kernel is most of what a rule over the whole tree costs, and few
kernels hold what a rule looks for. Whatever is unclear counts as if it did, so that a file is
parsed once too often and never once too seldom.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from transforms.rules.triton.functions import decorator_lines

if TYPE_CHECKING:
    from transforms.engine.syntax.source import Source

_JIT = re.compile(rb"^([ \t]*)@[^\n]*(?<!\w)jit(?!\w)", re.MULTILINE)
# The two ways in which vLLM names Triton's language; `tl` may stand for nothing else then.
_TL = re.compile(
    rb"^(?:from vllm\.triton_utils import (?:[^\n]*\W)?tl|import triton\.language as tl)(?!\w)",
    re.MULTILINE,
)
_COMMENT = re.compile(rb"#[^\n]*")
# Without a quote on its line, so that it neither begins in a string nor ends one.
_SURE_COMMENT = re.compile(rb"^([^\n\"'#]*)#[^\n\"']*$", re.MULTILINE)
# Three quotes that may stand in a comment or another string: neither first nor last on their line.
_UNSURE_STRING = re.compile(
    rb"'''|#[^\n]*\"\"\"|\"\"\"[^\n]*#|^[^\n\"]*[^\s\"][^\n\"]*\"\"\"(?![ \t]*$)", re.MULTILINE
)
_LONG_STRING = re.compile(rb'"""(?:[^"]|"(?!""))*"""')
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


def kernels_may_hold(source: Source, code: re.Pattern[bytes]) -> bool:
    """Tell whether a function that Triton compiles may hold some code.

    Args:
        source: the file.
        code: what is looked for, in the bytes of one function without comments and docstrings.
    """
    texts = source.once(_kernel_texts)
    return texts is None or any(code.search(text) for text in texts)


def _kernel_texts(source: Source) -> list[bytes] | None:
    """Give the code of each function that Triton compiles; None where the bytes cannot tell it."""
    data = source.data
    if decorator_lines(data) is None:
        return None
    texts = [_function(data, decorator) for decorator in _JIT.finditer(data)]
    if any(_ends_in_string(text) or _UNSURE_STRING.search(text) for text in texts):
        return None
    return [_LONG_STRING.sub(b"", _SURE_COMMENT.sub(rb"\1", text)) for text in texts]


def _ends_in_string(text: bytes) -> bool:
    """Tell whether a function goes on behind its text, which was cut in a string then."""
    return bool(text.count(b'"""') % 2 or text.count(b"'''") % 2)


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
    if _ends_in_string(text) or b"\\\n" in text:
        return True
    text = _COMMENT.sub(b"", text)
    if trusted:
        text = _CONSTEXPR.sub(b"", text)
    return bool(_ANNOTATION.search(text) or _OPEN_COLON.search(text))
