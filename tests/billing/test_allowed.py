"""How many seats can be bought: as many as the tenant would have a right to with them."""

from datetime import UTC, datetime
from typing import Any

from freehold.billing.allowed import most_seats
from freehold.billing.plans_file import load
from freehold.billing.queries import Account
from freehold.permissions import Access
from tests.billing.catalogs import GOOD

FEW = "limits = { seats = 10, projects = 100, calls"
CATALOG = load(GOOD.replace('limits = { seats = "unlimited", projects = 100, calls', FEW))
EARLY, LATE = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)


def account(*agreed: dict[str, Any]) -> Account:
    return Account.model_construct(tenant_access=Access.FULL, status="active", interval="month", agreed=agreed)


def agreed(**different: Any) -> dict[str, Any]:
    nothing = {"plan": None, "features": [], "limits": {}, "rates": {}, "until": None}
    return {"id": "0199", "source": "operator"} | nothing | different


def most(*agreements: dict[str, Any], plan: str = "pro", since: datetime | None = None, catalog=CATALOG) -> int | None:
    return most_seats(catalog, account(*agreements), plan=plan, add_ons=(), since=since)


class TestSeats:
    def test_are_those_of_the_plan_that_is_wished_for(self):
        assert (most(), most(plan="free")) == (10, 3)

    def test_are_what_was_agreed_in_its_place(self):
        assert most(agreed(limits={"seats": 25})) == 25
        assert most(agreed(limits={"seats": None})) is None
        assert most(agreed(limits={"projects": 25})) == 10

    def test_are_those_of_a_plan_that_was_agreed(self):
        assert most(agreed(plan="free")) == 3

    def test_are_as_agreed_until_that_is_over(self):
        assert most(agreed(limits={"seats": 25}, until="2020-01-01T00:00:00+00:00")) == 10

    def test_are_what_an_early_subscriber_keeps_and_nobody_else(self):
        catalog = load(
            GOOD.replace('limits = { seats = "unlimited", projects = 100, calls', FEW).replace(
                "limits = { projects = 200 }", "limits = { seats = 40 }"
            )
        )
        assert (most(catalog=catalog, since=EARLY), most(catalog=catalog, since=LATE)) == (40, 10)

    def test_have_no_end_where_more_is_told_and_not_refused(self):
        soft = GOOD.replace('seats = "Members"', 'seats = { name = "Members", soft = true }')
        assert (most(plan="free", catalog=load(soft)), most(plan="free")) == (None, 3)
