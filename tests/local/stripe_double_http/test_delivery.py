"""Events on their way: signed as Stripe signs, tried again, and lost, doubled and out of order where that is set."""

import json
import time

import pytest
import stripe

from local.stripe_double.delivery import TRIES
from local.stripe_double.journal import API_VERSION
from local.stripe_double.service import StripeDouble

SECRET = "whsec_of_this_test"


@pytest.fixture
def endpoint(double, listener):
    return double.endpoints.add(listener.url, secret=SECRET)


def believed(taken, secret=SECRET):
    return stripe.Webhook.construct_event(taken.body, taken.signature, secret)


def names(listener):
    return [json.loads(taken.body)["data"]["object"]["name"] for taken in listener.taken]


class TestSignature:
    def test_is_believed_by_stripes_client(self, client, double, endpoint, listener):
        customer = client.v1.customers.create({"name": "Zürich ✓"})
        double.deliver()
        event = believed(listener.taken[0])
        assert (event.type, event.data.object.id) == ("customer.created", customer.id)
        assert event.api_version == API_VERSION

    def test_of_another_secret_or_body_is_not(self, client, double, endpoint, listener):
        client.v1.customers.create()
        double.deliver()
        taken = listener.taken[0]
        with pytest.raises(stripe.SignatureVerificationError):
            believed(taken, "whsec_another")
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(taken.body + b" ", taken.signature, SECRET)

    def test_holds_for_both_secrets_while_one_is_replaced(self, client, double, endpoint, listener):
        double.endpoints.roll(endpoint.id, "whsec_new")
        client.v1.customers.create()
        double.deliver()
        assert believed(listener.taken[0]).id == believed(listener.taken[0], "whsec_new").id

    def test_v0_alone_is_not_believed(self, client, double, endpoint, listener):
        client.v1.customers.create()
        double.deliver()
        parts = listener.taken[0].signature.split(",")
        assert [part.partition("=")[0] for part in parts] == ["t", "v1", "v0"]
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(listener.taken[0].body, f"{parts[0]},{parts[2]}", SECRET)

    def test_is_of_the_moment_of_delivery(self, client, double, endpoint, listener):
        client.v1.customers.create()
        double.delivery.clock = lambda: time.time() - 3600
        double.deliver()
        with pytest.raises(stripe.SignatureVerificationError, match="tolerance"):
            believed(listener.taken[0])


class TestEndpoints:
    def test_made_over_the_api_take_what_they_asked_for(self, client, double, listener):
        made = client.v1.webhook_endpoints.create(
            {"url": listener.url, "enabled_events": ["customer.updated"], "api_version": "2024-06-20"}
        )
        customer = client.v1.customers.create({"name": "A"})
        client.v1.customers.update(customer.id, {"name": "B"})
        double.deliver()
        event = believed(listener.taken[0], made.secret)
        assert (event.type, event.api_version, len(listener.taken)) == ("customer.updated", "2024-06-20", 1)

    def test_are_shown_without_their_secret(self, client, listener):
        made = client.v1.webhook_endpoints.create({"url": listener.url, "enabled_events": ["*"]})
        assert "secret" in made
        assert "secret" not in client.v1.webhook_endpoints.retrieve(made.id)
        assert [one.id for one in client.v1.webhook_endpoints.list().data] == [made.id]

    def test_are_disabled_changed_and_deleted(self, client, double, endpoint, listener):
        client.v1.webhook_endpoints.update(endpoint.id, {"disabled": True, "metadata": {"a": "b"}})
        client.v1.customers.create({"name": "unheard"})
        changes = {"disabled": False, "enabled_events": ["customer.created"]}
        assert client.v1.webhook_endpoints.update(endpoint.id, changes).metadata.to_dict() == {"a": "b"}
        client.v1.customers.create({"name": "heard"})
        double.deliver()
        assert client.v1.webhook_endpoints.delete(endpoint.id).deleted
        client.v1.customers.create({"name": "too late"})
        double.deliver()
        assert names(listener) == ["heard"]

    @pytest.mark.parametrize("url", ["nowhere", "ftp://a.test", "http://", "http://[", "javascript:alert(1)"])
    def test_have_an_address(self, client, url):
        with pytest.raises(stripe.InvalidRequestError, match="scheme"):
            client.v1.webhook_endpoints.create({"url": url, "enabled_events": ["*"]})


