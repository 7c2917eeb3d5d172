"""Tests of adapters/fetch/policy.py."""

from ipaddress import ip_address

import pytest

from adapters.fetch.addresses import IpAddress
from adapters.fetch.policy import FetchPolicy
from adapters.fetch.urls import ImageUrl
from domain.errors import FetchFailed, InvalidRequest, ServiceError

NAMES = {
    "public.example": ["8.8.8.8", "2606:4700::1111"],
    "private.example": ["10.0.0.1"],
    "loopback.example": ["127.0.0.1", "::1"],
    "mixed.example": ["8.8.8.8", "10.0.0.1"],
    "mapped.example": ["::ffff:10.0.0.1"],
    "metadata.example": ["169.254.169.254"],
    "mixed-metadata.example": ["10.0.0.1", "169.254.169.254"],
    "unspecified.example": ["0.0.0.0"],
    "localhost": ["::1", "127.0.0.1"],
    # A system resolver reads these; none of them may get so far.
    "2130706433": ["127.0.0.1"],
    "127.1": ["127.0.0.1"],
}

# Each form of a host is asked with three settings: off, public, and the host itself listed.
NEVER = (False, False, False)
LISTED = (False, False, True)
PUBLIC = (False, True, True)

FORMS = {
    "8.8.8.8": PUBLIC,
    "[2606:4700::1111]": PUBLIC,
    "public.example": PUBLIC,
    "PUBLIC.Example.": PUBLIC,
    "127.0.0.1": LISTED,
    "10.0.0.1": LISTED,
    "172.16.0.1": LISTED,
    "192.168.0.1": LISTED,
    "100.64.0.1": LISTED,
    "[::1]": LISTED,
    "[fd00::1]": LISTED,
    "[::ffff:127.0.0.1]": LISTED,
    "[::ffff:7f00:1]": LISTED,
    "[64:ff9b::7f00:1]": LISTED,
    "localhost": LISTED,
    "LocalHost.": LISTED,
    "private.example": LISTED,
    "loopback.example": LISTED,
    "mapped.example": LISTED,
    "mixed.example": LISTED,
    "0.0.0.0": NEVER,
    "[::]": NEVER,
    "169.254.169.254": NEVER,
    "[fe80::1]": NEVER,
    "[fd00:ec2::254]": NEVER,
    "100.100.100.200": NEVER,
    "168.63.129.16": NEVER,
    "224.0.0.1": NEVER,
    "[ff02::1]": NEVER,
    "240.0.0.1": NEVER,
    "255.255.255.255": NEVER,
    "[2002:7f00:1::]": NEVER,
    "[::127.0.0.1]": NEVER,
    "metadata.example": NEVER,
    "mixed-metadata.example": NEVER,
    "unspecified.example": NEVER,
    "missing.example": NEVER,
}

UNREADABLE = ["2130706433", "127.1", "0x7f.1", "0177.0.0.1", "[fe80::1%25lo]"]


def resolve(host: str, _port: int) -> list[IpAddress]:
    """The addresses in `NAMES`."""
    if host not in NAMES:
        raise OSError("no such name")
    return [ip_address(address) for address in NAMES[host]]


def asked(url: str, setting: str) -> list[str]:
    """The addresses that may be asked."""
    found = FetchPolicy.parse(setting).addresses(ImageUrl.parse(url), resolve)
    assert found
    return [str(address) for address in found]


@pytest.mark.parametrize(("host", "expected"), FORMS.items())
def test_every_form_of_a_host_with_every_setting(host: str, expected: tuple[bool, bool, bool]) -> None:
    for setting, allowed in zip(("off", "public", host), expected, strict=True):
        url = f"http://{host}/a.png"
        if allowed:
            assert asked(url, setting)
        else:
            with pytest.raises(ServiceError, match=r"image_url: "):
                asked(url, setting)


@pytest.mark.parametrize("host", UNREADABLE)
@pytest.mark.parametrize("setting", ["off", "public", "127.0.0.1,localhost"])
def test_other_spellings_of_addresses_are_not_even_resolved(host: str, setting: str) -> None:
    with pytest.raises(InvalidRequest, match=r"expected a host name, four decimal numbers"):
        asked(f"http://{host}/a.png", setting)


@pytest.mark.parametrize("host", UNREADABLE)
def test_other_spellings_of_addresses_cannot_be_listed(host: str) -> None:
    with pytest.raises(ValueError, match="fetch_urls: expected"):
        FetchPolicy.parse(host)


def test_all_addresses_of_a_name_come_back_in_order() -> None:
    assert asked("http://public.example/", "public") == NAMES["public.example"]
    assert asked("http://loopback.example/", "loopback.example") == NAMES["loopback.example"]


