"""Asks the DNS for TXT records. No request does: a job has the time that a name server takes."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dns.resolver import Resolver

SECONDS = 8.0
"""For all tries, over UDP and, where an answer is too long for that, over TCP."""

type Texts = Callable[[str], Sequence[str]]


class Unanswered(Exception):
    """The name servers of this domain did not answer."""


def texts_of(name: str) -> Sequence[str]:
    """The texts at a name, as the resolver of this machine sees them. Raises Unanswered."""
    from dns.resolver import Resolver  # noqa: PLC0415 (requests, which only make the job, do not pay for it)

    return texts(name, Resolver())


def texts(name: str, resolver: "Resolver") -> Sequence[str]:
    """The texts at a name; none where there is no such name. Raises Unanswered."""
    from dns.exception import DNSException  # noqa: PLC0415 (likewise)
    from dns.rdtypes.ANY.TXT import TXT  # noqa: PLC0415 (likewise)
    from dns.resolver import NXDOMAIN, NoAnswer  # noqa: PLC0415 (likewise)

    try:
        answer = resolver.resolve(f"{name}.", "TXT", lifetime=SECONDS, search=False)
    except (NXDOMAIN, NoAnswer):
        return []
    except DNSException as error:
        raise Unanswered from error
    return [b"".join(record.strings).decode(errors="replace") for record in answer if isinstance(record, TXT)]
