"""Which tokens are taken: through the real authorizer, from a real issuer."""

import base64
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from freehold.errors import IssuerUnavailable
from freehold.identity.jwks import Keys, KeysUnavailable, fetch_json
from freehold.identity.service import Verifier
from freehold.settings import Issuer as KnownIssuer
from local.companies import Company, People
from local.gateway import call
from local.issuer import Issuer

NOW = int(time.time())
ODD = {
    "expired": ({"exp": NOW - 60}, "it has expired"),
    "without an expiry": ({"exp": None}, "lacks a claim"),
    "without a subject": ({"sub": None}, "lacks a claim"),
    "without an issue time": ({"iat": None}, "lacks a claim"),
    "without an audience": ({"aud": None}, "another audience"),
    "for another client": ({"aud": None, "token_use": "access", "client_id": "other"}, "another audience"),
    "an ID token": ({"token_use": "id"}, "send the access token"),
    "for another audience": ({"aud": "somebody-else"}, "another audience"),
    "not valid yet": ({"nbf": NOW + 3600}, "not valid yet"),
    "issued in the future": ({"iat": NOW + 3600}, "not valid yet"),
    "of an unknown issuer": ({"iss": "https://evil.example"}, "do not know its issuer"),
    "of no issuer": ({"iss": None}, "do not know its issuer"),
    "with a NUL in its subject": ({"sub": "a\0b"}, "claim"),
    "with an empty subject": ({"sub": ""}, "claim"),
    "that expires after time ends": ({"exp": 10**15}, "claim"),
}


