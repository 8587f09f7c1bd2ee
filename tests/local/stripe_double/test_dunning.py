"""Renewals that are not paid: retries, what comes after them, and the late payment that mends it."""

import pytest

from local.stripe_double.refusals import Refused
from local.stripe_double.settings import Settings
from tests.local.stripe_double.shop import DAY, HOUR, START, Shop

DUE = 31 * DAY + HOUR


@pytest.fixture
def late(shop):
    """A subscription whose first renewal was just declined."""
    return fall_behind(shop)


def fall_behind(shop):
    customer = shop.customer()
    subscription = shop.subscribe(customer, shop.price(4900))
    shop.pay_with(customer, "pm_card_chargeCustomerFail")
    shop.heard()
    shop.go(DUE)
    return shop.subscription(subscription)


class TestRetries:
    def test_the_first_failure_makes_it_past_due_and_names_the_next_attempt(self, shop, late):
        invoice = shop.invoice(late)
        assert late["status"] == "past_due"
        assert (invoice["status"], invoice["attempt_count"]) == ("open", 1)
        assert invoice["next_payment_attempt"] == START + DUE + 3 * DAY
        assert "invoice.payment_failed" in shop.heard()

    def test_they_come_after_3_5_7_and_7_days_and_then_it_is_left_past_due(self, shop, late):
        attempts = []
        for days in (3, 8, 15, 22):
            shop.go(DUE + days * DAY)
            attempts.append(shop.invoice(late)["attempt_count"])
        assert attempts == [2, 3, 4, 5]
        assert shop.subscription(late)["status"] == "past_due"
        assert shop.invoice(late)["status"] == "open"
        assert shop.invoice(late)["next_payment_attempt"] is None

    @pytest.mark.parametrize("status", ["unpaid", "past_due"])
    def test_or_becomes_what_the_owner_has_set(self, status):
        shop = Shop(Settings(after_retries=status))
        late = fall_behind(shop)
        shop.go(DUE + 23 * DAY)
        assert shop.subscription(late)["status"] == status

    def test_it_is_canceled_where_the_owner_wants_that(self):
        shop = Shop(Settings(after_retries="cancel"))
        late = fall_behind(shop)
        shop.go(DUE + 23 * DAY)
        ended = shop.subscription(late)
        assert (ended["status"], ended["cancellation_details"]["reason"]) == ("canceled", "payment_failed")

    def test_an_unpaid_one_gets_drafts_that_nobody_collects(self):
        shop = Shop(Settings(after_retries="unpaid"))
        late = fall_behind(shop)
        shop.go(65 * DAY)
        invoice = shop.invoice(late)
        assert (invoice["status"], invoice["auto_advance"]) == ("draft", False)

    def test_days_are_a_setting(self):
        shop = Shop(Settings(retry_days=(1,)))
        late = fall_behind(shop)
        shop.go(DUE + DAY)
        assert shop.invoice(late)["next_payment_attempt"] is None


class TestLatePayment:
    def test_the_next_retry_succeeds_with_a_new_card(self, shop, late):
        shop.pay_with(late["customer"], "pm_card_visa")
        shop.go(DUE + 3 * DAY)
        assert shop.subscription(late)["status"] == "active"
        assert shop.invoice(late)["status"] == "paid"

    def test_paying_the_invoice_mends_it_at_once(self, shop, late):
        good = shop.pay_with(late["customer"], "pm_card_visa")
        shop.post(f"/v1/invoices/{late['latest_invoice']}/pay", payment_method=good)
        assert shop.subscription(late)["status"] == "active"
        shop.heard()
        shop.go(DUE + 20 * DAY)
        assert "charge.succeeded" not in shop.heard()

    def test_a_payment_that_fails_again_is_no_retry(self, shop, late):
        with pytest.raises(Refused) as refused:
            shop.post(f"/v1/invoices/{late['latest_invoice']}/pay")
        assert refused.value.status == 402
        assert refused.value.body()["error"]["payment_intent"]["status"] == "requires_payment_method"
        assert shop.invoice(late)["attempt_count"] == 1
        assert shop.invoice(late)["next_payment_attempt"] == START + DUE + 3 * DAY

    @pytest.mark.parametrize("how", ["void", "mark_uncollectible"])
    def test_forgiving_the_invoice_mends_it_too(self, shop, late, how):
        shop.post(f"/v1/invoices/{late['latest_invoice']}/{how}")
        assert shop.subscription(late)["status"] == "active"

    def test_a_paid_invoice_cannot_be_paid_again_or_voided(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(4900))
        with pytest.raises(Refused, match="already paid"):
            shop.post(f"/v1/invoices/{subscription['latest_invoice']}/pay")
        with pytest.raises(Refused, match="isn't open"):
            shop.post(f"/v1/invoices/{subscription['latest_invoice']}/void")

    def test_paid_outside_of_stripe(self, shop, late):
        shop.post(f"/v1/invoices/{late['latest_invoice']}/pay", paid_out_of_band="true")
        assert shop.invoice(late)["amount_paid_off_stripe"] == 4900
        assert shop.subscription(late)["status"] == "active"


