"""The ways of asking: everything, whole objects, words, and what is like an example."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps
from playwright.sync_api import Request, expect

from tests.browser.driver import EXAMPLES, Driver

CUP = (170, 10, 420, 310)


@pytest.fixture
def asked(page: Driver) -> list[dict[str, Any]]:
    """Bodies of the requests to /analyze."""
    bodies: list[dict[str, Any]] = []

    def note(request: Request) -> None:
        if request.url.endswith("/analyze"):
            bodies.append(request.post_data_json)

    page.page.on("request", note)
    return bodies


@pytest.fixture
def two_cups(tmp_path: Path) -> Path:
    """The coffee and its mirror image side by side."""
    one = Image.open(EXAMPLES / "photo.jpg").convert("RGB")
    both = Image.new("RGB", (2 * one.width, one.height))
    both.paste(one, (0, 0))
    both.paste(ImageOps.mirror(one), (one.width, 0))
    both.save(tmp_path / "two.png")
    return tmp_path / "two.png"


def names(page: Driver) -> set[str]:
    """Names of the regions on the picture."""
    return {region["name"] for region in page.masks()}


def test_words_are_found_and_what_is_missing_is_told(page: Driver) -> None:
    page.described()
    page.find("cup, giraffe")
    assert names(page) == {"cup"}
    expect(page.page.locator("#stage-text")).to_contain_text("nothing found for giraffe")
    expect(page.page.locator("#announce")).to_contain_text("nothing found for giraffe")
    page.find("giraffe")
    assert page.rows.count() == 0
    expect(page.page.locator("#none")).to_have_text("No region was found.")
    expect(page.page.locator("#announce")).to_contain_text("Try a more general one")


def test_words_are_asked_of_the_next_photograph_too(page: Driver, asked: list[dict[str, Any]]) -> None:
    page.described()
    page.find("cup, cat")
    page.described("cat.jpg")
    assert names(page) == {"cat"}
    assert asked[-1]["texts"] == ["cup", "cat"]
    expect(page.page.locator("#words")).to_have_value("cup, cat")
    assert len(asked) == 3


def test_words_that_cannot_be_used_are_refused_in_words(page: Driver) -> None:
    page.excused.append("Failed to load resource")
    page.described()
    page.mode("words")
    expect(page.page.locator("#take")).to_be_disabled()
    refused = {" , ": "at least one", '"cup': "closing quote", "cup, Cup": "distinct phrases"}
    for text, message in refused.items():
        page.page.fill("#words", text)
        page.page.keyboard.press("Enter")
        expect(page.page.locator("#problem")).to_contain_text(message)


def test_the_like_of_boxes_is_found_here_and_in_another_photograph(
    page: Driver, two_cups: Path, asked: list[dict[str, Any]]
) -> None:
    page.page.set_input_files("#file", two_cups)
    page.settled()
    page.mode("like")
    expect(page.page.locator("#like-find")).to_be_disabled()
    page.frame(*CUP)
    page.frame(5, 5, 60, 60, button="right")
    expect(page.page.locator("#mode-hint")).to_have_text("2 examples")
    page.page.click("#like-find")
    page.settled()
    assert [example["label"] for example in asked[-1]["examples"]] == [1, 0]
    assert asked[-1]["examples"][0]["box"] == pytest.approx(CUP, abs=1)
    middles = page.state("shown.map(({ bbox: [x, , width] }) => x + width / 2)")
    assert min(middles) < 600 < max(middles)
    first = page.state("state.photo.fileId")

    page.described()
    expect(page.page.locator("#mode-hint")).to_have_text("2 examples from two.png")
    assert asked[-1]["example_file_id"] == first
    assert "cup" in names(page)
    page.page.click("#like-clear")
    expect(page.rows).to_have_count(0)
    expect(page.page.locator("#mode-hint")).to_have_text("Drag a box around one thing or more.")


def test_nothing_alike_says_what_to_try(page: Driver) -> None:
    page.described()
    page.mode("like")
    page.frame(*CUP)
    page.described("rocket.jpg")
    page.page.click("#like-find")
    page.settled()
    assert page.rows.count() == 0
    expect(page.page.locator("#stage-text")).to_contain_text("Nothing is like it")


def test_the_like_of_a_region(page: Driver, two_cups: Path, asked: list[dict[str, Any]]) -> None:
    page.page.set_input_files("#file", two_cups)
    page.settled()
    total = page.rows.count()
    page.hover(240, 60)
    page.click(240, 60)
    mask = page.state("shown.find(({ id }) => id === state.selected).mask.rle")
    page.page.get_by_role("button", name="Like this").click()
    page.settled()
    assert page.state("state.mode") == "like"
    assert asked[-1]["examples"] == [{"mask": mask, "label": 1}]
    assert 0 < page.rows.count() < total


def test_each_way_of_asking_keeps_its_regions(page: Driver, asked: list[dict[str, Any]]) -> None:
    page.described()
    total = page.rows.count()
    page.rows.first.locator(".main").click()
    page.page.get_by_role("button", name="Relabel").click()
    page.page.get_by_label("Label of the region").fill("my cup")
    page.page.keyboard.press("Enter")
    page.find("cup")
    found = page.rows.count()
    assert found < total
    page.mode("point")
    page.click(365, 280)
    page.page.click("#prompt-keep")
    expect(page.rows).to_have_count(found + 1)
    page.mode("everything")
    expect(page.rows).to_have_count(total + 1)
    expect(page.page.locator("#region-list .name", has_text="my cup")).to_have_count(1)
    page.mode("words")
    expect(page.rows).to_have_count(found + 1)
    assert [body.get("prompt_type") for body in asked] == [None, "text", "point"]


def test_work_on_one_way_of_asking_ends_when_another_is_chosen(page: Driver) -> None:
    page.described()
    before = page.masks()
    cancelled: list[str] = []
    page.page.on("request", lambda request: request.method == "DELETE" and cancelled.append(request.url))
    page.page.route("**/jobs/*/events", lambda _: None)
    page.mode("words")
    page.page.fill("#words", "saucer, teapot")
    with page.page.expect_request("**/jobs/*/events"):
        page.page.keyboard.press("Enter")
    page.mode("everything")
    page.settled()
    expect(page.page.locator("#stop")).to_be_hidden()
    page.page.wait_for_timeout(100)
    assert len(cancelled) == 1
    assert page.masks() == before


def test_labels_of_the_like_are_those_of_the_vocabulary(page: Driver) -> None:
    page.described()
    page.mode("like")
    page.frame(*CUP)
    page.page.click("#like-find")
    page.settled()
    page.classify("mug, table")
    assert names(page) <= {"mug", "table", "unknown"}
    page.mode("everything")
    page.settled()
    assert names(page) <= {"mug", "table", "unknown"}


def test_the_photograph_is_removed_from_the_service(page: Driver) -> None:
    page.described("cat.jpg")
    file_id = page.state("state.photo.fileId")
    page.page.click("#remove")
    expect(page.page.locator("#welcome")).to_be_visible()
    expect(page.page.locator("#toast")).to_contain_text("cat.jpg")
    assert page.page.request.get(f"{page.url}/upload/{file_id}").status == 404
    page.page.get_by_role("button", name="Open again").click()
    page.settled()
    assert page.rows.count() > 3
    assert page.state("state.photo.fileId") != file_id
