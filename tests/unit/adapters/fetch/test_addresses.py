"""Tests of adapters/fetch/addresses.py."""

from ipaddress import ip_address

import pytest

from adapters.fetch.addresses import is_own_address, resolve_host, scope_of

SCOPES = {
    "public": [
        "1.1.1.1",
        "8.8.8.8",
        "93.184.216.34",
        "223.255.255.254",
        "2606:4700::1111",
        "2a00:1450:4001::8a",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
    ],
    "inner": [
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "::1",
        "fc00::1",
        "fd12:3456::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1",
    ],
    "forbidden": [
        "0.0.0.0",
        "0.1.2.3",
        "100.100.100.200",
        "168.63.129.16",
        "169.254.169.254",
        "192.0.0.8",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::7f00:1",
        "::8.8.8.8",
        "::ffff:0.0.0.0",
        "::ffff:169.254.169.254",
        "::ffff:0:127.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::8.8.8.8",
        "100::1",
        "2001:0:808:808::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::1",
        "3fff::1",
        "4000::1",
        "5f00::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "fe80::1",
        "fe80::1%lo",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
    ],
}


@pytest.mark.parametrize(
    ("address", "scope"), [(address, scope) for scope, addresses in SCOPES.items() for address in addresses]
)
def test_every_kind_of_address_has_its_scope(address: str, scope: str) -> None:
    assert scope_of(ip_address(address)) == scope


def test_the_machine_knows_its_own_addresses() -> None:
    assert is_own_address(ip_address("127.0.0.1"))
    assert not is_own_address(ip_address("192.0.2.1"))
    assert not is_own_address(ip_address("2001:db8::1"))


def test_the_systems_resolver_gives_each_address_once() -> None:
    assert resolve_host("127.0.0.1", 80) == [ip_address("127.0.0.1")]
    found = resolve_host("localhost", 80)
    assert found
    assert len(found) == len(set(found))
    assert all(address.is_loopback for address in found)
