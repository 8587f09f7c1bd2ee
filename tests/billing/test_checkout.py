"""/v1/billing/checkout and /portal: how a tenant gets to Stripe's pages, and what these sell it."""

import datetime as dt
import os
from collections.abc import Mapping
from typing import Any

import psycopg
import pytest

from freehold.billing.asking import Asking
from freehold.billing.checkout import Counter, begin_checkout
from freehold.billing.gateway import Stripe
from freehold.billing.models import NewCheckout
from freehold.callers import Identity, PersonCaller
from freehold.database import database
from freehold.database.login import conninfo
from freehold.errors import AlreadySubscribed
from freehold.ids import TenantId
from freehold.permissions import Role
from freehold.secrets import stripe_keys
from freehold.settings import settings
from local.companies import Company, People
from local.gateway import Answer, call
from local.stripe_double.service import StripeDouble
from product.plans import PLANS
from tests.billing.till import HOME, Till
from tests.functions.test_member_races import Runners

TRIAL_DAYS = 14
LOSSES = ["connection_reset_after", "500", "500_after"][: int(os.environ.get("LOSSES", "1"))]
"""`LOSSES=3 .venv/bin/python -m pytest tests/billing` loses each answer in each way."""
MOST = 30
ONCE = {"headers": {"Idempotency-Key": "once"}}
ELSEWHERE = (
    "https://evil.example",
    "https://app.example.test.evil.example/",
    "https://app.example.test@evil.example/",
    "https://user:password@app.example.test/",
    "https://app.example.test:444/",
    "http://app.example.test/billing",
    "//evil.example/billing",
    "/\\evil.example",
    "\\\\evil.example",
    "https:\\\\evil.example",
    "https:/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/billing\r\nX-A: b",
    "/\tevil",
    " https://app.example.test/",
    "billing",
    "?x",
    "https://[app.example.test/",
)


def lines(till: Till, page: dict[str, Any]) -> dict[str, int | None]:
    """What a page sells: how many of each price."""
    listed = till.account.client.v1.checkout.sessions.line_items.list(page["id"]).data
    return {line.price.lookup_key: line.quantity for line in listed}


def once(till: Till) -> Answer:
    """What the owner hears who asks for Pro under one and the same key."""
    return till.company.call("POST", "/v1/billing/checkout", body={"plan": "pro"}, **ONCE)


def counter_of(till: Till, asking: Asking) -> Counter:
    """Where the owner asks."""
    owner = Identity(
        issuer=till.company.people.issuer.url, subject=till.company.owner.subject, issued_at=dt.datetime.now(dt.UTC)
    )
    caller = PersonCaller(tenant_id=TenantId(till.company.id), identity=owner, request_id="r", address="")
    return Counter(db=database(), caller=caller, asking=asking, catalog=PLANS)


def told_of_deletion(customer: str) -> None:
    """What the webhook writes down."""
    sql = (
        "select app.receive_stripe(%(id)s, %(customer)s, 'customer.deleted', now(), '', false, null, null, false, '{}')"
    )
    with psycopg.connect(conninfo("freehold_api")) as connection:
        connection.execute(sql, {"id": f"evt_{customer}", "customer": customer})


