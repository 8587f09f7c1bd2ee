"""Which addresses may be connected to."""

from ipaddress import IPv4Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.webhooks.addresses import addresses_of, is_public

PUBLIC = ["93.184.215.14", "1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0"]
PUBLIC_6 = ["2606:4700:4700::1111", "2a00:1450:4001:80b::200e", "2001:4860:4860::8888", "2600:1f18::1"]
PRIVATE = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "168.63.129.16/32",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
]
PRIVATE_6 = [
    "::/3",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "4000::/2",
    "8000::/1",
]
INSIDE = {
    "mapped": "::ffff:{}",
    "compatible": "::{}",
    "translated": "::ffff:0:{}",
    "NAT64": "64:ff9b::{}",
    "local NAT64": "64:ff9b:1::{}",
    "ISATAP": "2606:4700::5efe:{}",
    "ISATAP of a public address": "2606:4700::200:5efe:{}",
}


class TestPublic:
    @pytest.mark.parametrize("address", [*PUBLIC, *PUBLIC_6])
    def test_is_what_anybody_can_reach(self, address):
        assert is_public(ip_address(address))

    @pytest.mark.parametrize("network", [*PRIVATE, *PRIVATE_6])
    def test_is_no_part_of_a_special_network(self, network):
        whole = ip_network(network)
        middle = whole[whole.num_addresses // 2]
        assert [address for address in (whole[0], middle, whole[-1]) if is_public(address)] == []

    @pytest.mark.parametrize("form", INSIDE.values(), ids=INSIDE)
    @given(inside=st.ip_addresses(v=4))
    def test_is_nothing_that_carries_an_ipv4_address(self, form, inside):
        """Public or not: no receiver has such an address, and where it leads depends on the network."""
        assert not is_public(ip_address(form.format(inside)))

    @given(inside=st.ip_addresses(v=4))
    def test_is_neither_6to4_nor_teredo(self, inside: IPv4Address):
        number = int(inside)
        assert not is_public(ip_address((0x2002 << 112) | (number << 80)))
        assert not is_public(ip_address((0x2001_0000 << 96) | (number << 64) | (number ^ 0xFFFF_FFFF)))

    def test_has_no_zone(self):
        assert not is_public(ip_address("2606:4700:4700::1111%eth0"))

    def test_is_not_what_python_calls_global(self):
        """The reason for a rule of our own, until Python says otherwise."""
        surprising = ["::ffff:100.64.0.1", "64:ff9b::7f00:1", "fec0::1", "224.0.0.1", "168.63.129.16"]
        assert [text for text in surprising if not ip_address(text).is_global] == []


class TestAddressesOf:
    def test_an_address_are_itself(self):
        assert addresses_of("127.0.0.1") == [ip_address("127.0.0.1")]

    def test_a_short_form_are_what_is_connected_to(self):
        assert addresses_of("127.1") == [ip_address("127.0.0.1")]

    def test_a_name_that_cannot_exist_are_none(self):
        assert addresses_of("a..b") == []
