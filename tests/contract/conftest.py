"""Uploads that the tests of the search index share."""

import pytest
from flask.testing import FlaskClient

from tests.contract.pictures import plain, upload
from tests.contract.searching import GREEN, RED


@pytest.fixture
def red(client: FlaskClient) -> str:
    return upload(client, plain(RED))


@pytest.fixture
def green(client: FlaskClient) -> str:
    return upload(client, plain(GREEN))