class TestSubscribe:
    def test_leads_to_a_page_that_sells_the_plan(self, till: Till):
        made = till.subscribe(plan="pro")
        assert {item["price"]["lookup_key"] for item in made["items"]["data"]} == {
            "fh_pro_month_base",
            "fh_pro_month_seat",
            "fh_pro_month_usage_api_calls",
        }
        shown = till.billing
        assert (shown["plan"]["id"], shown["status"], shown["access"]) == ("pro", "trialing", "full")

    def test_says_whose_it_is_wherever_stripe_keeps_something(self, till: Till):
        made = till.subscribe()
        [customer], [page] = till.customers(), till.sessions()
        assert made["metadata"] == {"freehold_tenant": str(till.company.id)}
        assert customer["name"] == "Acme"
        assert page["metadata"]["freehold_tenant"] == page["client_reference_id"] == str(till.company.id)

    def test_a_seat_for_each_active_member(self, till: Till):
        for _ in range(3):
            till.company.member("member")
        till.company.execute(
            "update app.members set status = 'suspended'"
            " where id = (select max(id::text)::uuid from app.members where tenant_id = %(tenant_id)s)"
        )
        made = till.subscribe()
        [seats] = [item for item in made["items"]["data"] if item["price"]["lookup_key"].endswith("_seat")]
        assert seats["quantity"] == 3

    def test_more_seats_and_add_ons_where_they_are_asked_for(self, till: Till):
        made = till.subscribe(plan="scale", interval="year", add_ons=["support"], seats=12)
        sold = {item["price"]["lookup_key"]: item.get("quantity") for item in made["items"]["data"]}
        assert (sold["fh_scale_year_seat"], sold["fh_add_on_support_year"]) == (12, 1)
        shown = till.billing
        assert (shown["add_ons"], shown["seats"]) == (["support"], {"used": 1, "paid": 12})
        assert "priority_support" in shown["features"]

    def test_the_way_back_is_the_billing_page_unless_another_of_ours_is_named(self, till: Till):
        till.checkout()
        assert {(page["success_url"], page["cancel_url"]) for page in till.sessions()} == {(f"{HOME}/billing",) * 2}
        till.checkout(success_url="/welcome?x=1", cancel_url=f"{HOME}/prices")
        ways = {(page["success_url"], page["cancel_url"]) for page in till.sessions()}
        assert (f"{HOME}/welcome?x=1", f"{HOME}/prices") in ways

    @pytest.mark.parametrize("address", ELSEWHERE)
    def test_the_way_back_leads_nowhere_else(self, till: Till, address: str):
        answer = till.post("checkout", plan="pro", success_url=address)
        assert (answer.status, answer.code) == (422, "page_refused")
        assert till.customers() == []

    @pytest.mark.parametrize(
        "wrong",
        [
            {"plan": "free"},
            {"plan": "gold"},
            {"plan": "pro; drop table"},
            {"plan": "Pro"},
            {"plan": "pro", "interval": "week"},
            {"plan": "pro", "seats": 0},
            {"plan": "pro", "seats": -1},
            {"plan": "pro", "seats": 10**9},
            {"plan": "pro", "add_ons": ["gold"]},
            {"plan": "pro", "add_ons": ["support", "support"]},
            {"plan": "pro", "price": "price_of_another"},
            {"plan": "pro", "customer": "cus_of_another"},
            {"plan": "pro", "promotion_code": "a b"},
            {},
        ],
    )
    def test_what_is_not_sold_is_refused(self, till: Till, wrong: dict[str, Any]):
        assert till.post("checkout", **wrong).status == 422
        assert till.sessions() == []

    @pytest.mark.parametrize("access", ["restricted", "suspended"])
    def test_is_open_to_a_tenant_that_has_to_pay(self, till: Till, access: str):
        till.company.execute("update app.tenants set access = %(access)s where id = %(tenant_id)s", access=access)
        assert till.post("checkout", plan="pro").status == 200

    @pytest.mark.parametrize(
        ("role", "status"), [(Role.BILLING, 200), (Role.ADMIN, 403), (Role.MEMBER, 403), (Role.GUEST, 403)]
    )
    def test_is_for_owners_and_for_who_pays(self, till: Till, role: Role, status: int):
        person = till.company.member(role)
        assert till.company.call_as(person, "POST", "/v1/billing/checkout", body={"plan": "pro"}).status == status

    @pytest.mark.parametrize("what", ["checkout", "portal", "preview"])
    def test_the_neighbours_is_closed(self, till: Till, globex: Company, what: str):
        body = {} if what == "portal" else {"plan": "pro"}
        named = {"Freehold-Tenant": str(till.company.id)}
        answer = globex.owner.call("POST", f"/v1/billing/{what}", body=body, headers=named)
        assert (answer.status, answer.code) == (403, "not_a_member")


