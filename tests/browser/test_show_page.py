"""The page of `show --html` in a browser: by mouse, by keyboard, on a phone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import DESKTOP, PHONE, SMALL_PHONE
from tests.browser.test_drift_page import colours, fits, luminance
from tests.build_hooks.command_line import build, run
from tests.build_hooks.small_release import small_sdist

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Expect, Page

    from tests.browser.conftest import Opened

pytestmark = pytest.mark.browser
PATCH = "#musa-worker_device_type"


@pytest.fixture(scope="session")
def show_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the page of a small wheel."""
    folder = tmp_path_factory.mktemp("shown")
    wheel = build(small_sdist(folder), folder)
    done = run("show", wheel, "--html", folder / "show.html")
    assert done.returncode == 0, done.stderr
    return folder / "show.html"


def names(page: Page) -> list[str]:
    return page.locator(".patch:visible > summary h2").all_inner_texts()


def test_a_patch_opens_with_its_reason_and_its_diff_side_by_side(
    show_page: Path, opened: Callable[..., Opened], expect: Expect
) -> None:
    page = opened(show_page).page
    patch = page.locator(PATCH)
    expect(patch.locator("dl")).to_be_hidden()
    patch.locator("h2").click()
    expect(patch.locator("dl").first).to_contain_text("startup ends in")
    expect(patch.locator(".sites")).to_have_text("Sites: upstream's line 4")
    changed = patch.locator(".changed").first
    old, new = changed.locator(".old"), changed.locator(".new")
    expect(old).to_contain_text('== "cuda"')
    expect(new).to_contain_text('in ("cuda", "musa")')
    left, right = old.bounding_box(), new.bounding_box()
    assert left is not None
    assert right is not None
    assert (left["y"], left["x"] + left["width"] <= right["x"]) == (right["y"], True)
    # The colours of the syntax, and of what was changed.
    keyword = new.locator("span.ow, span.k").first
    assert keyword.evaluate("e => getComputedStyle(e).color") != new.evaluate(
        "e => getComputedStyle(e).color"
    )
    assert old.evaluate("e => getComputedStyle(e).backgroundColor") != new.evaluate(
        "e => getComputedStyle(e).backgroundColor"
    )


def test_the_keyboard_reaches_and_opens_every_patch(
    show_page: Path, opened: Callable[..., Opened], expect: Expect
) -> None:
    page = opened(show_page).page
    every = names(page)
    page.locator("#text").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    seen = []
    for _ in every:
        seen.append(page.evaluate("document.activeElement.querySelector('h2').innerText"))
        page.keyboard.press("ArrowDown")
    assert seen == every
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.locator(".patch").first).to_have_attribute("open", "")
    page.keyboard.press("Enter")
    expect(page.locator(".patch").first).not_to_have_attribute("open", "")
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.querySelector('h2').innerText") == every[-1]


def test_patches_are_found_by_name_file_and_reason(
    show_page: Path, opened: Callable[..., Opened], expect: Expect
) -> None:
    page = opened(show_page).page
    every = names(page)
    for words, expected in (
        ("WORKER_DEVICE", ["musa/worker_device_type"]),
        ("compile_cache_key", ["wheelwright/compile_cache_key"]),
        ("vllm/platforms/interface.py", ["musa/platform_is_musa", "wheelwright/notice"]),
        ("nothing like it", []),
    ):
        page.locator("#text").fill(words)
        expect(page.locator("#shown")).to_have_text(f"{len(expected)} of {len(every)} patches")
        assert names(page) == expected
    page.locator("#text").fill("")
    page.get_by_role("button", name="Open all").click()
    assert page.locator(".patch[open]").count() == len(every)
    page.get_by_role("button", name="Close all").click()
    assert page.locator(".patch[open]").count() == 0


def test_an_address_names_a_patch(
    show_page: Path, opened: Callable[..., Opened], expect: Expect
) -> None:
    page = opened(show_page, PATCH).page
    expect(page.locator(PATCH)).to_have_attribute("open", "")
    expect(page.locator(PATCH)).to_be_in_viewport()


@pytest.mark.parametrize("size", [DESKTOP, PHONE, SMALL_PHONE])
def test_nothing_is_wider_than_the_window(
    show_page: Path, opened: Callable[..., Opened], size: tuple[int, int]
) -> None:
    page = opened(show_page, size=size).page
    page.get_by_role("button", name="Open all").click()
    assert fits(page)


def test_on_a_phone_both_sides_are_one_below_the_other(
    show_page: Path, opened: Callable[..., Opened], expect: Expect
) -> None:
    page = opened(show_page, PATCH, PHONE).page
    changed = page.locator(f"{PATCH} .changed").first
    old, new = (changed.locator(side).bounding_box() for side in (".old", ".new"))
    assert old is not None
    assert new is not None
    assert old["y"] + old["height"] <= new["y"] + 1
    assert old["x"] == new["x"]
    # What is the same is there once.
    expect(page.locator(f"{PATCH} .same .old").first).to_be_hidden()
    expect(page.locator(f"{PATCH} .same .new").first).to_be_visible()


@pytest.mark.parametrize("dark", [False, True])
def test_every_colour_of_code_can_be_read(
    show_page: Path, opened: Callable[..., Opened], *, dark: bool
) -> None:
    """The contrast is at least 4.5 to 1 (WCAG 2, level AA), on what was changed too."""
    page = opened(show_page, dark=dark).page
    page.get_by_role("button", name="Open all").click()
    for side in (".same .old", ".changed .old", ".changed .new", ".added .new"):
        cells = page.locator(f".patch {side}")
        for kind in ("span.k", "span.s2", "span.n", "span.c1", "span.ow", "span.nf"):
            shown = cells.locator(f"{kind}:visible")
            if not shown.count():
                continue
            text = colours(shown.first)[0]
            script = (
                "e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e)"
                ".backgroundColor; if (!c.startsWith('rgba(0, 0, 0, 0')) return c; } }"
            )
            back = luminance(
                [int(part) for part in re.findall(r"\d+", shown.first.evaluate(script))]
            )
            light, low = max(text, back), min(text, back)
            assert (light + 0.05) / (low + 0.05) >= 4.5, (side, kind, dark)


def test_without_script_everything_is_there(show_page: Path, browser: object) -> None:
    context = browser.new_context(java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(show_page.as_uri())
    assert page.locator("#filters").is_hidden()
    page.locator(f"{PATCH} > summary").click()
    assert page.locator(f"{PATCH} .changed .new").first.is_visible()
    context.close()
