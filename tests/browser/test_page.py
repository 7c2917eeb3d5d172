"""What holds for the page as a whole: safe, light, accessible, legible on a phone, in light and dark."""

import io
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import expect

from services.overlay.tags import BUNDLED_FONT
from tests.browser.conftest import Open
from tests.browser.driver import EXAMPLES, Driver
from tools.benchmarks.server import unique_file

MOST_BYTES = 300_000
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 3,
    "has_touch": True,
    "is_mobile": True,
}


def test_the_page_weighs_little(open_page: Open) -> None:
    page = open_page()
    page.page.wait_for_load_state("networkidle")
    entries = "['navigation', 'resource'].flatMap((type) => performance.getEntriesByType(type))"
    sizes = page.page.evaluate(f"{entries}.map(({{ decodedBodySize }}) => decodedBodySize)")
    assert len(sizes) > 30
    assert sum(sizes) < MOST_BYTES


def test_the_policy_stops_scripts_in_the_page(page: Driver) -> None:
    page.excused.append("Content Security Policy")
    page.page.evaluate("""() => {
      const script = document.createElement('script');
      script.textContent = 'window.bad = 1';
      document.body.append(script);
    }""")
    assert page.page.evaluate("window.bad") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(open_page: Open, scheme: str) -> None:
    page = open_page(color_scheme=scheme)
    assert serious(page) == []
    page.described()
    page.rows.nth(1).locator(".main").click()
    page.page.locator("#filters summary").click()
    page.page.check("#show-text")
    page.page.check("#show-compare")
    assert serious(page) == []
    page.page.click("#take")
    assert serious(page) == []
    page.page.keyboard.press("Escape")
    page.find("cup, giraffe")
    assert serious(page) == []
    page.mode("like")
    page.frame(170, 10, 420, 310)
    assert serious(page) == []


def serious(page: Driver) -> list[str]:
    """Rules of axe-core that the page breaks seriously, with the elements."""
    violations = Axe().run(page.page).response["violations"]
    return [
        f"{violation['id']}: {[node['html'] for node in violation['nodes']]}"
        for violation in violations
        if violation["impact"] in ("serious", "critical")
    ]


def test_regions_are_there_before_their_names(page: Driver, tmp_path: Path) -> None:
    new = tmp_path / "new.jpg"
    new.write_bytes(unique_file((EXAMPLES / "photo.jpg").read_bytes()))
    page.page.route("**/jobs/*/events", lambda route: route.continue_())
    nameless: list[int] = []
    page.page.expose_function("seen", lambda count: nameless.append(count))
    page.page.evaluate("""async () => {
      const { on } = await import('/page/js/store.js');
      on(['regions'], ({ regions }) => regions[0]?.name === null && window.seen(regions.length));
    }""")
    page.page.set_input_files("#file", new)
    page.settled()
    assert nameless
    assert page.rows.count() == nameless[0]


def test_text_stands_where_it_is_and_can_be_selected(page: Driver, tmp_path: Path) -> None:
    image = Image.open(EXAMPLES / "photo.jpg")
    pen = ImageDraw.Draw(image)
    pen.rectangle((380, 20, 590, 90), "white")
    pen.text((400, 32), "HELLO", "black", ImageFont.truetype(str(BUNDLED_FONT), 42))
    image.save(tmp_path / "sign.png")
    page.page.set_input_files("#file", tmp_path / "sign.png")
    page.settled()
    page.page.check("#show-text")
    line = page.page.locator("#text-layer .line")
    expect(line).to_have_text("HELLO")
    box = line.bounding_box()
    assert box is not None
    quad = np.array(page.state("state.lines[0].quad"))
    left, top = page.at(*quad.min(0))
    right, bottom = page.at(*quad.max(0))
    sides = [box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]]
    assert np.allclose(sides, [left, top, right, bottom], atol=8)
    line.dblclick()
    assert page.page.evaluate("getSelection().toString()").strip() == "HELLO"
    expect(page.page.locator("#text-all")).to_have_text("HELLO")


