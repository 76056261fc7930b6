"""The page is one file that holds everything and can fetch and run nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from build_hooks.drift.compatibility import compatibility
from build_hooks.drift.document import document
from build_hooks.drift.page import packed, page
from tests.build_hooks.drift.matrices import matrix
from tests.build_hooks.drift.planted import HOSTILE

if TYPE_CHECKING:
    from tests.build_hooks.drift.conftest import Report


class Elements(HTMLParser):
    """All elements of a page with their attributes, and the text of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._last = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.found.append((tag, dict(attrs)))
        self._last = tag

    def handle_data(self, data: str) -> None:
        """Keep what stands in a script or a style."""
        if self._last in {"script", "style"}:
            self.texts.append((self._last, data))
            self._last = ""


def embedded(text: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_the_policy_allows_this_style_and_this_script_and_nothing_else(planted: Report) -> None:
    elements = Elements(planted.page)
    policies = [
        attributes["content"]
        for tag, attributes in elements.found
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    rules = dict(rule.split(" ", 1) for rule in (policies[0] or "").split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    texts = {name: text for name, text in elements.texts if not text.startswith("{")}
    for name in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(texts[name].encode()).digest()).decode()
        assert rules[f"{name}-src"] == f"'sha256-{digest}'"
    assert set(rules) == {
        *("default-src", "style-src", "script-src", "img-src", "base-uri", "form-action")
    }


def test_nothing_points_anywhere_else(planted: Report) -> None:
    elements = Elements(planted.page)
    for tag, attributes in elements.found:
        assert tag not in {"img", "iframe", "object", "embed", "base"}
        assert "src" not in attributes
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        if "href" in attributes:
            assert (tag, attributes["href"]) == ("link", "data:,")
    styles = next(text for name, text in elements.texts if name == "style")
    assert "url(" not in styles
    assert "@import" not in styles


def test_hostile_text_stays_text(planted: Report) -> None:
    assert planted.cell("toy/hostile", "0.33.0")["outcome"] == "applied"
    assert any(HOSTILE in diff for diff in planted.document["diffs"].values())
    assert planted.page.lower().count("</script>") == 2
    assert "<img" not in planted.page
    data = embedded(planted.page)
    assert any(HOSTILE in piece for piece in data["pieces"])
    assert any(HOSTILE in patch["why"] for patch in data["patches"])


def test_the_names_of_patches_and_releases_are_escaped() -> None:
    made = matrix({"toy/<b>": "A"})
    found = page(document(made, compatibility(made, made.columns)))
    assert "<b>" not in found.replace('<b class="', "")
    assert "&lt;b&gt;" in found


def test_the_table_has_every_cell_without_the_script(planted: Report) -> None:
    body = planted.page[planted.page.index("<tbody") : planted.page.index("</table>")]
    cells = re.findall(r'<td class="(\w+)"><button>(\w)</button>', body)
    outcomes = [
        cell["outcome"] for row in planted.document["patches"] for cell in row["outcomes"].values()
    ]
    assert [name for name, _ in cells] == outcomes
    assert [letter for _, letter in cells] == letters(outcomes)


def letters(outcomes: list[str]) -> list[str]:
    shown = {"error": "X"}
    return [shown.get(outcome, outcome[0].upper()) for outcome in outcomes]


@pytest.mark.parametrize("rows", [{}, {"toy/a": "AEODMCX", "wheelwright/b": "AAAAAAA"}])
def test_what_is_packed_is_what_the_document_says(rows: dict[str, str]) -> None:
    said = document(matrix(rows), [])
    data = packed(said)
    assert data["columns"] == [artifact["name"] for artifact in said["artifacts"]]
    for row, numbers in zip(said["patches"], data["grid"], strict=True):
        for column, number in zip(data["columns"], numbers, strict=True):
            cell, shown = row["outcomes"][column], data["cells"][number]
            assert shown["outcome"] == cell["outcome"]
            assert shown["sites"] == len(cell["sites"])
            assert unpacked(data, shown["diff"]) == said["diffs"].get(cell["diff"], "")
            change, shown_change = cell["change"], shown["change"]
            if change:
                assert shown_change["base"] == change["base"]
                assert unpacked(data, shown_change["diff"]) == said["diffs"][change["diff"]]


def unpacked(data: dict[str, Any], number: int | None) -> str:
    pieces = [] if number is None else data["diffs"][number]
    return "".join(data["pieces"][item] for item in pieces)


def test_hunks_that_only_moved_are_kept_once() -> None:
    data = packed(document(matrix({"toy/a": "A" * 30}), []))
    bodies = [piece for piece in data["pieces"] if piece == "-x\n+y\n"]
    assert len(data["diffs"]) == 30
    assert len(bodies) == 1
