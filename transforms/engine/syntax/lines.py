"""Where code stands in its lines: what begins and ends one, margins, and the comments around."""

from __future__ import annotations

from transforms.engine.syntax.tokens import tokens


def line_start(data: bytes, at: int) -> int:
    """Give the offset of the first byte of a line."""
    return max(data.rfind(b"\n", 0, at), data.rfind(b"\r", 0, at)) + 1


def margin(data: bytes, at: int) -> bytes:
    """Give the white space before what begins a line."""
    line = data[line_start(data, at) : at]
    return line[: len(line) - len(line.lstrip(b" \t"))]


def begins_line(data: bytes, at: int) -> bool:
    """Tell whether only white space stands before an offset."""
    return not data[line_start(data, at) : at].strip()


def line_end(data: bytes, at: int) -> int:
    """Give the end of a line's code and comment, its white space and line end left out."""
    stop = at
    for token in tokens(data, at, len(data)):
        if token.kind == "comment":
            return token.end
        if token.kind != "blank" or token.text.startswith(b"\\"):
            return stop
    return stop


def ends_line(data: bytes, at: int) -> bool:
    """Tell whether only white space and a comment stand behind an offset."""
    for token in tokens(data, at, len(data)):
        if token.kind in {"comment", "newline"}:
            return True
        if token.kind != "blank" or token.text.startswith(b"\\"):
            return False
    return True


def next_line(data: bytes, at: int) -> int:
    """Give the offset of the line behind the one that an offset is in."""
    for token in tokens(data, at, len(data)):
        if token.kind == "newline":
            return token.end
    return len(data)


def comments_above(data: bytes, start: int) -> int:
    """Give where the comment lines directly above a line begin."""
    while start:
        above = line_start(data, start - 1 - data[:start].endswith(b"\r\n"))
        if not data[above:start].lstrip().startswith(b"#"):
            return start
        start = above
    return start


def moved(code: bytes, margin_from: bytes, margin_to: bytes, newline: bytes) -> bytes:
    """Write code behind another margin, but for the lines that begin inside of a string."""
    pieces: list[bytes] = []
    begins = False
    for token in tokens(code, 0, len(code)):
        text = token.text
        if token.kind == "blank" and not text.startswith(b"\\"):
            if begins:
                text = margin_to + text[min(len(margin_from), len(text)) :]
        elif begins and token.kind != "newline":
            text = margin_to + text
        begins = text.endswith((b"\n", b"\r")) and token.kind in {"newline", "blank"}
        if token.kind != "comment":
            text = text.replace(b"\n", newline)
        pieces.append(text)
    if begins:
        pieces.append(margin_to)
    return b"".join(pieces)
