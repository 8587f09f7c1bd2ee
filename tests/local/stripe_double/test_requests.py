"""What every request has in common: parameters, refusals, lists, expansion and search."""

from decimal import Decimal

import pytest

from local.stripe_double.params import FREE, METADATA, MOMENT, Either, Need, read
from local.stripe_double.refusals import Refused
from tests.local.stripe_double.shop import DAY, START, item


class TestParameters:
    def test_text_becomes_what_is_declared(self):
        declared = {
            "b": bool,
            "d": Decimal,
            "i": int,
            "l": [{"n": int}],
            "m": METADATA,
            "o": Either(str, {"x": int}),
            "t": MOMENT,
            "f": FREE,
        }
        given = {
            "b": "true",
            "d": "0.10",
            "i": "7",
            "l": {"0": {"n": "1"}, "1": {"n": "2"}},
            "m": {"a": ""},
            "t": "now",
        }
        assert read(declared, given | {"o": {"x": "3"}, "f": {"y": "z"}}) == {
            "b": True,
            "d": Decimal("0.10"),
            "i": 7,
            "l": [{"n": 1}, {"n": 2}],
            "m": {"a": ""},
            "o": {"x": 3},
            "t": "now",
            "f": {"y": "z"},
        }

    def test_empty_clears_and_absent_is_absent(self):
        assert read({"a": str, "b": int}, {"a": ""}) == {"a": None}

    @pytest.mark.parametrize(
        ("given", "param", "code"),
        [
            ({"n": "1", "x": "1"}, "x", "parameter_unknown"),
            ({"n": "1", "o": {"y": "1"}}, "o[y]", "parameter_unknown"),
            ({}, "n", "parameter_missing"),
            ({"n": "one"}, "n", "parameter_invalid_integer"),
            ({"n": "9" * 40}, "n", "parameter_invalid_integer"),
            ({"n": "1", "d": "NaN"}, "d", "parameter_invalid_integer"),
            ({"n": "1", "m": "text"}, "m", None),
            ({"n": {"a": "1"}}, "n", None),
            ({"n": "1", "b": "yes"}, "b", None),
            ({"n": "1", "o": "text"}, "o", None),
            ({"n": "1", "l": "text"}, "l", None),
        ],
    )
    def test_anything_else_is_refused_by_name(self, given, param, code):
        declared = {"n": Need(int), "o": {"z": int}, "b": bool, "l": [int], "d": Decimal, "m": METADATA}
        with pytest.raises(Refused) as refused:
            read(declared, given)
        assert (refused.value.status, refused.value.param, refused.value.code) == (400, param, code)


class TestRefusals:
    def test_an_unknown_path_has_stripe_s_shape(self, shop):
        with pytest.raises(Refused) as refused:
            shop.get("/v1/nothing")
        assert refused.value.status == 404
        assert refused.value.body()["error"]["type"] == "invalid_request_error"

    def test_an_object_that_is_not_there(self, shop):
        with pytest.raises(Refused) as refused:
            shop.get("/v1/customers/cus_none")
        assert refused.value.status == 404
        assert refused.value.body() == {
            "error": {
                "code": "resource_missing",
                "message": "No such customer: 'cus_none'",
                "param": "id",
                "type": "invalid_request_error",
            }
        }

    def test_a_typo_changes_nothing(self, shop):
        customer = shop.customer()
        with pytest.raises(Refused, match="emial"):
            shop.post(f"/v1/customers/{customer}", emial="x", name="New")
        assert shop.get(f"/v1/customers/{customer}")["name"] is None


