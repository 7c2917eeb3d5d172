"""What a person does with the page, for tests."""

from typing import Any, Literal

from playwright.sync_api import ConsoleMessage, Download, Locator, Page, Request

from config.settings import ROOT

PATIENCE = 1200  # tenths of a second
EXAMPLES = ROOT / "examples"
STORE = "(await import('/page/js/store.js')).get()"
SHOWN = f"(await import('/page/js/regions.js')).shown({STORE}).regions"
VIEW = "(await import('/page/js/view.js')).current()"


class Driver:
    """The page, opened at `url`.

    Attributes:
        url: Address of the page.
        complaints: Errors on its console, and requests to anywhere else.
        excused: Complaints that hold one of these texts do not count.
    """

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.excused: list[str] = []
        self.url = url
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self._complain(str(error)))
        page.on("request", self._asked)
        page.goto(url)
        page.locator("#names-count", has_text="55 labels").wait_for(state="attached")

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._complain(message.text)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:", f"blob:{self.url}")):
            self._complain(f"request to {request.url}")

    def _complain(self, text: str) -> None:
        if not any(excuse in text for excuse in self.excused):
            self.complaints.append(text)

    def choose(self, name: str = "photo.jpg") -> None:
        """Open a photograph of examples/ as a file."""
        self.page.set_input_files("#file", EXAMPLES / name)

    def described(self, name: str = "photo.jpg") -> None:
        """Open it, and wait until everything is known of it."""
        self.choose(name)
        self.settled()

    def settled(self) -> None:
        """Wait until the service has told everything; what went wrong fails the test."""
        for _ in range(PATIENCE):
            if self.state("state.examined && state.work === null"):
                return
            assert self.state("state.problem?.message ?? null") is None
            self.page.wait_for_timeout(100)
        raise AssertionError("the service does not come to an end")

    def classify(self, names: str) -> None:
        """Name everything anew from names separated by commas."""
        self.page.fill("#names", names)
        self.page.click("#classify")
        self.settled()

    @property
    def rows(self) -> Locator:
        """The regions in the list."""
        return self.page.locator("#region-list li")

    def state(self, expression: str) -> Any:
        """A value that `expression` makes of `state` (store.js), `shown` (regions) and `view` (view.js)."""
        script = (
            f"async () => {{ const state = {STORE}, shown = {SHOWN}, view = {VIEW}; return {expression}; }}"
        )
        return self.page.evaluate(script)

    def masks(self) -> list[dict[str, Any]]:
        """Name and RLE of the regions on the picture, large ones first."""
        found = self.state("shown.map(({ name, mask }) => ({ name, rle: mask.rle }))")
        return list(found)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a pixel of the photograph is in the window."""
        view = self.state("view")
        box = self.page.locator("#canvas").bounding_box()
        assert box is not None
        return box["x"] + view["x"] + x * view["zoom"], box["y"] + view["y"] + y * view["zoom"]

    def hover(self, x: float, y: float) -> None:
        """Point at a pixel of the photograph."""
        self.page.mouse.move(*self.at(x, y))

    def click(self, x: float, y: float, **options: Any) -> None:
        """Click a pixel of the photograph."""
        self.page.mouse.click(*self.at(x, y), **options)

    def mode(self, name: str) -> None:
        """Choose what to find: everything, whole, words, point, box or like."""
        self.page.locator(f"#mode label:has([value={name}])").click()

    def frame(
        self, x0: float, y0: float, x1: float, y1: float, button: Literal["left", "right"] = "left"
    ) -> None:
        """Drag a box over the photograph."""
        self.page.mouse.move(*self.at(x0, y0))
        self.page.mouse.down(button=button)
        self.page.mouse.move(*self.at(x1, y1), steps=4)
        self.page.mouse.up(button=button)

    def find(self, words: str) -> None:
        """Find what the words say."""
        self.mode("words")
        self.page.fill("#words", words)
        self.page.get_by_role("button", name="Find", exact=True).click()
        self.settled()

    def export(self, kind: str) -> Download:
        """Download a file of the export dialog."""
        if not self.page.locator("#take-dialog").is_visible():
            self.page.click("#take")
        with self.page.expect_download() as waiting:
            self.page.click(f"[data-export={kind}]")
        return waiting.value
