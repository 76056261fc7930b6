r"""From tokens to bytes: what is written must read as what was meant, wherever it stands.

Tokens that would become one with a neighbour get a space between. In a directive, line ends get a
splice. A directive that is written gets a line of its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from transforms.engine.cpp.tokens import HASHES, Kind, lex
from transforms.engine.site import Site
from transforms.engine.syntax.lines import begins_line, margin
from transforms.engine.syntax.source import SourceError

if TYPE_CHECKING:
    from transforms.engine.cpp.code import Code
    from transforms.engine.cpp.tokens import Token
    from transforms.engine.syntax.source import Source

_NOT_SHOWN = {Kind.SPACE, Kind.COMMENT}
_LINE_END = re.compile(r"(?<!\r)\n")
_REST_OF_LINE = re.compile(rb"[ \t\v\f]*(?://[^\r\n]*)?(?=[\r\n]|\Z)")


def token_site(source: Source, code: Code, first: int, last: int, text: str) -> Site:
    r"""Make the site that puts a text in the place of tokens.

    Args:
        source: the file.
        code: its tokens.
        first: the first token that goes.
        last: the token behind the last one that goes; where it is `first`, the text is put
            directly behind the token before.
        text: what is written, as Latin-1 like all text of `Code`; its line ends may be ``\n``.

    Raises:
        SourceError: the text has a directive in it, and would stand in another one.
    """
    if first < last:
        start, end = code.tokens[first].start, code.tokens[last - 1].end
        directive = code.tokens[first].directive
    else:
        before = code.tokens[first - 1] if first else None
        start = end = before.end if before else 0
        directive = before.directive if before else 0
    return span_site(source, code, start, end, text, directive=directive)


def span_site(  # noqa: PLR0913 - each is a part of the site
    source: Source,
    code: Code,
    start: int,
    end: int,
    text: str,
    *,
    directive: int = 0,
    claim: tuple[int, ...] = (),
) -> Site:
    """Make the site that puts a text in the place of bytes that whole tokens stand in.

    Args:
        source: the file.
        code: its tokens.
        start: the first byte that goes; for an insertion, `end`.
        end: the byte behind the last one that goes.
        text: what is written, as Latin-1.
        directive: the number of the directive that it is in; 0 outside.
        claim: what else must stay as it is, as for `Site`.

    Raises:
        SourceError: the text has a directive in it, and would stand in another one.
    """
    line = source.line_of(start)
    if directive:
        text = _in_directive(text, source, line)
    else:
        tokens = lex(text.encode("latin-1"))
        shown = next((token for token in tokens if token.kind not in _NOT_SHOWN), None)
        if shown is not None and shown.text in HASHES:
            if begins_line(source.data, start):
                start -= len(margin(source.data, start))
            else:
                text = "\n" + text
        if _needs_line_end(tokens, code, end):
            text += "\n" + margin(source.data, start).decode("latin-1")
    text = _apart(text, code, start, end)
    newline = source.newline.decode()
    written = _LINE_END.sub(lambda _: newline, text)
    return Site(
        path=source.path,
        start=start,
        end=end,
        replacement=written.encode("latin-1"),
        line=line,
        claim=claim,
    )


def _in_directive(text: str, source: Source, line: int) -> str:
    """Write a text so that all of it is one logical line."""
    pieces: list[str] = []
    # Behind a token, a `#` at the beginning of the text is that of a macro's parameter.
    for token in lex(b"; " + text.encode("latin-1"))[2:]:
        if token.directive:
            reason = "a directive cannot be written into another one"
            raise SourceError(source.path, reason, line, "write an edit for all of that directive")
        if token.kind is Kind.COMMENT and token.text.startswith("//"):
            pieces.append(f"/*{token.text[2:].rstrip().replace('*/', '* /')} */")
        elif token.kind is Kind.NEWLINE:
            pieces.append(f" \\{token.text}")
        else:
            pieces.append(token.text)
    return "".join(pieces)


def _needs_line_end(tokens: list[Token], code: Code, end: int) -> bool:
    """Tell whether what stands behind a text would become a part of its last line."""
    shown = [token for token in tokens if token.kind is not Kind.SPACE]
    if not shown or shown[-1].kind is Kind.NEWLINE:
        return False
    is_comment = shown[-1].kind is Kind.COMMENT and shown[-1].text.startswith("//")
    if not (is_comment or shown[-1].directive):
        return False
    return not _REST_OF_LINE.match(code.data, end)


def _apart(text: str, code: Code, start: int, end: int) -> str:
    """Keep the first and the last token of a text from becoming one with their neighbours."""
    before = code.token_ending_at(start)
    after = code.token_starting_at(end)
    if not text:
        joined = before is not None and after is not None and _join(before.text, after.text)
        return " " if joined else ""
    if before is not None and _join(before.text, text):
        text = f" {text}"
    if after is not None and _join(text, after.text, last=True):
        text = f"{text} "
    return text


def _join(left: str, right: str, *, last: bool = False) -> bool:
    """Tell whether two texts side by side have other tokens than each by itself."""
    apart = lex(left.encode("latin-1"))
    together = lex((left + right).encode("latin-1"))
    if last:
        return len(together) <= len(apart) or together[len(apart)].start != len(left)
    return together[0].end != len(left)
