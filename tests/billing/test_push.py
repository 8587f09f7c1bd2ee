"""A push makes Stripe agree with the plan catalog: once, to the end, and never at the cost of a subscriber."""

import argparse
import json

import pytest

from freehold.billing.plans import Catalog
from freehold.billing.plans_file import load
from local import billing_push
from local.billing_difference import difference
from local.billing_shop import Shop
from local.errors import LocalError
from local.plans_lint import FILE
from local.stripe_double.service import SECRET_KEY, StripeDouble
from tests.billing.catalogs import GOOD, YEAR

DEARER = GOOD.replace("49_00", "59_00")
WRITES = 11
"""A meter, two products, eight prices."""


@pytest.fixture
def shop(stripe_double: StripeDouble) -> Shop:
    return Shop(SECRET_KEY, api=stripe_double.url)


def push(shop: Shop, text: str = GOOD, *words: str) -> int:
    return billing_push.run(shop, billing_push.parse(words), load(text))


def writes(double: StripeDouble) -> int:
    return sum(call.asked.method != "GET" for call in double.api.calls)


def sold(shop: Shop) -> dict[str, dict]:
    """The prices that new subscribers can have, by their lookup keys."""
    return {price["lookup_key"]: price for price in shop.read().prices if price["active"]}


def settled(shop: Shop, text: str = GOOD) -> bool:
    """Whether Stripe has what the catalog says, each once, and a push would do nothing."""
    catalog, held = load(text), shop.read()
    active = [price["lookup_key"] for price in held.prices if price["active"]]
    return sorted(active) == sorted(price.lookup_key for price in catalog.prices) and not any(
        change.writes for change in difference(catalog, held)
    )


class TestShowing:
    def test_changes_nothing(self, shop, stripe_double, capsys):
        push(shop)
        assert writes(stripe_double) == 0
        assert f"{WRITES} to do; nothing was changed" in capsys.readouterr().out

    def test_names_each_thing_and_what_it_would_do(self, shop, capsys):
        push(shop)
        shown = capsys.readouterr().out
        assert 'create        meter    freehold_calls                    "Calls"' in shown
        assert 'create        product  fh_pro                            "Pro"' in shown
        assert "create        price    fh_pro_month_base                 49.00 USD a month" in shown

    def test_is_json_where_that_is_asked_for(self, shop, capsys):
        push(shop, GOOD, "--json")
        shown = json.loads(capsys.readouterr().out)
        assert shown["done"] == 0
        assert len(shown["changes"]) == WRITES


class TestPush:
    def test_makes_what_the_catalog_says(self, shop, stripe_double):
        push(shop, GOOD, "--yes")
        assert writes(stripe_double) == WRITES
        prices = sold(shop)
        assert prices["fh_pro_month_base"]["unit_amount"] == 4900
        assert prices["fh_pro_month_base"]["product"] == "fh_pro"
        assert [tier["up_to"] for tier in prices["fh_pro_month_seat"]["tiers"]] == [3, None]
        assert prices["fh_pro_year_usage_calls"]["recurring"]["usage_type"] == "metered"
        assert prices["fh_add_on_room_year"]["metadata"]["freehold_component"] == "add_on:room"

    def test_again_does_nothing(self, shop, stripe_double, capsys):
        push(shop, GOOD, "--yes")
        before = writes(stripe_double)
        push(shop, GOOD, "--yes")
        assert writes(stripe_double) == before
        assert "nothing to do, Stripe agrees" in capsys.readouterr().out

    def test_changes_a_name_and_no_price(self, shop, stripe_double):
        push(shop, GOOD, "--yes")
        before = writes(stripe_double)
        renamed = GOOD.replace('name = "Pro"', 'name = "Professional"').replace('"Calls"', '"All calls"')
        push(shop, renamed, "--yes")
        assert writes(stripe_double) == before + 2
        assert settled(shop, renamed)

    def test_leaves_what_others_made_alone(self, shop, stripe_account):
        mug = stripe_account.client.v1.products.create({"name": "A mug"})
        price = {"product": mug.id, "currency": "usd", "unit_amount": 900, "lookup_key": "mug"}
        stripe_account.client.v1.prices.create(price)
        push(shop, GOOD, "--yes")
        push(shop, GOOD.replace(YEAR, "").replace("prices.year = { amount = 90_00 }", ""), "--yes")
        assert sold(shop)["mug"]["unit_amount"] == 900
        assert stripe_account.client.v1.products.retrieve(mug.id).active


