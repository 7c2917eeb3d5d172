"""Resolves host names, and sorts IP addresses by who may be asked for an image."""

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final, Literal

IpAddress = IPv4Address | IPv6Address

AddressScope = Literal["public", "inner", "forbidden"]
"""Scope of an address: `public` on the Internet, `inner` on this machine or in a private network, `forbidden`
for everything else, such as link-local, multicast and reserved addresses."""

Resolver = Callable[[str, int], list[IpAddress]]
"""Function that returns all addresses of a host name and a port, best first, or raises OSError."""

_INNER: Final = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by the customers of a provider (RFC 6598), used inside clouds and VPNs
        "127.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "::1/128",
        "fc00::/7",
    )
)

# Python's `is_global` is True for some of these, in some of its versions.
_NOT_PUBLIC: Final = tuple(
    ip_network(text)
    for text in (
        "192.0.0.0/24",  # protocol assignments, among them a metadata service
        "192.88.99.0/24",  # 6to4 relays
        "2001::/23",  # protocol assignments, among them Teredo, which contains IPv4 addresses
        "2001:db8::/32",
        "2002::/16",  # 6to4, which contains IPv4 addresses
        "3fff::/20",
    )
)

# Everything outside it is reserved, local, or contains an IPv4 address.
_GLOBAL_UNICAST: Final = ip_network("2000::/3")

_NAT64: Final = ip_network("64:ff9b::/96")

# Clouds answer here with credentials of the machine; other such addresses are link-local.
_METADATA: Final = frozenset(
    map(ip_address, ("100.100.100.200", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254"))
)


def scope_of(address: IpAddress) -> AddressScope:
    """Return the scope of an address.

    The IPv4 address inside an IPv4-mapped or NAT64 (RFC 6052) address decides. Python's `is_global`, which
    reads IANA's registries of special addresses, is narrowed by what it leaves out.
    """
    if (inside := _embedded_ipv4(address)) is not None:
        return scope_of(inside)
    if address in _METADATA:
        return "forbidden"
    if any(address in network for network in _INNER):
        return "inner"
    reserved = address.is_multicast or any(address in network for network in _NOT_PUBLIC)
    unicast = address.version == 4 or address in _GLOBAL_UNICAST
    return "public" if address.is_global and unicast and not reserved else "forbidden"


def _embedded_ipv4(address: IpAddress) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped


def is_own_address(address: IpAddress) -> bool:
    """Return whether this machine itself has the address; nothing is sent."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            # The system chooses the sender's address for this receiver: the same one if it is its own.
            probe.connect((str(address), 443))
            return ip_address(probe.getsockname()[0]) == address
    except OSError:
        return False


def resolve_host(host: str, port: int) -> list[IpAddress]:
    """Return the addresses of a host name, in the order of the system's resolver.

    Raises:
        OSError: The name does not exist, or it cannot be resolved now.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(entry[4][0]) for entry in found))
