"""The pages, clicked through as a browser does: forms are read from the page and posted."""

import datetime as dt
from html.parser import HTMLParser

import httpx
import pytest
import stripe

CARD = {"number": "4242 4242 4242 4242", "expiry": "12 / 34", "cvc": "123", "name": "Ada Lovelace"}
DECLINED = {**CARD, "number": "4000 0000 0000 0002"}
SUCCESS = "http://127.0.0.1:3000/billing?session={CHECKOUT_SESSION_ID}"
CANCEL = "http://127.0.0.1:3000/plans"


class Read(HTMLParser):
    """A page's words, links, fields and forms; refuses anything that runs."""

    def __init__(self, page: httpx.Response) -> None:
        super().__init__()
        self.words = ""
        self.links: list[str] = []
        self.forms: list[str] = []
        self.fields: dict[str, str] = {}
        self.labels = 0
        self.feed(page.text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        assert tag != "script"
        assert not [name for name in given if name.startswith("on")], given
        self.links += [given["href"]] if tag == "a" else []
        self.forms += [given.get("action", "")] if tag == "form" else []
        self.labels += tag == "label"
        if tag == "input":
            self.fields[given["name"]] = given.get("value", "")

    def handle_data(self, data):
        self.words += data


@pytest.fixture
def shop(client):
    """A customer, a price of 30 a month, and a code that takes 20 % off."""

    class Shop:
        customer = client.v1.customers.create({"email": "ada@acme.test"}).id
        product = client.v1.products.create({"name": "Pro <b>plan</b>"}).id
        price = client.v1.prices.create(
            {"product": product, "currency": "usd", "unit_amount": 3000, "recurring": {"interval": "month"}}
        ).id
        coupon = client.v1.coupons.create({"percent_off": 20, "duration": "repeating", "duration_in_months": 3}).id
        code = client.v1.promotion_codes.create(
            {"promotion": {"type": "coupon", "coupon": coupon}, "code": "SPRING"}
        ).id

        def session(self, **more):
            asked = {
                "mode": "subscription",
                "customer": self.customer,
                "line_items": [{"price": self.price, "quantity": 2}],
                "success_url": SUCCESS,
                "cancel_url": CANCEL,
                "allow_promotion_codes": True,
            }
            return client.v1.checkout.sessions.create({**asked, **more})

        def subscriptions(self):
            return [one.to_dict() for one in client.v1.subscriptions.list({"customer": self.customer}).data]

        def subscribed(self, **more):
            card = client.v1.payment_methods.attach("pm_card_visa", {"customer": self.customer}).id
            client.v1.customers.update(self.customer, {"invoice_settings": {"default_payment_method": card}})
            return client.v1.subscriptions.create({"customer": self.customer, "items": [{"price": self.price}], **more})

        def portal(self):
            asked = {"customer": self.customer, "return_url": "http://127.0.0.1:3000/back"}
            return client.v1.billing_portal.sessions.create(asked)

    return Shop()


class TestCheckout:
    def test_is_readable_without_scripts(self, shop, browser):
        page = browser.get(shop.session().url)
        read = Read(page)
        assert (page.status_code, read.links) == (200, [CANCEL])
        assert "60.00 USD" in read.words
        assert "Pro <b>plan</b>" in read.words, "escaped"
        assert {"number", "expiry", "cvc", "name", "promotion_code"} <= set(read.fields)
        assert read.labels == len(read.fields), "each field has a label"
        assert page.headers["content-security-policy"].startswith("default-src 'none'")

    def test_subscribes_and_goes_on(self, shop, browser, client):
        session = shop.session()
        sent = browser.post(session.url, data={**CARD, "do": "pay", "line1": "1 Road", "country": "US"})
        assert (sent.status_code, sent.headers["location"]) == (
            303,
            SUCCESS.replace("{CHECKOUT_SESSION_ID}", session.id),
        )
        (subscription,) = shop.subscriptions()
        assert subscription["status"] == "active"
        done = client.v1.checkout.sessions.retrieve(session.id).to_dict()
        assert (done["status"], done["payment_status"], done["subscription"]) == (
            "complete",
            "paid",
            subscription["id"],
        )

    def test_with_a_trial_charges_nothing_today(self, shop, browser, client):
        session = shop.session(subscription_data={"trial_period_days": 14})
        assert "first 14 days are free" in Read(browser.get(session.url)).words
        assert browser.post(session.url, data={**CARD, "do": "pay"}).status_code == 303
        assert [one["status"] for one in shop.subscriptions()] == ["trialing"]
        assert [one.total for one in client.v1.invoices.list({"customer": shop.customer}).data] == [0]

    def test_begins_a_trial_without_a_card_where_none_is_needed(self, shop, browser):
        trial = {"subscription_data": {"trial_period_days": 14}}
        needed, optional = shop.session(**trial), shop.session(**trial, payment_method_collection="if_required")
        assert "each card one trial" in Read(browser.get(needed.url)).words
        assert "No card is needed" not in Read(browser.get(needed.url)).words
        assert browser.post(needed.url, data={**CARD, "number": "", "do": "pay"}).status_code == 402, "the control"
        assert "No card is needed to begin" in Read(browser.get(optional.url)).words
        assert browser.post(optional.url, data={"name": "Ada", "number": "", "do": "pay"}).status_code == 303
        [begun] = shop.subscriptions()
        assert (begun["status"], begun["default_payment_method"]) == ("trialing", None)

    def test_needs_a_card_for_what_is_due_today(self, shop, browser):
        session = shop.session(payment_method_collection="if_required")
        assert browser.post(session.url, data={"name": "Ada", "number": "", "do": "pay"}).status_code == 402
        assert shop.subscriptions() == []

    def test_declined_says_so_and_stays(self, shop, browser, client):
        session = shop.session()
        page = browser.post(session.url, data={**DECLINED, "do": "pay"})
        assert (page.status_code, "Your card was declined." in Read(page).words) == (402, True)
        assert Read(page).fields["name"] == "Ada Lovelace", "what was typed stays"
        assert shop.subscriptions() == []
        assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
        assert browser.post(session.url, data={**CARD, "do": "pay"}).status_code == 303, "and another card pays"

    @pytest.mark.parametrize("number", ["", "1234", "4242424242424241", "<script>", "4" * 5000])
    def test_of_no_card_says_so(self, shop, browser, number):
        page = browser.post(shop.session().url, data={**CARD, "number": number, "do": "pay"})
        assert (page.status_code, "number" in Read(page).words) == (402, True)

    def test_takes_a_promotion_code(self, shop, browser, client):
        session = shop.session()
        applied = Read(browser.post(session.url, data={**CARD, "promotion_code": "SPRING", "do": "apply"}))
        assert "20 % off, for 3 months" in applied.words
        assert "48.00 USD" in applied.words
        assert applied.fields["promotion_code"] == "SPRING"
        assert browser.post(session.url, data={**CARD, "promotion_code": "SPRING", "do": "pay"}).status_code == 303
        assert [one.total for one in client.v1.invoices.list({"customer": shop.customer}).data] == [4800]

    @pytest.mark.parametrize("do", ["apply", "pay"])
    def test_with_a_code_of_nobody_says_so(self, shop, browser, do):
        page = browser.post(shop.session().url, data={**CARD, "promotion_code": "AUTUMN", "do": do})
        assert (page.status_code, "code is invalid" in Read(page).words) == (402, True)
        assert shop.subscriptions() == []

    def test_twice_subscribes_once(self, shop, browser):
        session = shop.session()
        for _ in range(2):
            last = browser.post(session.url, data={**CARD, "do": "pay"})
        assert "subscribed already" in Read(last).words
        assert len(shop.subscriptions()) == 1
        assert "subscribed already" in Read(browser.get(session.url)).words

    @pytest.mark.parametrize(
        ("expiry", "why"),
        [
            ("01 / 20", "expiration year is invalid"),
            ("13 / 34", "expiration month is invalid"),
            ("12 / 2034 / 1", "expiration date is incomplete"),
            ("", "expiration date is incomplete"),
        ],
    )
    def test_by_a_card_that_is_good_no_longer_says_so(self, shop, browser, expiry, why):
        page = browser.post(shop.session().url, data={**CARD, "expiry": expiry, "do": "pay"})
        assert (page.status_code, why in Read(page).words) == (402, True)
        assert shop.subscriptions() == []

    def test_keeps_what_is_on_the_card(self, shop, browser, client):
        browser.post(shop.session().url, data={**CARD, "expiry": "3/41", "do": "pay"})
        (card,) = client.v1.payment_methods.list({"customer": shop.customer}).data
        assert (card.card.exp_month, card.card.exp_year) == (3, 2041)

    def test_that_has_expired_says_so(self, shop, browser, client):
        session = shop.session()
        client.v1.checkout.sessions.expire(session.id)
        for page in (browser.get(session.url), browser.post(session.url, data=CARD)):
            assert "has expired" in Read(page).words
            assert Read(page).links == [CANCEL]
        assert shop.subscriptions() == []

    def test_expires_by_itself_after_a_day(self, shop, browser, double):
        session = shop.session()
        assert "page has expired" not in Read(browser.get(session.url)).words, "the control: it is open before"
        double.engine.advance(dt.datetime.now(dt.UTC) + dt.timedelta(days=1, minutes=1))
        for page in (browser.get(session.url), browser.post(session.url, data=CARD)):
            assert "page has expired" in Read(page).words
        assert shop.subscriptions() == []

    def test_of_none_is_absent(self, browser):
        for path in (
            "/c/pay/cs_test_none",
            "/p/session/bps_none",
            "/invoices/in_none",
            "/c/pay/",
            "/invoices/",
            "/invoices//x",
        ):
            assert browser.get(path).status_code == 404

    def test_escapes_what_comes_back(self, shop, browser):
        hostile = '"><script>alert(1)</script>'
        page = browser.post(shop.session().url, data={**CARD, "number": hostile, "name": hostile, "do": "pay"})
        assert Read(page).fields["name"] == hostile

    def test_goes_nowhere_but_to_its_address(self, shop, browser):
        session = shop.session(success_url="http://127.0.0.1:3000/\r\nX-Evil: yes")
        sent = browser.post(session.url, data={**CARD, "do": "pay"})
        assert "x-evil" not in sent.headers


class TestPortal:
    def test_shows_what_there_is(self, shop, browser):
        shop.subscribed()
        read = Read(browser.get(shop.portal().url))
        for words in ("Visa ending in 4242", "Active; renews on", "The next invoice is 30.00 USD", "Paid"):
            assert words in read.words
        assert "http://127.0.0.1:3000/back" in read.links

    def test_cancels_at_the_end_of_the_period_and_undoes_it(self, shop, browser):
        subscription, portal = shop.subscribed(), shop.portal()
        form = {"subscription": subscription.id}
        page = browser.post(f"{portal.url}/cancel", data=form, follow_redirects=True)
        assert "ends with its period" in Read(page).words
        assert [one["cancel_at_period_end"] for one in shop.subscriptions()] == [True]
        assert f"/p/session/{portal.id}/undo" in Read(page).forms
        page = browser.post(f"{portal.url}/undo", data=form, follow_redirects=True)
        assert "goes on" in Read(page).words
        assert [one["cancel_at_period_end"] for one in shop.subscriptions()] == [False]

    def test_cannot_touch_anothers(self, shop, browser, client):
        theirs = shop.subscribed()
        stranger = client.v1.customers.create().id
        url = client.v1.billing_portal.sessions.create({"customer": stranger}).url
        assert browser.post(f"{url}/cancel", data={"subscription": theirs.id}).status_code == 400
        assert [one["cancel_at_period_end"] for one in shop.subscriptions()] == [False]

    def test_changes_the_card(self, shop, browser):
        shop.subscribed()
        portal = shop.portal()
        page = browser.post(f"{portal.url}/card", data={**CARD, "number": "5555 5555 5555 4444"}, follow_redirects=True)
        assert "The card was changed" in Read(page).words
        assert "Mastercard ending in 4444, good until 12/2034 (charged)" in Read(page).words

    def test_keeps_the_card_where_another_is_declined(self, shop, browser):
        shop.subscribed()
        portal = shop.portal()
        page = browser.post(f"{portal.url}/card", data=DECLINED)
        assert (page.status_code, "Your card was declined." in Read(page).words) == (402, True)
        assert "Visa ending in 4242, good until 12/2034 (charged)" in Read(browser.get(portal.url)).words


class TestInvoice:
    @pytest.fixture
    def unpaid(self, shop, client):
        """Sent, and not paid."""
        shop.subscribed()
        failing = client.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": shop.customer}).id
        (one,) = shop.subscriptions()
        changes = {"default_payment_method": failing, "items": [{"id": one["items"]["data"][0]["id"], "quantity": 5}]}
        client.v1.subscriptions.update(one["id"], {**changes, "proration_behavior": "always_invoice"})
        return next(one for one in client.v1.invoices.list({"customer": shop.customer}).data if one.status == "open")

    def test_is_paid_with_a_card(self, unpaid, browser, client):
        assert "120.00 USD" in Read(browser.get(unpaid.hosted_invoice_url)).words
        page = browser.post(unpaid.hosted_invoice_url, data=CARD, follow_redirects=True)
        assert "The invoice is paid." in Read(page).words
        assert client.v1.invoices.retrieve(unpaid.id).status == "paid"
        assert "number" not in Read(page).fields, "nothing is left to pay"

    def test_declined_stays_open(self, unpaid, browser, client):
        page = browser.post(unpaid.hosted_invoice_url, data=DECLINED)
        assert (page.status_code, "Your card was declined." in Read(page).words) == (402, True)
        assert client.v1.invoices.retrieve(unpaid.id).status == "open"

    def test_paid_twice_is_paid_once(self, unpaid, browser, client):
        browser.post(unpaid.hosted_invoice_url, data=CARD)
        again = browser.post(unpaid.hosted_invoice_url, data=CARD)
        assert (again.status_code, "already paid" in Read(again).words) == (402, True)
        assert client.v1.invoices.retrieve(unpaid.id).amount_paid == 12_000


class TestDeclineOverTheApi:
    def test_is_the_control(self, client, shop):
        with pytest.raises(stripe.CardError):
            client.v1.payment_methods.attach("pm_card_chargeDeclined", {"customer": shop.customer})