class TestRetries:
    @pytest.mark.parametrize("status", [500, 404, 302, 199 + 201])
    def test_go_on_until_it_is_taken(self, client, double, endpoint, listener, status):
        listener.answers = [status, status]
        client.v1.customers.create()
        assert [attempt.status for attempt in double.deliver(rounds=5)] == [status, status, 200]
        assert len({json.loads(taken.body)["id"] for taken in listener.taken}) == 1

    def test_end(self, client, double, endpoint, listener):
        listener.answers = [500] * 100
        client.v1.customers.create()
        assert len(double.deliver(rounds=TRIES + 5)) == TRIES
        assert double.delivery.waiting() == 0

    def test_wait_longer_each_time(self, client, double, endpoint, listener):
        listener.answers = [500] * 100
        client.v1.customers.create()
        moments = [time.time()]
        double.delivery.clock = lambda: moments[-1]
        double.deliver()
        for pause in (1, 2, 4, 8):
            moments.append(moments[-1] + pause - 0.5)
            assert double.delivery.deliver_due() == []
            moments.append(moments[-1] + 0.5)
            assert len(double.delivery.deliver_due()) == 1

    def test_of_a_dead_endpoint_are_attempts_without_status(self, client, double):
        double.endpoints.add("http://127.0.0.1:9")
        client.v1.customers.create()
        assert [attempt.status for attempt in double.deliver()] == [None]

    def test_go_by_themselves_where_there_is_a_courier(self, listener):
        with StripeDouble(courier=True, endpoint=listener.url) as double:
            double.engine.request("POST", "/v1/customers", {"name": "A"})
            deadline = time.monotonic() + 10
            while not listener.taken and time.monotonic() < deadline:
                time.sleep(0.02)
        assert believed(listener.taken[0], double.webhook_secret).data.object.name == "A"


class TestWeather:
    def test_copies(self, client, double, endpoint, listener):
        double.delivery.weather.copies = 3
        client.v1.customers.create({"name": "A"})
        double.deliver()
        assert len(listener.taken) == 3
        assert len({taken.body for taken in listener.taken}) == 1

    def test_disorder(self, client, double, endpoint, listener):
        made = [client.v1.customers.create({"name": str(at)}).name for at in range(20)]
        double.delivery.weather.shuffled = True
        double.deliver()
        assert names(listener) != made
        assert sorted(names(listener), key=int) == made

    def test_loss(self, client, double, endpoint, listener):
        double.delivery.weather.dropped = 0.5
        for at in range(40):
            client.v1.customers.create({"name": str(at)})
        double.deliver()
        lost = [attempt for attempt in double.delivery.attempts if attempt.number == 0]
        assert 5 < len(listener.taken) < 35
        assert len(lost) + len(listener.taken) == 40

    def test_delay(self, client, double, endpoint, listener):
        double.delivery.weather.delay_seconds = 30
        client.v1.customers.create()
        assert double.delivery.deliver_due() == []
        double.delivery.clock = lambda: time.time() + 31
        assert len(double.delivery.deliver_due()) == 1

    def test_is_set_over_http(self, browser, double):
        answer = browser.post("/double/weather", data={"shuffled": "true", "dropped": "0.1"})
        assert answer.json()["weather"] == {"shuffled": True, "copies": 1, "dropped": 0.1, "delay_seconds": 0}
        assert browser.post("/double/weather", data={"rain": "1"}).status_code == 400


class TestResend:
    def test_sends_it_once_more(self, client, browser, double, endpoint, listener):
        client.v1.customers.create({"name": "A"})
        first = double.deliver()[0]
        assert browser.post(f"/double/events/{first.event}/resend").json() == {"endpoints": 1}
        double.deliver()
        assert listener.taken[0].body == listener.taken[1].body

    def test_of_none_is_a_sentence(self, browser):
        answer = browser.post("/double/events/evt_none/resend")
        assert (answer.status_code, answer.json()) == (400, {"error": "There is no event evt_none."})
