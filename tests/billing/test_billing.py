"""/v1/plans and /v1/billing, as a tenant reads them."""

import datetime as dt
from typing import Any

import pytest

from freehold.database import database
from freehold.permissions import Role
from functions.operators.questions import answered
from local.companies import Company
from product.plans import PLANS
from tests.billing.till import Object, Till

BEGIN = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
INVOICE = """
    insert into app.invoices (id, stripe_id, number, status, currency, subtotal, total, amount_due, amount_paid,
                              amount_remaining, issued_at, hosted_url)
    select gen_random_uuid(), 'in_' || n, 'A-' || n, %(status)s, 'usd', n, n, n, 0, n,
           timestamptz '2026-01-01T00:00:00Z' + (n / 2) * interval '1 day', 'https://pay.example.test/' || n
      from generate_series(1, %(many)s) n returning id
"""


def add_invoices(company: Company, many: int, status: str = "open") -> list[str]:
    """Two a day, as their ids are in no order."""
    return [str(made) for (made,) in company.execute(INVOICE, many=many, status=status)]


def items(company: Company, **query: Any) -> Object:
    shown: Object = company.call("GET", "/v1/billing/invoices", query=query).json
    return shown


class TestPlans:
    def test_are_those_of_the_catalog_the_least_first(self, acme: Company):
        shown = acme.call("GET", "/v1/plans").json
        assert [plan["id"] for plan in shown["items"]] == list(PLANS.plans)
        [pro] = [plan for plan in shown["items"] if plan["id"] == "pro"]
        assert pro["prices"]["month"][0] == {"component": "base", "currency": "usd", "amount": 4900, "tiers": []}
        assert pro["trial_days"] == 14
        assert shown["add_ons"][0]["id"] == "support"

    def test_say_what_usage_costs_to_the_last_digit(self, acme: Company):
        [pro] = [plan for plan in acme.call("GET", "/v1/plans").json["items"] if plan["id"] == "pro"]
        [usage] = [part for part in pro["prices"]["month"] if part["component"] == "usage:api_calls"]
        assert usage["tiers"][-1] == {"up_to": None, "amount_decimal": "0.1"}

    def test_say_which_one_has(self, acme: Company):
        current = {plan["id"]: plan["current"] for plan in acme.call("GET", "/v1/plans").json["items"]}
        assert current == {"free": True, "pro": False, "scale": False}

    @pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER, Role.GUEST, Role.BILLING])
    def test_are_for_every_member(self, acme: Company, role: Role):
        assert acme.call_as(acme.member(role), "GET", "/v1/plans").status == 200

    def test_of_the_neighbours_are_closed(self, acme: Company, globex: Company):
        assert globex.owner.call("GET", "/v1/plans", headers={"Freehold-Tenant": str(acme.id)}).status == 403


