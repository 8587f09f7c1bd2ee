"""Stripe on a laptop: the double by itself, Stripe's test mode by a key, and nothing else."""

import httpx
import pytest
import stripe

from local.errors import LocalError
from local.payments import KEY, SECRET, STRIPE, Payments

HERE = "http://127.0.0.1:9/stripe/webhooks"
THEIRS = {KEY: "sk_test_mine", SECRET: "whsec_mine"}


class TestDouble:
    def test_stands_in_where_the_environment_has_no_key(self):
        with Payments(endpoint=HERE, environment={}) as payments:
            assert payments.double == payments.url
            assert httpx.get(f"{payments.url}/v1/products", trust_env=False).status_code == 401  # it wants a key

    def test_sells_the_plans_and_again_changes_nothing(self):
        with Payments(endpoint=HERE, environment={}) as payments:
            client = stripe.StripeClient(payments.secret_key, base_addresses={"api": payments.url})
            assert client.v1.products.list().data == []
            payments.push_plans()
            made = {price.id for price in client.v1.prices.list({"limit": 100})}
            payments.push_plans()
            assert made == {price.id for price in client.v1.prices.list({"limit": 100})} != set()

    def test_remembers_where_it_has_a_folder(self, tmp_path):
        with Payments(endpoint=HERE, folder=tmp_path, environment={}) as payments:
            payments.push_plans()
        with Payments(endpoint=HERE, folder=tmp_path, environment={}) as payments:
            client = stripe.StripeClient(payments.secret_key, base_addresses={"api": payments.url})
            assert client.v1.products.list().data


class TestStripe:
    def test_is_taken_where_the_environment_has_a_key_of_its_test_mode(self):
        with Payments(endpoint=HERE, environment=THEIRS) as payments:
            assert (payments.double, payments.url) == ("", STRIPE)
            assert f"stripe listen --forward-to {HERE}" in payments.says
            assert "mine" not in payments.says
            payments.push_plans()  # asks nobody: the test has no network

    @pytest.mark.parametrize(
        ("environment", "sentence"),
        [
            (THEIRS | {KEY: "sk_live_mine"}, "is no test key"),
            (THEIRS | {KEY: "whsec_mine"}, "is no test key"),
            ({KEY: "sk_test_mine"}, "stripe listen --print-secret"),
        ],
    )
    def test_is_refused_with_any_other(self, environment, sentence):
        with pytest.raises(LocalError, match=sentence) as refused:
            Payments(endpoint=HERE, environment=environment)
        assert "mine" not in str(refused.value)
