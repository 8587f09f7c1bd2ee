"""GET /v1/plans, /v1/billing and /v1/usage/current name one plan: that by which everything is decided."""

import pytest

from local.companies import Company
from tests.decisions.conftest import agree


def named(company: Company) -> tuple[list[str], str, str]:
    """By the three of them."""
    sold = company.call("GET", "/v1/plans").json["items"]
    return (
        [each["id"] for each in sold if each["current"]],
        company.call("GET", "/v1/billing").json["plan"]["id"],
        company.call("GET", "/v1/usage/current").json["plan"],
    )


@pytest.fixture
def paying(acme: Company, plans: None) -> Company:
    acme.execute(
        'insert into app.billing_accounts (plan, "interval", status, access)'
        " values ('pro', 'month', 'active', 'full')"
    )
    return acme


class TestThePlan:
    def test_is_that_of_those_who_pay_for_none(self, acme: Company, plans: None):
        assert named(acme) == (["free"], "free", "free")

    def test_is_what_is_paid_for(self, paying: Company):
        assert named(paying) == (["pro"], "pro", "pro")

    def test_is_what_was_agreed_where_something_was(self, paying: Company, globex: Company):
        agree(paying, plan="scale")
        assert named(paying) == (["scale"], "scale", "scale")
        assert named(globex) == (["free"], "free", "free"), "the neighbour agreed on nothing"

    def test_what_its_price_includes_is_a_matter_of_what_is_paid_for(self, paying: Company):
        agree(paying, plan="free")
        [meter] = paying.call("GET", "/v1/usage/current").json["meters"]
        assert (meter["included"], meter["limit"]) == (100_000, 10_000)
