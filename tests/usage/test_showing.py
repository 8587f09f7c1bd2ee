"""GET /v1/usage and /v1/usage/current: what was used a moment ago, to the unit, by whoever may see it."""

from datetime import UTC, datetime, timedelta

import pytest

from local.companies import Company
from product.plans import PLANS
from tests.usage.sending import METER, ago, an_event, send
from tests.usage.shop import METERED
from tests.wire import Wire


def hour(**before: float) -> str:
    moment = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(**before)
    return moment.isoformat()


def subscribed(company: Company, plan: str = "pro", *, began: timedelta) -> None:
    company.execute(
        'insert into app.billing_accounts (plan, "interval", status, access, current_period_start, current_period_end)'
        " values (%(plan)s, 'month', 'active', 'full', now() - %(began)s, now() - %(began)s + interval '30 days')",
        plan=plan,
        began=began,
    )


class TestSums:
    def test_are_shown_by_the_hour_as_soon_as_they_are_recorded(self, acme: Company):
        send(acme, [an_event(1, quantity=5, time=hour(hours=2)), an_event(2, quantity=7, time=hour(hours=2))])
        send(acme, an_event(3))
        assert acme.call("GET", "/v1/usage").json["items"] == [
            {"meter": METER, "start": hour(hours=2), "quantity": 12, "events": 2},
            {"meter": METER, "start": hour(), "quantity": 1, "events": 1},
        ]

    def test_are_shown_by_the_day_in_utc(self, acme: Company):
        noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=3)
        send(acme, [an_event(each, quantity=2, time=(noon + timedelta(hours=each)).isoformat()) for each in range(14)])
        items = acme.call("GET", "/v1/usage", query={"window": "day"}).json["items"]
        days = [(noon + timedelta(days=each)).replace(hour=0).isoformat() for each in (0, 1)]
        assert [(item["start"], item["quantity"]) for item in items] == [(days[0], 24), (days[1], 4)]

    def test_of_a_span_and_a_meter(self, acme: Company):
        send(acme, [an_event(each, quantity=each, time=hour(hours=each)) for each in range(1, 6)])
        query = {"from": hour(hours=3), "to": hour(hours=1), "meter": METER}
        items = acme.call("GET", "/v1/usage", query=query).json["items"]
        assert [item["quantity"] for item in items] == [3, 2]
        assert acme.call("GET", "/v1/usage", query={"meter": "another"}).json["items"] == []

    @pytest.mark.parametrize(
        "query",
        [
            {"from": ago(days=40)},
            {"from": ago(hours=1), "to": ago(hours=2)},
            {"from": ago(days=401), "window": "day"},
            {"window": "minute"},
            {"meter": "Not A Meter"},
            {"from": "yesterday"},
        ],
    )
    def test_of_what_cannot_be_asked_is_a_problem(self, acme: Company, query):
        assert acme.call("GET", "/v1/usage", query=query).status == 422

    def test_of_the_neighbour_are_not_shown(self, acme: Company, globex: Company):
        send(globex, an_event())
        assert acme.call("GET", "/v1/usage").json == {"items": []}
        assert acme.call_as(globex.owner, "GET", "/v1/usage").code == "not_a_member"

    def test_are_for_everybody_here_and_in_a_restricted_tenant(self, acme: Company):
        acme.execute("update app.tenants set access = 'restricted' where id = %(tenant_id)s")
        for role in ("viewer", "billing"):
            assert acme.call_as(acme.member(role), "GET", "/v1/usage").status == 200


class TestNow:
    def test_without_a_subscription_is_the_calendar_month_on_the_plan_of_those(self, acme: Company, plans: None):
        send(acme, an_event(quantity=25))
        shown = acme.call("GET", "/v1/usage/current").json
        month = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        limit = PLANS.plans[PLANS.fallback].limits[METER]
        assert (shown["plan"], shown["period_start"]) == (PLANS.fallback, month.isoformat())
        assert limit is not None
        assert shown["meters"] == [
            {
                "meter": METER,
                "name": "API calls",
                "unit": "call",
                "used": 25,
                "included": None,
                "limit": limit,
                "remaining": limit - 25,
            }
        ]

    def test_with_one_is_its_period_with_what_its_price_includes(self, acme: Company):
        subscribed(acme, began=timedelta(hours=10))
        send(acme, [an_event(1, quantity=25, time=ago(hours=2)), an_event(2, quantity=100, time=ago(hours=20))])
        [meter] = acme.call("GET", "/v1/usage/current").json["meters"]
        assert METERED is not None
        assert (meter["used"], meter["included"], meter["limit"]) == (25, METERED.included, None)

    def test_at_the_limit_nothing_remains_and_beyond_it_nothing_is_taken(self, acme: Company, plans: None):
        send(acme, an_event(quantity=9_999))
        refused = send(acme, an_event(2, quantity=2))
        assert (refused.status, refused.json["rule"], refused.json["limit"]) == (402, "fallback:free", METER)
        assert send(acme, an_event(3)).status == 200
        [meter] = acme.call("GET", "/v1/usage/current").json["meters"]
        assert (meter["used"], meter["remaining"]) == (10_000, 0)

    def test_takes_one_round_trip(self, acme: Company, wire: Wire):
        acme.call("GET", "/v1/usage/current")
        with wire.counting() as trips:
            acme.call("GET", "/v1/usage/current")
        assert trips == [1]
