"""Decides from which hosts and addresses an image may be fetched."""

from dataclasses import dataclass
from typing import Final, Self

from urllib3.util import parse_url

from adapters.fetch.addresses import IpAddress, Resolver, is_own_address, scope_of
from adapters.fetch.urls import ImageUrl, canonical_host
from domain.errors import FetchFailed, InvalidRequest

PUBLIC_PORTS: Final = (80, 443, 8080, 8443)
"""Ports on which hosts that are not listed may be asked."""


@dataclass(frozen=True)
class FetchPolicy:
    """Hosts that the setting SEGLABEL_FETCH_URLS allows.

    Attributes:
        public: Whether every host may be asked whose addresses are all public.
        hosts: Listed hosts in their normal form, each with its port or None for every port. They may be
            loopback or private.
    """

    public: bool
    hosts: frozenset[tuple[str, int | None]]

    @classmethod
    def parse(cls, setting: str) -> Self:
        """Return the policy of `off`, `public`, or hosts with commas; `public` may be among them.

        Raises:
            ValueError: An entry is none of these.
        """
        entries = [entry for entry in (part.strip() for part in setting.split(",")) if entry]
        words = {entry.lower() for entry in entries} & {"off", "public"}
        if "off" in words and len(entries) > 1:
            raise ValueError(f"fetch_urls: expected nothing beside off, got {setting!r}")
        hosts = frozenset(_listed_host(entry) for entry in entries if entry.lower() not in words)
        return cls("public" in words, hosts)

    def addresses(self, url: ImageUrl, resolve: Resolver) -> list[IpAddress]:
        """Return all addresses of the host of `url`, at least one; each of them may be asked.

        The name is resolved once, so a caller that connects to these addresses asks no other one. The answer
        about a host that is not listed does not tell whether it exists in a private network.

        Raises:
            InvalidRequest: The host, its port or one of its addresses may not be asked.
            FetchFailed: The listed host cannot be resolved.
        """
        if not self.public and not self.hosts:
            raise InvalidRequest(
                "image_url: expected the image itself, because this service fetches no URLs, got a URL"
            )
        if self.hosts & {(url.host, None), (url.host, url.port)}:
            return _listed_addresses(url, resolve)
        self._check_unlisted(url)
        found = _resolved(url, resolve)
        if not found or not all(map(_is_public, found)):
            raise InvalidRequest(
                f"image_url: expected an existing host with public addresses only, got {url.host}",
                {"host": url.host},
            )
        return found

    def _check_unlisted(self, url: ImageUrl) -> None:
        if not self.public:
            raise InvalidRequest(
                f"image_url: expected a host that the operator of this service listed, got {url.authority}",
                {"host": url.host},
            )
        if url.port not in PUBLIC_PORTS:
            ports = ", ".join(map(str, PUBLIC_PORTS))
            raise InvalidRequest(f"image_url: expected one of the ports {ports}, got {url.port}")


def _listed_addresses(url: ImageUrl, resolve: Resolver) -> list[IpAddress]:
    found = _resolved(url, resolve)
    if not found:
        raise FetchFailed(f"image_url: {url.host} cannot be resolved", {"host": url.host})
    if any(scope_of(address) == "forbidden" for address in found):
        raise InvalidRequest(
            f"image_url: expected a host with public, private or loopback addresses only, got {url.host}",
            {"host": url.host},
        )
    return found


def _is_public(address: IpAddress) -> bool:
    return scope_of(address) == "public" and not is_own_address(address)


def _resolved(url: ImageUrl, resolve: Resolver) -> list[IpAddress]:
    if url.literal is not None:
        return [url.literal]
    try:
        return resolve(url.host, url.port)
    except (OSError, UnicodeError):
        return []


def _listed_host(entry: str) -> tuple[str, int | None]:
    bare_ipv6 = entry.count(":") > 1 and not entry.startswith("[")
    try:
        parsed = parse_url(f"//[{entry}]" if bare_ipv6 else f"//{entry}")
        if (
            not parsed.host
            or parsed.port == 0
            or any((parsed.auth, parsed.path, parsed.query, parsed.fragment))
        ):
            raise ValueError("expected nothing but a host and a port")
        return canonical_host(parsed.host), parsed.port
    except ValueError as error:
        raise ValueError(
            f"fetch_urls: expected off, public, or hosts separated by commas, got {entry!r}"
        ) from error
