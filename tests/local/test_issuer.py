"""The local issuer, seen by the library that verifies its tokens in the product."""

import json
import stat

import jwt
import pytest

from local import web
from local.errors import LocalError
from local.issuer import AUDIENCE, Issuer
from local.ports import listen, port_of


@pytest.fixture
def issuer(tmp_path):
    with Issuer(tmp_path) as issuer:
        yield issuer


def verified(issuer, token):
    discovery = json.loads(web.get(f"{issuer.url}/.well-known/openid-configuration").body)
    key = jwt.PyJWKClient(discovery["jwks_uri"]).get_signing_key_from_jwt(token)
    return jwt.decode(token, key, algorithms=["ES256"], audience=AUDIENCE, issuer=discovery["issuer"])


class TestTokens:
    def test_verify(self, issuer):
        claims = verified(issuer, issuer.mint("alice", "alice@acme.test", "Alice"))
        assert (claims["sub"], claims["email"], claims["name"]) == ("alice", "alice@acme.test", "Alice")

    @pytest.mark.parametrize(
        ("overrides", "error"),
        [
            ({"exp": 1}, jwt.ExpiredSignatureError),
            ({"aud": "somebody else"}, jwt.InvalidAudienceError),
            ({"iss": "http://127.0.0.1:1"}, jwt.InvalidIssuerError),
            ({"aud": None}, jwt.MissingRequiredClaimError),
        ],
    )
    def test_odd_ones_can_be_made(self, issuer, overrides, error):
        with pytest.raises(error):
            verified(issuer, issuer.mint("alice", "alice@acme.test", **overrides))

    def test_one_address_is_one_person(self, issuer):
        subjects = {verified(issuer, issuer.token_for(email))["sub"] for email in ("a@acme.test", "A@acme.test")}
        assert len(subjects) == 1
        assert verified(issuer, issuer.token_for("b@acme.test"))["sub"] not in subjects


class TestKeys:
    def test_survive_a_restart_readable_by_their_owner_alone(self, tmp_path):
        with Issuer(tmp_path) as before:
            token = before.mint("alice", "alice@acme.test", iss="http://127.0.0.1:1")
        with Issuer(tmp_path) as after:
            key = jwt.PyJWKClient(f"{after.url}/.well-known/jwks.json").get_signing_key_from_jwt(token)
            assert jwt.decode(token, key, algorithms=["ES256"], audience=AUDIENCE)["sub"] == "alice"
        assert stat.S_IMODE((tmp_path / "issuer-keys.json").stat().st_mode) == 0o600

    def test_rotation_keeps_old_tokens_valid(self, issuer):
        old = issuer.mint("alice", "alice@acme.test")
        issuer.rotate()
        new = issuer.mint("alice", "alice@acme.test")
        assert jwt.get_unverified_header(old)["kid"] != jwt.get_unverified_header(new)["kid"]
        assert verified(issuer, old)["sub"] == verified(issuer, new)["sub"]

    def test_private_parts_are_not_published(self, issuer):
        assert all("d" not in key for key in json.loads(web.get(f"{issuer.url}/.well-known/jwks.json").body)["keys"])


class TestTokenEndpoint:
    @pytest.mark.parametrize("body", [b"email=a%40acme.test&sub=alice", b'{"email": "a@acme.test", "sub": "alice"}'])
    def test_takes_a_form_and_json(self, issuer, body):
        answer = web.post(f"{issuer.url}/token", body, content_type="text/plain")
        assert verified(issuer, json.loads(answer.body)["access_token"])["sub"] == "alice"

    @pytest.mark.parametrize("body", [b"", b"sub=alice", b"{", b'{"email": 3}', b"email="])
    def test_says_what_it_wants(self, issuer, body):
        answer = web.post(f"{issuer.url}/token", body, content_type="text/plain")
        assert (answer.status, b"Send email=" in answer.body) == (400, True)

    def test_a_port_in_use_is_one_sentence(self, tmp_path):
        with listen() as taken, pytest.raises(LocalError, match=r"for the identity issuer is in use; .* ISSUER_PORT=…"):
            Issuer(tmp_path, port=port_of(taken), choose="ISSUER_PORT=…")
