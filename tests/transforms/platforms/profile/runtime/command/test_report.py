"""The report is one file that fetches nothing, stays small, and shows every row.

What a browser makes of it is in `tests/browser/test_profile_page.py`.
"""

from __future__ import annotations

import base64
import hashlib
import html.parser
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.profile.runtime.command import sessions
from tests.transforms.platforms.profile.runtime.command.commands import opened, package, run_good
from tests.transforms.platforms.profile.runtime.command.sample import (
    BLOCKS,
    EXPERTS,
    LAYERS,
    MS,
    sample,
)
from tests.transforms.platforms.profile.runtime.command.sessions import STARTED_NS, Recorded, row

if TYPE_CHECKING:
    from pathlib import Path

Rows = dict[str, list[dict[str, Any]]]
HOSTILE = "</script><img src=x onerror=\"document.title='owned'\"> & $title"
_VOID = {"meta", "link", "br", "img"}


class Outline(html.parser.HTMLParser):
    """Reads a page strictly: elements that are not closed are an error.

    Attributes:
        tags: every element with its attributes.
        texts: the text of each element that has an id, style and script.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self._open: list[str] = []
        self._last = ""
        self.feed(page)
        self.close()
        assert self._open == []

    # The names and arguments are html.parser's.

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: D102
        found = dict(attrs)
        self.tags.append((tag, found))
        self._last = found.get("id") or tag
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:  # noqa: D102
        assert self._open.pop() == tag
        self._last = ""

    def handle_startendtag(  # noqa: D102
        self, tag: str, attrs: list[tuple[str, str | None]]
    ) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:  # noqa: D102
        self.texts[self._last] = self.texts.get(self._last, "") + data

    def data(self) -> dict[str, Any]:
        """Give what the page's script reads."""
        found: dict[str, Any] = json.loads(self.texts["data"])
        return found

    def marks(self, plot: str) -> int:
        """Count the marks of a plot."""
        count = 0
        here = ""
        for tag, attributes in self.tags:
            here = attributes.get("data-plot") or here
            if tag == "path" and here == plot:
                count += len(re.findall("M", attributes["d"] or ""))
        return count


