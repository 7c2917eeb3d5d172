"""POST /moderate and /moderate/batch."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from config.settings import Settings
from domain.arrays import Rgb
from domain.errors import ModelUnavailable
from tests.conftest import Build, fake_services, png_bytes
from tests.contract.shapes import check_documented, check_error, check_success
from tests.contract.test_jobs import submit, until

POLICY = """
neutral = ["blue"]
[[categories]]
name = "red things"
prompts = ["red", "something red"]
threshold = 0.9
region_threshold = 0.9
action = "block"
[[categories]]
name = "green things"
prompts = ["green"]
threshold = 0.9
region_threshold = 0.9
action = "review"
"""


@pytest.fixture
def client(settings: Settings, tmp_path: Path) -> FlaskClient:
    (tmp_path / "default.toml").write_text(POLICY)
    (tmp_path / "mild.toml").write_text(POLICY.replace('"block"', '"review"'))
    chosen = settings.model_copy(update={"policy_dir": tmp_path})
    return create_app(chosen, fake_services(chosen)).test_client()


def upload(client: FlaskClient, rgb: Rgb) -> str:
    return str(client.post("/upload", data=png_bytes(rgb)).get_json()["file_id"])


def moderate(client: FlaskClient, **body: Any) -> dict[str, Any]:
    answer = client.post("/moderate", json=body)
    check_documented(client, answer, "post", "/moderate")
    return check_success(answer)


def test_the_severest_rule_that_fires_decides(client: FlaskClient, red_green: Rgb) -> None:
    answer = moderate(client, file_id=upload(client, red_green))
    assert answer["decision"] == "block"
    red, green = answer["rules"]
    assert [rule["category"] for rule in answer["rules"]] == ["red things", "green things"]
    assert (red["fired"], green["fired"]) == (True, True)
    for rule in answer["rules"]:
        by_region = rule["region"] >= rule["region_threshold"]
        assert rule["fired"] == (by_region or rule["image"] >= rule["threshold"])
        assert rule["image"] < rule["region"]  # A half of it is.
    assert set(answer["models"]) == {"labeller", "segmenter"}
    named = client.post("/segment", json={"file_id": upload(client, red_green), "labels": ["red", "blue"]})
    assert named.get_json()["labels"][red["mask_index"]]["label"] == "red"
    assert moderate(client, file_id=upload(client, red_green), policy="mild")["decision"] == "review"


def test_the_whole_alone(client: FlaskClient, red_green: Rgb) -> None:
    answer = moderate(client, file_id=upload(client, red_green), regions=False)
    assert answer["decision"] == "allow"
    assert set(answer["models"]) == {"labeller"}
    assert all(not {"region", "mask_index"} & set(rule) for rule in answer["rules"])
    only_green = red_green[:, 70:].copy()
    assert moderate(client, file_id=upload(client, only_green), regions=False)["decision"] == "review"


def test_jobs_and_batches(client: FlaskClient, red_green: Rgb) -> None:
    file_id = upload(client, red_green)
    expected = moderate(client, file_id=file_id)
    job = until(client, submit(client, "/moderate", file_id=file_id), "succeeded")
    assert job["result"]["rules"] == expected["rules"]
    url = submit(client, "/moderate/batch", file_ids=[file_id, "gone"])
    items = until(client, url, "succeeded")["items"]
    assert [item["state"] for item in items] == ["succeeded", "failed"]


@pytest.mark.parametrize(
    ("body", "status"), [({"policy": "none"}, 422), ({"policies": "default"}, 422), ({"regions": "no"}, 422)]
)
def test_what_is_refused(client: FlaskClient, red_green: Rgb, body: dict[str, Any], status: int) -> None:
    answer = client.post("/moderate", json={"file_id": upload(client, red_green), **body})
    check_error(answer, status, "invalid_request")
    check_error(client.post("/moderate", json={"file_id": "gone"}), 404, "not_found")


@pytest.mark.parametrize("missing", ["labeller", "segmenter"])
def test_without_a_model(build: Build, red_green: Rgb, missing: str) -> None:
    client = build(**{missing: ModelUnavailable("no weights")}).test_client()
    answer = client.post("/moderate", json={"file_id": upload(client, red_green)})
    check_error(answer, 503, "model_unavailable")
