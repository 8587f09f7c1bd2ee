"""A key's first answer is its answer for a day, whatever it was; another request with it is refused."""

import datetime as dt
import threading
import time

import pytest
import stripe


def count(client):
    return len(client.v1.customers.list({"limit": 100}).data)


def code_of(error):
    return error.json_body["error"]["code"]


class TestRepeat:
    def test_gets_the_first_answer_and_does_nothing(self, raw, client):
        first, again = (
            raw.post("/v1/customers", data={"name": "A"}, headers={"Idempotency-Key": "k"}) for _ in range(2)
        )
        assert first.json() == again.json()
        assert [answer.headers.get("idempotent-replayed") for answer in (first, again)] == [None, "true"]
        assert first.headers["request-id"] == again.headers["original-request"] != again.headers["request-id"]
        assert count(client) == 1
        client.v1.customers.create({"name": "A"}, {"idempotency_key": "another"})
        assert count(client) == 2, "the control: another key is another customer"

    def test_hears_of_the_same_decline(self, client, double):
        customer = client.v1.customers.create()
        for method in ("pm_card_visa_chargeDeclined", "pm_card_visa_chargeDeclined"):
            with pytest.raises(stripe.CardError):
                client.v1.payment_methods.attach(method, {"customer": customer.id}, {"idempotency_key": "k"})
        assert [call.replayed for call in double.api.calls] == [False, False, True]

    def test_hears_of_the_same_absence(self, client, double):
        for _ in range(2):
            with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
                client.v1.payment_methods.attach("pm_card_visa", {"customer": "cus_no"}, {"idempotency_key": "k"})
        assert [call.replayed for call in double.api.calls] == [False, True]

    def test_after_a_form_that_was_wrong_is_the_first(self, client):
        with pytest.raises(stripe.InvalidRequestError, match="unknown parameter"):
            client.v1.customers.create({"colour": "red"}, {"idempotency_key": "k"})
        assert client.v1.customers.create({"name": "A"}, {"idempotency_key": "k"}).name == "A"

    def test_after_a_day_is_another_request(self, client, double):
        options = {"idempotency_key": "k"}
        first = client.v1.customers.create({"name": "A"}, options)
        double.engine.advance(dt.datetime.now(dt.UTC) + dt.timedelta(hours=23))
        assert client.v1.customers.create({"name": "A"}, options).id == first.id
        double.engine.advance(dt.datetime.now(dt.UTC) + dt.timedelta(hours=25))
        assert client.v1.customers.create({"name": "A"}, options).id != first.id

    def test_of_a_get_is_no_repeat(self, raw, client):
        customer = client.v1.customers.create({"name": "A"})
        read = [raw.get(f"/v1/customers/{customer.id}", headers={"Idempotency-Key": "k"}).json()["name"]]
        client.v1.customers.update(customer.id, {"name": "B"})
        read.append(raw.get(f"/v1/customers/{customer.id}", headers={"Idempotency-Key": "k"}).json()["name"])
        assert read == ["A", "B"]


class TestAnotherRequest:
    def test_with_other_parameters_is_refused(self, client):
        client.v1.customers.create({"name": "A"}, {"idempotency_key": "k"})
        with pytest.raises(stripe.IdempotencyError, match="same parameters"):
            client.v1.customers.create({"name": "B"}, {"idempotency_key": "k"})
        assert count(client) == 1

    def test_at_another_path_is_refused(self, client):
        client.v1.customers.create({"name": "A"}, {"idempotency_key": "k"})
        with pytest.raises(stripe.IdempotencyError):
            client.v1.products.create({"name": "A"}, {"idempotency_key": "k"})


class TestMeanwhile:
    def test_the_second_is_told_to_come_back(self, client, double):
        double.faults.add("POST /v1/customers", "slow", seconds=0.5)
        slow = threading.Thread(target=client.v1.customers.create, args=({"name": "A"}, {"idempotency_key": "k"}))
        slow.start()
        while double.faults.waiting():
            time.sleep(0.01)
        with pytest.raises(stripe.APIError) as conflict:
            client.v1.customers.create({"name": "A"}, {"idempotency_key": "k"})
        slow.join()
        assert (conflict.value.http_status, code_of(conflict.value)) == (409, "idempotency_key_in_use")
        assert client.v1.customers.create({"name": "A"}, {"idempotency_key": "k"}).name == "A"
        assert count(client) == 1

    def test_fifty_at_once_make_one(self, connect, client):
        def create():
            try:
                made.append(connect().v1.customers.create({"name": "A"}, {"idempotency_key": "k"}).id)
            except stripe.APIError as error:
                refused.append(code_of(error))

        made: list[str] = []
        refused: list[str] = []
        threads = [threading.Thread(target=create) for _ in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(made)) == 1 == count(client)
        assert set(refused) <= {"idempotency_key_in_use"}
