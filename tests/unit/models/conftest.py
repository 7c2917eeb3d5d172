"""A loopback server for every test of the store that asks for one."""

from collections.abc import Iterator

import pytest

from tests.loopback import Loopback, serving


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """A server, reached without the proxies that this machine may have."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    with serving() as loopback:
        yield loopback