class TestCards:
    @pytest.mark.parametrize(
        ("card", "code", "decline"),
        [
            ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
            ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
            ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
            ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
        ],
    )
    def test_cards_that_cannot_even_be_saved(self, shop, card, code, decline):
        customer = shop.customer(None)
        with pytest.raises(Refused) as refused:
            shop.post(f"/v1/payment_methods/{card}/attach", customer=customer)
        assert (refused.value.status, refused.value.code, refused.value.decline_code) == (402, code, decline)
        assert shop.get(f"/v1/customers/{customer}/payment_methods")["data"] == []

    def test_a_number_has_one_fingerprint(self, shop):
        mine, yours = shop.customer(), shop.customer()
        faces = [shop.get("/v1/payment_methods", customer=each)["data"][0]["card"] for each in (mine, yours)]
        assert faces[0]["fingerprint"] == faces[1]["fingerprint"]
        other = shop.post("/v1/payment_methods/pm_card_mastercard/attach", customer=mine)["card"]
        assert other["fingerprint"] != faces[0]["fingerprint"]

    def test_a_card_that_wants_its_holder_needs_them(self, shop):
        customer = shop.customer("pm_card_authenticationRequired")
        subscription = shop.subscribe(customer, shop.price(4900))
        assert subscription["status"] == "incomplete"
        intent = shop.invoice(subscription, "payments")["payments"]["data"][0]["payment"]["payment_intent"]
        assert shop.get(f"/v1/payment_intents/{intent}")["last_payment_error"]["code"] == "authentication_required"
        method = shop.get("/v1/payment_methods", customer=customer)["data"][0]["id"]
        shop.post(f"/v1/payment_intents/{intent}/confirm", payment_method=method)
        assert shop.subscription(subscription)["status"] == "active"

    def test_a_detached_card_is_nobody_s_and_cannot_come_back(self, shop):
        customer = shop.customer()
        method = shop.get("/v1/payment_methods", customer=customer)["data"][0]["id"]
        shop.post(f"/v1/payment_methods/{method}/detach")
        assert shop.get(f"/v1/customers/{customer}")["invoice_settings"]["default_payment_method"] is None
        with pytest.raises(Refused, match="detached"):
            shop.post(f"/v1/payment_methods/{method}/attach", customer=customer)


class TestRefundsAndDisputes:
    @pytest.fixture
    def charge(self, shop):
        customer = shop.customer()
        shop.subscribe(customer, shop.price(4900))
        return shop.get("/v1/charges", customer=customer)["data"][0]

    def test_in_parts_until_nothing_is_left(self, shop, charge):
        shop.post("/v1/refunds", charge=charge["id"], amount="900")
        assert shop.get(f"/v1/charges/{charge['id']}")["amount_refunded"] == 900
        shop.post("/v1/refunds", payment_intent=charge["payment_intent"])
        after = shop.get(f"/v1/charges/{charge['id']}", expand=["refunds"])
        assert (after["amount_refunded"], after["refunded"]) == (4900, True)
        assert [each["amount"] for each in after["refunds"]["data"]] == [4000, 900]
        with pytest.raises(Refused) as refused:
            shop.post("/v1/refunds", charge=charge["id"])
        assert refused.value.code == "charge_already_refunded"

    def test_never_more_than_was_paid(self, shop, charge):
        with pytest.raises(Refused, match="greater than"):
            shop.post("/v1/refunds", charge=charge["id"], amount="4901")

    def test_a_dispute_marks_the_charge(self, shop, charge):
        shop.heard()
        dispute = shop.double.dispute(charge["id"])
        assert shop.get(f"/v1/charges/{charge['id']}")["disputed"] is True
        assert shop.heard() == ["charge.updated", "charge.dispute.created", "charge.dispute.funds_withdrawn"]
        with pytest.raises(Refused, match="charged back"):
            shop.post("/v1/refunds", charge=charge["id"])
        shop.post(f"/v1/disputes/{dispute['id']}", evidence={"uncategorized_text": "winning_evidence"})
        assert shop.get(f"/v1/disputes/{dispute['id']}")["status"] == "won"

    def test_a_card_disputes_by_itself(self, shop):
        customer = shop.customer("pm_card_createDispute")
        shop.subscribe(customer, shop.price(4900))
        assert shop.get("/v1/charges", customer=customer)["data"][0]["disputed"] is True
        assert shop.get("/v1/disputes")["data"][0]["reason"] == "fraudulent"
