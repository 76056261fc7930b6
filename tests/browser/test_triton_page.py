"""The page of `triton-report` in a browser: by mouse, by keyboard, on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from build_hooks.triton.page import page as page_of
from tests.browser.conftest import DESKTOP, PHONE, SMALL_PHONE
from tests.browser.test_drift_page import colours, fits
from tests.build_hooks.triton.reports import FUNCTIONS, HOSTILE, report_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Expect, Locator, Page

    from tests.browser.conftest import Opened

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def triton_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the page of a report with every verdict."""
    path = tmp_path_factory.mktemp("triton") / "report.html"
    path.write_text(page_of(report_of()), encoding="utf-8")
    return path


def button(page: Page, name: str) -> Locator:
    return page.locator(".functions").get_by_role("button", name=name, exact=True)


def rows(page: Page) -> list[str]:
    return page.locator("tr[data-row]:visible th button").all_inner_texts()


def test_a_click_shows_what_stops_a_function(
    triton_page: Path, opened: Callable[..., Opened], expect: Expect
) -> None:
    page = opened(triton_page).page
    title = page.title()
    button(page, "stops").click()
    dialog = page.get_by_role("dialog", name="stops")
    expect(dialog.locator(".badge")).to_have_text("stops")
    expect(dialog.locator(".message").first).to_have_text(f"E: {HOSTILE}")
    expect(page.locator("img")).to_have_count(0)
    assert page.title() == title


def test_the_keyboard_reaches_every_function(
    triton_page: Path, opened: Callable[..., Opened], expect: Expect
) -> None:
    page = opened(triton_page).page
    page.locator("#text").focus()
    page.keyboard.press("Tab")
    first, *_, last = FUNCTIONS
    expect(button(page, first)).to_be_focused()
    for key, name in (
        ("ArrowUp", first),
        ("ArrowDown", FUNCTIONS[1]),
        ("ArrowDown", FUNCTIONS[2]),
        ("ArrowUp", FUNCTIONS[1]),
        ("End", last),
        ("ArrowDown", last),
        ("PageUp", first),
        ("PageDown", last),
        ("Home", first),
    ):
        page.keyboard.press(key)
        expect(button(page, name)).to_be_focused()
    page.keyboard.press("Enter")
    title = page.locator("#title")
    expect(title).to_have_text(first)
    page.keyboard.press("ArrowRight")
    expect(title).to_have_text(FUNCTIONS[1])
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    expect(button(page, FUNCTIONS[1])).to_be_focused()


def test_filters_narrow_the_list(triton_page: Path, opened: Callable[..., Opened]) -> None:
    page = opened(triton_page).page
    assert rows(page) == list(FUNCTIONS)
    page.get_by_role("button", name="L lost").click()
    assert rows(page) == ["lost", "unlaunched"]
    assert page.locator("#shown").inner_text() == f"2 of {len(FUNCTIONS)} functions"
    page.get_by_role("button", name="S stops").click()
    page.get_by_label("Missing").select_option("tl.gather")
    assert rows(page) == ["launch", "lost", "unlaunched"]
    page.locator("#text").fill("AnnAssign")
    assert rows(page) == []
    assert page.get_by_text("No function matches the filters.").is_visible()
    page.get_by_label("Missing").select_option("")
    page.get_by_role("button", name="L lost").click()
    page.get_by_role("button", name="S stops").click()
    assert rows(page) == ["gained"]
    # Neighbours are those of the list that is shown.
    button(page, "gained").click()
    assert page.get_by_role("button", name="next function").is_disabled()


def test_a_permalink_opens_its_function(
    triton_page: Path, opened: Callable[..., Opened], expect: Expect
) -> None:
    place = "#ops%2Fa.py%3A%3Aunlaunched"
    page = opened(triton_page, place).page
    expect(page.locator("#title")).to_have_text("unlaunched")
    expect(page.locator("#link")).to_have_attribute("href", place)
    page.get_by_role("button", name="previous function").click()
    expect(page.locator("#title")).to_have_text("lost")
    page.go_back()
    expect(page.locator("#title")).to_have_text("unlaunched")
    page.get_by_role("button", name="close").click()
    expect(page).to_have_url(triton_page.as_uri())


@pytest.mark.parametrize("place", ["#none", "#%", "#ops%2Fa.py%3A%3Anone"])
def test_a_permalink_to_nothing_shows_the_list(
    triton_page: Path, opened: Callable[..., Opened], expect: Expect, place: str
) -> None:
    page = opened(triton_page, place).page
    expect(page.locator("dialog")).to_be_hidden()
    assert rows(page) == list(FUNCTIONS)


@pytest.mark.parametrize("size", [DESKTOP, PHONE, SMALL_PHONE])
def test_nothing_scrolls_sideways(
    triton_page: Path, opened: Callable[..., Opened], expect: Expect, size: tuple[int, int]
) -> None:
    page = opened(triton_page, size=size).page
    assert fits(page)
    for name in ("stops", "helper"):
        button(page, name).click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        assert dialog.evaluate("e => e.scrollWidth <= e.clientWidth")
        page.get_by_role("button", name="close").click()


@pytest.mark.parametrize("dark", [False, True])
def test_every_mark_can_be_read(
    triton_page: Path, opened: Callable[..., Opened], *, dark: bool
) -> None:
    page = opened(triton_page, dark=dark).page
    marks = page.locator(".chip b").all()
    assert len(marks) == 5
    for mark in marks:
        low, high = sorted(colours(mark))
        # WCAG 2, level AA.
        assert (high + 0.05) / (low + 0.05) >= 4.5, mark.inner_text()
