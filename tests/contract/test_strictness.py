"""Every body refuses members that it does not know and values of another type."""

import pytest
from flask.testing import FlaskClient

from tests.contract.shapes import check_error

TASKS = ["segment", "analyze", "caption", "moderate", "index"]


@pytest.mark.parametrize("name", TASKS)
def test_an_unknown_member_is_refused(client: FlaskClient, file_id: str, name: str) -> None:
    check_error(client.post(f"/{name}", json={"file_id": file_id, "x": 1}), 422, "invalid_request")
    check_error(client.post(f"/{name}/batch", json={"file_ids": [file_id], "x": 1}), 422, "invalid_request")


@pytest.mark.parametrize("name", TASKS)
def test_a_value_of_another_type_is_refused(client: FlaskClient, file_id: str, name: str) -> None:
    check_error(client.post(f"/{name}", json={"file_id": file_id, "async": "yes"}), 422, "invalid_request")
    check_error(client.post(f"/{name}/batch", json={"file_ids": [1]}), 422, "invalid_request")