class TestOneCustomer:
    def test_however_often_somebody_goes_to_the_checkout(self, till: Till):
        for _ in range(3):
            till.checkout()
        assert len(till.customers()) == 1

    def test_when_two_click_at_the_same_moment(self, till: Till):
        runners = Runners(4)
        answers = runners.race(*[lambda: till.post("checkout", plan="pro")] * 4)
        runners.close()
        assert {answer.status for answer in answers} == {200}
        assert len(till.customers()) == 1
        assert len(till.sessions(status="open")) == 1

    def test_is_found_again_where_the_link_was_lost(self, till: Till):
        metadata = {"freehold_tenant": str(till.company.id)}
        made = till.account.client.v1.customers.create({"metadata": metadata})
        till.checkout()
        assert [each["id"] for each in till.customers()] == [made.id]

    def test_the_control_another_tenant_has_another(self, till: Till, globex: Company):
        till.checkout()
        other = Till(globex, till.account)
        other.checkout()
        assert till.customers()[0]["id"] != other.customers()[0]["id"]


class TestDeletedCustomer:
    """At Stripe, by somebody who works there for us."""

    @pytest.fixture
    def former(self, till: Till) -> str:
        till.checkout()
        [customer] = till.customers()
        till.account.client.v1.customers.delete(customer["id"])
        return str(customer["id"])

    @pytest.mark.parametrize("what", ["checkout", "portal", "preview"])
    def test_is_followed_by_another(self, till: Till, former: str, what: str):
        told_of_deletion(former)
        assert till.post(what, **({} if what == "portal" else {"plan": "pro"})).status == 200
        [customer] = till.customers()
        assert customer["id"] != former
        assert customer["name"] == "Acme"

    def test_but_once_only(self, till: Till, former: str):
        told_of_deletion(former)
        assert [till.post("checkout", plan="pro").status for _ in range(2)] == [200] * 2
        assert len(till.customers()) == 1

    def test_also_where_a_page_was_to_be_made_for_the_one_before(self, till: Till, breaking: StripeDouble):
        breaking.faults.add("POST /v1/checkout/sessions", "503")
        assert once(till).code == "payments_unavailable"
        [former] = till.customers()
        till.account.client.v1.customers.delete(former["id"])
        told_of_deletion(former["id"])
        assert once(till).status == 200

    def test_and_not_before_stripe_has_told_of_it(self, till: Till, former: str):
        assert till.post("checkout", plan="pro").code == "customer_taken"
        told_of_deletion(former)
        assert till.post("checkout", plan="pro").status == 200
        assert len(till.customers()) == 1

    def test_is_followed_by_another_too_where_no_event_came_and_a_look_has_found_it(self, till: Till, former: str):
        till.perform("billing.sync")
        till.company.execute("update app.billing_syncs set gone_id = null where tenant_id = %(tenant_id)s")
        assert till.post("checkout", plan="pro").code == "customer_taken", "the control: a look has to say so"
        till.perform("billing.sync")  # which being refused has asked for
        assert till.post("checkout", plan="pro").status == 200
        [customer] = till.customers()
        assert customer["id"] != former
        till.perform("billing.sync")
        assert till.post("checkout", plan="pro").status == 200, "the new one is the tenant's now"
        assert [each["id"] for each in till.customers()] == [customer["id"]]

    def test_but_none_that_is_there(self, till: Till):
        """Whatever else says that it is the tenant's."""
        till.checkout()
        till.perform("billing.sync")
        with pytest.raises(Exception, match="customer_taken"):
            till.company.execute("select app.link_customer('cus_another', null)")


class TestRefused:
    def test_is_our_fault_and_not_an_unknown_one(self, till: Till, caplog: pytest.LogCaptureFixture):
        till.company.execute("select app.link_customer('cus_nobody' || %(tenant_id)s::text, null)")
        for what in ("checkout", "portal", "preview"):
            answer = till.post(what, **({} if what == "portal" else {"plan": "pro"}))
            assert (answer.status, answer.code) == (502, "payments_refused")
        assert caplog.messages.count("billing problem") == 3

    def test_the_control_what_stripe_accepts_is_none(self, till: Till, caplog: pytest.LogCaptureFixture):
        till.checkout()
        assert "billing problem" not in caplog.messages


