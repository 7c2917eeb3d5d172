"""Everything by keyboard alone."""

from playwright.sync_api import expect

from tests.browser.driver import Driver


def tab_to(page: Driver, selector: str) -> None:
    """Press Tab until the focus is there."""
    for _ in range(60):
        if page.page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
        page.page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {selector}")


def test_an_example_is_opened_and_a_region_renamed(page: Driver) -> None:
    keys = page.page.keyboard
    tab_to(page, "[data-example='photo.jpg']")
    keys.press("Enter")
    page.settled()
    expect(page.page.locator("#canvas")).to_be_focused()

    tab_to(page, "#region-list button")
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    third = page.rows.nth(2)
    expect(third.locator(".main")).to_be_focused()
    expect(third).to_have_class("lit selected")
    expect(page.page.locator("#details h2")).to_have_text(third.locator(".name").inner_text())
    keys.press("r")
    keys.type("saucer")
    keys.press("Enter")
    expect(page.page.locator("#details h2")).to_have_text("saucer")
    total = page.rows.count()
    keys.press("h")
    assert len(page.masks()) == total - 1
    keys.press("h")
    keys.press("s")
    assert len(page.masks()) == 1
    keys.press("Escape")
    assert len(page.masks()) == total
    keys.press("ArrowDown")
    keys.press("Delete")
    expect(page.rows).to_have_count(total - 1)


def test_points_and_boxes_are_set_on_the_picture(page: Driver) -> None:
    page.described()
    keys = page.page.keyboard
    total = page.rows.count()
    page.page.locator("#canvas").focus()
    keys.press("p")
    keys.press("ArrowUp")
    keys.press("Enter")
    expect(page.page.locator("#prompt-keep")).to_be_enabled()
    keys.press("Shift+ArrowRight")
    keys.press("Shift+Enter")
    assert page.state("state.prompt.points.map(({ label }) => label)") == [1, 0]
    expect(page.page.locator("#prompt-keep")).to_be_enabled()
    keys.press("k")
    expect(page.rows).to_have_count(total + 1)

    keys.press("b")
    keys.press("Enter")
    keys.press("Shift+ArrowRight")
    keys.press("Shift+ArrowDown")
    keys.press("Enter")
    expect(page.page.locator("#prompt-keep")).to_be_enabled()
    assert page.state("state.prompt.box.length") == 4
    keys.press("Escape")
    assert page.state("state.prompt") is None


def test_words_and_examples_are_asked_for(page: Driver) -> None:
    page.described()
    keys = page.page.keyboard
    page.page.locator("#canvas").focus()
    keys.press("w")
    expect(page.page.locator("#words")).to_be_focused()
    keys.type("cup")
    keys.press("Enter")
    page.settled()
    assert {region["name"] for region in page.masks()} == {"cup"}

    page.page.locator("#canvas").focus()
    keys.press("l")
    keys.press("Enter")
    for step in ("Enter", "Shift+ArrowRight", "Shift+ArrowDown", "Enter"):
        keys.press(step)
    for step in ("Enter", "Shift+ArrowLeft", "Shift+ArrowUp", "Shift+Enter"):
        keys.press(step)
    assert page.state("state.examples.given.map(({ label }) => label)") == [1, 0]
    keys.press("Escape")
    assert page.state("state.examples.given.length") == 1
    keys.press("f")
    page.settled()
    assert page.state("state.sought.given.length") == 1


def test_nested_regions_and_zoom(page: Driver) -> None:
    page.described()
    keys = page.page.keyboard
    page.page.locator("#canvas").focus()
    keys.press("ArrowUp")
    inner = page.state("shown.find(({ id }) => id === state.hovered).area")
    keys.press("]")
    assert page.state("shown.find(({ id }) => id === state.hovered).area") > inner
    keys.press("[")
    assert page.state("shown.find(({ id }) => id === state.hovered).area") == inner
    zoom = page.state("view.zoom")
    keys.press("+")
    assert page.state("view.zoom") > zoom
    keys.press("0")
    assert page.state("view.zoom") == zoom


def test_the_dialogs_close_with_escape_and_give_the_focus_back(page: Driver) -> None:
    page.described()
    page.page.locator("#take").focus()
    page.page.keyboard.press("Enter")
    expect(page.page.locator("#take-dialog")).to_be_visible()
    page.page.keyboard.press("Escape")
    expect(page.page.locator("#take-dialog")).to_be_hidden()
    expect(page.page.locator("#take")).to_be_focused()
