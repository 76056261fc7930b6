"""Files of diffs as commits: mails of `git format-patch`, output of `git show`, or bare diffs."""

from __future__ import annotations

import base64
import quopri
import re
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from email.policy import compat32
from typing import TYPE_CHECKING

from transforms.importers.diffs.errors import GarbledDiffError, UnsupportedDiffError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

# What `git format-patch` begins a mail with; `From ` alone stands in messages, too.
_MAIL = re.compile(rb"^From [0-9a-f]{40,64} [A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ [\d:]{8} \d{4}\r?$")
_COMMIT = re.compile(rb"^commit ([0-9a-f]{7,64})\b")
_DIFF = re.compile(rb"^(?:diff --git |--- \S.*\n\+\+\+ \S|Index: |diff -)", re.MULTILINE)
_HEADER = re.compile(
    rb"^(?:From|Date|Subject|Message-Id|MIME-Version|Return-Path): ", re.IGNORECASE
)
_TAG = re.compile(r"^(?:\s*\[[^\]]*PATCH[^\]]*\])\s*")
_INDENT = "    "
_BLANK = re.compile(rb"\r?\n\r?\n")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One commit of a file, or a file that is one bare diff.

    Attributes:
        origin: the file's name, and which commit of it where it holds several.
        subject: the first line of the message; empty where there is none.
        body: the rest of it.
        diff: what it changes.
        first: the number of the first line of `diff` in the file.
    """

    origin: str
    subject: str
    body: str
    diff: bytes
    first: int


def read_pieces(data: bytes, origin: str) -> list[Piece]:
    """Split a file into its commits.

    Args:
        data: the file.
        origin: what messages call it.

    Raises:
        GarbledDiffError: a mail of it is malformed.
        UnsupportedDiffError: it is of a form whose order or content is not certain.
    """
    data = data.removeprefix(_BOM)
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        step = (
            "write it as UTF-8, e.g. with `git diff --output=FILE` and not with `>` of PowerShell"
        )
        raise GarbledDiffError("it is UTF-16", 1, step)
    parts = list(_mails(data))
    several = len(parts) > 1
    return [
        _piece(text, first, f"{origin}, commit {number}" if several else origin)
        for number, (text, first) in enumerate(parts, start=1)
    ]


def _mails(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Give each mail of a file with the number of its first line; all of one that is no mail."""
    lines = data.split(b"\n")
    starts = [number for number, line in enumerate(lines) if _MAIL.match(line)]
    if not starts:
        yield data, 1
        return
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield b"\n".join(lines[start:end]) + (b"\n" if end < len(lines) else b""), start + 1


def _piece(text: bytes, first: int, origin: str) -> Piece:
    if _MAIL.match(text.split(b"\n", 1)[0]):
        return _mail(text, first, origin, envelope=1)
    if _HEADER.match(text):
        return _mail(text, first, origin, envelope=0)
    commits = [line for line in text.split(b"\n") if _COMMIT.match(line)]
    if len(commits) > 1:
        step = "write them oldest first, e.g. with `git format-patch --stdout BASE..`"
        raise UnsupportedDiffError(
            "several commits of `git log`, in which order nobody said", 1, step
        )
    found = _DIFF.search(text)
    at = found.start() if found else 0
    message = text[:at] if commits else b""
    subject, body = _message(_indented(message))
    return Piece(
        origin=origin,
        subject=subject,
        body=body,
        diff=text[at:],
        first=first + text.count(b"\n", 0, at),
    )


def _indented(message: bytes) -> str:
    """Give what `git show` writes of a commit's message: the lines that are indented."""
    lines = message.decode("utf-8", "replace").splitlines()
    return "\n".join(line[len(_INDENT) :] for line in lines if line.startswith(_INDENT) or not line)


def _mail(text: bytes, first: int, origin: str, *, envelope: int) -> Piece:
    end = _BLANK.search(text)
    head = text[: end.start()] if end else text
    payload = text[end.end() :] if end else b""
    above = text.count(b"\n", 0, end.end() if end else len(text))
    mail = BytesHeaderParser(policy=compat32).parsebytes(head.split(b"\n", envelope)[-1])
    if mail.get_content_maintype() == "multipart":
        step = "save the attached diff, and give that"
        raise UnsupportedDiffError("a mail with attachments", first, step)
    payload = _decoded(payload, str(mail.get("Content-Transfer-Encoding", "")), first)
    found = _DIFF.search(payload)
    at = found.start() if found else 0
    body = (
        payload[: found.start() if found else None]
        .decode(_charset(mail), "replace")
        .replace("\r\n", "\n")
    )
    subject = " ".join(str(make_header(decode_header(mail.get("Subject", "")))).split())
    return Piece(
        origin=origin,
        subject=_TAG.sub("", subject),
        body=re.split(r"^---\s*$", body, maxsplit=1, flags=re.MULTILINE)[0].strip(),
        diff=payload[at:],
        first=first + above + payload.count(b"\n", 0, at),
    )


def _decoded(payload: bytes, coding: str, first: int) -> bytes:
    """Undo what a mail's way through the world needed."""
    coding = coding.strip().lower()
    if coding in {"", "7bit", "8bit", "binary"}:
        return payload
    try:
        if coding == "quoted-printable":
            return quopri.decodestring(payload)
        if coding == "base64":
            return base64.b64decode(b"".join(payload.split()), validate=True)
    except ValueError as error:
        raise GarbledDiffError(f"a mail that is no {coding}: {error}", first) from error
    raise GarbledDiffError(f"a mail encoded as {coding!r}", first)


def _charset(mail: Message) -> str:
    named = mail.get_content_charset("utf-8")
    return named if named in {"utf-8", "us-ascii", "iso-8859-1", "latin-1"} else "utf-8"


def _message(text: str) -> tuple[str, str]:
    subject, _, body = text.strip().partition("\n")
    return subject.strip(), body.strip()