class TestOnePage:
    def test_the_one_before_is_closed(self, till: Till):
        first, second = till.checkout(), till.checkout(plan="scale")
        assert first["url"] != second["url"]
        assert {page["id"]: page["status"] for page in till.sessions()} == {
            first["id"]: "expired",
            second["id"]: "open",
        }

    def test_the_same_key_leads_to_the_same_page(self, till: Till):
        answers = [till.company.call("POST", "/v1/billing/checkout", body={"plan": "pro"}, **ONCE) for _ in range(2)]
        assert answers[0].json == answers[1].json
        assert len(till.sessions()) == 1

    def test_the_same_key_for_something_else_is_refused(self, till: Till):
        till.company.call("POST", "/v1/billing/checkout", body={"plan": "pro"}, **ONCE)
        other = till.company.call("POST", "/v1/billing/checkout", body={"plan": "scale"}, **ONCE)
        assert (other.status, other.code) == (422, "idempotency_mismatch")

    def test_the_same_key_leads_to_another_once_that_cannot_be_paid(self, till: Till):
        first = once(till)
        [page] = till.sessions()
        till.account.client.v1.checkout.sessions.expire(page["id"])
        second = once(till)
        assert [first.status, second.status] == [200, 200]
        assert [each["url"] for each in till.sessions(status="open")] == [second.json["url"]] != [first.json["url"]]

    def test_the_same_key_sells_nothing_to_a_subscriber(self, till: Till):
        once(till)
        till.pay({**till.sessions()[0], "trial_days": TRIAL_DAYS})
        assert once(till).code == "already_subscribed"
        assert till.sessions(status="open") == []

    def test_the_same_key_begins_no_second_trial(self, till: Till):
        assert once(till).json["trial_days"] == TRIAL_DAYS
        till.pay({**till.sessions()[0], "trial_days": TRIAL_DAYS})
        till.sync()
        till.do("cancel", at_period_end=False)
        assert once(till).json["trial_days"] == 0
        assert len(till.sessions(status="open")) == 1

    @pytest.mark.parametrize(("hours", "tries"), [(19, 0), (21, 1)])
    def test_what_was_lost_is_asked_for_as_it_was_while_stripe_knows_its_key(
        self, till: Till, breaking: StripeDouble, hours: int, tries: int
    ):
        breaking.faults.add("POST /v1/checkout/sessions", "timeout_before", seconds=0)
        assert once(till).code == "payments_unavailable"
        till.company.execute(
            "update app.billing_operations set request = jsonb_set(request, '{at}', to_jsonb(now() - %(age)s))"
            " where tenant_id = %(tenant_id)s",
            age=dt.timedelta(hours=hours),
        )
        assert once(till).status == 200
        [(noted,)] = till.company.execute(
            "select (request->>'tries')::integer from app.billing_operations where tenant_id = %(tenant_id)s"
        )
        assert (noted or 0) == tries

    def test_what_one_calls_a_request_is_nothing_to_another(self, till: Till):
        colleague = till.company.member(Role.BILLING)
        mine = once(till)
        theirs = till.company.call_as(colleague, "POST", "/v1/billing/checkout", body={"plan": "scale"}, **ONCE)
        assert [mine.status, theirs.status] == [200, 200]

    def test_there_is_none_for_a_subscriber(self, till: Till):
        till.subscribe()
        answer = till.post("checkout", plan="scale")
        assert (answer.status, answer.code) == (409, "already_subscribed")

    def test_nor_for_one_of_whom_we_have_not_heard_yet(self, till: Till):
        till.pay(till.checkout())
        assert till.billing["status"] == "none"
        assert till.post("checkout", plan="scale").code == "already_subscribed"


class Overtaken(Asking):
    """Somebody pays on another page at the moment before this is asked for."""

    def __init__(self, till: Till, before: str) -> None:
        super().__init__(Stripe(stripe_keys(), retries=0))
        self._till, self._before, self._page = till, before, till.checkout()

    def create_session(self, params: Mapping[str, Any], *, key: str) -> dict[str, Any]:
        self._meanwhile("create_session")
        return super().create_session(params, key=key)

    def open_sessions(self, customer: str) -> list[dict[str, Any]]:
        self._meanwhile("open_sessions")
        return super().open_sessions(customer)

    def expire_session(self, session: str) -> dict[str, Any]:
        self._meanwhile("expire_session")
        return super().expire_session(session)

    def _meanwhile(self, step: str) -> None:
        if step == self._before:
            self._before = ""
            self._till.pay(self._page)


