# SPDX-License-Identifier: Apache-2.0
"""A session as one self-contained page for a browser: no network, no fonts, no libraries.

Texts from the session are escaped, what the page's script shows is JSON that it turns into text,
never into markup, and a Content-Security-Policy allows this script and this style and nothing else.
Plots have 240 columns of time whatever the session's length, so that the page stays small.
"""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from ..summary import TABLES as _TABLES
from .sections import Body

if TYPE_CHECKING:
    from ..session import Session

TABLES = _TABLES
_FOLDER = Path(__file__).resolve().parent
# What could end a script element, or a line of a script.
_ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def report(session: Session) -> str:
    """Render the page.

    Args:
        session: with all of `TABLES`.

    Returns:
        HTML that needs nothing else.
    """
    style = (_FOLDER / "page.css").read_text(encoding="utf-8")
    script = (_FOLDER / "page.js").read_text(encoding="utf-8")
    page = Template((_FOLDER / "page.html").read_text(encoding="utf-8"))
    body = Body(session)
    text = json.dumps(body.data(), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return page.substitute(
        policy=_policy(style, script),
        style=style,
        script=script,
        title=escape(f"Profile: {session.name}"),
        body=body.markup(),
        data=text.translate(_ESCAPES),
    )


def _policy(style: str, script: str) -> str:
    """Allow this very style and script, and nothing from anywhere else."""
    allowed = [f"style-src '{_source_hash(style)}'", f"script-src '{_source_hash(script)}'"]
    rest = ["img-src data:", "base-uri 'none'", "form-action 'none'"]
    return "; ".join(["default-src 'none'", *allowed, *rest])


def _source_hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
