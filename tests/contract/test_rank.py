"""/rank."""

import pytest
from flask.testing import FlaskClient

from tests.contract.pictures import plain, upload
from tests.contract.search_calls import GREEN, RED, call, put


@pytest.fixture
def red(client: FlaskClient) -> str:
    return upload(client, plain(RED))


@pytest.fixture
def green(client: FlaskClient) -> str:
    return upload(client, plain(GREEN))


def test_ranking(client: FlaskClient, red: str, green: str) -> None:
    put(client, green, regions=False)
    results = call(client, "POST", "/rank", json={"q": "green", "file_ids": [red, "gone", green]})["results"]
    assert [entry["file_id"] for entry in results] == [green, red, "gone"]
    assert results[0]["score"] > results[1]["score"]
    assert results[2]["error"]["code"] == "not_found"
    assert set(results[2]) == {"file_id", "error"}