class TestNobodySubscribesTwice:
    @pytest.mark.parametrize("moment", ["create_session", "open_sessions", "expire_session"])
    def test_whoever_is_paid_for_meanwhile_gets_no_page(self, till: Till, moment: str):
        counter = counter_of(till, Overtaken(till, moment))
        with pytest.raises(AlreadySubscribed):
            begin_checkout(counter, NewCheckout(plan="pro"), None)
        assert till.sessions(status="open") == []
        assert len(till.subscriptions()) == 1

    def test_the_control_without_that_there_is_one(self, till: Till):
        begin_checkout(counter_of(till, Overtaken(till, "never")), NewCheckout(plan="pro"), None)
        assert len(till.sessions(status="open")) == 1


class TestBudget:
    """Each of these requests is several of ours at Stripe, which counts those of all tenants together."""

    def age(self, till: Till, by: dt.timedelta) -> None:
        sql = "update app.billing_operations set asked_at = asked_at - %(by)s where tenant_id = %(tenant_id)s"
        till.company.execute(sql, by=by)

    def kept(self, till: Till) -> set[str]:
        sql = "select kind from app.billing_operations where tenant_id = %(tenant_id)s"
        return {kind for (kind,) in till.company.execute(sql)}

    @pytest.mark.parametrize("more", [{}, ONCE])
    def test_is_the_tenants_whether_or_not_it_repeats_itself(self, till: Till, globex: Company, more: dict[str, Any]):
        ask = [till.company.call("POST", "/v1/billing/portal", body={}, **more).status for _ in range(MOST + 1)]
        assert ask == [200] * MOST + [429]
        refused = till.post("preview", plan="pro")
        assert (refused.code, refused.headers["retry-after"]) == ("asked_too_often", "60")
        assert Till(globex, till.account).post("portal").status == 200

    def test_is_there_again_after_ten_minutes(self, till: Till):
        till.post("portal")
        till.company.execute(
            "update app.billing_operations set asked = %(most)s where tenant_id = %(tenant_id)s", most=MOST
        )
        assert till.post("portal").status == 429
        self.age(till, dt.timedelta(minutes=10))
        assert till.post("portal").status == 200

    def test_is_not_touched_by_what_reaches_nobody(self, till: Till):
        answers = {till.post("portal", return_url=ELSEWHERE[0]).status for _ in range(MOST + 1)}
        assert answers == {422}

    def test_what_was_asked_is_forgotten_after_a_day(self, till: Till):
        till.subscribe()
        till.do("change", plan="scale")
        till.post("preview", plan="pro")
        self.age(till, dt.timedelta(hours=23))
        till.post("portal")
        assert self.kept(till) == {"checkout", "change", "preview", "portal"}
        self.age(till, dt.timedelta(hours=2))
        till.post("portal")
        assert self.kept(till) == {"change", "portal"}
        assert till.billing["last_request"]["what"] == "change"


class TestLostAnswers:
    @pytest.mark.parametrize(
        "request_",
        [
            "GET /v1/customers/search",
            "POST /v1/customers",
            "POST /v1/customers/*",
            "GET /v1/subscriptions",
            "GET /v1/prices",
            "POST /v1/checkout/sessions",
            "GET /v1/checkout/sessions",
            "POST /v1/checkout/sessions/*/expire",
        ],
    )
    @pytest.mark.parametrize("fault", LOSSES)
    def test_the_same_key_brings_about_what_was_asked_for_once(
        self, till: Till, breaking: StripeDouble, request_: str, fault: Any
    ):
        if request_.endswith("/expire"):
            till.checkout()
        breaking.faults.add(request_, fault)
        asked = [till.company.call("POST", "/v1/billing/checkout", body={"plan": "pro"}, **ONCE) for _ in range(3)]
        assert asked[0].code == "payments_unavailable"
        assert asked[-1].status == 200
        assert breaking.faults.waiting() == []
        assert len(till.customers()) == 1
        assert len(till.sessions(status="open")) == 1
        assert till.sessions(status="open")[0]["url"] == asked[-1].json["url"]

    @pytest.mark.parametrize("request_", ["POST /v1/customers", "POST /v1/checkout/sessions"])
    def test_a_failure_that_stripe_remembers_takes_another_key(self, till: Till, breaking: StripeDouble, request_: str):
        breaking.faults.add(request_, "500")
        asked = [till.company.call("POST", "/v1/billing/checkout", body={"plan": "pro"}, **ONCE) for _ in range(3)]
        assert [asked[0].code, asked[-1].status] == ["payments_unavailable", 200]
        assert len(till.customers()) == len(till.sessions()) == 1

    def test_the_control_without_them_the_first_succeeds(self, till: Till, breaking: StripeDouble):
        assert till.post("checkout", plan="pro").status == 200