class TestLists:
    def test_pages_in_both_directions(self, shop):
        made = [shop.post("/v1/customers")["id"] for _ in range(5)]
        first = shop.get("/v1/customers", limit="2")
        assert [each["id"] for each in first["data"]] == [made[4], made[3]]
        assert (first["has_more"], first["url"], first["object"]) == (True, "/v1/customers", "list")
        second = shop.get("/v1/customers", limit="3", starting_after=made[3])
        assert ([each["id"] for each in second["data"]], second["has_more"]) == ([made[2], made[1], made[0]], False)
        back = shop.get("/v1/customers", limit="2", ending_before=made[0])
        assert ([each["id"] for each in back["data"]], back["has_more"]) == ([made[2], made[1]], True)

    @pytest.mark.parametrize("limit", ["0", "101"])
    def test_at_most_a_hundred(self, shop, limit):
        with pytest.raises(Refused, match="Limit"):
            shop.get("/v1/customers", limit=limit)

    def test_by_status_customer_and_creation(self, shop):
        mine, yours = shop.customer(), shop.customer()
        first = shop.subscribe(mine, shop.price(4900))
        shop.delete(f"/v1/subscriptions/{first['id']}")
        shop.go(DAY)
        second = shop.subscribe(mine, shop.price(5900))
        shop.subscribe(yours, shop.price(6900))

        def found(**filters):
            return [each["id"] for each in shop.get("/v1/subscriptions", customer=mine, **filters)["data"]]

        assert found() == [second["id"]]
        assert found(status="all") == [second["id"], first["id"]]
        assert found(status="canceled") == [first["id"]]
        assert found(status="all", created={"lt": str(START + DAY)}) == [first["id"]]
        assert [each["status"] for each in shop.get("/v1/invoices", subscription=second["id"])["data"]] == ["paid"]

    def test_prices_by_lookup_key(self, shop):
        keyed = shop.price(4900, lookup_key="pro_month")
        shop.price(5900, lookup_key="other")
        assert [each["id"] for each in shop.get("/v1/prices", lookup_keys=["pro_month"])["data"]] == [keyed]

    def test_a_lookup_key_moves_only_when_asked(self, shop):
        old = shop.price(4900, lookup_key="pro_month")
        with pytest.raises(Refused, match="already uses"):
            shop.price(5900, lookup_key="pro_month")
        new = shop.price(5900, lookup_key="pro_month", transfer_lookup_key="true")
        assert shop.get(f"/v1/prices/{old}")["lookup_key"] is None
        assert shop.get("/v1/prices", lookup_keys=["pro_month"])["data"][0]["id"] == new

    def test_an_inactive_price_sells_nothing_new_but_goes_on(self, shop):
        price = shop.price(4900)
        subscription = shop.subscribe(shop.customer(), price)
        shop.post(f"/v1/prices/{price}", active="false")
        with pytest.raises(Refused, match="inactive"):
            shop.subscribe(shop.customer(), price)
        shop.go(32 * DAY)
        assert shop.invoice(subscription)["total"] == 4900

    def test_a_list_inside_an_object_holds_ten_and_says_where_the_rest_is(self, shop):
        subscription = shop.subscribe(shop.customer(), *(shop.price(100 + at) for at in range(12)))
        for held, path in (
            (shop.invoice(subscription)["lines"], f"/v1/invoices/{subscription['latest_invoice']}/lines"),
            (subscription["items"], f"/v1/subscription_items?subscription={subscription['id']}"),
        ):
            assert (len(held["data"]), held["has_more"], held["url"]) == (10, True, path)
        rest = shop.get(f"/v1/invoices/{subscription['latest_invoice']}/lines", limit="100")
        assert (len(rest["data"]), rest["has_more"]) == (12, False)
        every = shop.get("/v1/subscription_items", subscription=subscription["id"], limit="100")
        assert len(every["data"]) == 12


class TestSearch:
    def test_by_metadata(self, shop):
        wanted = shop.post("/v1/customers", metadata={"tenant": "one"})["id"]
        shop.post("/v1/customers", metadata={"tenant": "two"})
        found = shop.get("/v1/customers/search", query="metadata['tenant']:'one'")
        assert ([each["id"] for each in found["data"]], found["object"]) == ([wanted], "search_result")

    def test_metadata_is_changed_by_key(self, shop):
        customer = shop.post("/v1/customers", metadata={"a": "1", "b": "2"})["id"]
        assert shop.post(f"/v1/customers/{customer}", metadata={"a": "", "c": "3"})["metadata"] == {"b": "2", "c": "3"}
        assert shop.post(f"/v1/customers/{customer}", metadata="")["metadata"] == {}


class TestExpansion:
    def test_ids_become_objects_through_lists(self, shop):
        customer = shop.customer()
        subscription = shop.subscribe(customer, shop.price(4900))
        shown = shop.get(
            "/v1/subscriptions",
            customer=customer,
            expand=["data.customer", "data.latest_invoice.payments.data.payment"],
        )["data"][0]
        assert shown["customer"]["id"] == customer
        assert shown["latest_invoice"]["payments"]["data"][0]["payment"]["type"] == "payment_intent"
        assert (
            shop.get(f"/v1/subscription_items/{item(subscription)}", expand=["price.product"])["price"]["product"][
                "name"
            ]
            == "Pro"
        )

    def test_some_members_are_there_only_when_asked_for(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(4900))
        assert "payments" not in shop.invoice(subscription)
        assert "confirmation_secret" not in shop.invoice(subscription)
        assert "subscriptions" not in shop.get(f"/v1/customers/{subscription['customer']}")

    @pytest.mark.parametrize("path", ["nothing", "status", "customer.nothing", "a.b.c.d.e"])
    def test_what_cannot_be_expanded_is_refused(self, shop, path):
        subscription = shop.subscribe(shop.customer(), shop.price(4900))
        with pytest.raises(Refused) as refused:
            shop.get(f"/v1/subscriptions/{subscription['id']}", expand=[path])
        assert refused.value.param == "expand"
