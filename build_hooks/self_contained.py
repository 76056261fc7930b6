"""A page that is one file: no network, no fonts, no libraries, and nothing that it can fetch.

What stands behind a page's rows is JSON that the page's own script turns into text, never into
markup. A Content-Security-Policy allows this script and this style and nothing else, so that no
upstream code and no message can do anything in a reader's browser.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHARED = Path(__file__).with_suffix(".css")
# What could end a script element, or a line of a script.
_ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def render(
    folder: Path, data: object, context: Mapping[str, object], *, more_style: str = ""
) -> str:
    """Render the page of a folder: `page.html` with `page.css` and, where there is one, `page.js`.

    Args:
        folder: where they are.
        data: what the script reads, as JSON can hold it.
        context: what the template reads besides `policy`, `style`, `script` and `data`.
        more_style: a style sheet behind the page's own.

    Returns:
        HTML that needs nothing else.
    """
    sheets = [_SHARED, folder / "page.css"]
    style = "\n".join([*(sheet.read_text(encoding="utf-8") for sheet in sheets), more_style])
    script = "\n".join(file.read_text(encoding="utf-8") for file in folder.glob("page.js"))
    return _template(folder).render(
        policy=_policy(style, script),
        # Both are this project's own files, and the JSON cannot end its element.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        data=Markup(_embedded(data)),  # noqa: S704
        **context,
    )


@cache
def _template(folder: Path) -> Template:
    """Compile a template once: an index renders a page for each of its files."""
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("page.html")


def _policy(style: str, script: str) -> str:
    """Allow this very style and script, and nothing from anywhere else."""
    hashes = {"style": style, "script": script}
    allowed = [f"{kind}-src '{_source_hash(text)}'" for kind, text in hashes.items()]
    rest = ["img-src data:", "base-uri 'none'", "form-action 'none'"]
    return "; ".join(["default-src 'none'", *allowed, *rest])


def _source_hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _embedded(data: object) -> str:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.translate(_ESCAPES)
