"""Tests of adapters/fetch/connection.py over TLS, with an authority of the tests."""

import ssl
from collections.abc import Iterator

import pytest
import trustme

from adapters.fetch.fetcher import HttpImageFetcher
from adapters.fetch.policy import FetchPolicy
from domain.errors import FetchFailed, InvalidRequest
from tests.loopback import Loopback, dripping, serving, status
from tests.unit.adapters.fetch.conftest import MAX_BYTES, QUICK, FakeResolver, listed

IMAGE = status(200, b"image", Content_Type="image/png")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def asked_names() -> list[str | None]:
    """The names that clients asked for in TLS's own server name indication."""
    return []


@pytest.fixture
def tls_server(authority: trustme.CA, asked_names: list[str | None]) -> Iterator[Loopback]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("listed.test", "127.0.0.1").configure_cert(context)
    context.sni_callback = lambda _socket, name, _context: asked_names.append(name)
    with serving(context) as loopback:
        yield loopback


@pytest.fixture
def fetcher(
    authority: trustme.CA, resolver: FakeResolver, request: pytest.FixtureRequest
) -> HttpImageFetcher:
    """A fetcher that trusts the authority; its parameter is its limits."""

    def trusting() -> ssl.SSLContext:
        context = ssl.create_default_context()
        authority.configure_trust(context)
        return context

    policy = FetchPolicy.parse("listed.test,other.test,127.0.0.1")
    return HttpImageFetcher(policy, MAX_BYTES, getattr(request, "param", None), resolver, trusting)


def test_the_name_is_asked_and_verified_at_the_pinned_address(
    tls_server: Loopback, fetcher: HttpImageFetcher, asked_names: list[str | None]
) -> None:
    tls_server.answers = [status(302, Location="/b.png"), IMAGE]
    assert fetcher.fetch(listed(tls_server)) == b"image"
    assert asked_names == ["listed.test"] * 2
    assert tls_server.requests[1][1]["Host"] == listed(tls_server, "").removeprefix("https://")


def test_an_address_is_verified_too(tls_server: Loopback, fetcher: HttpImageFetcher) -> None:
    tls_server.answers = [IMAGE]
    assert fetcher.fetch(tls_server.url) == b"image"


def test_a_certificate_of_another_name_is_refused(tls_server: Loopback, fetcher: HttpImageFetcher) -> None:
    with pytest.raises(FetchFailed, match=r"other\.test has a certificate that cannot be trusted: Hostname"):
        fetcher.fetch(listed(tls_server).replace("listed.test", "other.test"))
    assert not tls_server.requests


def test_an_unknown_authority_is_refused(tls_server: Loopback, resolver: FakeResolver) -> None:
    unknowing = HttpImageFetcher(FetchPolicy.parse("listed.test"), MAX_BYTES, resolve=resolver)
    with pytest.raises(FetchFailed, match=r"listed\.test has a certificate that cannot be trusted: unable"):
        unknowing.fetch(listed(tls_server))
    assert not tls_server.requests


def test_a_server_without_tls_is_refused(fetcher: HttpImageFetcher) -> None:
    with serving() as plain:
        plain.answers = [IMAGE]
        url = listed(plain).replace("http:", "https:")
        with pytest.raises(FetchFailed, match=r"listed\.test failed to set up TLS"):
            fetcher.fetch(url)


def test_a_redirect_to_http_is_refused(tls_server: Loopback, fetcher: HttpImageFetcher) -> None:
    with serving() as plain:
        plain.answers = [IMAGE]
        tls_server.answers = [status(302, Location=listed(plain))]
        with pytest.raises(InvalidRequest, match=r"in the redirect of listed\.test, expected https"):
            fetcher.fetch(listed(tls_server))
        assert not plain.requests


def test_a_redirect_to_https_is_followed(tls_server: Loopback, fetcher: HttpImageFetcher) -> None:
    with serving() as plain:
        tls_server.answers = [IMAGE]
        plain.answers = [status(302, Location=listed(tls_server))]
        assert fetcher.fetch(listed(plain)) == b"image"


@pytest.mark.parametrize("fetcher", [QUICK], indirect=True)
@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nX: ",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n",
    ],
)
def test_a_slow_drip_ends_at_the_deadline(
    tls_server: Loopback, fetcher: HttpImageFetcher, head: bytes
) -> None:
    tls_server.answers = [dripping(head, b"a")]
    with pytest.raises(FetchFailed, match=r"listed\.test did not send the image in time"):
        fetcher.fetch(listed(tls_server))