def test_a_listed_host_allows_no_other_one() -> None:
    for host in ("127.0.0.1", "[::1]", "loopback.example", "a.localhost", "public.example"):
        with pytest.raises(InvalidRequest, match="that the operator of this service listed, got"):
            asked(f"http://{host}/", "localhost")


def test_hosts_and_public_may_be_combined() -> None:
    setting = " public , private.example,"
    assert asked("http://private.example:9000/", setting) == ["10.0.0.1"]
    assert asked("http://public.example/", setting) == NAMES["public.example"]
    with pytest.raises(InvalidRequest, match="public addresses only"):
        asked("http://10.0.0.1/", setting)


@pytest.mark.parametrize(
    "entry", ["private.example:9000", "PRIVATE.example.:9000", "10.0.0.1:9000", "[::1]:9000"]
)
def test_a_listed_port_allows_no_other_one(entry: str) -> None:
    assert asked(f"https://{entry}/", entry)
    host = entry.removesuffix(":9000")
    for url in (f"http://{host}/", f"http://{host}:9001/"):
        with pytest.raises(InvalidRequest, match="that the operator of this service listed"):
            asked(url, entry)


@pytest.mark.parametrize("entry", ["bücher.example", "BÜCHER.Example.", "xn--bcher-kva.example"])
@pytest.mark.parametrize("host", ["bücher.example", "Bücher.EXAMPLE.", "XN--bcher-kva.example"])
def test_international_names_are_one_host_in_every_spelling(
    entry: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(NAMES, "xn--bcher-kva.example", ["10.0.0.1"])
    assert asked(f"http://{host}/a.png", entry) == ["10.0.0.1"]


@pytest.mark.parametrize(
    "host", ["example.org.evil.test", "evilexample.org", "sub.example.org", "example.or"]
)
def test_a_listed_name_allows_no_name_that_resembles_it(host: str) -> None:
    with pytest.raises(InvalidRequest, match="that the operator of this service listed"):
        asked(f"http://{host}/", "example.org")


def test_ipv6_addresses_are_listed_with_and_without_brackets() -> None:
    for setting in ("::1", "[::1]", "0:0:0:0:0:0:0:1"):
        assert asked("http://[::1]:8000/", setting) == ["::1"]


@pytest.mark.parametrize("port", [80, 443, 8080, 8443])
def test_ports_of_web_servers_are_public(port: int) -> None:
    assert asked(f"http://public.example:{port}/", "public")


@pytest.mark.parametrize("port", [21, 22, 25, 6379, 9200, 65535])
def test_other_ports_are_not(port: int) -> None:
    with pytest.raises(InvalidRequest, match=f"one of the ports 80, 443, 8080, 8443, got {port}"):
        asked(f"http://public.example:{port}/", "public")
    assert asked(f"http://public.example:{port}/", "public.example")


def test_the_answer_does_not_tell_what_a_private_network_knows() -> None:
    """A name that does not exist and one with private addresses are refused with the same words."""
    refusals = []
    for host in ("missing.example", "private.example", "mixed.example", "metadata.example"):
        with pytest.raises(InvalidRequest) as error:
            asked(f"http://{host}/", "public")
        refusals.append((error.value.message.replace(host, "HOST"), list(error.value.details)))
        assert not any(address in str(error.value) for address in NAMES.get(host, []))
    assert len(set(map(str, refusals))) == 1


def test_the_addresses_of_this_machine_are_not_public(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.fetch.policy.is_own_address", lambda address: str(address) == "8.8.8.8")
    with pytest.raises(InvalidRequest, match="public addresses only"):
        asked("http://8.8.8.8/", "public")
    assert asked("http://8.8.8.8/", "8.8.8.8")


def test_a_listed_host_that_cannot_be_resolved_is_named() -> None:
    with pytest.raises(FetchFailed, match=r"image_url: missing\.example cannot be resolved"):
        asked("http://missing.example/", "missing.example")


@pytest.mark.parametrize("setting", ["off", "OFF", "", " , "])
def test_nothing_is_fetched_by_default(setting: str) -> None:
    with pytest.raises(InvalidRequest, match="this service fetches no URLs"):
        asked("http://public.example/", setting)


@pytest.mark.parametrize(
    "setting",
    [
        "off,public",
        "off,localhost",
        "http://localhost",
        "localhost/path",
        "localhost?a",
        "localhost#a",
        "user@localhost",
        "*",
        "*.example.org",
        "local host",
        "localhost:0",
        "localhost:http",
        "10.0.0.0/8",
        "a;b",
        "[::1",
    ],
)
def test_a_setting_that_cannot_be_read_is_refused(setting: str) -> None:
    with pytest.raises(ValueError, match=r"fetch_urls: expected .*got"):
        FetchPolicy.parse(setting)