class TestBilling:
    def test_without_a_subscription_is_the_fallback(self, acme: Company, plans: None):
        shown = acme.call("GET", "/v1/billing").json
        assert (shown["plan"], shown["status"], shown["access"]) == ({"id": "free", "name": "Free"}, "none", "full")
        assert shown["limits"] == {"seats": 3, "projects": 3, "api_calls": 10_000}

    def test_of_a_subscriber_is_what_stripe_holds(self, till: Till, plans: None):
        till.customer(at=BEGIN)
        till.subscribe(plan="scale", add_ons=["support"])
        shown = till.billing
        assert shown["current_period_end"] == shown["next_invoice_at"] == "2026-04-01T12:00:00+00:00"
        assert (shown["interval"], shown["add_ons"]) == ("month", ["support"])
        assert shown["payment_method"]["last4"] == "4242"
        assert shown["features"] == ["audit_export", "priority_support", "scim", "sso"]
        assert shown["limits"]["seats"] is None
        assert shown["problem"] is None

    def test_says_what_is_wrong_and_where_it_is_put_right(self, till: Till):
        customer = till.customer(at=BEGIN)
        made = till.subscribe(plan="scale")
        till.account.pay_with(customer["id"], "pm_card_chargeCustomerFail")
        usual = till.account.client.v1.customers.retrieve(customer["id"]).to_dict()["invoice_settings"]
        method = {"default_payment_method": usual["default_payment_method"]}
        till.account.client.v1.subscriptions.update(made["id"], method)  # type: ignore[arg-type]
        till.account.advance(customer["id"], dt.timedelta(days=33))
        till.sync()
        shown = till.billing
        assert (shown["status"], shown["problem"]["code"]) == ("past_due", "payment_failed")
        assert shown["problem"]["link"].startswith("http")

    def test_says_what_an_operator_gave(self, acme: Company, plans: None):
        acme.execute(
            "insert into app.access_grants (access, plan, reason, granted_by, until)"
            " values ('full', 'scale', 'a promise of sales', 'ada', now() + interval '1 day')"
        )
        shown = acme.call("GET", "/v1/billing").json
        assert (shown["plan"]["id"], "sso" in shown["features"]) == ("scale", True)
        acme.execute("update app.access_grants set ended_at = now() where tenant_id = %(tenant_id)s")
        assert acme.call("GET", "/v1/billing").json["plan"]["id"] == "free"

    @pytest.mark.parametrize(
        ("role", "status"),
        [(Role.ADMIN, 200), (Role.BILLING, 200), (Role.MEMBER, 403), (Role.VIEWER, 403), (Role.GUEST, 403)],
    )
    def test_is_for_who_pays(self, acme: Company, role: Role, status: int):
        person = acme.member(role)
        for path in ("/v1/billing", "/v1/billing/invoices"):
            assert acme.call_as(person, "GET", path).status == status

    @pytest.mark.parametrize("access", ["restricted", "suspended"])
    def test_can_always_be_read(self, acme: Company, access: str):
        acme.execute("update app.tenants set access = %(access)s where id = %(tenant_id)s", access=access)
        assert acme.call("GET", "/v1/billing").json["access"] == access

    def test_of_the_neighbour_is_closed(self, acme: Company, globex: Company):
        named = {"Freehold-Tenant": str(acme.id)}
        for path in ("/v1/billing", "/v1/billing/invoices"):
            assert globex.owner.call("GET", path, headers=named).code == "not_a_member"