class TestChangedPrice:
    def test_says_that_subscribers_keep_theirs(self, shop, capsys):
        push(shop, GOOD, "--yes")
        push(shop, DEARER)
        says = "49.00 USD a month becomes 59.00 USD a month; existing subscribers keep 49.00 USD a month"
        assert says in capsys.readouterr().out

    def test_is_for_new_subscribers_only(self, shop, stripe_account):
        push(shop, GOOD, "--yes")
        before = sold(shop)["fh_pro_month_base"]
        customer = stripe_account.customer()
        asked = {"customer": customer["id"], "items": [{"price": before["id"]}]}
        subscription = stripe_account.client.v1.subscriptions.create(asked)
        push(shop, DEARER, "--yes")
        item = stripe_account.client.v1.subscriptions.retrieve(subscription.id).to_dict()["items"]["data"][0]
        assert (item["price"]["id"], item["price"]["unit_amount"]) == (before["id"], 4900)
        assert sold(shop)["fh_pro_month_base"]["unit_amount"] == 5900
        assert settled(shop, DEARER)

    def test_still_says_what_it_was_for(self, shop):
        push(shop, GOOD, "--yes")
        push(shop, DEARER, "--yes")
        retired = next(price for price in shop.read().prices if not price["active"])
        found = load(DEARER).price_of(retired["metadata"])
        assert found is not None
        assert (found.plan, found.component, found.interval) == ("pro", "base", "month")

    def test_may_change_back_and_forth(self, shop):
        for text in (GOOD, DEARER, GOOD, DEARER):
            push(shop, text, "--yes")
            assert settled(shop, text)

    def test_of_tiers_is_a_new_price_too(self, shop):
        push(shop, GOOD, "--yes")
        text = GOOD.replace("included = 1000", "included = 2000")
        push(shop, text, "--yes")
        assert sold(shop)["fh_pro_month_usage_calls"]["tiers"][0]["up_to"] == 2000
        assert settled(shop, text)


class TestCurrency:
    def test_that_becomes_another_is_warned_of(self, shop, capsys):
        push(shop, GOOD, "--yes")
        assert "warning" not in capsys.readouterr().err, "the control"
        push(shop, GOOD.replace('"usd"', '"eur"'), "--json")
        said = capsys.readouterr()
        assert "warning: usd becomes eur. Who pays in usd keeps those prices" in said.err
        assert json.loads(said.out)["done"] == 0


class TestRetired:
    RETIRED = GOOD.replace("trial = true", "trial = true\nretired = true")

    def test_plan_is_sold_no_more(self, shop):
        push(shop, GOOD, "--yes")
        push(shop, self.RETIRED, "--yes")
        assert list(sold(shop)) == ["fh_add_on_room_year", "fh_add_on_room_month"]
        assert [product["id"] for product in shop.read().products if not product["active"]] == ["fh_pro"]
        assert settled(shop, self.RETIRED)

    def test_plan_can_come_back_with_the_same_prices(self, shop):
        push(shop, GOOD, "--yes")
        before = {price["id"] for price in shop.read().prices}
        push(shop, self.RETIRED, "--yes")
        push(shop, GOOD, "--yes")
        assert settled(shop)
        assert {price["id"] for price in shop.read().prices} == before

    def test_interval_is_archived_and_no_price_deleted(self, shop):
        push(shop, GOOD, "--yes")
        before = len(shop.read().prices)
        push(shop, GOOD.replace(YEAR, ""), "--yes")
        assert len(shop.read().prices) == before
        assert settled(shop, GOOD.replace(YEAR, ""))

    def test_meter_is_left_as_subscribers_may_use_it(self, shop, capsys):
        push(shop, GOOD, "--yes")
        renamed = GOOD.replace("[meters.calls]", "[meters.hits]").replace("usage.calls", "usage.hits")
        push(shop, renamed.replace('meter = "calls"', 'meter = "hits"'), "--yes")
        assert "leave         meter    freehold_calls" in capsys.readouterr().out
        assert {meter["status"] for meter in shop.read().meters} == {"active"}


