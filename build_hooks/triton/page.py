"""The report as one self-contained page for a browser: the list as HTML, and JSON behind it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from build_hooks.self_contained import render
from build_hooks.triton.document import document
from build_hooks.triton.report import Verdict
from build_hooks.triton.text import COUNTED, said

if TYPE_CHECKING:
    from build_hooks.triton.report import Function, Report

_FOLDER = Path(__file__).resolve().parent
LETTERS = dict(zip((verdict.value for verdict in Verdict), "LSGCN", strict=True))


def page(report: Report) -> str:
    """Render the page.

    Args:
        report: the report.

    Returns:
        HTML that needs nothing else.
    """
    shown = document(report)
    functions = [
        {**row, **_described(one)}
        for row, one in zip(shown["functions"], report.functions, strict=True)
    ]
    counts = Counter(one["verdict"] for one in functions)
    context = {
        "document": shown,
        "figures": [(words, shown["counts"][name]) for name, words in COUNTED.items()],
        "letters": LETTERS,
        "counts": [(name, counts[name]) for name in LETTERS if counts[name]],
        "rows": functions,
    }
    return render(_FOLDER, functions, context)


def _described(function: Function) -> dict[str, Any]:
    """Give what the page says of a function in words, and by which features it is found."""
    after = function.after
    stops = [stop.feature for stop in (after.stop, after.launch) if stop]
    return {
        "features": list(dict.fromkeys(stops)),
        "said": [said(function.before), said(after)],
    }
