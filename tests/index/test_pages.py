"""The pages for people in headless Chromium: over HTTP, by keyboard, at the width of a phone."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.command_line import run
from tests.index.servers import python_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Expect, Page

pytestmark = pytest.mark.index

DESKTOP, PHONE, SMALL_PHONE = (1400, 900), (360, 740), (320, 568)
REASON = "loses <b>requests</b>"
OPTIONS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - the default tests lack it

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "no Chromium: `apt-get install chromium`"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def expect() -> Expect:
    from playwright.sync_api import expect  # noqa: PLC0415 - the default tests lack it

    return expect


@pytest.fixture(scope="module")
def url(public: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve an index in which one file is yanked."""
    copy = tmp_path_factory.mktemp("pages") / "public"
    shutil.copytree(public, copy, copy_function=shutil.copy)
    done = run("index", "yank", "vllm-0.33.0+musa.tar.gz", "--reason", REASON, "--to", copy)
    assert done.returncode == 0, done.stderr
    with python_server(copy) as (served, _):
        yield served


@pytest.fixture
def opened(browser: Browser, url: str) -> Iterator[Callable[..., Page]]:
    """Give a function that opens a page; none may complain, or ask anybody else for anything."""
    contexts = []
    said: list[str] = []
    asked: list[str] = []

    def open_page(place: str = "/", size: tuple[int, int] = DESKTOP, *, dark: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            has_touch=size[0] < DESKTOP[0],
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{url}{place}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == []
    assert all(address.startswith((url, "data:")) for address in asked)


def about(page: Page, name: str = "vllm 0.33.0+musa") -> None:
    """Go from the first page to the wheel for musa."""
    page.get_by_role("link", name=name, exact=True).first.click()


def test_a_file_is_found_by_platform_and_by_text(
    opened: Callable[..., Page], expect: Expect, versions: dict[str, str]
) -> None:
    page = opened()
    rows = page.locator("tbody tr:visible")
    every = len(versions) + 1
    expect(rows).to_have_count(every)
    page.get_by_label("Platform").select_option("musa")
    expect(rows).to_have_count(2)
    expect(page.locator("#shown")).to_have_text(f"2 of {every} files")
    page.get_by_label("Version or file").fill(".tar.gz")
    expect(rows).to_have_count(1)
    page.get_by_label("Version or file").fill("nothing like that")
    expect(page.get_by_text("No file matches the filters.")).to_be_visible()
    expect(page.get_by_role("heading", name="musa", exact=True)).to_be_hidden()


def test_a_page_leads_to_patches_reports_and_the_file(
    opened: Callable[..., Page], expect: Expect, dist: Path
) -> None:
    page = opened()
    page.get_by_label("Version or file").fill("musa-py3")
    about(page)
    expect(page).to_have_title("vllm-0.33.0+musa-py3-none-any.whl")
    patch = page.locator("details").filter(has_text="musa/worker_device_type")
    diff = patch.get_by_role("link", name="musa/worker_device_type.diff")
    expect(diff).to_be_hidden()
    patch.locator("summary").click()
    expect(diff).to_be_visible()
    address = f"{page.url.rpartition('/about/')[0]}/"
    answer = page.request.get(page.evaluate("e => e.href", diff.element_handle()))
    assert b"+        if self.device_config.device_type in" in answer.body()
    assert answer.ok
    with page.expect_download() as download:
        page.get_by_role("link", name="vllm-0.33.0+musa-py3-none-any.whl").click()
    wheel = dist / "vllm-0.33.0+musa-py3-none-any.whl"
    assert download.value.path().read_bytes() == wheel.read_bytes()
    page.get_by_role("link", name="All files").click()
    assert page.url == f"{address}index.html"


def test_the_keyboard_alone_is_enough(opened: Callable[..., Page], expect: Expect) -> None:
    page = opened()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="simple/")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Platform")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("musa-py3")
    page.keyboard.press("Enter")  # a form that is sent would load the page again
    expect(page.locator("tbody tr:visible")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="vllm 0.33.0+musa", exact=True).last).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/about/**")
    first = page.locator("summary").first
    for _ in range(30):
        page.keyboard.press("Tab")
        if first.evaluate("e => e === document.activeElement"):
            break
    expect(first).to_be_focused()
    assert first.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("details[open]")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(page.locator("details[open] a")).to_be_focused()


def test_a_yank_is_seen_and_stays_text(opened: Callable[..., Page], expect: Expect) -> None:
    page = opened()
    row = page.locator("tr.yanked")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(REASON)
    row.get_by_role("link").first.click()
    expect(page.get_by_role("note")).to_contain_text(REASON)
    expect(page.locator("main b, header b")).to_have_count(0)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", [DESKTOP, PHONE, SMALL_PHONE])
def test_nothing_scrolls_sideways(
    opened: Callable[..., Page], size: tuple[int, int], *, dark: bool
) -> None:
    page = opened(size=size, dark=dark)
    fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert page.evaluate(fits)
    about(page)
    page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true; })")
    assert page.evaluate(fits)


def test_a_thumb_hits_every_link_on_a_phone(opened: Callable[..., Page]) -> None:
    page = opened(size=PHONE)
    for go_on in (about, None):
        for link in page.locator("main a:visible, nav a, summary").all():
            box = link.bounding_box()
            # WCAG 2.2, target size (minimum).
            assert box is not None
            assert box["height"] >= 24, link.inner_text()
        if go_on:
            go_on(page)
            page.wait_for_url("**/about/**")


def test_without_scripts_everything_is_there(
    browser: Browser, url: str, expect: Expect, versions: dict[str, str]
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(url)
    expect(page.locator("tbody tr")).to_have_count(len(versions) + 1)
    expect(page.locator("#filters")).to_be_hidden()
    context.close()
