"""The page holds every function, and no message of a compiler can become markup."""

from __future__ import annotations

import json
import re
from typing import Any

from build_hooks.triton.page import page
from tests.build_hooks.triton.reports import FUNCTIONS, HOSTILE, report_of

PAGE = page(report_of())


def data() -> list[dict[str, Any]]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', PAGE, re.DOTALL)
    assert found
    rows: list[dict[str, Any]] = json.loads(found[1])
    return rows


def test_every_function_is_a_row_and_stands_behind_it() -> None:
    rows = re.findall(r'<tr data-row="(\d+)">.*?<button type="button">(\w+)</button>', PAGE)
    assert rows == [(str(number), name) for number, name in enumerate(FUNCTIONS)]
    assert [row["name"] for row in data()] == list(FUNCTIONS)


def test_what_a_compiler_said_is_data_only() -> None:
    assert (
        HOSTILE in next(row for row in data() if row["name"] == "stops")["after"]["stop"]["message"]
    )
    assert HOSTILE not in PAGE
    assert "<img" not in PAGE


def test_a_row_says_how_it_was_and_how_it_is() -> None:
    assert "<td>stops at an annotated assignment</td><td>compiles</td>" in PAGE
    assert "<td>no configuration recorded</td><td>compiles in ops/a.py::gained</td>" in PAGE


def test_the_figures_are_those_of_the_report() -> None:
    row = '<th scope="row">kernels that compile</th><td>4</td><td>4</td><td>6</td>'
    assert row in PAGE
    assert "<strong>FAIL</strong>" in PAGE
    assert "<strong>PASS</strong>" in page(report_of("lost", "unlaunched"))