class TestInvoices:
    def test_are_listed_newest_first_page_by_page(self, acme: Company):
        add_invoices(acme, 7)
        found, cursor = [], None
        while True:
            page = items(acme, limit=3, **({"cursor": cursor} if cursor else {}))
            found += [each["total"]["amount"] for each in page["items"]]
            if (cursor := page["next_cursor"]) is None:
                break
        assert sorted(found) == list(range(1, 8))
        assert [n // 2 for n in found] == sorted((n // 2 for n in found), reverse=True)

    def test_say_amounts_in_the_smallest_unit_with_their_currency(self, acme: Company):
        [name] = add_invoices(acme, 1)
        shown = acme.call("GET", f"/v1/billing/invoices/{name}").json
        assert shown["total"] == {"amount": 1, "currency": "usd"}
        assert shown["lines"] == []
        assert items(acme)["items"] == [{key: value for key, value in shown.items() if key != "lines"}]

    def test_that_are_drafts_are_nobodys_yet(self, acme: Company):
        [name] = add_invoices(acme, 1, "draft")
        assert items(acme)["items"] == []
        assert acme.call("GET", f"/v1/billing/invoices/{name}").status == 404

    def test_say_what_went_back(self, till: Till):
        till.subscribe(plan="scale")
        [invoice] = till.invoices()
        paid = till.account.client.v1.invoice_payments.list({"invoice": invoice["id"]}).data[0].to_dict()
        intent = paid["payment"]["payment_intent"]
        till.account.client.v1.refunds.create({"payment_intent": intent, "amount": 100_00})
        till.sync()
        [shown] = items(till.company)["items"]
        assert (shown["amount_refunded"]["amount"], shown["amount_paid"]["amount"]) == (100_00, 499_00)
        assert shown["hosted_url"].startswith("http")

    def test_of_the_neighbour_are_as_absent_as_none(self, acme: Company, globex: Company):
        [name] = add_invoices(globex, 1)
        assert acme.call("GET", f"/v1/billing/invoices/{name}").status == 404
        assert items(acme, cursor=name)["items"] == []
        assert globex.call("GET", f"/v1/billing/invoices/{name}").status == 200


class TestGrants:
    def given(self, company: Company, **asked: Any) -> Object:
        question = {"reason": "Ticket 4711: a pilot", "tenant": str(company.id), **asked}
        return answered(database("freehold_operator"), question, operator="ada", request_id="tests")

    def grant(self, company: Company, **asked: Any) -> Object:
        until = (dt.datetime.now(dt.UTC) + dt.timedelta(days=30)).isoformat()
        return self.given(company, **{"ask": "grant_access", "access": "full", "until": until, **asked})

    def test_win_over_what_is_paid(self, till: Till):
        self.grant(till.company, access="restricted")
        till.perform("billing.sync")
        refused = till.company.call("POST", "/v1/projects", body={"name": "Apollo"})
        assert (refused.status, refused.code) == (402, "tenant_restricted")
        assert till.billing["problem"] is None
        assert (
            "If GET /v1/billing shows nothing to pay, our team has restricted it: write to us."
            in refused.json["detail"]
        )

    def test_bring_a_plan_along_until_they_are_taken_back(self, till: Till):
        granted = self.grant(till.company, plan="scale")["grant"]
        till.perform("billing.sync")
        assert (till.billing["plan"]["id"], till.billing["access"]) == ("scale", "full")
        assert self.given(till.company, ask="end_grant", grant=granted) == {"ended": True}
        till.perform("billing.sync")
        assert till.billing["plan"]["id"] == "free"
        assert self.given(till.company, ask="end_grant", grant=granted) == {"ended": False}

    def test_of_a_plan_that_there_is_not_are_refused_with_those_that_there_are(self, till: Till):
        refused = self.grant(till.company, plan="typo")
        assert refused == {"error": "There is no plan typo: choose of free, pro, scale.", "code": "invalid_input"}
        assert till.company.call("GET", "/v1/operator-visits").json["items"] == []

    def test_of_a_plan_that_there_is_no_more_lower_nothing_that_is_paid(
        self, till: Till, caplog: pytest.LogCaptureFixture
    ):
        till.customer(at=BEGIN)
        till.subscribe(plan="pro", interval="year")
        gone = self.grant(till.company, access="restricted", plan="scale")["grant"]
        till.company.execute("update app.access_grants set plan = 'gold' where id = %(id)s", id=gone)
        till.perform("billing.sync")
        assert (till.billing["plan"]["id"], till.billing["access"]) == ("pro", "restricted")
        [problem] = [each.problem for each in caplog.records if each.message == "billing problem"]
        assert "names the plan gold, which there is no more" in problem
        self.grant(till.company, plan="scale")
        assert till.billing["plan"]["id"] == "scale", "the control: one that there is counts"

    def test_say_so_of_a_tenant_that_pays_nothing_too(self, till: Till, caplog: pytest.LogCaptureFixture):
        gone = self.grant(till.company, plan="scale")["grant"]
        till.company.execute("update app.access_grants set plan = 'gold' where id = %(id)s", id=gone)
        till.perform("billing.sync")
        assert [each.message for each in caplog.records].count("billing problem") == 1
        assert till.billing["plan"]["id"] == "free"

    def test_leave_a_line_with_the_reason(self, till: Till):
        self.grant(till.company)
        [visit] = till.company.call("GET", "/v1/operator-visits").json["items"]
        assert (visit["permission"], visit["reason"]) == ("access:grant", "Ticket 4711: a pilot")

    @pytest.mark.parametrize("wrong", ["2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"])
    def test_have_an_end(self, till: Till, wrong: str):
        assert self.grant(till.company, until=wrong)["code"] == "grant_unfit"

    def test_of_the_neighbour_cannot_be_ended_from_here(self, till: Till, globex: Company):
        granted = self.grant(globex)["grant"]
        assert self.given(till.company, ask="end_grant", grant=granted) == {"ended": False}


class TestWhereToPay:
    def test_is_on_every_refusal_of_a_tenant_that_has_to(self, acme: Company):
        acme.execute("update app.tenants set access = 'restricted' where id = %(tenant_id)s")
        refused = acme.call("POST", "/v1/projects", body={"name": "Apollo"})
        assert (refused.status, refused.json["billing"]) == (402, "/v1/billing/portal")
        assert refused.json["link"] == "https://app.example.test/billing"
        assert "reading and paying work" in refused.json["detail"]
        assert acme.call("POST", refused.json["billing"], body={}).status == 200

    def test_is_on_no_other(self, acme: Company):
        refused = acme.call_as(acme.member("viewer"), "POST", "/v1/projects", body={"name": "Apollo"})
        assert (refused.status, "billing" in refused.json) == (403, False)
