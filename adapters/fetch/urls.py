"""Reads the URLs of images strictly, in one parser, so that what is checked is what is asked."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, Self
from urllib.parse import urljoin

from urllib3.util import parse_url

from adapters.fetch.addresses import IpAddress
from domain.errors import InvalidRequest

DEFAULT_PORTS: Final = {"http": 80, "https": 443}

MAX_URL_CHARACTERS: Final = 8192

_NAME: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")

# A system resolver reads a host that ends in a number as an IPv4 address: 2130706433, 127.1, 0177.0.0.1.
_NUMERIC_END: Final = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")

# Programs disagree about a backslash, and about control characters, which they may strip.
_UNSAFE: Final = re.compile(r"[\x00-\x20\x7f\\]")


@dataclass(frozen=True)
class ImageUrl:
    """URL of an image in its normal form, without a fragment.

    Attributes:
        scheme: `http` or `https`.
        host: Name in lower case and ASCII (IDNA) without a trailing dot, or an IP address in its normal form.
        port: Port, 1 to 65535.
        target: Path and query, percent-encoded.
    """

    scheme: str
    host: str
    port: int
    target: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the URL that a caller sent.

        Raises:
            InvalidRequest: It is not an http or https URL of a host, or it has a user name or a password.
        """
        try:
            return cls._read(text.strip(" \t\r\n"))
        except ValueError as error:
            raise InvalidRequest(f"image_url: {error}") from error

    @classmethod
    def _read(cls, text: str) -> Self:
        if len(text) > MAX_URL_CHARACTERS:
            raise ValueError(f"expected at most {MAX_URL_CHARACTERS:,} characters, got {len(text):,}")
        if _UNSAFE.search(text):
            expected = "a URL without spaces (write %20), control characters and backslashes"
            raise ValueError(f"expected {expected}, got {text[:80]!r}")
        try:
            parsed = parse_url(text)
        except ValueError as error:
            raise ValueError(f"expected an http or https URL, got {text[:80]!r}") from error
        if parsed.auth is not None:
            raise ValueError("expected a URL without a user name and a password, got one with them")
        if parsed.scheme not in DEFAULT_PORTS or not parsed.host:
            raise ValueError(f"expected an http or https URL, got {text[:80]!r}")
        if parsed.port == 0:
            raise ValueError("expected a port of 1 to 65535, got 0")
        port = parsed.port or DEFAULT_PORTS[parsed.scheme]
        return cls(parsed.scheme, canonical_host(parsed.host), port, parsed.request_uri)

    @property
    def literal(self) -> IpAddress | None:
        """The address, if the host is one and not a name."""
        try:
            return ip_address(self.host)
        except ValueError:
            return None

    @property
    def authority(self) -> str:
        """Host and, if it is not the scheme's own, port: the value of the header Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def redirected(self, location: str) -> Self:
        """Return the URL of a Location header in the answer to this one.

        Raises:
            InvalidRequest: It is not a URL that `parse` accepts, or it leads from https to http.
        """
        # Headers are read as Latin-1, but servers send UTF-8.
        location = location.encode("latin-1", "replace").decode("utf-8", "replace")
        try:
            target = self._read(self._joined(location))
            if (self.scheme, target.scheme) == ("https", "http"):
                raise ValueError(f"expected https, as before, got http://{target.authority}")
        except ValueError as error:
            raise InvalidRequest(f"image_url: in the redirect of {self.host}, {error}") from error
        return target

    def _joined(self, location: str) -> str:
        try:
            return urljoin(f"{self.scheme}://{self.authority}{self.target}", location)
        except ValueError as error:
            raise ValueError(f"expected an http or https URL, got {location[:80]!r}") from error


def canonical_host(host: str) -> str:
    """Return the normal form of the host that `urllib3.util.parse_url` found.

    Raises:
        ValueError: It is neither a name nor an IP address in its usual form.
    """
    name = host.removesuffix(".")
    try:
        if host.startswith("[") and "%" not in host:
            return str(IPv6Address(host[1:-1]))
        if _NUMERIC_END.fullmatch(name):
            return str(IPv4Address(name))
    except ValueError:
        name = ""
    if len(name) > 253 or not _NAME.fullmatch(name):
        forms = "a host name, four decimal numbers, or an IPv6 address without a zone"
        raise ValueError(f"expected {forms}, got {host[:80]!r}")
    return name
