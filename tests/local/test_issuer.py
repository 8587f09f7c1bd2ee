"""The local issuer, seen by the library that verifies its tokens in the product."""

import base64
import hashlib
import json
import stat
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import httpx
import jwt
import pytest

from freehold.errors import Unauthenticated
from freehold.identity.service import Verifier
from freehold.settings import Issuer as KnownIssuer
from local import authorization_codes, web
from local.errors import LocalError
from local.issuer import AUDIENCE, Issuer
from local.members import Member
from local.ports import listen, port_of
from local.provider import subject_of


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

    def test_claims_can_be_chosen(self, issuer):
        body = b"email=a%40acme.test&email_verified=false&mfa=true"
        token = json.loads(web.post(f"{issuer.url}/token", body, content_type="text/plain").body)["access_token"]
        claims = Verifier((KnownIssuer(issuer=issuer.url, audience=AUDIENCE),)).verify(token)
        assert (claims.email_verified, claims.mfa) == (False, True)
        control = Verifier((KnownIssuer(issuer=issuer.url, audience=AUDIENCE),)).verify(issuer.token_for("a@acme.test"))
        assert (control.email_verified, control.mfa) == (True, False)


class TestOtherIssuers:
    def test_have_discovery_and_keys_of_their_own(self, tmp_path):
        with Issuer(tmp_path) as before:
            discovery = httpx.get(f"{before.url}/acme/.well-known/openid-configuration").json()
            assert discovery["issuer"] == f"{before.url}/acme"
            theirs = httpx.get(discovery["jwks_uri"]).json()
            assert theirs != before.jwks()
        with Issuer(tmp_path) as after:
            assert httpx.get(f"{after.url}/acme/.well-known/jwks.json").json() == theirs, "they survive a restart"

    def test_one_speaks_for_itself_alone(self, issuer):
        verifiers = [Verifier((KnownIssuer(issuer=f"{issuer.url}{at}", audience=AUDIENCE),)) for at in ("", "/acme")]
        tokens = [httpx.post(f"{issuer.url}{at}/token", data={"email": "a@b.test"}).json() for at in ("", "/acme")]
        for verifier, ours, theirs in ((verifiers[0], *tokens), (verifiers[1], *reversed(tokens))):
            assert verifier.verify(ours["access_token"]).email == "a@b.test"
            with pytest.raises(Unauthenticated):
                verifier.verify(theirs["access_token"])

    @pytest.mark.parametrize("path", ["/ACME/token", "/a/b/token", "/%2e%2e/token", "/" + "a" * 41 + "/token"])
    def test_a_name_is_a_plain_word(self, issuer, tmp_path, path):
        assert httpx.request("POST", f"{issuer.url}{path}", data={"email": "a@b.test"}).status_code == 404
        assert [file.name for file in tmp_path.iterdir()] == ["issuer-keys.json"]


