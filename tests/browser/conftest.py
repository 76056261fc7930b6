"""Pages in headless Chromium, with everything that a browser says of them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.command_line import REPOSITORY, run
from tests.build_hooks.drift.planted import TOY, plant
from tests.wheels.real import real_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Expect, Page

_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP, PHONE, SMALL_PHONE = (1400, 900), (360, 740), (320, 568)


@dataclass(frozen=True, slots=True)
class Opened:
    """A page, and what it said and asked for.

    Attributes:
        page: the page.
        said: messages on its console, and errors.
        requests: addresses.
    """

    page: Page
    said: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the Chromium of this machine."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - the default tests lack it

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "no Chromium: `apt-get install chromium`"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=_OPTIONS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def expect() -> Expect:
    """Give assertions that wait: a browser handles events when it comes to them."""
    from playwright.sync_api import expect  # noqa: PLC0415 - the default tests lack it

    return expect


@pytest.fixture(scope="session")
def planted_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the page of a platform whose patches have every outcome."""
    folder = tmp_path_factory.mktemp("planted")
    project = plant(folder, TOY, damaged=True, cpu=True)
    path = folder / "drift.html"
    done = run("drift", "--html", path, project=project.root, env=project.environment())
    assert done.returncode == 1, done.stderr
    return path


@pytest.fixture(scope="session")
def real_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the page of every platform on every release of the lock."""
    path = tmp_path_factory.mktemp("real") / "drift.html"
    words = ("drift", "--vllm", "all", "--html", path)
    done = run(*words, project=REPOSITORY, env=real_environment(), timeout=1800)
    assert done.returncode == 0, done.stdout + done.stderr
    return path


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Opened]]:
    """Give a function that opens a file; no page may complain or ask for anything else."""
    every: list[tuple[Opened, Path]] = []

    def open_file(
        path: Path, place: str = "", size: tuple[int, int] = DESKTOP, *, dark: bool = False
    ) -> Opened:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            has_touch=size[0] < DESKTOP[0],
        )
        found = Opened(context.new_page())
        found.page.on("console", lambda message: found.said.append(message.text))
        found.page.on("pageerror", lambda error: found.said.append(str(error)))
        found.page.on("request", lambda request: found.requests.append(request.url))
        found.page.goto(path.as_uri() + place)
        every.append((found, path))
        return found

    yield open_file
    for found, path in every:
        assert found.said == []
        assert {request.partition("#")[0] for request in found.requests} == {path.as_uri()}
        found.page.context.close()
