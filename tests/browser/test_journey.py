"""From a photograph to files, as a person goes: upload, look, name, click, keep, take away."""

import json
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.driver import Driver

SPOON = (365, 280)
CUP = (240, 200)


def test_a_photograph_is_uploaded_looked_at_named_clicked_and_taken_away(page: Driver) -> None:
    page.described()
    assert page.rows.count() > 10
    expect(page.page.locator("#photo-name")).to_have_text("photo.jpg · 600 × 400")
    expect(page.page.locator("#scene")).to_contain_text("cup")

    page.hover(*CUP)
    card = page.page.locator("#details")
    expect(card).to_be_visible()
    lit = page.page.locator("#region-list li.lit")
    expect(lit).to_have_count(1)
    expect(card.locator("h2")).to_have_text(lit.locator(".name").inner_text())
    expect(card).to_contain_text("Depth")

    page.classify("teaspoon, saucer, coffee mug")
    expect(page.page.locator("#names-count")).to_have_text("3 labels")
    expect(page.page.locator("#region-list .name", has_text="coffee mug").first).to_be_visible()
    names = {region["name"] for region in page.masks()}
    assert names <= {"teaspoon", "saucer", "coffee mug", "unknown"}
    expect(page.page.locator("#scene")).to_contain_text("coffee mug")
    expect(page.page.locator("#scene")).to_contain_text("none of the labels")

    before = page.rows.count()
    page.mode("point")
    page.click(*SPOON)
    expect(page.page.locator("#prompt-keep")).to_be_enabled()
    expect(card.locator(".bar-name").first).to_be_visible()
    assert card.locator("h2").inner_text() in {"teaspoon", "saucer", "coffee mug", "unknown"}
    page.page.click("#prompt-keep")
    expect(page.rows).to_have_count(before + 1)
    assert page.state("state.prompt") is None

    dataset = json.loads(Path(page.export("shown").path()).read_text())
    assert len(dataset["annotations"]) == before + 1


def test_relabelling_segments_nothing_again(page: Driver) -> None:
    page.described("cat.jpg")
    masks = [region["rle"] for region in page.masks()]
    asked: list[str] = []
    page.page.on("request", lambda request: asked.append(request.url))
    page.classify("kitten, blanket")
    expect(page.page.locator("#region-list .name", has_text="kitten").first).to_be_visible()
    assert [region["rle"] for region in page.masks()] == masks
    jobs = [url.removesuffix("/events") for url in asked if url.endswith("/events")]
    assert len(jobs) == 1
    result = page.page.request.get(jobs[0]).json()["result"]
    assert not {"encode", "decode", "refine", "detect"} & set(result["timings_ms"])


def test_points_and_boxes_refine_walk_and_go(page: Driver) -> None:
    page.described()
    page.mode("point")
    page.click(*CUP)
    expect(page.page.locator("#prompt-keep")).to_be_enabled()
    page.click(*SPOON, button="right")
    expect(page.page.locator("#prompt-keep")).to_be_enabled()
    assert page.state("state.prompt.points.map(({ label }) => label)") == [1, 0]
    page.hover(*CUP)
    index = page.state("state.prompt.index")
    for _ in range(3):
        page.page.mouse.wheel(0, 100)
        page.page.wait_for_timeout(300)
    for _ in range(3):
        page.page.mouse.wheel(0, -100)
        page.page.wait_for_timeout(300)
    areas = page.state("state.prompt.candidates.map(({ area }) => area)")
    assert page.state("state.prompt.index") == areas.index(max(areas))
    assert len(areas) == 1 or index is not None
    page.page.click("#prompt-discard")
    assert page.state("state.prompt") is None

    page.mode("box")
    page.frame(170, 10, 420, 310)
    expect(page.page.locator("#details .bar-name").first).to_be_visible()
    box = page.state("state.prompt.box")
    assert [round(side) for side in box] == [170, 10, 420, 310]


def test_regions_are_hidden_shown_alone_renamed_deleted_and_taken_back(page: Driver) -> None:
    page.described()
    total = len(page.masks())
    first = page.rows.first
    first.hover()
    first.locator(".eye").click()
    assert len(page.masks()) == total - 1
    first.hover()
    first.locator(".eye").click()
    page.rows.nth(1).hover()
    page.rows.nth(1).locator(".solo").click()
    assert len(page.masks()) == 1
    page.rows.nth(1).locator(".solo").click()

    page.rows.nth(1).locator(".main").click()
    page.page.get_by_role("button", name="Relabel").click()
    page.page.get_by_label("Label of the region").fill("<b>my</b> cup")
    page.page.keyboard.press("Enter")
    expect(page.page.locator("#details h2")).to_have_text("<b>my</b> cup")
    expect(page.page.locator("#region-list .name", has_text="<b>my</b> cup")).to_have_count(1)
    assert page.page.locator("#region-list b, #details b").count() == 0

    page.page.get_by_role("button", name="Delete").click()
    expect(page.rows).to_have_count(total - 1)
    page.page.get_by_role("button", name="Undo").click()
    expect(page.rows).to_have_count(total)
    page.classify("mug, table")
    page.page.locator("#region-list .name", has_text="mug").first.wait_for()
    expect(page.page.locator("#region-list .name", has_text="<b>my</b> cup")).to_have_count(1)


def test_the_filter_holds_for_list_and_picture(page: Driver) -> None:
    page.described()
    total = page.rows.count()
    page.page.locator("#filters summary").click()
    name = page.rows.first.locator(".name").inner_text()
    page.page.fill("#filter-text", name.upper())
    assert 0 < page.rows.count() < total
    assert {region["name"] for region in page.masks()} == {name}
    page.page.fill("#filter-text", "")
    page.page.locator("#filter-confidence").fill("90")
    assert all(share >= 0.9 for share in page.state("shown.map(({ confidence }) => confidence)"))
    page.page.click("#filter-reset")
    expect(page.rows).to_have_count(total)
    page.page.select_option("#sort", "small")
    areas = page.state("(await import('/page/js/regions.js')).listed(state).map(({ area }) => area)")
    assert areas == sorted(areas)


def test_scrolling_walks_through_nested_regions(page: Driver) -> None:
    page.described()
    page.hover(*CUP)
    inner = page.state("state.hovered")
    area = page.state("shown.find(({ id }) => id === state.hovered).area")
    page.page.mouse.wheel(0, -60)
    page.page.wait_for_timeout(300)
    assert page.state("state.hovered") != inner
    assert page.state("shown.find(({ id }) => id === state.hovered).area") > area
    page.page.mouse.wheel(0, 60)
    page.page.wait_for_timeout(300)
    assert page.state("state.hovered") == inner