class TestTrial:
    def test_lasts_as_long_as_the_catalog_says(self, till: Till):
        assert till.checkout()["trial_days"] == TRIAL_DAYS
        till.pay(till.checkout())
        till.sync()
        assert till.billing["trial_end"]

    def test_comes_with_plans_that_have_one(self, till: Till):
        assert till.checkout(plan="scale")["trial_days"] == 0

    def test_is_there_until_it_is_taken(self, till: Till):
        assert [till.checkout()["trial_days"] for _ in range(2)] == [TRIAL_DAYS] * 2

    def test_a_tenant_has_one(self, till: Till):
        till.subscribe()
        till.do("cancel", at_period_end=False)
        assert till.billing["status"] == "canceled"
        assert till.checkout()["trial_days"] == 0

    def test_whoever_signs_up_again_has_none(self, till: Till, people: People):
        till.checkout()
        again = Till(people.company("Acme again", owner=till.company.owner), till.account)
        assert again.checkout()["trial_days"] == 0

    def test_the_control_whoever_signs_up_first_has_one(self, till: Till, people: People):
        till.checkout()
        assert Till(people.company("Initech"), till.account).checkout()["trial_days"] == TRIAL_DAYS

    def test_a_card_that_had_one_elsewhere_ends_it(self, till: Till, people: People):
        till.subscribe()
        assert till.billing["status"] == "trialing"
        other = Till(people.company("Initech"), till.account)
        other.subscribe()
        assert (other.billing["status"], other.billing["plan"]["id"]) == ("active", "pro")
        assert other.invoices()[0]["amount_paid"] == 49_00
        till.sync()
        assert till.billing["status"] == "trialing"

    def test_the_control_another_card_does_not(self, till: Till, people: People):
        till.subscribe()
        other = Till(people.company("Initech"), till.account)
        other.subscribe(card="pm_card_mastercard")
        assert other.billing["status"] == "trialing"

    def test_no_key_begins_one(self, till: Till):
        key = till.company.key("billing:write")["secret"]
        answer = call("POST", "/v1/billing/checkout", token=key, body={"plan": "pro"})
        assert answer.json["trial_days"] == 0


class TestPromotionCode:
    @pytest.fixture
    def code(self, till: Till) -> str:
        return till.code(percent_off=25, duration="repeating", duration_in_months=3)

    def test_that_is_given_is_on_the_page(self, till: Till, code: str):
        till.checkout(plan="scale", promotion_code=code)
        [page] = till.sessions()
        assert page["amount_total"] == page["amount_subtotal"] * 3 // 4

    def test_that_is_not_given_can_be_typed_there(self, till: Till, code: str):
        page = till.checkout(plan="scale")
        till.pay(page, promotion_code=code)
        till.sync()
        assert till.billing["discount"]["coupon_percent_off"] == 25

    @pytest.mark.parametrize("wrong", ["NOTHING", "x" * 64, "-"])
    def test_that_there_is_not_is_refused(self, till: Till, wrong: str):
        answer = till.post("checkout", plan="pro", promotion_code=wrong)
        assert (answer.status, answer.code) == (422, "promotion_code_refused")

    def test_that_is_over_is_refused(self, till: Till, code: str):
        client = till.account.client.v1
        [found] = client.promotion_codes.list({"code": code}).data
        client.promotion_codes.update(found.id, {"active": False})
        assert till.post("checkout", plan="pro", promotion_code=code).code == "promotion_code_refused"

    def test_that_was_refused_on_the_way_is_good_under_the_same_key_once_it_is_mended(
        self, till: Till, code: str, breaking: StripeDouble
    ):
        body, codes = {"plan": "pro", "promotion_code": code}, till.account.client.v1.promotion_codes
        [found] = codes.list({"code": code}).data
        breaking.faults.add("POST /v1/checkout/sessions", "timeout_before", seconds=0)
        heard = [till.company.call("POST", "/v1/billing/checkout", body=body, **ONCE).code]
        codes.update(found.id, {"active": False})
        heard += [till.company.call("POST", "/v1/billing/checkout", body=body, **ONCE).code]
        codes.update(found.id, {"active": True})
        assert heard == ["payments_unavailable", "promotion_code_refused"]
        assert till.company.call("POST", "/v1/billing/checkout", body=body, **ONCE).status == 200