@pytest.fixture(scope="module")
def page(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Outline:
    path = tmp_path_factory.mktemp("report") / "report.html"
    run_good("profile", folder, "report", "-o", path)
    return Outline(path.read_text(encoding="utf-8"))


def test_the_page_asks_for_nothing(page: Outline) -> None:
    for tag, attributes in page.tags:
        assert tag not in {"img", "iframe", "object", "embed", "base", "form"}
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("src", "href"):
            value = attributes.get(name)
            assert value is None or value == "data:," or value.startswith("#")
    assert "url(" not in page.texts["style"]
    assert "@import" not in page.texts["style"]


def test_the_policy_allows_its_own_style_and_script_only(page: Outline) -> None:
    policy = next(found["content"] for tag, found in page.tags if found.get("http-equiv")) or ""
    assert policy.startswith("default-src 'none'; ")
    for kind in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(page.texts[kind].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_every_step_is_in_a_column(page: Outline, rows: Rows) -> None:
    """The figures of columns, put together again, are those of the rows."""
    data = page.data()
    columns, plots = data["columns"], data["plots"]
    times = [(one["time_ns"] - STARTED_NS) / 1e9 for one in rows["steps"] + rows["forward"]]
    assert columns["start"] == pytest.approx(min(times))
    assert columns["start"] + columns["width"] * columns["count"] == pytest.approx(max(times))
    allocated = next(one for one in plots["evictions"]["series"] if one["name"] == "allocated")
    total = sum(value for value in allocated["values"] if value is not None)
    assert total == sum(one["blocks_allocated"] for one in rows["steps"])
    for phase in plots["schedule"]["series"]:
        took = [one["duration_ns"] / 1e6 for one in rows["steps"] if one["phase"] == phase["name"]]
        spans = [value for value in phase["values"] if value is not None]
        assert min(span[0] for span in spans) == pytest.approx(min(took), rel=1e-3)
        assert max(span[2] for span in spans) == pytest.approx(max(took), rel=1e-3)


def test_every_plot_has_marks(page: Outline) -> None:
    names = set(page.data()["plots"])
    assert names == {
        "steps",
        "schedule",
        "requests",
        "tokens",
        "forward",
        "blocks",
        "evictions",
        "preemptions",
        "experts",
    }
    for name in names:
        assert page.marks(name) >= 20, name


def test_the_map_of_experts_has_every_expert_of_every_layer(page: Outline, rows: Rows) -> None:
    experts = page.data()["plots"]["experts"]
    assert experts["layers"] == [*range(LAYERS)]
    assert [len(counts) for counts in experts["counts"]] == [EXPERTS] * LAYERS
    assert sum(map(sum, experts["counts"])) == sum(sum(one["counts"]) for one in rows["experts"])
    assert page.marks("experts") == LAYERS * EXPERTS


def test_blocks_stay_in_use_between_steps(page: Outline) -> None:
    values = page.data()["plots"]["blocks"]["series"][0]["values"]
    assert None not in values
    assert max(values) == BLOCKS


def test_a_session_of_nothing_says_why_in_every_part(empty_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    run_good("profile", empty_folder, "report", "-o", path)
    text = path.read_text(encoding="utf-8")
    assert Outline(text).data()["plots"] == {}
    assert text.count("Nothing recorded: ") == 9
    assert "the model is dense" in text


def test_a_large_session_makes_a_small_page(tmp_path: Path) -> None:
    large = sample(3000, layers=60, experts=256)
    folder = sessions.write(tmp_path, large, arrow=True)
    path = tmp_path / "report.html"
    run_good("profile", folder, "report", "-o", path)
    assert path.stat().st_size < 2_000_000
    page = Outline(path.read_text(encoding="utf-8"))
    # A mark or two for each phase and column at most, however many steps there are.
    assert page.marks("schedule") <= 240 * 4 * 2
    assert len(page.data()["plots"]["experts"]["counts"]) == 60


def test_texts_of_a_session_are_never_markup(tmp_path: Path) -> None:
    requests = [
        row(
            "requests",
            time_ns=STARTED_NS + number * MS,
            step=0,
            request=HOSTILE,
            event=event,
            reason=HOSTILE,
            running_ns=1,
            prompt_tokens=1,
            computed_tokens=1,
            output_tokens=1,
        )
        for number, event in enumerate(("added", "scheduled", "preempted"))
    ]
    layer = row(
        "experts",
        time_ns=STARTED_NS,
        step=0,
        first_step=0,
        layer=0,
        name=HOSTILE,
        tokens=1,
        top_k=1,
        counts=[1, 0],
    )
    operation = row(
        "operations",
        time_ns=STARTED_NS,
        step=0,
        duration_ns=5,
        operation=HOSTILE,
        context=HOSTILE,
    )
    recorded = Recorded(
        rows={
            "requests": requests,
            "experts": [layer],
            "operations": [operation],
            "losses": [(STARTED_NS, f"trouble: {HOSTILE}", 1)],
        }
    )
    session = opened(sessions.write(tmp_path, [recorded]))
    page = Outline(package("command.report").report(session))
    assert [tag for tag, _ in page.tags if tag in {"img", "script"}] == ["script", "script"]
    assert page.data()["plots"]["experts"]["names"] == [HOSTILE]


def values(*numbers: float | None) -> Any:  # noqa: ANN401
    plot = package("command.report.plot")
    columns = package("command.report.columns").Columns(start=0, width=1, count=len(numbers))
    series = [plot.Series(name="a", style="first", values=numbers)]
    return plot.Plot(name="p", title="P", unit="u", columns=columns, series=series)


def spans(*numbers: float) -> Any:  # noqa: ANN401
    return values(*((one, one, one) for one in numbers))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("plot", "top", "bottom"),
    [
        (values(3, None, 7), 8, 0),
        (values(0), 1, 0),
        (values(), 1, 0),
        (spans(1, 1, 2), 2.4, 0),
        (spans(1, 1, 1, 500), 1000, 1),
    ],
)
def test_a_scale_holds_every_value(plot: Any, top: float, bottom: float) -> None:  # noqa: ANN401
    scale = package("command.report.plot").Scale.of(plot)
    assert (scale.top, scale.bottom) == (pytest.approx(top), pytest.approx(bottom))
    ticks = scale.ticks()
    assert scale.place(ticks[-1]) == 0
    assert scale.place(ticks[0]) == 1000
    assert len(ticks) >= 3


def test_a_limit_far_above_all_values_is_named_and_not_drawn() -> None:
    plot = package("command.report.plot")
    near = replace(values(10, 20), limits={"limit": 64})
    far = replace(values(10, 20), limits={"limit": 8192})
    assert plot.Scale.of(near).top >= 64
    assert plot.Scale.of(far).top < 64
    assert "above this plot" in far.figure()
    assert "limit line" in near.figure()
    assert "limit line" not in far.figure()


def test_more_cells_than_a_page_can_hold_are_pooled() -> None:
    heat = package("command.report.heat")
    counts = package("command.experts").LayerCounts
    layers = [counts(layer=n, name="", tokens=1, counts=tuple(range(512))) for n in range(200)]
    found = heat.HeatMap(layers).data()
    assert found["pool"] == 3
    assert {sum(one) for one in found["counts"]} == {sum(range(512))}
    assert sum(map(len, found["counts"])) <= 40_000


def test_a_cell_is_coloured_by_its_load_over_an_even_one() -> None:
    level = package("command.report.heat").level
    assert [level(count, 100) for count in (0, 1, 25, 50, 80, 124, 125, 200, 400)] == [
        0, 1, 2, 3, 4, 4, 5, 6, 7,
    ]  # fmt: skip


def test_columns_tell_of_their_values_what_a_plot_draws() -> None:
    columns = package("command.report.columns")
    gathered = [[3.0, 1.0, 2.0], [], [5.0]]
    assert columns.spans(gathered) == [(1, 2, 3), None, (5, 5, 5)]
    assert columns.means(gathered) == [2, None, 5]
    assert columns.greatest(gathered) == [3, None, 5]
    assert columns.sums([[1.0, 2.0], [], [0.0]]) == [3, None, None]
    assert columns.held([None, 2.0, None, 4.0]) == [None, 2, 2, 4]


def test_times_are_told_apart_however_short_or_long_the_session_is() -> None:
    columns = package("command.report.columns")
    for length_ns in (10**6, 10**9, 3600 * 10**9):
        found = columns.columns_of([10**12, 10**12 + length_ns], 0)
        moments = [found.moment(part / 4) for part in range(5)]
        assert len(set(moments)) == 5
        assert max(map(len, moments)) <= 14
        assert [found.place(found.start), found.place(found.end)] == [0, found.count - 1]
