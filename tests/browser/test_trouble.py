"""What goes wrong is said in plain words, and can be tried again."""

import json
from pathlib import Path

from playwright.sync_api import Route, expect

from tests.browser.conftest import Open
from tests.browser.driver import Driver

ERROR = {"success": False, "error": {"code": "internal_error", "message": "request id abc", "details": {}}}
FAILED = "Failed to load resource"


def test_an_error_of_the_service_is_told_and_tried_again(page: Driver) -> None:
    page.excused.append(FAILED)
    fail = [True]

    def answer(route: Route) -> None:
        if fail.pop() if fail else False:
            route.fulfill(status=500, json=ERROR)
        else:
            route.continue_()

    page.page.route("**/analyze", answer)
    page.choose()
    problem = page.page.locator("#problem")
    expect(problem).to_contain_text("Something went wrong inside the service")
    expect(problem).to_contain_text("request id abc")
    page.page.click("#retry")
    page.settled()
    expect(problem).to_be_hidden()
    assert page.rows.count() > 10


def test_a_file_that_is_no_photograph_is_refused_in_words(page: Driver, tmp_path: Path) -> None:
    page.excused.append(FAILED)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no image")
    page.page.set_input_files("#file", broken)
    expect(page.page.locator("#problem")).to_contain_text("cannot read")
    expect(page.page.locator("#retry")).to_be_hidden()
    page.page.click("#dismiss")
    page.described()


def test_work_is_stopped_and_goes_on(page: Driver) -> None:
    cancelled: list[str] = []
    page.page.on("request", lambda request: request.method == "DELETE" and cancelled.append(request.url))
    page.page.route("**/jobs/*/events", lambda _: None)
    with page.page.expect_request("**/jobs/*/events"):
        page.choose()
    page.page.click("#stop")
    expect(page.page.locator("#problem")).to_contain_text("Stopped")
    expect(page.page.locator("#stop")).to_be_hidden()
    page.page.wait_for_timeout(100)
    assert len(cancelled) == 1
    page.page.unroute("**/jobs/*/events")
    page.page.click("#retry")
    page.settled()


def test_a_job_that_someone_else_cancels(page: Driver) -> None:
    job = {"success": True, "state": "cancelled", "stage": "decode", "done": 1, "total": 2}
    body = f"id: 1\ndata: {json.dumps(job)}\n\n"
    page.page.route(
        "**/jobs/*/events", lambda route: route.fulfill(content_type="text/event-stream", body=body)
    )
    page.choose()
    expect(page.page.locator("#problem")).to_contain_text("Stopped")
    page.page.unroute("**/jobs/*/events")
    page.page.click("#retry")
    page.settled()


def test_without_event_streams_it_asks(page: Driver) -> None:
    page.excused.append(FAILED)
    page.page.route("**/jobs/*/events", lambda route: route.fulfill(status=503, json=ERROR))
    page.described()
    assert page.rows.count() > 10


def test_a_service_that_is_away(page: Driver) -> None:
    page.excused.append(FAILED)
    page.described()
    page.page.route("**/segment", lambda route: route.abort())
    page.mode("point")
    page.click(240, 200)
    expect(page.page.locator("#problem")).to_contain_text("does not answer")
    page.page.unroute("**/segment")
    page.page.click("#retry")
    expect(page.page.locator("#prompt-keep")).to_be_enabled()


def test_a_photograph_that_the_service_has_forgotten_is_sent_again(page: Driver) -> None:
    page.excused.append(FAILED)
    page.described()
    first = page.state("state.photo.fileId")
    gone = {"success": False, "error": {"code": "not_found", "message": "gone", "details": {}}}
    page.page.route("**/analyze", lambda route: route.fulfill(status=404, json=gone), times=1)
    page.classify("mug, table")
    page.page.locator("#region-list .name", has_text="mug").first.wait_for()
    assert page.state("state.photo.fileId") != first


def test_two_tabs_know_nothing_of_each_other(open_page: Open) -> None:
    one = open_page()
    other = Driver(one.page.context.new_page(), one.page.url)
    one.choose("photo.jpg")
    other.choose("cat.jpg")
    other.page.fill("#names", "kitten")
    one.settled()
    other.settled()
    expect(one.page.locator("#photo-name")).to_contain_text("photo.jpg")
    expect(one.page.locator("#names-count")).to_have_text("55 labels")
    assert [one.state("state.photo.width"), other.state("state.photo.width")] == [600, 451]
    assert one.page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert other.complaints == []
