"""Tests of adapters/fetch/urls.py."""

import pytest

from adapters.fetch.urls import ImageUrl
from domain.errors import InvalidRequest

READ = {
    "http://example.org": ("http", "example.org", 80, "/"),
    "  https://example.org/a.png\n": ("https", "example.org", 443, "/a.png"),
    "HTTPS://EXAMPLE.ORG/A.PNG": ("https", "example.org", 443, "/A.PNG"),
    "http://example.org:8080/a?b=c&d#e": ("http", "example.org", 8080, "/a?b=c&d"),
    "http://example.org./a": ("http", "example.org", 80, "/a"),
    "http://my_service-1:9000/a": ("http", "my_service-1", 9000, "/a"),
    "http://bücher.example/ä?ö=ü": ("http", "xn--bcher-kva.example", 80, "/%C3%A4?%C3%B6=%C3%BC"),
    "http://BÜCHER.example/": ("http", "xn--bcher-kva.example", 80, "/"),
    "http://example.org/a%20b%2Fc": ("http", "example.org", 80, "/a%20b%2Fc"),
    "http://example.org/../../a": ("http", "example.org", 80, "/a"),
    "http://example.org?a": ("http", "example.org", 80, "/?a"),
    "http://93.184.216.34/": ("http", "93.184.216.34", 80, "/"),
    "http://127.0.0.1./": ("http", "127.0.0.1", 80, "/"),
    "http://[::1]:81/": ("http", "::1", 81, "/"),
    "http://[0:0:0:0:0:0:0:1]/": ("http", "::1", 80, "/"),
    # Other spellings of the same host are read as it.
    "http://127%2e0%2E0.1/": ("http", "127.0.0.1", 80, "/"),
    "http://%31%32%37.0.0.1/": ("http", "127.0.0.1", 80, "/"),
    "http://%6cocalhost/": ("http", "localhost", 80, "/"),
    # The authority ends at the first slash, question mark or number sign.
    "http://127.0.0.1#@example.org/": ("http", "127.0.0.1", 80, "/"),
    "http://127.0.0.1?@example.org/": ("http", "127.0.0.1", 80, "/?@example.org/"),
    "http://127.0.0.1/@example.org/": ("http", "127.0.0.1", 80, "/@example.org/"),
}

REFUSED = {
    "": "http or https",
    "example.org/a.png": "http or https",
    "//example.org/a.png": "http or https",
    "/etc/passwd": "http or https",
    "file:///etc/passwd": "http or https",
    "ftp://example.org/a.png": "http or https",
    "gopher://example.org/": "http or https",
    "data:image/png;base64,AAAA": "http or https",
    "javascript:alert(1)": "http or https",
    "http:example.org": "http or https",
    "http:///a.png": "http or https",
    "http://?a": "http or https",
    "http://example.org:99999/": "http or https",
    "http://example.org:port/": "http or https",
    "http://example.org:0/": "1 to 65535",
    "http://user@example.org/": "user name and a password",
    "http://user:secret@example.org/": "user name and a password",
    "http://example.org@127.0.0.1/": "user name and a password",
    "http://example.org:80@127.0.0.1:81/": "user name and a password",
    "http://a@b@127.0.0.1/": "user name and a password",
    "http://example.org\\@127.0.0.1/": "backslashes",
    "http:\\\\127.0.0.1\\": "backslashes",
    "http://example.org/a b": "%20",
    "http://exam ple.org/": "%20",
    "http://example.org/\r\nHost: 127.0.0.1": "control characters",
    "http://example.org/\0": "control characters",
    "http://exa\tmple.org/": "control characters",
    "http://2130706433/": "four decimal numbers",
    "http://017700000001/": "four decimal numbers",
    "http://0x7f000001/": "four decimal numbers",
    "http://0x7f.0.0.1/": "four decimal numbers",
    "http://0177.0.0.1/": "four decimal numbers",
    "http://127.000.000.001/": "four decimal numbers",
    "http://127.1/": "four decimal numbers",
    "http://127.0.0.1.1/": "four decimal numbers",
    "http://256.0.0.1/": "four decimal numbers",
    "http://example.0x1/": "four decimal numbers",
    "http://[fe80::1%25eth0]/": "without a zone",
    "http://[fe80::1%eth0]/": "without a zone",
    "http://[::256.0.0.1]/": "IPv6",
    "http://[::1/": "http or https",
    "http://[example.org]/": "http or https",
    "http://exa*mple.org/": "host name",
    "http://-example.org/": "host name",
    "http://example..org/": "host name",
    "http://example.org../": "host name",
    "http://./": "host name",
    "http://%00.example.org/": "http or https",
    "http://a%20b/": "host name",
    "http://①②⑦.0.0.1/": "http or https",
    "http://１２７.0.0.1/": "http or https",
    "http://127。0。0。1/": "http or https",
    "http://\ud800/": "http or https",
    f"http://{'a' * 64}.org/": "host name",
    f"http://{'a.' * 130}org/": "host name",
    f"http://example.org/{'a' * 9000}": "8,192 characters",
}


@pytest.mark.parametrize(("text", "expected"), READ.items())
def test_urls_have_one_normal_form(text: str, expected: tuple[str, str, int, str]) -> None:
    url = ImageUrl.parse(text)
    assert (url.scheme, url.host, url.port, url.target) == expected


@pytest.mark.parametrize(("text", "words"), REFUSED.items(), ids=range(len(REFUSED)))
def test_other_texts_are_refused_with_words(text: str, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words) as error:
        ImageUrl.parse(text)
    assert error.value.message.startswith("image_url: expected ")
    assert "got " in error.value.message
    assert "secret" not in error.value.message
    assert len(error.value.message) < 300


@pytest.mark.parametrize(
    ("text", "authority"),
    [
        ("http://example.org/", "example.org"),
        ("https://example.org:443/", "example.org"),
        ("https://example.org:80/", "example.org:80"),
        ("http://[::1]/", "[::1]"),
        ("http://[::1]:81/", "[::1]:81"),
    ],
)
def test_the_host_header_has_a_port_where_one_is_needed(text: str, authority: str) -> None:
    assert ImageUrl.parse(text).authority == authority


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("b.png", "http://example.org:81/x/b.png"),
        ("/b.png", "http://example.org:81/b.png"),
        ("?c", "http://example.org:81/x/a?c"),
        ("//other.org/b", "http://other.org/b"),
        ("https://other.org/b#part", "https://other.org/b"),
        ("/\xc3\xa4", "http://example.org:81/%C3%A4"),
    ],
)
def test_redirects_are_joined(location: str, expected: str) -> None:
    url = ImageUrl.parse("http://example.org:81/x/a").redirected(location)
    assert f"{url.scheme}://{url.authority}{url.target}" == expected


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("http://example.org/", "expected https, as before, got http://example.org"),
        ("file:///etc/passwd", "http or https"),
        ("//[", "http or https"),
        ("//user:secret@example.org/", "user name"),
        ("//2130706433/", "four decimal numbers"),
        ("/a b", "%20"),
    ],
)
def test_redirects_are_checked_like_urls(location: str, words: str) -> None:
    with pytest.raises(InvalidRequest, match=f"in the redirect of example.org, .*{words}"):
        ImageUrl.parse("https://example.org/a").redirected(location)
