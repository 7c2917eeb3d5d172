"""Fixture with a loopback server for the tests of the store."""

from collections.abc import Iterator

import pytest

from tests.loopback import Loopback, serving


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """Serve on the loopback interface, without the proxies of this machine."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    with serving() as loopback:
        yield loopback