CALLBACK = "http://127.0.0.1:3000/callback"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ASKED = {
    "response_type": "code",
    "client_id": "web",
    "redirect_uri": CALLBACK,
    "scope": "openid email",
    "state": "s&t=1",
    "nonce": "n",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


class Form(HTMLParser):
    """What a browser would send, and what it would run."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.hidden: dict[str, str] = {}
        self.buttons: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        given = dict(attrs)
        if given.get("type") == "hidden":
            self.hidden[given["name"]] = given["value"]
        if tag == "button":
            self.buttons.append(given["value"])


@pytest.fixture
def browser(issuer):
    with httpx.Client(base_url=issuer.url, trust_env=False) as browser:
        yield browser


def sign_in(browser: httpx.Client, at: str = "", asked: dict[str, str] = ASKED, **chosen: str) -> dict[str, str]:
    """What the client finds in the address that the browser is sent to."""
    page = browser.get(f"{at}/authorize", params=asked)
    assert page.status_code == 200, page.headers
    form = {**Form(page.text).hidden, "email_verified": "true", **chosen}
    sent = browser.post(f"{at}/authorize", data=form)
    assert sent.status_code == 303, sent.text
    assert sent.headers["location"].startswith(f"{asked['redirect_uri']}?")
    return dict(parse_qsl(urlsplit(sent.headers["location"]).query))


def exchange(browser: httpx.Client, code: str, at: str = "", **changed: str) -> httpx.Response:
    form = {"grant_type": "authorization_code", "client_id": "web", "redirect_uri": CALLBACK}
    return browser.post(f"{at}/token", data={**form, "code": code, "code_verifier": VERIFIER, **changed})


class TestLogin:
    def test_a_client_gets_tokens_for_whoever_was_typed(self, issuer, browser):
        back = sign_in(browser, email="new@acme.test", mfa="true")
        assert (back["state"], back["iss"]) == ("s&t=1", issuer.url)
        answer = exchange(browser, back["code"])
        claims = verified(issuer, answer.json()["access_token"])
        assert (claims["email"], claims["sub"]) == ("new@acme.test", subject_of("new@acme.test"))
        assert "mfa" in claims["amr"]
        assert answer.headers["cache-control"] == "no-store"

    def test_the_id_token_is_the_clients_and_no_access_token(self, issuer, browser):
        answer = exchange(browser, sign_in(browser, email="new@acme.test")["code"]).json()
        key = jwt.PyJWKClient(f"{issuer.url}/.well-known/jwks.json").get_signing_key_from_jwt(answer["id_token"])
        claims = jwt.decode(answer["id_token"], key, algorithms=["ES256"], audience="web", issuer=issuer.url)
        half = hashlib.sha256(answer["access_token"].encode()).digest()[:16]
        assert claims["nonce"] == "n"
        assert claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
        product = Verifier((KnownIssuer(issuer=issuer.url, audience=AUDIENCE),))
        assert product.verify(answer["access_token"]).subject == claims["sub"]
        with pytest.raises(Unauthenticated):
            product.verify(answer["id_token"])

    def test_somebody_who_exists_is_chosen_by_a_button(self, issuer, browser):
        known = Member(issuer.url, "her-subject", "alice@acme.test", "Alice", "owner", "Acme", UUID(int=1))
        issuer.members = lambda: [
            known,
            Member(f"{issuer.url}/acme", "x", "other@acme.test", None, "", "", UUID(int=1)),
        ]
        page = browser.get("/authorize", params=ASKED).text
        assert ("alice@acme.test" in page, "owner of Acme" in page, "other@acme.test" in page) == (True, True, False)
        assert Form(page).buttons == ["", "her-subject"], "whoever presses Enter signs in with what they typed"
        back = sign_in(browser, sub="her-subject", email="")
        claims = verified(issuer, exchange(browser, back["code"]).json()["access_token"])
        assert (claims["sub"], claims["name"]) == ("her-subject", "Alice")

    def test_nobody_chosen_is_asked_again(self, browser):
        page = browser.post("/authorize", data={**ASKED, "email": ""})
        assert (page.status_code, Form(page.text).hidden) == (200, ASKED)

    def test_another_issuer_signs_in_its_own(self, issuer, browser):
        back = sign_in(browser, at="/acme", email="a@acme.test")
        assert back["iss"] == f"{issuer.url}/acme"
        assert exchange(browser, back["code"]).json()["error"] == "invalid_grant", "the code is not the first one's"
        back = sign_in(browser, at="/acme", email="a@acme.test")
        token = exchange(browser, back["code"], at="/acme").json()["access_token"]
        theirs = Verifier((KnownIssuer(issuer=f"{issuer.url}/acme", audience=AUDIENCE),))
        assert theirs.verify(token).email == "a@acme.test"

    def test_without_a_client_it_shows_a_token(self, issuer, browser):
        assert browser.get("/").status_code == 200
        page = browser.post("/", data={"email": "a@acme.test"}).text
        token = page.partition("readonly>")[2].partition("</textarea>")[0]
        assert verified(issuer, token)["email_verified"] is False

    def test_a_page_of_this_machine_may_read_tokens_and_no_other(self, browser):
        for origin, allowed in (("http://localhost:3000", True), ("https://example.com", False), ("null", False)):
            answer = browser.get("/.well-known/openid-configuration", headers={"Origin": origin})
            assert (answer.headers.get("access-control-allow-origin") == origin) is allowed

    def test_discovery_names_what_is_there(self, issuer, browser):
        told = browser.get("/.well-known/openid-configuration").json()
        assert browser.get(told["authorization_endpoint"], params=ASKED).status_code == 200
        assert told["code_challenge_methods_supported"] == ["S256"]
        assert (told["response_types_supported"], told["id_token_signing_alg_values_supported"]) == (
            ["code"],
            ["ES256"],
        )


class TestCodes:
    @pytest.mark.parametrize(
        "changed",
        [
            {"code_verifier": "w" * 43},
            {"client_id": "another"},
            {"redirect_uri": f"{CALLBACK}/other"},
            {"code": "made-up"},
        ],
    )
    def test_are_for_who_asked(self, browser, changed):
        code = sign_in(browser, email="a@acme.test")["code"]
        refused = exchange(browser, **{"code": code, **changed})
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
        again = sign_in(browser, email="a@acme.test")["code"]
        assert exchange(browser, again).status_code == 200, "the control"

    def test_are_good_once(self, browser):
        code = sign_in(browser, email="a@acme.test")["code"]
        assert [exchange(browser, code).status_code for _ in range(2)] == [200, 400]

    def test_one_that_was_shown_wrongly_is_gone(self, browser):
        code = sign_in(browser, email="a@acme.test")["code"]
        assert exchange(browser, code, code_verifier="w" * 43).status_code == 400
        assert exchange(browser, code).status_code == 400

    def test_end_after_a_minute(self, browser, monkeypatch):
        monkeypatch.setattr(authorization_codes, "LIFETIME_SECONDS", -1)
        code = sign_in(browser, email="a@acme.test")["code"]
        assert exchange(browser, code).json()["error"] == "invalid_grant"

    @pytest.mark.parametrize("changed", [{"code_verifier": "short"}, {"code_verifier": ""}, {"grant_type": "password"}])
    def test_what_is_no_exchange_is_told_so(self, browser, changed):
        answer = exchange(browser, sign_in(browser, email="a@acme.test")["code"], **changed)
        assert (answer.status_code, "error_description" in answer.json()) == (400, True)


class TestHostileRequests:
    @pytest.mark.parametrize(
        "uri",
        [
            "",
            "https://example.com/callback",
            "http://127.0.0.1.example.com/",
            "http://127.0.0.1@example.com/",
            "http://example.com\\@127.0.0.1/",
            "http://127.0.0.1\\@example.com/",
            "http://localhost:3000#@example.com",
            "http://user:pass@localhost/",
            "//localhost/",
            "javascript:alert(1)//http://localhost/",
            "http://localhost/\r\nSet-Cookie: a=b",
            "http://localhost/ü",
            "http://127.1/",
            "http://0.0.0.0/",
        ],
    )
    def test_nobody_is_sent_elsewhere(self, browser, uri):
        for answer in (
            browser.get("/authorize", params={**ASKED, "redirect_uri": uri}),
            browser.post("/authorize", data={**ASKED, "redirect_uri": uri, "email": "a@acme.test"}),
        ):
            assert (answer.status_code, "location" in answer.headers) == (400, False)

    @pytest.mark.parametrize(
        "uri", ["http://localhost", "http://localhost:5173/cb?keep=1", "http://[::1]:8/x", "https://127.0.0.1/a@b"]
    )
    def test_the_control_loopback_it_is(self, browser, uri):
        assert browser.get("/authorize", params={**ASKED, "redirect_uri": uri}).status_code == 200

    @pytest.mark.parametrize(
        ("changed", "error"),
        [
            ({"response_type": "token"}, "unsupported_response_type"),
            ({"code_challenge_method": "plain"}, "invalid_request"),
            ({"code_challenge": "short"}, "invalid_request"),
            ({"client_id": ""}, "invalid_request"),
            ({"prompt": "none"}, "login_required"),
        ],
    )
    def test_what_is_wrong_is_told_to_the_client(self, issuer, browser, changed, error):
        for answer in (
            browser.get("/authorize", params={**ASKED, **changed}),
            browser.post("/authorize", data={**ASKED, **changed, "email": "a@acme.test"}),
        ):
            told = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
            assert (told["error"], told["state"], told["iss"]) == (error, ASKED["state"], issuer.url)

    def test_everything_is_escaped(self, issuer, browser):
        evil = "\"><script>alert(1)</script>'<img src=x>"
        issuer.members = lambda: [Member(issuer.url, evil, evil, evil, evil, evil, UUID(int=1))]
        asked = {**ASKED, "client_id": evil, "state": evil, "nonce": evil, "scope": evil, "login_hint": evil}
        page = browser.get("/authorize", params=asked)
        form = Form(page.text)
        assert not form.tags & {"script", "img"}
        assert form.hidden == asked, "and reads back as it was"
        assert "script-src" not in page.headers["content-security-policy"]
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        shown = browser.post("/", data={"email": evil})
        assert not Form(shown.text).tags & {"script", "img"}

    def test_a_template_in_a_value_stays_text(self, browser):
        page = browser.get("/authorize", params={**ASKED, "state": "$hidden ${people} $$"}).text
        assert Form(page).hidden["state"] == "$hidden ${people} $$"