def test_depth_and_comparison_change_the_picture(page: Driver) -> None:
    page.described()
    page.page.uncheck("#show-fills")

    def picture() -> np.ndarray:  # type: ignore[type-arg]
        data = page.page.locator("#canvas").screenshot()
        return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), np.int16)

    plain = picture()
    page.page.check("#show-depth")
    expect(page.page.locator("#blend")).to_be_visible()
    for _ in range(100):
        if page.state("state.depth !== null"):
            break
        page.page.wait_for_timeout(100)
    page.page.locator("#blend").fill("100")
    page.page.wait_for_timeout(200)
    deep = picture()
    middle, width = deep.shape[0] // 2, deep.shape[1]
    assert np.abs(deep - plain)[middle].mean() > 20
    page.page.check("#show-compare")
    page.page.locator("#compare").focus()
    page.page.wait_for_timeout(200)
    both = picture()
    difference = np.abs(both - plain)[middle].mean(-1)
    assert difference[: int(width * 0.45)].max() < 12
    assert difference[int(width * 0.55) :].mean() > 10


def test_a_photograph_is_dropped_and_pasted(page: Driver) -> None:
    data = list((EXAMPLES / "cat.jpg").read_bytes())
    give = """([bytes, name, kind]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(bytes)], name, { type: "image/jpeg" }));
      const event = kind === "drop" ? new DragEvent("drop", { dataTransfer: transfer, bubbles: true })
        : new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true });
      document.body.dispatchEvent(event);
    }"""
    page.page.evaluate(give, [data, "dropped.jpg", "drop"])
    page.settled()
    expect(page.page.locator("#photo-name")).to_contain_text("dropped.jpg · 451 × 300")
    page.page.evaluate(give, [data, "pasted.jpg", "paste"])
    expect(page.page.locator("#photo-name")).to_contain_text("pasted.jpg")
    page.settled()


def test_a_phone(open_page: Open, screenshots: Path) -> None:
    page = open_page(**PHONE, color_scheme="light")
    page.described()
    wide = "document.documentElement.scrollWidth <= innerWidth"
    assert page.page.evaluate(wide)
    x, y = page.at(240, 200)
    page.page.touchscreen.tap(x, y)
    expect(page.page.locator("#details h2")).to_be_visible()
    inner = page.state("state.selected")
    page.page.touchscreen.tap(x, y)
    assert page.state("state.selected") != inner
    page.page.screenshot(path=screenshots / "phone.png")
    page.page.get_by_role("button", name="Close").click()
    expect(page.page.locator("#details")).to_be_hidden()
    page.mode("point")
    page.page.touchscreen.tap(x, y)
    expect(page.page.locator("#prompt-keep")).to_be_enabled()
    assert page.page.evaluate(wide)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_screenshots(open_page: Open, screenshots: Path, scheme: str) -> None:
    page = open_page(color_scheme=scheme)
    page.page.screenshot(path=screenshots / f"welcome-{scheme}.png")
    page.described()
    page.rows.first.locator(".main").click()
    page.page.mouse.move(5, 5)
    page.page.screenshot(path=screenshots / f"page-{scheme}.png")
    assert (screenshots / f"page-{scheme}.png").stat().st_size > 50_000


def test_a_screenshot_of_words_on_a_phone(open_page: Open, screenshots: Path) -> None:
    page = open_page(**PHONE, color_scheme="dark")
    page.described()
    page.find("cup, giraffe")
    page.page.screenshot(path=screenshots / "page-phone.png")


def test_the_canvas_has_the_pixels_of_the_screen(open_page: Open) -> None:
    page = open_page(device_scale_factor=2.5)
    page.described()
    size = page.page.evaluate("[canvas.width / canvas.clientWidth, canvas.height / canvas.clientHeight]")
    assert np.allclose(size, 2.5, atol=0.01)
    expect(page.page.locator("#models")).to_contain_text("contour")
