"""The keys to Stripe: what a secret may hold, when it is looked at again, and how it is fetched."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from freehold.errors import PaymentsNotSetUp, Unavailable
from freehold.secrets import BETWEEN_FETCHES, KEPT, StripeSecret, fetch_secret, read

GOOD = {"secret_key": "sk_test_123", "webhook_secrets": ["whsec_12345678"]}


@pytest.fixture(autouse=True)
def at_a_test_stage(stage: None) -> None:
    """Settings are read."""


class TestRead:
    def test_a_good_one_says_its_mode_and_shows_nothing(self):
        keys = read(json.dumps(GOOD))
        assert (keys.live, keys.webhook_secrets) == (False, ("whsec_12345678",))
        assert "123" not in repr(keys)

    @pytest.mark.parametrize("text", ["", "{}", " \n"])
    def test_one_that_nobody_has_written_is_not_set_up(self, text):
        with pytest.raises(PaymentsNotSetUp):
            read(text)

    @pytest.mark.parametrize(
        ("changed", "sentence"),
        [
            ({"secret_key": ""}, "secret_key"),
            ({"secret_key": "whsec_123"}, "secret_key"),
            ({"webhook_secrets": []}, "webhook_secrets"),
            ({"webhook_secrets": [""]}, "webhook_secrets.0"),
            ({"webhook_secrets": ["whsec_"]}, "webhook_secrets.0"),
            ({"webhook_secrets": "whsec_12345678"}, "webhook_secrets"),
            ({"secret_key": "sk_live_hush"}, "live key, and this is a test stage"),
            ({"api": "https://example.com"}, "not an address on this machine"),
            ({"api": "http://127.0.0.1:1", "secret_key": "rk_live_hush"}, "goes to Stripe alone"),
            ({"typo": "hush"}, "typo"),
        ],
    )
    def test_one_that_is_wrong_ends_the_start_with_a_sentence(self, changed, sentence):
        with pytest.raises(SystemExit, match=sentence) as refused:
            read(json.dumps(GOOD | changed))
        assert "hush" not in str(refused.value)

    @pytest.mark.parametrize("text", ["[]", "sk_test_hush", '{"secret_key":'])
    def test_one_that_is_no_object_is_refused(self, text):
        with pytest.raises(SystemExit, match="Stripe secret is not usable") as refused:
            read(text)
        assert "hush" not in str(refused.value)


class Store:
    """What is fetched, and how often it was."""

    def __init__(self) -> None:
        self.holds: dict[str, object] | None = GOOD
        self.asked = 0
        self.now = 0.0

    def fetch(self, _name: str) -> str:
        self.asked += 1
        if self.holds is None:
            raise Unavailable
        return json.dumps(self.holds)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def secret(store: Store) -> StripeSecret:
    return StripeSecret("freehold/test/stripe", fetch=store.fetch, clock=lambda: store.now)


class TestKeys:
    def test_are_fetched_once_and_again_when_they_are_old(self, store, secret):
        secret.keys()
        store.now, store.holds = KEPT - 1, GOOD | {"webhook_secrets": ["whsec_renewed00"]}
        assert (secret.keys().webhook_secrets, store.asked) == (("whsec_12345678",), 1)
        store.now = KEPT
        assert (secret.keys().webhook_secrets, store.asked) == (("whsec_renewed00",), 2)

    def test_whoever_misses_one_asks_at_most_once_a_minute(self, store, secret):
        for store.now in (0.0, 1.0, BETWEEN_FETCHES - 1, BETWEEN_FETCHES, BETWEEN_FETCHES + 1):
            secret.keys(younger_than=BETWEEN_FETCHES)
        assert store.asked == 2

    @pytest.mark.parametrize("then", [None, {}, GOOD | {"secret_key": "sk_live_1"}])
    def test_go_on_when_a_later_answer_is_of_no_use(self, store, secret, then):
        before = secret.keys()
        store.now, store.holds = KEPT, then
        assert (secret.keys(), store.asked) == (before, 2)

    def test_are_missed_until_there_are_some(self, store, secret):
        store.holds = None
        with pytest.raises(Unavailable):
            secret.keys()
        store.holds = GOOD
        assert secret.keys().secret_key == "sk_test_123"

    def test_that_are_given_are_never_fetched(self, store):
        given = StripeSecret(json.dumps(GOOD), fetch=store.fetch, clock=lambda: store.now)
        given.keys()
        store.now = KEPT
        assert (given.keys().live, store.asked) == (False, 0)


class SecretsManager(BaseHTTPRequestHandler):
    """Answers as the API's documentation says."""

    seen: list[tuple[dict[str, str], bytes]]
    answer: tuple[int, dict[str, str]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.seen.append(({name.lower(): value for name, value in self.headers.items()}, body))
        status, answer = self.answer
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[SecretsManager]]:
    SecretsManager.seen, SecretsManager.answer = [], (200, {"SecretString": json.dumps(GOOD)})
    with HTTPServer(("127.0.0.1", 0), SecretsManager) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
            "AWS_ACCESS_KEY_ID": "AKIA",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_SESSION_TOKEN": "token",
            "AWS_REGION": "eu-central-1",
        }.items():
            monkeypatch.setenv(name, value)
        yield SecretsManager
        server.shutdown()


class TestFetch:
    def test_asks_for_the_secret_with_a_signature(self, manager):
        assert json.loads(fetch_secret("freehold/test/stripe")) == GOOD
        [(headers, body)] = manager.seen
        assert json.loads(body) == {"SecretId": "freehold/test/stripe"}
        assert headers["x-amz-target"] == "secretsmanager.GetSecretValue"
        assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIA/")
        assert headers["x-amz-security-token"] == "token"

    @pytest.mark.parametrize(
        "answer", [(400, {"__type": "ResourceNotFoundException"}), (500, {}), (200, {"SecretBinary": "AA=="})]
    )
    def test_another_answer_is_for_later(self, manager, answer):
        manager.answer = answer
        with pytest.raises(Unavailable):
            fetch_secret("freehold/test/stripe")

    def test_nobody_there_is_for_later(self, manager, monkeypatch):
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        with pytest.raises(Unavailable):
            fetch_secret("freehold/test/stripe")

    def test_no_name_is_nothing_set_up(self):
        with pytest.raises(PaymentsNotSetUp):
            fetch_secret("")
