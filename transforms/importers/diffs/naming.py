"""Names and reasons for patches, from the messages of commits."""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING

from transforms.engine.said import UNSAID, says_nothing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.importers.diffs.series import Commit

_LONGEST = 40
_WORD = re.compile(r"[a-z0-9]+")
# `[feat]`, `[PATCH 1/2]`, `fix(core):`, `Bugfix:` say what kind of change it is, not which.
_KIND = re.compile(r"^(?:\s*\[[^\]]*\])+|^\s*\w+(?:\([^)]*\))?!?:\s+")
_TRAILER = re.compile(
    r"^(?:signed-off-by|co-authored-by|reviewed-by|acked-by|tested-by|reported-by|change-id|cc)\s*:",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"\.(?:patch|diff|txt|mbox)\b.*")
_LINK = re.compile(r"https?://[^\s<>()\"']+[^\s<>()\"'.,;:]")


def stems(commits: Sequence[Commit]) -> list[str]:
    """Name patches by the subjects of their commits, each by a name of its own.

    Args:
        commits: the first commit of each patch.
    """
    found: list[str] = []
    for commit in commits:
        file = _SUFFIX.sub("", commit.origin)
        stem = plain = stem_of(commit.subject) or stem_of(file) or "imported"
        number = 1
        while stem in found:
            number += 1
            stem = f"{plain}_{number}"
        found.append(stem)
    return found


def stem_of(text: str) -> str:
    """Make a name of a sentence: its words, as far as they fit; empty where it has none."""
    words = _WORD.findall(_KIND.sub("", text).lower())
    while words and words[0][0].isdigit():
        words.pop(0)
    stem = ""
    for word in words:
        longer = f"{stem}_{word}" if stem else word
        if stem and len(longer) > _LONGEST:
            break
        stem = longer[:_LONGEST]
    return f"{stem}_" if keyword.iskeyword(stem) else stem


def why_of(commits: Sequence[Commit]) -> str:
    """Say why a patch is there: what the messages of its commits say, without their trailers.

    Args:
        commits: those that it is made of.

    Returns:
        The text; empty where no message says anything.
    """
    said: list[str] = []
    for commit in commits:
        lines = [line.rstrip() for line in commit.body.splitlines() if not _TRAILER.match(line)]
        text = "\n\n".join(part for part in (commit.subject, "\n".join(lines).strip()) if part)
        if text and not says_nothing(text) and text not in said:
            said.append(text)
    return "\n\n".join(said)


def upstream_of(commits: Sequence[Commit]) -> str:
    """Say what the messages say of a change upstream: their links, or that there are none.

    Args:
        commits: those that the patch is made of.
    """
    links = [link for commit in commits for link in _LINK.findall(_whole(commit))]
    return ", ".join(dict.fromkeys(links)) or unsaid(commits)


def unsaid(commits: Sequence[Commit]) -> str:
    """Say that diffs do not say something: the text that stands for a field they have not."""
    return UNSAID + ", ".join(commit.origin for commit in commits)


def _whole(commit: Commit) -> str:
    return f"{commit.subject}\n{commit.body}"