class TestInterrupted:
    @pytest.mark.parametrize("kind", ["500", "500_after", "429", "connection_reset_after"])
    @pytest.mark.parametrize("at", range(WRITES))
    def test_at_any_write_is_completed_by_the_next(self, shop, stripe_double, at, kind):
        changes = difference(load(GOOD), shop.read())
        billing_push.push(shop, changes[:at], quiet=True)
        stripe_double.faults.add("POST /*", kind)
        with pytest.raises(LocalError, match="push again for the rest"):
            billing_push.push(shop, changes[at:], quiet=True)
        assert not settled(shop) or at == WRITES - 1
        push(shop, GOOD, "--yes", "--json")
        assert settled(shop)
        assert len(shop.read().prices) == len(load(GOOD).prices)

    @pytest.mark.parametrize("kind", ["500", "500_after", "connection_reset_after"])
    @pytest.mark.parametrize("at", [0, 1])
    def test_between_a_new_price_and_the_end_of_the_old_one_is_completed_too(self, shop, stripe_double, at, kind):
        push(shop, GOOD, "--yes")
        changes = [change for change in difference(load(DEARER), shop.read()) if change.writes]
        assert [change.verb for change in changes] == ["replace", "archive"]
        billing_push.push(shop, changes[:at], quiet=True)
        stripe_double.faults.add("POST /*", kind)
        with pytest.raises(LocalError):
            billing_push.push(shop, changes[at:], quiet=True)
        push(shop, DEARER, "--yes", "--json")
        assert settled(shop, DEARER)
        assert len(shop.read().prices) == len(load(DEARER).prices) + 1


class TestDoubt:
    def refused(self, shop: Shop, double: StripeDouble, text: str = GOOD) -> str:
        before = writes(double)
        with pytest.raises(LocalError) as raised:
            push(shop, text, "--yes")
        assert writes(double) == before
        return str(raised.value)

    def test_about_a_product_of_somebody_elses(self, shop, stripe_account, stripe_double):
        stripe_account.client.v1.products.create({"id": "fh_pro", "name": "Ours?"})
        assert "The product fh_pro was made by somebody else" in self.refused(shop, stripe_double)

    def test_about_a_lookup_key_that_leads_elsewhere(self, shop, stripe_account, stripe_double):
        mug = stripe_account.client.v1.products.create({"name": "A mug"})
        asked = {"product": mug.id, "currency": "usd", "unit_amount": 900, "lookup_key": "fh_pro_month_base"}
        stripe_account.client.v1.prices.create(asked)
        assert "The lookup key fh_pro_month_base leads to price_" in self.refused(shop, stripe_double)

    def test_about_two_prices_that_say_the_same(self, shop, stripe_account, stripe_double):
        push(shop, GOOD, "--yes")
        twin = {key: sold(shop)["fh_pro_month_base"][key] for key in ("product", "currency", "unit_amount", "metadata")}
        stripe_account.client.v1.prices.create(twin | {"recurring": {"interval": "month"}})
        assert "say that they are the price fh_pro_month_base" in self.refused(shop, stripe_double, DEARER)

    def test_about_a_meter_that_counts_otherwise(self, shop, stripe_account, stripe_double):
        asked = {"event_name": "freehold_calls", "display_name": "Calls", "default_aggregation": {"formula": "last"}}
        stripe_account.client.v1.billing.meters.create(asked)
        assert "The meter freehold_calls goes by last" in self.refused(shop, stripe_double)


class TestKey:
    def account(self, monkeypatch: pytest.MonkeyPatch, key: str, *words: str) -> Shop:
        monkeypatch.setenv("STRIPE_SECRET_KEY", key)
        options: argparse.Namespace = billing_push.parse(words)
        return billing_push.account(options)

    @pytest.mark.parametrize("key", ["sk_live_51abc", "rk_live_51abc"])
    def test_that_is_live_needs_a_word_more(self, monkeypatch, key):
        with pytest.raises(LocalError, match="Say --live"):
            self.account(monkeypatch, key)
        assert self.account(monkeypatch, key, "--live").live

    def test_of_test_mode_is_refused_where_a_live_one_was_meant(self, monkeypatch):
        with pytest.raises(LocalError, match="not live"):
            self.account(monkeypatch, "sk_test_51abc", "--live")

    def test_that_stripe_does_not_know_is_a_sentence(self, stripe_double):
        with pytest.raises(LocalError, match="does not know this key"):
            Shop("sk_test_other", api=stripe_double.url).read()


def test_a_catalog_is_pushed_with_the_prices_of_the_product(shop):
    catalog: Catalog = load(FILE)
    billing_push.run(shop, billing_push.parse(["--yes", "--json"]), catalog)
    assert len(sold(shop)) == len(catalog.prices)
