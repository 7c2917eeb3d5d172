"""/health, /ready and /metrics."""

import time

from flask.testing import FlaskClient

from tests.contract.shapes import check_documented, check_success


def _until_ready(client: FlaskClient) -> None:
    for _ in range(100):
        if client.get("/ready").status_code == 200:
            return
        time.sleep(0.02)


def test_health_and_ready(client: FlaskClient) -> None:
    assert check_success(client.get("/health"))["status"] == "alive"
    _until_ready(client)
    answer = client.get("/ready")
    body = check_success(answer)
    assert body["status"] == "ready"
    assert set(body["models"]) == {"segmenter", "labeller", "text", "depth"}
    check_documented(client, answer, "get", "/ready")
    check_documented(client, client.get("/health"), "get", "/health")


def test_metrics_count_requests_and_stages(client: FlaskClient, file_id: str) -> None:
    client.post("/segment", json={"file_id": file_id})
    client.get("/no/such/path")
    page = client.get("/metrics").text
    assert 'seglabel_requests_total{method="POST",path="/segment",status="200"} 1.0' in page
    assert 'path="unmatched",status="404"' in page
    assert 'seglabel_stage_seconds_count{stage="classify"} 1.0' in page
    assert "seglabel_segmentations_inside 0.0" in page
