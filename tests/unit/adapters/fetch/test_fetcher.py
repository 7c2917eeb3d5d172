"""Tests of adapters/fetch/fetcher.py and adapters/fetch/connection.py, with a real server."""

import gzip
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.fetch.fetcher import FetchLimits, HttpImageFetcher
from config.settings import Settings
from domain.errors import FetchFailed, InvalidRequest, Overloaded, ServiceError, TooLarge, UnsupportedMedia
from tests.conftest import fake_services
from tests.loopback import Handler, Loopback, broken, dripping, status, unsized
from tests.unit.adapters.fetch.conftest import MAX_BYTES, QUICK, FakeResolver, listed

Make = Callable[..., HttpImageFetcher]

IMAGE = bytes(range(256)) * 500

OK = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n"


def image(body: bytes = IMAGE, **headers: str) -> Callable[[Handler], None]:
    """An answer with an image."""
    return status(200, body, **{"Content_Type": "image/png", **headers})


def chunk(body: bytes) -> bytes:
    """A piece of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(body), body)


def refusal(fetcher: HttpImageFetcher, url: str) -> ServiceError:
    """The error of a fetch; its message is about `image_url`."""
    with pytest.raises(ServiceError) as error:
        fetcher.fetch(url)
    assert error.value.message.startswith("image_url: ")
    return error.value


def test_an_image_comes_byte_for_byte(server: Loopback, make: Make) -> None:
    server.answers = [image()]
    assert make().fetch(listed(server, "/a%20b.png?c=d#part")) == IMAGE
    [(path, headers)] = server.requests
    assert path == "/a%20b.png?c=d"
    assert headers == {
        "Host": listed(server, "").removeprefix("http://"),
        "Accept": "image/*, application/octet-stream;q=0.5",
        "Accept-Encoding": "identity",
        "User-Agent": "seglabel",
        "Connection": "close",
    }


def test_a_listed_address_is_asked(server: Loopback, make: Make, resolver: FakeResolver) -> None:
    server.answers = [image()]
    assert make("127.0.0.1").fetch(server.url) == IMAGE
    assert not resolver.questions


def test_nothing_is_asked_where_fetching_is_off(server: Loopback, make: Make) -> None:
    server.answers = [image()]
    for setting in ("off", "public", "other.test"):
        assert isinstance(refusal(make(setting), server.url), InvalidRequest)
        assert isinstance(refusal(make(setting), listed(server)), InvalidRequest)
    assert not server.requests


def test_the_service_fetches_nothing_by_default(settings: Settings, server: Loopback) -> None:
    assert "fetches no URLs" in refusal(fake_services(settings).fetcher, server.url).message
    with pytest.raises(ValueError, match="fetch_urls: expected"):
        fake_services(settings.model_copy(update={"fetch_urls": "http://localhost"}))


def test_proxies_and_credentials_of_the_environment_are_not_used(
    server: Loopback, make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine listed.test login user password secret\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.answers = [image()]
    assert make().fetch(listed(server)) == IMAGE
    assert "Authorization" not in server.requests[0][1]


class TestPinning:
    """The address that was checked is the one that is asked."""

    def test_a_name_is_resolved_once_and_its_address_is_connected(
        self, server: Loopback, make: Make, resolver: FakeResolver
    ) -> None:
        """DNS rebinding: the second answer would lead elsewhere, and the system knows no such name."""
        resolver.answers["listed.test"] = [["127.0.0.1"], ["169.254.169.254"]]
        server.answers = [image()]
        assert make().fetch(listed(server)) == IMAGE
        assert resolver.questions == ["listed.test"]

    def test_every_hop_is_resolved_and_checked_again(
        self, server: Loopback, make: Make, resolver: FakeResolver
    ) -> None:
        resolver.answers["listed.test"] = [["127.0.0.1"], ["169.254.169.254"]]
        server.answers = [status(302, Location="/b.png"), image()]
        assert "public, private or loopback" in refusal(make(), listed(server)).message
        assert resolver.questions == ["listed.test"] * 2
        assert len(server.requests) == 1

    def test_one_forbidden_address_among_others_forbids_all(
        self, server: Loopback, make: Make, resolver: FakeResolver
    ) -> None:
        resolver.answers["listed.test"] = [["127.0.0.1", "169.254.169.254"]]
        refusal(make(), listed(server))
        assert not server.requests

    def test_the_next_address_is_asked_where_one_does_not_answer(
        self, server: Loopback, make: Make, resolver: FakeResolver
    ) -> None:
        resolver.answers["listed.test"] = [["::1", "127.0.0.1"]]
        server.answers = [image()]
        assert make().fetch(listed(server)) == IMAGE


class TestRedirects:
    """Redirects are few, and checked like URLs."""

    @pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
    def test_three_are_followed(self, server: Loopback, make: Make, code: int) -> None:
        server.answers = [
            status(code, b"moved", Location="/b.png", Set_Cookie="a=b"),
            status(code, Location="c.png#part"),
            status(code, Location=listed(server, "/d.png")),
            image(),
        ]
        assert make().fetch(listed(server)) == IMAGE
        assert [path for path, _ in server.requests] == ["/a.png", "/b.png", "/c.png", "/d.png"]
        assert not any({"Cookie", "Referer"} & headers.keys() for _, headers in server.requests)

    def test_more_are_refused(self, server: Loopback, make: Make) -> None:
        server.answers = [status(302, Location="/a.png")]
        assert "at most 3 redirects" in refusal(make(), listed(server)).message
        assert len(server.requests) == 4

    @pytest.mark.parametrize(
        "host",
        [
            "127.0.0.1",
            "localhost",
            "0.0.0.0",
            "2130706433",
            "0x7f.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::]",
            "169.254.169.254",
            "10.0.0.1",
            "100.64.0.1",
            "inner.test",
        ],
    )
    @pytest.mark.parametrize("with_port", [True, False])
    def test_inward_ones_are_refused(self, server: Loopback, make: Make, host: str, with_port: bool) -> None:
        port = server.url.rpartition(":")[2]
        server.answers = [status(302, Location=f"http://{host}:{port if with_port else 80}/secret"), image()]
        assert isinstance(refusal(make(), listed(server)), InvalidRequest)
        assert [path for path, _ in server.requests] == ["/a.png"]

    @pytest.mark.parametrize(
        "target", ["http://public.test/b.png", "http://8.8.8.8/b.png", "//listed.test:1/"]
    )
    def test_a_list_holds_for_each_hop(
        self, server: Loopback, make: Make, resolver: FakeResolver, target: str
    ) -> None:
        resolver.answers["public.test"] = [["8.8.8.8"]]
        server.answers = [status(302, Location=target), image()]
        listed_port = listed(server, "").removeprefix("http://")
        assert (
            "that the operator of this service listed" in refusal(make(listed_port), listed(server)).message
        )
        assert resolver.questions == ["listed.test"]

    @pytest.mark.parametrize(
        "location", ["file:///etc/passwd", "ftp://listed.test/", "data:image/png;base64,AAAA", "gopher://x"]
    )
    def test_other_schemes_are_refused(self, server: Loopback, make: Make, location: str) -> None:
        server.answers = [status(302, Location=location)]
        assert "in the redirect of listed.test, expected an http" in refusal(make(), listed(server)).message

    def test_one_without_a_location_is_no_image(self, server: Loopback, make: Make) -> None:
        server.answers = [status(302)]
        assert "expected status 200 of listed.test, got 302" in refusal(make(), listed(server)).message


class TestTime:
    """A slow host is left."""

    @pytest.mark.parametrize(
        ("head", "piece"),
        [
            pytest.param(b"HTTP/1.1 200 OK\r\nX: ", b"a", id="headers"),
            pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", id="continue"),
            pytest.param(OK + b"Content-Length: 1000\r\n\r\n", b"a", id="sized body"),
            pytest.param(OK + b"\r\n", b"a", id="unsized body"),
            pytest.param(OK + b"Transfer-Encoding: chunked\r\n\r\n", chunk(b"a"), id="chunks"),
            pytest.param(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"A: b\r\n", id="trailers"),
        ],
    )
    def test_a_slow_drip_ends_at_the_deadline(
        self, server: Loopback, make: Make, head: bytes, piece: bytes
    ) -> None:
        server.answers = [dripping(head, piece)]
        error = refusal(make(limits=QUICK), listed(server))
        assert isinstance(error, FetchFailed)
        assert error.message == "image_url: listed.test did not send the image in time"

    @pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\n", OK + b"\r\nabc"])
    def test_silence_ends_earlier(self, server: Loopback, make: Make, head: bytes) -> None:
        server.answers = [dripping(head, b"", every_s=0.05)]
        limits = FetchLimits(total_s=60, silence_s=0.1)
        error = refusal(make(limits=limits), listed(server))
        assert error.message == "image_url: listed.test sent nothing for 0.1 seconds"

    def test_the_redirects_share_the_deadline(self, server: Loopback, make: Make) -> None:
        def slow_redirect(handler: Handler) -> None:
            time.sleep(0.15)
            handler.reply(302, Location="/")

        server.answers = [slow_redirect]
        error = refusal(make(limits=QUICK), listed(server))
        assert error.message == "image_url: listed.test did not send the image in time"

    def test_only_so_many_images_are_fetched_at_once(self, server: Loopback, make: Make) -> None:
        asked, go_on = threading.Event(), threading.Event()

        def wait(handler: Handler) -> None:
            asked.set()
            go_on.wait(10)
            image()(handler)

        server.answers = [wait, image()]
        fetcher = make(limits=FetchLimits(at_once=1))
        with ThreadPoolExecutor() as pool:
            first = pool.submit(fetcher.fetch, listed(server))
            assert asked.wait(10)
            assert isinstance(refusal(fetcher, listed(server)), Overloaded)
            go_on.set()
            assert first.result() == IMAGE
        assert fetcher.fetch(listed(server)) == IMAGE


class TestSize:
    """A large file is not read."""

    def test_the_largest_image_is_accepted(self, server: Loopback, make: Make) -> None:
        for answer in (image(bytes(MAX_BYTES)), unsized(bytes(MAX_BYTES))):
            server.answers = [answer]
            assert make().fetch(listed(server)) == bytes(MAX_BYTES)

    def test_a_stated_size_is_enough_to_refuse(self, server: Loopback, make: Make) -> None:
        server.answers = [dripping(OK + b"Content-Length: 200001\r\n\r\n", b"")]
        error = refusal(make(), listed(server))
        assert isinstance(error, TooLarge)
        assert "at most 200,000 bytes, got 200,001" in error.message
        assert error.details == {"max_bytes": MAX_BYTES}

    @pytest.mark.parametrize(
        ("head", "piece"),
        [
            pytest.param(OK + b"\r\n", bytes(4096), id="unsized"),
            pytest.param(OK + b"Transfer-Encoding: chunked\r\n\r\n", chunk(bytes(4096)), id="chunked"),
            pytest.param(
                OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
                chunk(bytes(4096)),
                id="chunked and a small length",
            ),
            pytest.param(
                OK + b"Transfer-Encoding: chunked\r\n\r\n", b"ffffffffff\r\n" + bytes(4096), id="one chunk"
            ),
        ],
    )
    def test_an_endless_body_is_cut(self, server: Loopback, make: Make, head: bytes, piece: bytes) -> None:
        server.answers = [dripping(head, piece, every_s=0)]
        error = refusal(make(), listed(server))
        assert isinstance(error, TooLarge)
        assert "at most 200,000 bytes, got more" in error.message

    def test_a_body_that_ends_early_is_no_image(self, server: Loopback, make: Make) -> None:
        chunked = OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunk(b"abc")
        for answer in (broken(IMAGE, 1000), lambda handler: handler.wfile.write(chunked)):
            server.answers = [answer]
            assert refusal(make(), listed(server)).message == "image_url: listed.test ended its answer early"

    def test_no_more_than_the_stated_size_is_read(self, server: Loopback, make: Make) -> None:
        server.answers = [image(IMAGE, Content_Length="5")]
        assert make().fetch(listed(server)) == IMAGE[:5]

    @pytest.mark.parametrize("encoding", ["gzip", "GZIP", "deflate", "br", "zstd", "gzip, identity", "x"])
    def test_a_compressed_body_is_not_inflated(self, server: Loopback, make: Make, encoding: str) -> None:
        server.answers = [image(gzip.compress(bytes(10_000_000)), Content_Encoding=encoding)]
        error = refusal(make(), listed(server))
        assert isinstance(error, FetchFailed)
        assert f"not compressed, got Content-Encoding '{encoding.lower()}'" in error.message

    def test_identity_is_no_compression(self, server: Loopback, make: Make) -> None:
        server.answers = [image(Content_Encoding="identity")]
        assert make().fetch(listed(server)) == IMAGE

    @pytest.mark.parametrize("encoding", ["gzip, chunked", "gzip", "chunked, gzip", "x"])
    def test_a_compressed_transfer_is_not_inflated(self, server: Loopback, make: Make, encoding: str) -> None:
        head = OK + f"Transfer-Encoding: {encoding}\r\n\r\n".encode()
        server.answers = [dripping(head, chunk(gzip.compress(bytes(1000))))]
        error = refusal(make(), listed(server))
        assert isinstance(error, FetchFailed)
        assert f"not compressed, got Transfer-Encoding '{encoding}'" in error.message


class TestAnswers:
    """Answers without an image are told."""

    @pytest.mark.parametrize(
        "content_type",
        [
            "image/png",
            "IMAGE/JPEG",
            "image/heic; charset=binary",
            "image/svg+xml",
            "application/octet-stream",
            "binary/octet-stream",
            "",
        ],
    )
    def test_images_and_unspecific_types_are_accepted(
        self, server: Loopback, make: Make, content_type: str
    ) -> None:
        server.answers = [image(Content_Type=content_type)]
        assert make().fetch(listed(server)) == IMAGE

    def test_an_absent_type_is_accepted(self, server: Loopback, make: Make) -> None:
        server.answers = [unsized(IMAGE)]
        assert make().fetch(listed(server)) == IMAGE

    @pytest.mark.parametrize(
        "content_type", ["text/html; charset=utf-8", "application/json", "video/mp4", "x"]
    )
    def test_other_types_are_refused_before_the_body(
        self, server: Loopback, make: Make, content_type: str
    ) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n\r\n".encode()
        server.answers = [dripping(head, b"")]
        error = refusal(make(), listed(server))
        assert isinstance(error, UnsupportedMedia)
        assert f"got Content-Type '{content_type.partition(';')[0]}'" in error.message

    @pytest.mark.parametrize("code", [201, 204, 206, 304, 401, 403, 404, 429, 500, 503])
    def test_other_statuses_are_told(self, server: Loopback, make: Make, code: int) -> None:
        server.answers = [status(code, b"", Content_Type="image/png")]
        error = refusal(make(), listed(server))
        assert isinstance(error, FetchFailed)
        assert error.message == f"image_url: expected status 200 of listed.test, got {code}"
        assert error.details == {"host": "listed.test", "status": code}

    @pytest.mark.parametrize(
        "answer",
        [
            b"",
            b"SSH-2.0-OpenSSH_9.2\r\n",
            b"+PONG\r\n",
            b"HTTP/1.1 abc\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n",
            b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000 + b"\r\n\r\n",
            OK + b"Content-Length: 5, 6\r\n\r\nabcdef",
        ],
    )
    def test_what_is_not_http_is_refused(self, server: Loopback, make: Make, answer: bytes) -> None:
        server.answers = [lambda handler: handler.wfile.write(answer)]
        error = refusal(make(), listed(server))
        assert isinstance(error, FetchFailed)
        assert "could not be read" in error.message or "as a web server should" in error.message

    def test_a_closed_port_of_a_listed_host_is_told_without_its_address(self, make: Make) -> None:
        error = refusal(make(), f"http://listed.test:{_free_port()}/")
        assert isinstance(error, FetchFailed)
        assert error.message == "image_url: listed.test could not be read: Connection refused"

    def test_open_and_closed_ports_of_other_hosts_look_the_same(self, server: Loopback, make: Make) -> None:
        port = server.url.rpartition(":")[2]
        for host in ("inner.test", "127.0.0.1"):
            refusals = [
                refusal(make(), f"http://{host}:{number}/").message.replace(str(number), "PORT")
                for number in (port, _free_port())
            ]
            assert refusals[0] == refusals[1]
        assert not server.requests


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
