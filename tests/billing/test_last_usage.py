"""What was used before a subscription is cancelled at once is on its last invoice."""

from datetime import UTC, datetime, timedelta

from product.plans import PLANS
from tests.billing.till import Till

BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)
USED = 1_000_000
METERED = PLANS.plans["pro"].price("month", "usage:api_calls")


def subscribed(till: Till) -> None:
    """On Pro, after its trial, with something used that nobody has reported."""
    customer = till.customer(at=BEGIN)
    prices = {each.lookup_key: each.id for each in till.account.client.v1.prices.list({"limit": 100}).data}
    items = [{"price": prices["fh_pro_month_base"]}, {"price": prices["fh_pro_month_usage_api_calls"]}]
    metadata = {"freehold_tenant": str(till.company.id)}
    till.account.client.v1.subscriptions.create({"customer": customer["id"], "items": items, "metadata": metadata})
    till.account.advance(customer["id"], timedelta(days=15))
    till.sync()
    till.company.execute(
        "insert into app.usage_hours (tenant_id, meter, hour, quantity, events)"
        " values (%(tenant_id)s, 'api_calls', %(hour)s, %(quantity)s, 1)",
        hour=BEGIN + timedelta(days=9),
        quantity=USED,
    )
    till.company.execute("insert into app.usage_unreported (tenant_id) values (%(tenant_id)s)")


class TestCancel:
    def test_now_bills_what_was_used_until_now(self, till: Till):
        subscribed(till)
        assert METERED
        assert METERED.included
        before = len(till.invoices())
        assert till.do("cancel", at_period_end=False)["result"]["outcome"] == "ended"
        invoices = till.invoices()
        assert len(invoices) == before + 1
        lines = invoices[0]["lines"]["data"]
        assert sum(each["quantity"] for each in lines) == USED - METERED.included
        assert sum(each["amount"] for each in lines) > 0
        assert not till.company.execute("select from app.usage_unreported where tenant_id = %(tenant_id)s")
