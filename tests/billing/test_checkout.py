"""/v1/billing/checkout and /portal: how a tenant gets to Stripe's pages, and what these sell it."""

from tests.billing.till import Till


class TestCheckout:
    def test_leads_to_a_page_that_sells_the_plan(self, till: Till):
        made = till.subscribe(plan="pro")
        assert made["status"] == "trialing"
        assert till.billing["plan"]["id"] == "pro"
