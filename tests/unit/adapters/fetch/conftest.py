"""A web server on the loopback interface, and a fetcher for which names lead to it."""

from collections.abc import Callable, Iterator
from ipaddress import ip_address

import pytest

from adapters.fetch.addresses import IpAddress
from adapters.fetch.fetcher import FetchLimits, HttpImageFetcher
from adapters.fetch.policy import FetchPolicy
from tests.loopback import Loopback, serving

MAX_BYTES = 200_000

QUICK = FetchLimits(total_s=0.4)
"""Limits of tests in which the server is too slow."""


class FakeResolver:
    """Resolves names from a table, and remembers what it was asked.

    Attributes:
        answers: What the next questions about a name get, in order; the last one stays.
        questions: Names in the order of the questions.
    """

    def __init__(self) -> None:
        self.answers: dict[str, list[list[str]]] = {}
        self.questions: list[str] = []

    def __call__(self, host: str, _port: int) -> list[IpAddress]:
        self.questions.append(host)
        answers = self.answers.get(host) or [["127.0.0.1"]]
        return [ip_address(text) for text in (answers.pop(0) if len(answers) > 1 else answers[0])]


@pytest.fixture
def resolver() -> FakeResolver:
    """A resolver for which every name is this machine."""
    return FakeResolver()


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving() as loopback:
        yield loopback


@pytest.fixture
def make(resolver: FakeResolver) -> Callable[..., HttpImageFetcher]:
    """Makes a fetcher that may ask `listed.test` and whatever is public."""

    def fetcher(setting: str = "public,listed.test", limits: FetchLimits | None = None) -> HttpImageFetcher:
        return HttpImageFetcher(FetchPolicy.parse(setting), MAX_BYTES, limits, resolver)

    return fetcher


def listed(server: Loopback, path: str = "/a.png") -> str:
    """The URL of a path of the server, under the name that may be asked."""
    return server.url.replace("127.0.0.1", "listed.test") + path
