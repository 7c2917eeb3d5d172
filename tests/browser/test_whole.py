"""Whole objects and crops: what covers a grid in another way."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Request, expect
from pycocotools import mask as coco_mask

from tests.browser.driver import Driver


def bodies_of(page: Driver) -> list[dict[str, Any]]:
    """Return the list into which bodies of requests to /analyze are put."""
    bodies: list[dict[str, Any]] = []

    def note(request: Request) -> None:
        if request.url.endswith("/analyze"):
            bodies.append(request.post_data_json)

    page.page.on("request", note)
    return bodies


def test_whole_objects_do_not_overlap_and_stuff_is_told_apart(page: Driver) -> None:
    asked = bodies_of(page)
    page.described("rocket.jpg")
    everything = page.rows.count()
    page.mode("whole")
    page.settled()
    assert asked[-1]["output"] == "panoptic"
    assert 0 < page.rows.count() <= everything
    covered = np.sum([coco_mask.decode(region["rle"]) for region in page.masks()], axis=0)
    assert covered.max() == 1
    listed = "(await import('/page/js/regions.js')).listed(state).map(({ stuff }) => stuff)"
    stuff = page.state(listed)
    assert True in stuff
    assert stuff == sorted(stuff)
    last = page.rows.last
    expect(last.locator("small")).to_have_text("stuff")
    assert ", stuff" in str(last.locator(".main").get_attribute("aria-label"))
    page.mode("everything")
    expect(page.rows).to_have_count(everything)


def test_the_panoptic_document_has_the_regions_on_the_screen(page: Driver) -> None:
    page.described("rocket.jpg")
    page.mode("whole")
    page.settled()
    document = json.loads(Path(page.export("coco_panoptic").path()).read_text())
    [annotation] = document["annotations"]
    assert annotation["file_name"] == "rocket.png"
    areas = [segment["area"] for segment in annotation["segments_info"]]
    assert sorted(areas) == sorted(page.state("shown.map(({ area }) => area)"))
    page.page.keyboard.press("Escape")
    page.mode("like")
    page.frame(50, 50, 200, 200)
    page.page.click("#like-find")
    page.settled()
    page.page.click("#take")
    expect(page.page.locator("[data-export=coco_panoptic]")).to_be_disabled()
    expect(page.page.locator("[data-export=coco]")).to_be_enabled()


def test_small_things_are_searched_in_crops_of_every_photograph(page: Driver) -> None:
    asked = bodies_of(page)
    page.described("rocket.jpg")
    page.page.select_option("#detail", "1")
    page.settled()
    assert [body.get("crop_layers") for body in asked] == [None, 1]
    page.mode("whole")
    page.settled()
    page.described("cat.jpg")
    assert [(body.get("output"), body.get("crop_layers")) for body in asked[2:]] == [("panoptic", 1)] * 2
    assert page.rows.count() > 0
