"""The plan catalog: what a good file means."""

import re
import subprocess
import sys
import tomllib
from decimal import Decimal

import pytest

from freehold.billing.money import shown
from freehold.billing.plans_file import load
from freehold.permissions import Access
from local.plans_lint import FILE
from local.project import ROOT
from product.plans import PLANS
from tests.billing.catalogs import GOOD, YEAR


class TestPrice:
    def test_has_a_name_at_stripe_for_each_part_and_interval(self):
        assert [price.lookup_key for price in load(GOOD).prices] == [
            "fh_pro_month_base",
            "fh_pro_month_seat",
            "fh_pro_month_usage_calls",
            "fh_pro_year_base",
            "fh_pro_year_seat",
            "fh_pro_year_usage_calls",
            "fh_add_on_room_month",
            "fh_add_on_room_year",
        ]

    def test_says_what_it_costs(self):
        base, seat, usage, *_ = load(GOOD).prices
        assert [str(base), str(seat), str(usage)] == [
            "49.00 USD a month",
            "nothing up to 3, then 15.00 USD a month",
            "nothing up to 1,000, then 0.001 USD per unit, each month",
        ]
        assert [base.amount, seat.included, usage.included, usage.meter] == [4900, 3, 1000, "calls"]
        assert usage.tiers[-1].amount == Decimal("0.1")

    def test_has_another_version_when_its_amount_changes_and_only_then(self):
        before, same = load(GOOD), load(GOOD.replace('name = "Pro"', 'name = "Professional"'))
        other = load(GOOD.replace("49_00", "59_00"))
        assert [price.version for price in before.prices] == [price.version for price in same.prices]
        differs = [a.lookup_key for a, b in zip(before.prices, other.prices, strict=True) if a.version != b.version]
        assert differs == ["fh_pro_month_base"]

    @pytest.mark.parametrize(
        ("amount", "currency", "reads"),
        [(4900, "usd", "49.00 USD"), (5, "usd", "0.05 USD"), (500, "jpy", "500 JPY"), (10, "kwd", "0.010 KWD"),
         (Decimal("0.1"), "usd", "0.001 USD"), (123456700, "eur", "1234567.00 EUR"), (0, "usd", "0.00 USD")],
    )  # fmt: skip
    def test_is_shown_in_major_units(self, amount, currency, reads):
        assert shown(amount, currency) == reads


class TestPriceOf:
    catalog = load(GOOD)

    def test_knows_every_price_by_its_metadata(self):
        for price in self.catalog.prices:
            sold = self.catalog.price_of(price.metadata)
            assert sold is not None
            assert (sold.plan, sold.component, sold.interval) == (price.plan, price.component, price.interval)

    def test_knows_one_whose_amount_is_sold_no_more(self):
        sold = self.catalog.price_of(self.catalog.prices[0].metadata | {"freehold_version": "before"})
        assert sold is not None
        assert sold.plan == "pro"

    def test_knows_one_whose_interval_is_sold_no_more(self):
        by_the_month = load(GOOD.replace(YEAR, ""))
        sold = by_the_month.price_of(
            {"freehold_plan": "pro", "freehold_component": "base", "freehold_interval": "year"}
        )
        assert sold is not None
        assert sold.interval == "year"

    @pytest.mark.parametrize(
        "metadata",
        [
            {},
            {"color": "red"},
            {"freehold_plan": "gone", "freehold_component": "base", "freehold_interval": "month"},
            {"freehold_plan": "pro", "freehold_component": "base", "freehold_interval": "week"},
            {"freehold_plan": "pro", "freehold_component": "add_on:room", "freehold_interval": "month"},
            {"freehold_component": "add_on:gone", "freehold_interval": "month"},
            {"freehold_component": "base", "freehold_interval": "month"},
            {"freehold_component": "room", "freehold_interval": "month"},
        ],
    )
    def test_knows_nothing_of_others(self, metadata):
        assert self.catalog.price_of(metadata) is None


class TestPlanOf:
    catalog = load(GOOD)

    def test_is_what_the_items_say_together(self):
        room, base = self.catalog.prices[-2], self.catalog.prices[0]
        bought = self.catalog.plan_of([room.metadata, {"other": "item"}, base.metadata])
        assert bought is not None
        assert (bought.plan.id, bought.interval, bought.add_ons) == ("pro", "month", ("room",))

    def test_is_none_where_no_item_is_of_a_plan(self):
        assert self.catalog.plan_of([self.catalog.prices[-1].metadata]) is None
        assert self.catalog.plan_of([]) is None


class TestProduct:
    def test_has_a_catalog_of_every_kind_of_price(self):
        kinds = {price.component.partition(":")[0] for price in PLANS.prices}
        assert kinds == {"base", "seat", "usage", "add_on"}

    def test_ends_its_dunning_in_suspension(self):
        assert [step.access for step in PLANS.dunning] == [Access.FULL, Access.RESTRICTED, Access.SUSPENDED]

    def test_is_read_without_any_client(self):
        program = "import product.plans, sys; print(*sys.modules)"
        path = {"PYTHONPATH": f"{ROOT / 'layers'}"}
        ran = subprocess.run([sys.executable, "-c", program], env=path, capture_output=True, text=True, check=True)
        assert set(ran.stdout.split()) & {"stripe", "boto3", "fastapi", "psycopg", "pydantic"} == set()


class TestDocs:
    TEXT = (ROOT / "docs/billing.md").read_text()

    def test_show_code_that_runs(self):
        examples = re.findall(r"```python\n(.*?)```", self.TEXT, re.DOTALL)
        assert examples
        for example in examples:
            exec(example, {})  # noqa: S102 (our own words)

    @pytest.mark.parametrize("key", tomllib.loads(FILE.read_text()))
    def test_tell_every_table_of_the_file(self, key):
        assert f"`{key}`" in self.TEXT or f"[{key}" in self.TEXT
