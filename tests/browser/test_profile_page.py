"""The profile report works in a browser: by mouse, keyboard and touch, on a phone, in the dark."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import DESKTOP, PHONE, SMALL_PHONE
from tests.browser.test_drift_page import fits, luminance
from tests.transforms.platforms.profile.runtime.command import sessions
from tests.transforms.platforms.profile.runtime.command.commands import run_good
from tests.transforms.platforms.profile.runtime.command.sample import EXPERTS, LAYERS, sample

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Expect, Locator, Page

    from tests.browser.conftest import Opened

pytestmark = pytest.mark.browser

TIMED = ["steps", "schedule", "requests", "tokens", "forward", "blocks", "evictions", "preemptions"]


@pytest.fixture(scope="module")
def profile_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the report of the sample."""
    folder = tmp_path_factory.mktemp("profile")
    session = sessions.write(folder, sample())
    path = folder / "report.html"
    run_good("profile", session, "report", "-o", path)
    return path


@pytest.fixture(scope="module")
def empty_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the report of a session in which nothing happened."""
    folder = tmp_path_factory.mktemp("empty")
    session = sessions.write(folder, [sessions.Recorded(fired={"processes.engine_core": 1})])
    path = folder / "report.html"
    run_good("profile", session, "report", "-o", path)
    return path


def figure(page: Page, name: str) -> Locator:
    return page.locator(f'figure[data-plot="{name}"]')


def readout(page: Page, name: str) -> Locator:
    return figure(page, name).locator(".readout")


@pytest.mark.parametrize("name", [*TIMED, "experts"])
def test_a_plot_shows_its_marks(
    profile_page: Path, opened: Callable[..., Opened], name: str
) -> None:
    page = opened(profile_page).page
    plot = figure(page, name).locator("svg").first
    box = plot.bounding_box()
    assert box
    assert box["width"] > 300
    assert box["height"] > 60
    sizes = plot.locator("path:not(.limit)").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).map(one => one.width)"
    )
    assert max(sizes) > box["width"] / 10
    fills = (
        figure(page, name)
        .locator(".legend i")
        .evaluate_all(
            "all => all.map(one => getComputedStyle(one)).map(one => one.backgroundColor)"
        )
    )
    assert len(fills) == len(set(fills)) >= 1


def test_pointing_at_a_plot_says_what_is_there_in_all_of_them(
    profile_page: Path, opened: Callable[..., Opened], expect: Expect
) -> None:
    page = opened(profile_page).page
    box = figure(page, "blocks").locator("svg").first.bounding_box()
    assert box
    figure(page, "blocks").locator("svg").first.hover(position={"x": box["width"] / 2, "y": 40})
    expect(readout(page, "blocks")).to_have_text(
        re.compile(r"^\d\.\d{3} to \d\.\d{3} s: in use \d+ blocks$")
    )
    moment = readout(page, "blocks").inner_text().split(":")[0]
    for name in TIMED:
        expect(readout(page, name)).to_contain_text(moment)
    lines = page.locator(".cursor").evaluate_all("all => all.map(one => one.getAttribute('x1'))")
    assert len(set(lines)) == 1


def test_the_keyboard_moves_through_time(
    profile_page: Path, opened: Callable[..., Opened], expect: Expect
) -> None:
    page = opened(profile_page).page
    plot = figure(page, "preemptions").locator("svg").first
    plot.focus()
    assert plot.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
    said = readout(page, "preemptions")
    page.keyboard.press("ArrowRight")
    # Columns in which nothing happened are left out.
    expect(said).to_contain_text("preempted 1 requests")
    first = said.inner_text()
    page.keyboard.press("ArrowRight")
    expect(said).not_to_have_text(first)
    page.keyboard.press("ArrowLeft")
    expect(said).to_have_text(first)
    page.keyboard.press("End")
    expect(said).to_contain_text("resumed 1 requests")
    page.keyboard.press("Home")
    expect(said).to_have_text(first)
    expect(said).to_have_attribute("aria-live", "polite")
    page.keyboard.press("Escape")
    expect(said).to_have_text("")


def test_the_keyboard_moves_through_the_experts(
    profile_page: Path, opened: Callable[..., Opened], expect: Expect
) -> None:
    page = opened(profile_page).page
    figure(page, "experts").locator("svg").focus()
    said = readout(page, "experts")
    for key, text in (
        ("ArrowRight", "layer 0, expert 0: "),
        ("ArrowDown", "layer 1, expert 0: "),
        ("End", f"layer 1, expert {EXPERTS - 1}: 0 activations, 0 % of the layer"),
        ("ArrowRight", f"layer 1, expert {EXPERTS - 1}: "),
        ("ArrowUp", f"layer 0, expert {EXPERTS - 1}: "),
    ):
        page.keyboard.press(key)
        expect(said).to_contain_text(text)
    for _ in range(LAYERS + 2):
        page.keyboard.press("ArrowDown")
    expect(said).to_contain_text(f"layer {LAYERS - 1}, ")
    page.keyboard.press("Escape")
    expect(said).to_have_text("")


def test_a_touch_shows_a_moment(
    profile_page: Path, opened: Callable[..., Opened], expect: Expect
) -> None:
    page = opened(profile_page, size=PHONE).page
    figure(page, "tokens").locator("svg").first.tap(position={"x": 100, "y": 60})
    expect(readout(page, "tokens")).to_contain_text(" s: ")


@pytest.mark.parametrize("size", [DESKTOP, PHONE, SMALL_PHONE])
@pytest.mark.parametrize("kind", ["profile_page", "empty_page"])
def test_nothing_scrolls_sideways_but_tables(
    request: pytest.FixtureRequest,
    opened: Callable[..., Opened],
    size: tuple[int, int],
    kind: str,
) -> None:
    page = opened(request.getfixturevalue(kind), size=size).page
    assert fits(page)
    for details in page.locator("details").all():
        details.locator("summary").click()
    assert fits(page)
    # Texts of a plot's scale do not lie over each other.
    for plot in page.locator("svg.time").all():
        ends = plot.locator("text[text-anchor]").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect()).map(one => [one.left, one.right])"
        )
        assert all(one[1] < other[0] for one, other in pairwise(ends))


def test_every_part_can_be_jumped_to(profile_page: Path, opened: Callable[..., Opened]) -> None:
    page = opened(profile_page).page
    links = page.locator("nav a")
    targets = [link.get_attribute("href") or "" for link in links.all()]
    assert len(targets) == 11
    for target in targets:
        assert page.locator(f"section{target} h2").is_visible()


def test_a_session_of_nothing_says_so(empty_page: Path, opened: Callable[..., Opened]) -> None:
    page = opened(empty_page).page
    assert page.locator("p.empty").count() == 9
    assert page.locator("figure").count() == 0


@pytest.mark.parametrize("dark", [False, True])
def test_marks_and_texts_stand_out_in_the_light_and_in_the_dark(
    profile_page: Path, opened: Callable[..., Opened], *, dark: bool
) -> None:
    page = opened(profile_page, dark=dark).page

    def colour(locator: Locator, name: str) -> float:
        text = locator.evaluate(f"one => getComputedStyle(one).{name}")
        return luminance([int(part) for part in re.findall(r"\d+", text)])

    def contrast(one: float, other: float) -> float:
        low, high = sorted((one, other))
        return (high + 0.05) / (low + 0.05)

    back = colour(page.locator("body"), "backgroundColor")
    assert (back < colour(page.locator("body"), "color")) is dark
    # WCAG 2, level AA: texts 4.5, graphics 3.
    assert contrast(back, colour(page.locator("svg.time text").first, "fill")) >= 4.5
    assert contrast(back, colour(page.locator(".about").first, "color")) >= 4.5
    for name in TIMED:
        for mark in figure(page, name).locator(".legend i:not(.limit)").all():
            assert contrast(back, colour(mark, "backgroundColor")) >= 3, mark.get_attribute("class")


def test_plots_have_names_for_those_who_do_not_see_them(
    profile_page: Path, opened: Callable[..., Opened]
) -> None:
    page = opened(profile_page).page
    names = page.get_by_role("img").evaluate_all("all => all.map(one => one.ariaLabel)")
    assert len(names) == len(set(names)) == len(TIMED) + 1
    assert any(name.startswith("Step time. Arrow keys") for name in names)
