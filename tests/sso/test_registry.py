"""What the authorizer believes of tenants' issuers, and how long. `ask` and `fetch` are the test's own, to count."""

import base64
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest

from freehold.errors import IssuerUnavailable, Unauthenticated
from freehold.identity.jwks import KeysUnavailable, fetch_json
from freehold.ids import TenantId
from freehold.sso.models import ConnectionId, Registration
from freehold.sso.registry import Registry, fetch_by
from freehold.webhooks.egress import Egress
from local.companies import Company
from local.issuer import Issuer
from tests.sso.conftest import Tenant
from tests.wire import Wire


def registration(audience: str = "client") -> Registration:
    return Registration(audience=audience, tenant_id=TenantId(uuid4()), connection_id=ConnectionId(uuid4()))


class Counted:
    """A registry with a clock that stands still, and how often it asked and fetched."""

    def __init__(self, **known: list[Registration]) -> None:
        self.known, self.now = known, 0.0
        self.asked: list[str] = []
        self.fetched: list[str] = []
        self.registry = Registry(self._ask, fetch=self._fetch, clock=lambda: self.now)

    def _ask(self, issuer: str) -> list[Registration]:
        self.asked.append(issuer)
        return self.known.get(issuer, [])

    def _fetch(self, url: str) -> Any:
        self.fetched.append(url)
        return fetch_json(url)

    def refuses(self, token: str) -> str:
        with pytest.raises(Unauthenticated) as refused:
            self.registry.verify(token)
        return refused.value.detail


class TestDirectory:
    def test_is_asked_once_a_minute_whether_it_knows_the_issuer_or_not(self, provider: Issuer):
        here = Counted(**{provider.url: [registration()]})
        good = provider.mint("s", "s@x.example", aud="client")
        stranger = provider.mint("s", "s@x.example", aud="client", iss="https://stranger.example")
        for _ in range(100):
            assert here.registry.verify(good)[0].subject == "s"
            here.refuses(stranger)
        assert here.asked == [provider.url, "https://stranger.example"]
        here.now = 60.0
        here.registry.verify(good)
        assert here.asked[2:] == [provider.url]

    def test_forgets_rather_than_grows(self, provider: Issuer, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("freehold.sso.registry.MOST_ANSWERS", 10)
        here = Counted()
        for number in range(35):
            here.refuses(provider.mint("s", "e", iss=f"https://{number}.example"))
        assert len(here.asked) == 35
        assert len(here.registry._answers) <= 10  # noqa: SLF001

    @pytest.mark.parametrize("issuer", ["", "x" * 256, "a\0b"])
    def test_is_not_asked_for_what_nobody_can_have_registered(self, provider: Issuer, issuer: str):
        here = Counted()
        here.refuses(provider.mint("s", "e", iss=issuer))
        assert here.asked == []

    def test_decides_by_issuer_and_audience(self, provider: Issuer):
        one, other = registration("one"), registration("other")
        first = min(one, other, key=lambda each: each.connection_id)
        here = Counted(**{provider.url: [one, other]})
        assert here.registry.verify(provider.mint("s", "e", aud="other"))[1] == other.own
        assert here.registry.verify(provider.mint("s", "e", aud=["x", "one"]))[1] == one.own
        assert here.registry.verify(provider.mint("s", "e", aud=["other", "one"]))[1] == first.own, (
            "who was there first"
        )
        assert "do not know its issuer" in here.refuses(provider.mint("s", "e", aud="third"))

    def test_is_not_touched_for_common_issuers(self, acme: Company, tenant: Tenant, wire: Wire):
        acme.call("GET", "/v1/tenant")
        with wire.counting() as common:
            acme.call("GET", "/v1/tenant")
        employee = tenant.signed_in()
        with wire.counting() as own:
            employee.call("GET", "/v1/tenant")
        assert (common, own) == ([1], [1]), "nor, within a minute, for a tenant's"


class TestKeys:
    def test_ten_thousand_unknown_ones_cause_two_fetches(self, provider: Issuer):
        here = Counted(**{provider.url: [registration()]})
        token = provider.mint("s", "e", aud="client")
        _, claims, signature = token.split(".")
        for number in range(10_000):
            named = _encoded(json.dumps({"alg": "ES256", "kid": f"unknown-{number}"}))
            here.refuses(f"{named}.{claims}.{signature}")
        assert len(here.fetched) == 2, "the discovery document and the keys"
        assert here.registry.verify(token), "and the good one is good"

    def test_of_a_provider_that_rotates_are_found_within_a_minute(self, tmp_path: Any):
        with Issuer(tmp_path) as rotating:
            here = Counted(**{rotating.url: [registration()]})
            old = rotating.mint("s", "e", aud="client")
            here.registry.verify(old)
            rotating.rotate()
            new = rotating.mint("s", "e", aud="client")
            assert "does not publish the key" in here.refuses(new)
            here.now = 60.0
            assert here.registry.verify(new)
            assert here.registry.verify(old)

    def test_are_not_shared_between_issuers(self, provider: Issuer, issuer: Issuer):
        here = Counted(**{provider.url: [registration()], issuer.url: [registration()]})
        assert here.registry.verify(issuer.mint("s", "e", aud="client"))
        assert here.registry.verify(provider.mint("s", "e", aud="client"))
        assert "does not publish the key" in here.refuses(provider.mint("s", "e", aud="client", iss=issuer.url))


class _Odd(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        here = f"http://127.0.0.1:{self.server.server_port}"  # type: ignore[attr-defined]
        if self.path.startswith("/redirect"):
            self.send_response(302)
            self.send_header("Location", f"{here}/good")
            self.end_headers()
            return
        body = b"[" * 60_000 if self.path.startswith("/deep") else b"{" + b" " * 100_000 + b"}"
        if self.path.startswith("/good"):
            body = b"{}"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def odd() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Odd)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class TestFetching:
    def test_reaches_public_addresses_only(self, odd: str):
        with pytest.raises(KeysUnavailable):
            fetch_by(Egress())(f"http://{odd}/good")
        with pytest.raises(KeysUnavailable):
            fetch_by(Egress())("https://127.0.0.1/good")
        with pytest.raises(KeysUnavailable):
            fetch_by(Egress())("https://169.254.169.254/latest")
        assert fetch_by(Egress(listeners=frozenset({odd})))(f"http://{odd}/good") == {}, "the control"

    @pytest.mark.parametrize("path", ["redirect", "deep", "large"])
    def test_takes_no_redirect_and_nothing_endless(self, odd: str, path: str):
        with pytest.raises(KeysUnavailable):
            fetch_by(Egress(listeners=frozenset({odd})))(f"http://{odd}/{path}")

    def test_of_a_provider_that_names_keys_in_our_network_is_refused(self, provider: Issuer):
        def fetch(url: str) -> Any:
            if url.endswith("openid-configuration"):
                return {"issuer": provider.url, "jwks_uri": "http://127.0.0.1:1/keys"}
            return fetch_by(Egress())(url)

        registry = Registry(lambda _: [registration()], fetch=fetch)
        with pytest.raises(IssuerUnavailable):
            registry.verify(provider.mint("s", "e", aud="client"))


def _encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
