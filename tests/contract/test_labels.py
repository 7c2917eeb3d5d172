"""/labels."""

from flask.testing import FlaskClient

from tests.contract.shapes import check_documented, check_error, check_success


def test_labels(client: FlaskClient) -> None:
    answer = client.get("/labels")
    body = check_success(answer)
    assert body["vocabulary"] == "default"
    assert len(body["labels"]) == len(set(body["labels"])) == 55
    assert {"person", "traffic light", "french fries", "mouse"} <= set(body["labels"])
    assert "default" in body["vocabularies"]
    check_documented(client, answer, "get", "/labels")
    assert check_success(client.get("/labels?vocabulary=default")) == {**body}
    check_error(client.get("/labels?vocabulary=klingon"), 422, "unknown_vocabulary")
    check_error(client.get("/labels?lang"), 422, "invalid_request")
