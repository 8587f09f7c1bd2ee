"""Which IP addresses a tenant may make us connect to: the public ones, and none that carries another address inside.

The rule is about the address that is connected to, whatever name it came from. Python's `is_global` follows the
registries of IANA for the most part; what it lets pass and should not stands here.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

type Address = IPv4Address | IPv6Address

ASSIGNED = ip_network("2000::/3")
"""All that IANA has given out for use in public. Outside it lie ::, ::1, ::ffff:0:0/96 and ::/96 (an IPv4 address
inside), 64:ff9b::/96 and 64:ff9b:1::/48 (likewise, through NAT64), fc00::/7, fe80::/10, fec0::/10 and ff00::/8."""

NOT_PUBLIC = tuple(
    ip_network(network)
    for network in (
        "168.63.129.16/32",  # the host of a virtual machine at Azure
        "192.0.0.0/24",  # protocols' own; at Oracle the metadata service
        "192.88.99.0/24",  # relays of 6to4
        "224.0.0.0/4",  # multicast
        "2001::/23",  # protocols' own: Teredo, which carries two IPv4 addresses, benchmarks, ORCHID
        "2002::/16",  # 6to4, which carries an IPv4 address
        "3fff::/20",  # documentation, RFC 9637
    )
)
ISATAP = (0x0000_5EFE, 0x0200_5EFE)  # what precedes an IPv4 address in the last 64 bits, RFC 5214


def is_public(address: Address) -> bool:
    """Whether anybody on the internet could connect to it as well, so that we lend nobody our place in a network."""
    if not address.is_global or any(address in network for network in NOT_PUBLIC):
        return False
    return isinstance(address, IPv4Address) or _is_plain(address)


def _is_plain(address: IPv6Address) -> bool:
    """Assigned, of no zone, and with nothing inside."""
    before_the_last_32_bits = int(address) >> 32 & 0xFFFF_FFFF
    return address in ASSIGNED and address.scope_id is None and before_the_last_32_bits not in ISATAP


def addresses_of(host: str) -> list[Address]:
    """What the resolver knows of a name, in the order in which it advises to try them; none where it knows nothing."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [ip_address(str(sockaddr[0])) for _, _, _, _, sockaddr in found]