class TestPreviewOfTheFirst:
    def test_shows_the_trial_that_the_checkout_would_give_and_does_not_use_it_up(self, till: Till):
        shown = till.post("preview", plan="pro").json
        ends = dt.datetime.fromisoformat(shown["renews_at"]) - dt.datetime.fromisoformat(shown["effective_at"])
        assert (shown["due_now"]["amount_due"], ends) == (0, dt.timedelta(days=TRIAL_DAYS))
        assert shown["at_renewal"]["total"] == 49_00
        assert till.company.execute("select from directory.trials where tenant_id = %(tenant_id)s") == []
        assert till.checkout(plan="pro")["trial_days"] == TRIAL_DAYS

    def test_shows_what_is_charged_now_where_there_is_none(self, till: Till):
        shown = till.post("preview", plan="scale", interval="year").json
        assert shown["due_now"]["amount_due"] == shown["at_renewal"]["total"] == 4_990_00
        ends = dt.datetime.fromisoformat(shown["renews_at"]) - dt.datetime.fromisoformat(shown["effective_at"])
        assert dt.timedelta(days=364) < ends < dt.timedelta(days=367)

    def test_shows_a_discount_that_holds_once_on_the_first_invoice_alone(self, till: Till):
        shown = till.post("preview", plan="scale", promotion_code=till.code(percent_off=50, duration="once")).json
        assert (shown["due_now"]["total"], shown["at_renewal"]["total"]) == (249_50, 499_00)
        shown = till.post("preview", plan="pro", promotion_code=till.code(percent_off=50, duration="once")).json
        assert (shown["due_now"]["total"], shown["at_renewal"]["total"]) == (0, 24_50)

    def test_shows_no_trial_to_who_has_had_one(self, till: Till):
        till.subscribe(plan="pro")
        till.do("cancel", at_period_end=False)
        assert till.post("preview", plan="pro").json["due_now"]["amount_due"] == 49_00

    def test_shows_none_to_an_owner_who_has_had_one_elsewhere(self, till: Till):
        till.subscribe(plan="pro")
        made = till.company.owner.call("POST", "/v1/tenants", body={"name": "Another"}).json
        named = {"Freehold-Tenant": made["id"]}
        answer = till.company.owner.call("POST", "/v1/billing/preview", body={"plan": "pro"}, headers=named)
        assert (answer.status, answer.json["due_now"]["amount_due"]) == (200, 49_00)


class TestPortal:
    def test_leads_to_stripes_pages_and_back(self, till: Till):
        answer = till.post("portal")
        assert answer.status == 200
        assert answer.json["url"].startswith("http")
        assert len(till.customers()) == 1

    def test_needs_no_body(self, till: Till):
        assert till.company.call("POST", "/v1/billing/portal").status == 200
        assert till.company.call("POST", "/v1/billing/portal", body=[]).status == 422

    @pytest.mark.parametrize("address", ELSEWHERE[:3])
    def test_leads_back_nowhere_else(self, till: Till, address: str):
        answer = till.post("portal", return_url=address)
        assert (answer.status, answer.code) == (422, "page_refused")

    def test_the_same_key_leads_to_another_address_as_the_first_is_soon_over(self, till: Till):
        answers = [till.company.call("POST", "/v1/billing/portal", body={}, **ONCE) for _ in range(2)]
        assert [answer.status for answer in answers] == [200, 200]
        assert answers[0].json["url"] != answers[1].json["url"]


class TestWithoutStripe:
    def test_says_that_nobody_has_set_it_up(self, acme: Company, monkeypatch: pytest.MonkeyPatch, till: Till):
        monkeypatch.setenv("FREEHOLD_STRIPE", "{}")
        settings.cache_clear()
        answer = acme.call("POST", "/v1/billing/checkout", body={"plan": "pro"})
        assert (answer.status, answer.code) == (503, "payments_not_set_up")