def forge(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


class TestAccessToken:
    def test_a_good_one_is_taken(self, acme: Company):
        assert acme.call("GET", "/v1/tenant").status == 200

    def test_cognitos_is_taken_its_audience_is_its_client(self, people: People):
        person = people.somebody(aud=None, token_use="access", client_id="freehold")
        assert person.call("GET", "/v1/tenants").status == 200

    @pytest.mark.parametrize(
        "name", ["山田\u3000太郎", "Jean\u00a0Luc", "👨\u200d👩\u200d👧", "", "x" * 321, {"a": 1}, "a\0b"]
    )
    def test_a_name_that_cannot_be_used_locks_nobody_out(self, people: People, name):
        person = people.somebody(name=name, email=["x"], iat=time.time() - 1.5)
        assert person.call("POST", "/v1/tenants", body={"name": "Acme"}).status == 201

    @pytest.mark.parametrize(("claims", "reason"), ODD.values(), ids=ODD.keys())
    def test_an_odd_one_is_refused_with_its_reason(self, people: People, claims, reason):
        answer = people.somebody(**claims).call("GET", "/v1/tenants")
        assert (answer.status, answer.code) == (401, "unauthenticated")
        assert reason in answer.json["detail"]
        assert answer.headers["www-authenticate"] == "Bearer"

    @pytest.mark.parametrize("token", ["x", "a.b.c", "..", "eyJ.eyJ.x", "fh_", "fh_live_", "null", "🚀"])
    def test_rubbish_is_refused(self, stage: None, token):
        assert call("GET", "/v1/tenants", token=token).status == 401

    def test_an_unsigned_one_is_refused(self, acme: Company, issuer: Issuer):
        claims = jwt.decode(acme.owner.token, options={"verify_signature": False})
        kid = jwt.get_unverified_header(acme.owner.token)["kid"]
        for header in ({"alg": "none"}, {"alg": "none", "kid": kid}, {"alg": "HS256", "kid": kid}):
            assert call("GET", "/v1/tenants", token=forge(header, claims)).status == 401

    def test_one_signed_by_somebody_else_is_refused(self, acme: Company):
        claims = jwt.decode(acme.owner.token, options={"verify_signature": False})
        header = jwt.get_unverified_header(acme.owner.token)
        forged = jwt.encode(claims, ec.generate_private_key(ec.SECP256R1()), "ES256", headers={"kid": header["kid"]})
        answer = call("GET", "/v1/tenants", token=forged)
        assert (answer.status, "signature is wrong" in answer.json["detail"]) == (401, True)

    def test_a_changed_one_is_refused(self, acme: Company):
        header, claims, signature = acme.owner.token.split(".")
        decoded = json.loads(base64.urlsafe_b64decode(claims + "=="))
        changed = base64.urlsafe_b64encode(json.dumps({**decoded, "sub": "somebody"}).encode()).rstrip(b"=").decode()
        assert call("GET", "/v1/tenants", token=f"{header}.{changed}.{signature}").status == 401

    def test_unknown_extensions_are_refused(self, acme: Company):
        claims = jwt.decode(acme.owner.token, options={"verify_signature": False})
        header = {**jwt.get_unverified_header(acme.owner.token), "crit": ["exp"]}
        assert call("GET", "/v1/tenants", token=forge(header, claims)).status == 401

    def test_the_authorizers_answer_ends_with_the_token(self, people: People, monkeypatch):
        """API Gateway may hand on a cached answer; the function looks at the expiry again."""
        person = people.somebody(exp=int(time.time()) + 2)
        assert person.call("GET", "/v1/tenants").status == 200
        context = {"kind": "person", "issuer": "i", "subject": "s", "issued_at": NOW - 9, "expires_at": NOW - 1}
        monkeypatch.setattr("local.gateway.authorize", lambda _: context)
        assert "has expired" in person.call("GET", "/v1/tenants").json["detail"]

    @pytest.mark.parametrize("context", [{}, {"kind": "admin"}, {"kind": "refused"}, {"kind": "person"}])
    def test_an_authorizer_that_says_nothing_useful_opens_nothing(self, acme: Company, context, monkeypatch):
        monkeypatch.setattr("local.gateway.authorize", lambda _: context)
        assert acme.call("GET", "/v1/projects").status in (401, 500)


class TestFetching:
    @pytest.mark.parametrize("url", ["http://example.com/x", "file://localhost/etc/hostname", "ftp://127.0.0.1/x"])
    def test_only_https_or_loopback(self, url):
        with pytest.raises(KeysUnavailable, match="is not https"):
            fetch_json(url)


class TestNoToken:
    def test_no_route_but_the_public_ones_answers(self, stage: None):
        assert call("GET", "/v1/projects").status == 401
        assert call("GET", "/v1/projects", headers={"Authorization": "Basic YTpi"}).code == "unauthenticated"
        assert call("GET", "/v1/projects", headers={"Authorization": "Bearer "}).code == "unauthenticated"


class TestKeyFetching:
    """`fetch` is ours here, to count its calls and to fail; everything else is real."""

    def test_ten_thousand_unknown_keys_cause_one_fetch(self):
        fetched = []

        def fetch(url: str) -> Any:
            fetched.append(url)
            return {"issuer": "https://i.example", "jwks_uri": "https://i.example/jwks", "keys": []}

        keys = Keys("https://i.example", fetch=_with_one_key(fetch))
        for number in range(10_000):
            assert keys.get(f"unknown-{number}") is None
        assert len(fetched) == 2, "the discovery document and the keys, once"

    def test_a_rotated_key_is_found_within_a_minute(self):
        moment = [0.0]
        published = [_jwk("old")]

        def fetch(_: str) -> Any:
            return {"issuer": "https://i.example", "jwks_uri": "https://i.example/jwks", "keys": published}

        keys = Keys("https://i.example", fetch=fetch, clock=lambda: moment[0])
        assert keys.get("old") is not None
        published.append(_jwk("new"))
        assert keys.get("new") is None, "the last fetch was a moment ago"
        moment[0] = 60.0
        assert keys.get("new") is not None

    def test_an_issuer_that_does_not_answer_refuses_and_is_not_hammered(self):
        calls = []

        def fetch(url: str) -> Any:
            calls.append(url)
            raise KeysUnavailable(url)

        verifier = Verifier((KnownIssuer(issuer="https://i.example", audience="a"),), fetch=fetch)
        token = forge({"alg": "ES256", "kid": "k"}, {"iss": "https://i.example"}, b"signature")
        for _ in range(5):
            with pytest.raises(IssuerUnavailable):
                verifier.verify(token)
        assert len(calls) == 1

    def test_an_issuer_that_says_it_is_another_is_not_believed(self):
        keys = Keys("https://i.example", fetch=lambda _: {"issuer": "https://other.example", "jwks_uri": "x"})
        with pytest.raises(KeysUnavailable):
            keys.get("k")


def _jwk(key_id: str) -> dict[str, Any]:
    key = jwt.algorithms.ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key(), as_dict=True)
    return {**key, "kid": key_id, "use": "sig", "alg": "ES256"}


def _with_one_key(fetch: Any) -> Any:
    published = [_jwk("known")]
    return lambda url: {**fetch(url), "keys": published}
