"""Faults to order: what the client sees, what happened, and what a retry with the same key gets."""

import pytest
import requests
import stripe

OPTIONS = {"idempotency_key": "k"}


def count(client):
    return len(client.v1.customers.list({"limit": 100}).data)


def create(client):
    return client.v1.customers.create({"name": "A"}, OPTIONS)


@pytest.fixture
def hasty(connect):
    """Gives up soon."""
    with requests.Session() as session:
        session.trust_env = False
        yield connect(http_client=stripe.RequestsClient(session=session, timeout=0.2))


class TestOrder:
    def test_hits_so_often_and_then_no_more(self, client, double):
        double.faults.add("POST /v1/customers", "503", times=2)
        for _ in range(2):
            with pytest.raises(stripe.APIError):
                create(client)
        assert create(client).name == "A"

    def test_hits_only_what_it_names(self, client, double):
        double.faults.add("POST /v1/customers/*", "503")
        customer = create(client)
        assert client.v1.customers.retrieve(customer.id).name == "A"
        with pytest.raises(stripe.APIError):
            client.v1.customers.update(customer.id, {"name": "B"})

    def test_goes_over_http(self, browser, client):
        assert browser.post("/double/faults", json={"pattern": "/v1/customers", "kind": "429"}).json() == {
            "faults": [{"pattern": "/v1/customers", "kind": "429", "times": 1, "seconds": 30}]
        }
        with pytest.raises(stripe.RateLimitError):
            create(client)
        browser.post("/double/faults", data={"pattern": "/v1/*", "kind": "429", "times": "5"})
        assert browser.get("/double/faults").json()["faults"][0]["times"] == 5
        browser.delete("/double/faults")
        assert create(client).name == "A"

    @pytest.mark.parametrize(
        "order",
        [
            {},
            {"pattern": "/v1/*"},
            {"pattern": "/v1/*", "kind": "fire"},
            {"pattern": "SEND /v1/*", "kind": "429"},
            {"pattern": "/v1/*", "kind": "429", "times": 0},
            {"pattern": "/v1/*", "kind": "429", "times": "many"},
            {"pattern": "/v1/*", "kind": "slow", "seconds": 3600},
            {"pattern": {"a": "b"}, "kind": "429"},
        ],
    )
    def test_that_makes_no_sense_is_refused_with_a_sentence(self, browser, order):
        answer = browser.post("/double/faults", json=order)
        assert (answer.status_code, len(answer.json()["error"]) > 10) == (400, True)

    @pytest.mark.parametrize("body", [b"[]", b"{", b"[" * 100_000, b'"x"', b"\xff"])
    def test_that_is_no_object_is_refused(self, browser, body):
        headers = {"Content-Type": "application/json"}
        assert browser.post("/double/faults", content=body, headers=headers).status_code == 400


class TestKinds:
    def test_429_changes_nothing(self, client, double):
        double.faults.add("POST /v1/customers", "429")
        with pytest.raises(stripe.RateLimitError):
            create(client)
        assert count(client) == 0
        create(client)
        assert count(client) == 1

    def test_500_stays_with_its_key(self, client, double):
        double.faults.add("POST /v1/customers", "500")
        for _ in range(2):
            with pytest.raises(stripe.APIError) as broken:
                create(client)
        assert broken.value.headers["Idempotent-Replayed"] == "true"
        assert broken.value.headers["Stripe-Should-Retry"] == "false"
        assert count(client) == 0

    def test_500_after_has_happened_all_the_same(self, client, double):
        double.faults.add("POST /v1/customers", "500_after")
        for _ in range(2):
            with pytest.raises(stripe.APIError):
                create(client)
        assert count(client) == 1

    def test_timeout_before_has_not_happened(self, hasty, client, double):
        double.faults.add("POST /v1/customers", "timeout_before")
        with pytest.raises(stripe.APIConnectionError):
            create(hasty)
        assert count(client) == 0

    def test_timeout_after_has_happened(self, hasty, client, double):
        double.faults.add("POST /v1/customers", "timeout_after")
        with pytest.raises(stripe.APIConnectionError):
            create(hasty)
        assert count(client) == 1
        assert create(client).name == "A"
        assert count(client) == 1, "its key remembers it"

    def test_a_reset_connection_has_happened(self, client, double):
        double.faults.add("POST /v1/customers", "connection_reset_after")
        with pytest.raises(stripe.APIConnectionError):
            create(client)
        assert count(client) == 1

    def test_stripes_client_gets_over_them(self, connect, client, double, monkeypatch):
        monkeypatch.setattr(stripe.RequestsClient, "INITIAL_DELAY", 0.01)
        for kind in ("connection_reset_after", "503"):
            double.faults.add("POST /v1/customers", kind)
        connect(max_network_retries=2).v1.customers.create({"name": "A"})
        assert count(client) == 1
