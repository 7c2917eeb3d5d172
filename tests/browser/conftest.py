"""The page in a real browser, on the real service with the embedded models."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.browser.driver import Driver
from tools.benchmarks.server import Server, running

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SCREENSHOTS = "PAGE_SCREENSHOTS"
DESKTOP = {"width": 1360, "height": 860}
PATIENCE_MS = 60_000

expect.set_options(timeout=PATIENCE_MS)

Open = Callable[..., Driver]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A chromium without a window."""
    if CHROMIUM is None:
        pytest.skip("the page is NOT tested: no chromium on the PATH (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def server(browser: Browser) -> Iterator[Server]:
    """The service, started as `make run` starts it; not without a browser."""
    assert browser.is_connected()
    with running() as service:
        yield service


@pytest.fixture
def open_page(browser: Browser, server: Server) -> Iterator[Open]:
    """Opens the page in a browser of its own; errors on its console and requests elsewhere fail the test."""
    made: list[tuple[BrowserContext, Driver]] = []

    def make(url: str = server.url, **options: object) -> Driver:
        context = browser.new_context(**{"viewport": DESKTOP, **options})  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        made.append((context, Driver(context.new_page(), url)))
        return made[-1][1]

    yield make
    for context, driver in made:
        context.close()
        assert driver.complaints == []


@pytest.fixture
def page(open_page: Open) -> Driver:
    """The page on a desk."""
    return open_page()


@pytest.fixture
def screenshots(tmp_path: Path) -> Path:
    """Where screenshots go: the directory in PAGE_SCREENSHOTS, or a temporary one."""
    folder = Path(os.environ.get(SCREENSHOTS, tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
