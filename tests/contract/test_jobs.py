"""Jobs over HTTP: their shapes, states, errors and cancellation."""

import io
import json
import time
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from domain.arrays import Rgb
from tests.conftest import Build, png_bytes
from tests.contract.shapes import check_documented, check_error, check_success
from tests.gates import PATIENCE_S, GatedEncoder, GatedSegmenter

JOB = "/jobs/{job_id}"
WORKERS = 4


def uploaded(client: FlaskClient, rgb: Rgb) -> str:
    file_id: str = client.post("/upload", data=png_bytes(rgb)).get_json()["file_id"]
    return file_id


def submit(client: FlaskClient, path: str = "/segment", **body: Any) -> str:
    """The status_url of a new job."""
    body = body if "file_ids" in body else {"async": True, **body}
    answer = client.post(path, json=body)
    url = check_success(answer, 202)["status_url"]
    assert answer.headers["Location"] == url
    check_documented(client, answer, "post", path)
    return str(url)


def until(client: FlaskClient, url: str, *states: str) -> dict[str, Any]:
    """The job once it is in one of these states."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        answer = client.get(url)
        body = check_success(answer)
        if body["state"] in states:
            check_documented(client, answer, "get", JOB)
            return body
        time.sleep(0.01)
    raise AssertionError(f"{url} is not {states}: {body}")


def events(answer: TestResponse) -> list[dict[str, Any]]:
    """The data of all events of a stream that ends."""
    assert answer.mimetype == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-cache"
    blocks = [block.split("\n") for block in answer.text.split("\n\n") if block.startswith("id: ")]
    assert all(len(block) == 2 for block in blocks)
    return [json.loads(block[1].removeprefix("data: ")) for block in blocks]


def test_a_job_gives_what_the_request_would_have_given(client: FlaskClient, file_id: str) -> None:
    options = {"masks": "rle", "labels": ["red", "grün"], "top_k": 2.0, "points_per_side": 8}
    waited_for = check_success(client.post("/segment", json={"file_id": file_id, **options}))
    url = submit(client, file_id=file_id, **options)
    job = until(client, url, "succeeded")
    assert url == f"/jobs/{job['job_id']}"
    assert job["kind"] == "segment"
    assert not {"partial", "error", "items"} & set(job)
    assert job["created_at"] <= job["started_at"] <= job["finished_at"] < job["expires_at"]
    assert set(job["result"]) == set(waited_for)
    assert set(job["result"].pop("timings_ms")) <= set(waited_for.pop("timings_ms"))
    assert job["result"] == waited_for


@pytest.mark.parametrize("path", ["/segment", "/analyze"])
def test_what_the_request_would_refuse_is_refused_at_once(
    client: FlaskClient, file_id: str, path: str
) -> None:
    outside = {"prompt_type": "point", "points": [{"x": 999, "y": 1}]}
    for body in (outside, {"view": "attention"}, {"labels": ["unknown"]}, {"lang": "xx"}):
        at_once = check_error(client.post(path, json={"file_id": file_id, **body}), 422, "invalid_request")
        job = client.post(path, json={"file_id": file_id, "async": True, **body})
        assert check_error(job, 422, "invalid_request") == at_once


def test_points_and_boxes_work_too(client: FlaskClient, file_id: str) -> None:
    for prompt in (
        {"prompt_type": "point", "points": [{"x": 3, "y": 3}]},
        {"prompt_type": "box", "box": [0, 0, 9, 9]},
    ):
        assert (
            until(client, submit(client, file_id=file_id, **prompt), "succeeded")["result"]["mask_count"] == 1
        )


def test_masks_work_too(client: FlaskClient, file_id: str) -> None:
    mask = {"size": [96, 160], "counts": [20 * 96 + 30, 40, 96 * 160 - 20 * 96 - 70]}
    body = {"prompt_type": "mask", "mask": mask, "masks": "rle"}
    alone = check_success(client.post("/segment", json={"file_id": file_id, **body}))["labels"]
    job = until(client, submit(client, file_id=file_id, **body), "succeeded")
    assert job["result"]["labels"] == alone
    batch = until(client, submit(client, "/segment/batch", file_ids=[file_id], **body), "succeeded")
    assert batch["items"][0]["result"]["labels"] == alone


def test_async_false_is_answered_at_once(client: FlaskClient, file_id: str) -> None:
    check_success(client.post("/segment", json={"file_id": file_id, "async": False}))
    check_error(client.post("/segment", json={"file_id": file_id, "async": 1}), 422, "invalid_request")
    check_error(
        client.post("/segment", json={"file_id": file_id, "in_background": True}), 422, "invalid_request"
    )


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"top_k": 0}, 422, "invalid_request"),
        ({"labels": ["unknown"]}, 422, "invalid_request"),
        ({"vocabulary": "klingon"}, 422, "unknown_vocabulary"),
        ({"file_id": "0" * 32}, 404, "not_found"),
    ],
)
def test_what_can_be_refused_at_once_is(
    client: FlaskClient, file_id: str, body: dict[str, Any], status: int, code: str
) -> None:
    check_error(client.post("/segment", json={"file_id": file_id, "async": True, **body}), status, code)


def test_a_job_that_fails_says_what_the_request_would_have_said(client: FlaskClient, file_id: str) -> None:
    outside = {"prompt_type": "point", "points": [{"x": 160, "y": 1}]}
    refused = check_error(
        client.post("/segment", json={"file_id": file_id, **outside}), 422, "invalid_request"
    )
    url = submit(client, "/segment/batch", file_ids=[file_id], **outside)
    (item,) = until(client, url, "succeeded")["items"]
    assert item == {"file_id": file_id, "state": "failed", "error": refused}


def test_an_unexpected_error_keeps_its_secrets(
    build: Build, red_green: Rgb, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(GatedSegmenter):
        def decode(self, *_: Any) -> Any:
            raise RuntimeError("secret detail")

    client = build(segmenter=Broken()).test_client()
    job = until(client, submit(client, file_id=uploaded(client, red_green)), "failed")
    assert job["error"]["code"] == "internal_error"
    assert job["job_id"] in job["error"]["message"]
    assert "secret" not in json.dumps(job)
    assert "secret detail" in caplog.text


def test_a_batch_has_a_state_for_each_photograph(client: FlaskClient, file_id: str) -> None:
    file_ids = [file_id, "0" * 32, "../x", file_id]
    alone = check_success(client.post("/segment", json={"file_id": file_id, "max_masks": 3}))
    url = submit(client, "/segment/batch", file_ids=file_ids, max_masks=3)
    job = until(client, url, "succeeded")
    assert (job["done"], job["total"], job["message"]) == (4, 4, "4 done, 2 failed")
    assert not {"partial", "error", "result"} & set(job)
    assert [item["file_id"] for item in job["items"]] == file_ids
    assert [item["state"] for item in job["items"]] == ["succeeded", "failed", "failed", "succeeded"]
    assert [item["error"]["code"] for item in job["items"][1:3]] == ["not_found"] * 2
    for item in (job["items"][0], job["items"][3]):
        assert {**item["result"], "timings_ms": 0} == {**alone, "timings_ms": 0}
    brief = client.get(f"{url}?results=false")
    assert [set(item) for item in check_success(brief)["items"]] == [
        {"file_id", "state"},
        {"file_id", "state", "error"},
        {"file_id", "state", "error"},
        {"file_id", "state"},
    ]
    check_documented(client, brief, "get", JOB)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "file_ids"),
        ({"file_ids": []}, "file_ids"),
        ({"file_ids": "x"}, "file_ids"),
        ({"file_ids": [""]}, "file_ids"),
        ({"file_ids": ["x"] * 1001}, "1000"),
        ({"file_ids": ["x"], "file_id": "x"}, "file_id"),
        ({"file_ids": ["x"], "async": True}, "async"),
        ({"file_ids": ["x"], "prompt_type": "box"}, "box"),
        ({"file_ids": ["x"], "labels": ["a\nb"]}, "U+000A"),
    ],
)
def test_a_batch_that_cannot_be_done_is_refused(
    client: FlaskClient, body: dict[str, Any], words: str
) -> None:
    answer = client.post("/segment/batch", json=body)
    assert words in check_error(answer, 422, "invalid_request")["message"]
    check_documented(client, answer, "post", "/segment/batch")


@pytest.mark.parametrize("path", ["/jobs/x", f"/jobs/{'0' * 32}", f"/jobs/{'0' * 32}/events"])
def test_a_job_that_is_not_there(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert "expired" in check_error(answer, 404, "not_found")["message"]
    check_documented(client, answer, "get", f"{JOB}/events" if path.endswith("events") else JOB)


def test_queries_of_jobs_are_checked(client: FlaskClient, file_id: str) -> None:
    url = submit(client, file_id=file_id)
    for query in ("results=perhaps", "resluts=false"):
        answer = client.get(f"{url}?{query}")
        check_error(answer, 422, "invalid_request")
        check_documented(client, answer, "get", JOB)


def test_events_tell_every_state_to_the_end(client: FlaskClient, file_id: str) -> None:
    url = submit(client, "/segment/batch", file_ids=[file_id, "x"])
    told = events(client.get(f"{url}/events"))
    final = check_success(client.get(url))
    assert told[-1] == final
    assert final["state"] == "succeeded"
    assert all(event["state"] in ("queued", "running") for event in told[:-1])
    assert not any("result" in item for event in told[:-1] for item in event["items"])


def test_events_go_on_where_they_were(client: FlaskClient, file_id: str) -> None:
    url = submit(client, file_id=file_id)
    final = events(client.get(f"{url}/events"))[-1]
    last = client.get(f"{url}/events").text.split("\n")[0].removeprefix("id: ")
    assert client.get(f"{url}/events", headers={"Last-Event-ID": last}).status_code == 204
    for earlier in ("1", "0", "", "x", "²", "9" * 5000):
        assert events(client.get(f"{url}/events", headers={"Last-Event-ID": earlier})) == [final]


def test_streams_are_bounded_and_a_client_that_leaves_frees_its_place(build: Build, red_green: Rgb) -> None:
    segmenter = GatedSegmenter()
    client = build(segmenter=segmenter).test_client()
    url = submit(client, file_id=uploaded(client, red_green))
    streams = [client.get(f"{url}/events", buffered=False) for _ in range(16)]
    answer = client.get(f"{url}/events")
    check_error(answer, 503, "overloaded")
    check_documented(client, answer, "get", f"{JOB}/events")
    for stream in streams:
        next(stream.response)
        stream.close()
    segmenter.gate.open()
    assert events(client.get(f"{url}/events"))[-1]["state"] == "succeeded"


def test_a_running_job_is_cancelled_between_batches_of_prompts(build: Build, red_green: Rgb) -> None:
    segmenter = GatedSegmenter()
    client = build(segmenter=segmenter).test_client()
    file_id = uploaded(client, red_green)
    url = submit(client, file_id=file_id, adaptive=False)
    assert segmenter.gate.reached.wait(PATIENCE_S)
    running = until(client, url, "running")
    assert running["stage"] == "decode"
    assert running["total"] == 256
    cancelled = client.delete(url)
    assert check_success(cancelled)["state"] == "cancelled"
    check_documented(client, cancelled, "delete", JOB)
    segmenter.gate.open()
    # The only worker takes the next job once it has left this one.
    before = until(client, submit(client, file_id=file_id, prompt_type="box", box=[0, 0, 9, 9]), "succeeded")
    assert before["result"]["mask_count"] == 1
    assert len(segmenter.batches) <= WORKERS + 1 < 16
    assert until(client, url, "cancelled")["message"] == "cancelled"


def test_a_running_job_is_cancelled_between_batches_of_crops(build: Build, red_green: Rgb) -> None:
    labeller = GatedEncoder()
    client = build(labeller=labeller).test_client()
    file_id = uploaded(client, red_green)
    url = submit(client, file_id=file_id, masks="rle")
    assert labeller.gate.reached.wait(PATIENCE_S)
    partial = until(client, url, "running")["partial"]
    assert partial["mask_count"] == len(partial["labels"]) > 10
    assert {entry["label"] for entry in partial["labels"]} == {"unknown"}
    assert check_success(client.delete(url))["state"] == "cancelled"
    labeller.gate.open()
    until(client, submit(client, file_id=file_id, classify=False), "succeeded")
    assert len(labeller.batches) == 1
    assert "partial" not in until(client, url, "cancelled")


def test_queued_jobs_wait_are_bounded_and_cancelled_at_once(build: Build, red_green: Rgb) -> None:
    segmenter = GatedSegmenter()
    client = build(segmenter=segmenter).test_client()
    file_id = uploaded(client, red_green)
    first = submit(client, file_id=file_id)
    assert segmenter.gate.reached.wait(PATIENCE_S)
    urls = [submit(client, file_id=file_id) for _ in range(64)]
    for path, body in (
        ("/segment", {"file_id": file_id, "async": True}),
        ("/segment/batch", {"file_ids": ["x"]}),
    ):
        answer = client.post(path, json=body)
        check_error(answer, 503, "overloaded")
        assert int(answer.headers["Retry-After"]) >= 1
        check_documented(client, answer, "post", path)
    job = until(client, urls[-1], "queued")
    assert job["started_at"] is None
    assert job["stage"] == ""
    assert [check_success(client.delete(url))["state"] for url in urls] == ["cancelled"] * 64
    segmenter.gate.open()
    assert until(client, first, "succeeded")["result"]["mask_count"] > 10
    assert segmenter.encoded == 1


def test_a_batch_lets_later_jobs_go_between_its_photographs(build: Build, red_green: Rgb) -> None:
    segmenter = GatedSegmenter()
    client = build(segmenter=segmenter).test_client()
    file_ids = [uploaded(client, red_green // share) for share in (1, 2, 3)]
    batch = submit(client, "/segment/batch", file_ids=file_ids, adaptive=False)
    assert segmenter.gate.reached.wait(PATIENCE_S)
    single = submit(client, file_id=file_ids[0], prompt_type="box", box=[0, 0, 9, 9])
    segmenter.gate.open()
    assert until(client, single, "succeeded")["result"]["mask_count"] == 1
    job = until(client, batch, "succeeded")
    assert [item["state"] for item in job["items"]] == ["succeeded"] * 3
    assert job["losses"] == 0
    assert segmenter.batches == [16] * 16 + [1] + [16] * 32


def test_a_finished_job_is_forgotten(client: FlaskClient, file_id: str) -> None:
    url = submit(client, file_id=file_id)
    job = until(client, url, "succeeded")
    assert check_success(client.delete(url)) == {key: job[key] for key in job if key != "result"}
    check_error(client.get(url), 404, "not_found")
    answer = client.delete(url)
    check_error(answer, 404, "not_found")
    check_documented(client, answer, "delete", JOB)


def test_another_process_goes_on_where_one_that_ends_was(build: Build, red_green: Rgb) -> None:
    encoder = GatedEncoder()
    ending, other = build(labeller=encoder), build()
    client = ending.test_client()
    file_id = uploaded(client, red_green)
    url = submit(client, "/segment/batch", file_ids=[file_id, "x", file_id])
    assert encoder.gate.reached.wait(PATIENCE_S)
    ending.extensions["jobs"].begin_stop()
    encoder.gate.open()
    ending.extensions["jobs"].stop(PATIENCE_S)
    job = until(client, url, "queued")
    assert (job["losses"], [item["state"] for item in job["items"]]) == (0, ["queued"] * 3)
    assert len(encoder.batches) == 1
    other.extensions["jobs"].start()
    states = [item["state"] for item in until(client, url, "succeeded")["items"]]
    assert states == ["succeeded", "failed", "succeeded"]
    assert until(other.test_client(), url, "succeeded")["losses"] == 0


def test_crop_layers_give_the_same_in_a_job_a_batch_and_a_form(
    client: FlaskClient, file_id: str, red_green: Rgb
) -> None:
    options = {
        "points_per_side": 4,
        "crop_layers": 1,
        "crop_overlap": 0.2,
        "classify": False,
        "overlay": False,
    }
    waited_for = check_success(client.post("/segment", json={"file_id": file_id, **options}))
    job = until(client, submit(client, file_id=file_id, **options), "succeeded")
    batch = until(client, submit(client, "/segment/batch", file_ids=[file_id], **options), "succeeded")
    form = {name: json.dumps(value) for name, value in options.items()}
    form_answer = client.post("/segment", data={"image": (io.BytesIO(png_bytes(red_green)), "a.png"), **form})
    for answer in (job["result"], batch["items"][0]["result"], check_success(form_answer)):
        assert answer["labels"] == waited_for["labels"]
