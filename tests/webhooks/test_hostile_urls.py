"""No hostile URL leads to a connection, whatever is done with it."""

import contextlib
import ssl
from collections.abc import Callable, Iterator

import pytest

from freehold.webhooks.addresses import is_public
from freehold.webhooks.egress import Egress
from freehold.webhooks.targets import Undeliverable, read_target
from tests.webhooks import naive
from tests.webhooks.hostile import HOSTILE, NAMES, HostileUrl, Protected, host_of, protected, resolve
from tests.webhooks.listeners import Listener, answering

type Verb = Callable[[str], object]

TLS = ssl.create_default_context()
HERE = {"127.0.0.1", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1"}  # noqa: S104 (addresses to connect to)


def name(url: HostileUrl) -> str:
    return url.why


@pytest.fixture(scope="module")
def guarded() -> Iterator[Protected]:
    with protected() as listeners:
        yield listeners


def read(url: str) -> None:
    """What creating and changing an endpoint do with its URL; what it resolves to is judged when something is sent."""
    read_target(url)


def send(url: str) -> None:
    Egress(resolve=resolve, tls=TLS).post(url, {}, b"{}")


def redirect(url: str) -> None:
    """A receiver that is allowed sends us there."""
    location = url.translate(dict.fromkeys(map(ord, "\r\n\0"))).encode("ascii", "ignore").decode()
    with Listener(answering("307 Temporary Redirect", f"Location: {location}")) as receiver:
        egress = Egress(listeners={f"127.0.0.1:{receiver.port}"}, resolve=resolve, tls=TLS)
        assert egress.post(receiver.url, {}, b"{}").status == 307
        assert receiver.connections == 1


@pytest.mark.parametrize("hostile", HOSTILE, ids=name)
class TestHostileUrl:
    @pytest.mark.parametrize("verb", [read, send, redirect])
    def test_leads_to_no_connection(self, guarded: Protected, hostile: HostileUrl, verb: Verb):
        before = guarded.connections
        with contextlib.suppress(Undeliverable):
            verb(hostile.aimed_at(guarded.port))
        assert guarded.connections == before

    def test_cannot_be_sent_to(self, hostile: HostileUrl, guarded: Protected):
        with pytest.raises(Undeliverable):
            send(hostile.aimed_at(guarded.port))

    def test_resolves_to_nothing_that_is_public_throughout(self, hostile: HostileUrl):
        """So the rule about addresses holds alone, were the URL read by somebody more lenient."""
        addresses = resolve(host_of(hostile.aimed_at(1)))
        assert not addresses or not all(is_public(address) for address in addresses)


class TestControl:
    """The same URLs do lead others to the protected listeners. Tried are those that lead nowhere else."""

    def urls(self, guarded: Protected) -> Iterator[str]:
        for hostile in HOSTILE:
            url = hostile.aimed_at(guarded.port)
            addresses = resolve(host_of(url))
            if addresses and str(addresses[-1]) in HERE:
                yield url

    def test_a_client_that_forbids_some_texts_connects(self, guarded: Protected):
        before = guarded.connections
        for url in self.urls(guarded):
            if host_of(url) not in NAMES:
                naive.forbids_some_texts(url)
        assert guarded.connections >= before + 12

    def test_a_client_that_judges_the_first_address_connects(self, guarded: Protected):
        before = guarded.connections
        for url in self.urls(guarded):
            naive.judges_the_first_address(url, resolve)
        assert guarded.connections >= before + 3

    def test_a_client_that_follows_redirects_connects(self, guarded: Protected):
        before = guarded.connections
        with Listener(answering("302 Found", f"Location: https://127.0.0.1:{guarded.port}/")) as receiver:
            naive.forbids_some_texts(receiver.url.replace("127.0.0.1", "127.1"))
        assert guarded.connections == before + 1
