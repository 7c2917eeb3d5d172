"""POST /caption and /caption/batch."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

import bootstrap
from config.settings import Settings
from domain.arrays import Rgb
from domain.errors import ModelUnavailable
from tests.conftest import Build, png_bytes
from tests.contract.shapes import check_documented, check_error, check_success
from tests.contract.test_jobs import submit, until
from tests.fakes import ParrotCaptioner

COLORS = ["red", "green"]


def upload(client: FlaskClient, rgb: Rgb) -> str:
    return str(client.post("/upload", data=png_bytes(rgb)).get_json()["file_id"])


def caption(client: FlaskClient, **body: Any) -> dict[str, Any]:
    answer = client.post("/caption", json=body)
    check_documented(client, answer, "post", "/caption")
    return check_success(answer)


def test_a_composed_caption(client: FlaskClient, file_id: str) -> None:
    answer = caption(client, file_id=file_id, labels=["red", "green"], candidates=20)
    assert answer["method"] == "composed"
    assert set(answer["models"]) == {"segmenter", "labeller", "depth", "text"}
    assert "red" in answer["caption"]
    assert "green" in answer["caption"]
    first = answer["candidates"][0]
    assert (first["caption"], first["confidence"]) == (answer["caption"], answer["confidence"])
    scores = [one["score"] for one in answer["candidates"]]
    assert len(scores) > 3
    assert scores == sorted(scores, reverse=True)
    assert len({one["caption"] for one in answer["candidates"]}) == len(scores)
    for one in answer["candidates"]:
        assert one["caption"][0].isupper()
        assert one["caption"].endswith(".")


def test_nothing_is_claimed_that_no_name_fits(client: FlaskClient, file_id: str) -> None:
    answer = caption(client, file_id=file_id, labels=["blue"])
    assert answer["caption"] == "A photograph of something that none of the known names fits."
    assert len(answer["candidates"]) == 1


def test_options(client: FlaskClient, file_id: str) -> None:
    assert len(caption(client, file_id=file_id, labels=COLORS, candidates=2)["candidates"]) == 2
    assert "text" not in caption(client, file_id=file_id, labels=COLORS, text=False)["models"]


def test_what_was_analyzed_is_not_looked_at_again(client: FlaskClient, file_id: str) -> None:
    client.post("/analyze", json={"file_id": file_id, "labels": COLORS})
    stages = caption(client, file_id=file_id, labels=COLORS)["timings_ms"]
    assert not {"encode", "decode", "depth", "read"} & set(stages)


def test_jobs_and_batches(client: FlaskClient, file_id: str) -> None:
    expected = caption(client, file_id=file_id, labels=COLORS)
    job = until(client, submit(client, "/caption", file_id=file_id, labels=COLORS), "succeeded")
    assert job["result"]["candidates"] == expected["candidates"]
    url = submit(client, "/caption/batch", file_ids=[file_id, "gone"], labels=COLORS)
    items = until(client, url, "succeeded")["items"]
    assert [item["state"] for item in items] == ["succeeded", "failed"]


@pytest.mark.parametrize(
    "body",
    [
        {"candidates": 0},
        {"candidates": 21},
        {"label": "red"},
        {"labels": []},
        {"vocabulary": "none"},
        {"labels": ["red"], "vocabulary": "default"},
        {"text": "no"},
    ],
)
def test_what_is_refused(client: FlaskClient, file_id: str, body: dict[str, Any]) -> None:
    answer = client.post("/caption", json={"file_id": file_id, **body})
    code = "unknown_vocabulary" if body == {"vocabulary": "none"} else "invalid_request"
    check_error(answer, 422, code)
    check_error(client.post("/caption", json={"file_id": "gone"}), 404, "not_found")


@pytest.mark.parametrize("missing", ["labeller", "segmenter"])
def test_without_a_model(build: Build, red_green: Rgb, missing: str) -> None:
    client = build(**{missing: ModelUnavailable("no weights")}).test_client()
    answer = client.post("/caption", json={"file_id": upload(client, red_green)})
    check_error(answer, 503, "model_unavailable")


@pytest.mark.parametrize(("model", "job"), [("text_reader", "text"), ("estimator", "depth")])
def test_without_a_model_that_is_no_must(build: Build, red_green: Rgb, model: str, job: str) -> None:
    client = build(**{model: ModelUnavailable("no weights")}).test_client()
    answer = caption(client, file_id=upload(client, red_green), labels=COLORS)
    assert "no weights" in answer["models"][job]["error"]


def test_a_generated_caption(build: Build, red_green: Rgb) -> None:
    client = build(captioner=ParrotCaptioner()).test_client()
    file_id = upload(client, red_green)
    answer = caption(client, file_id=file_id)
    assert (answer["caption"], answer["method"]) == ("a parrot on a branch", "generated")
    assert answer["models"]["captioner"]["name"] == "fake-parrot"
    assert set(answer["models"]) == {"captioner"}
    assert [one["score"] for one in answer["candidates"]] == [-0.7, -1.4]
    for body in ({"labels": COLORS}, {"vocabulary": "default"}, {"text": True}):
        check_error(client.post("/caption", json={"file_id": file_id, **body}), 422, "invalid_request")


def test_a_captioner_that_is_not_there(build: Build, red_green: Rgb) -> None:
    client = build(captioner=ModelUnavailable("fetch it with ...")).test_client()
    answer = client.post("/caption", json={"file_id": upload(client, red_green)})
    check_error(answer, 503, "model_unavailable")
    assert "captioner" in check_error(client.get("/ready"), 503, "not_ready")["message"]


def test_a_captioner_that_there_is_not(settings: Settings) -> None:
    with pytest.raises(ValueError, match="captioner: expected one of composed, blip-base, got 'blip'"):
        bootstrap.build_services(settings.model_copy(update={"captioner": "blip"}))


def test_a_captioner_whose_files_are_missing(settings: Settings, tmp_path: Path) -> None:
    chosen = settings.model_copy(update={"captioner": "blip-base", "checkpoint_dir": tmp_path})
    models = bootstrap.build_services(chosen).models
    assert models.captioner is not None
    with pytest.raises(ModelUnavailable, match=r"python cli\.py models pull blip-base"):
        models.captioner.get()
