"""The Stripe account that the billing tests run against: the double over HTTP, or Stripe itself in test mode.

    STRIPE_TEST_KEY=sk_test_… freehold test tests/billing

With Stripe itself, customers live on test clocks, which are deleted in the end with all that hangs on them; what a
person does on Stripe's pages is done through the API.
"""

import datetime as dt
import time
from collections.abc import Mapping
from typing import Any, Self

import requests
import stripe

from local.errors import LocalError
from local.stripe_double.journal import API_VERSION
from local.stripe_double.service import SECRET_KEY, StripeDouble

LONGEST_STEP = dt.timedelta(days=45)
"""A test clock goes at most two intervals of its shortest subscription at once, a month each."""
_PATIENCE_SECONDS = 120
_CARD = "pm_card_visa"

type Object = dict[str, Any]


def real_key(environ: Mapping[str, str]) -> str | None:
    """The key of a real account in test mode; None for the double. Raises LocalError for any other key."""
    key = environ.get("STRIPE_TEST_KEY", "").strip()
    if key and not key.startswith(("sk_test_", "rk_test_")):
        raise LocalError(
            "STRIPE_TEST_KEY takes a key of test mode, sk_test_… or rk_test_…: these tests make customers and charge "
            "their cards, which no other key may do. The key that was given is not shown, and was not used."
        )
    return key or None


class StripeAccount:
    """One account, from entry to exit; a fresh one where it is the double."""

    def __init__(self, key: str | None = None, *, api: str = "") -> None:
        self.double = None if key else StripeDouble()
        self.key = key or SECRET_KEY
        self.api = self.double.url if self.double else api
        """In place of Stripe's address; empty where it is Stripe."""
        self._session = requests.Session()
        self._session.trust_env = self.double is None
        self.client = stripe.StripeClient(
            self.key,
            base_addresses={"api": self.api} if self.api else {},
            http_client=stripe.RequestsClient(session=self._session),
            stripe_version=API_VERSION,
            max_network_retries=0 if self.double else 2,
        )
        self._clocks: list[str] = []

    def __enter__(self) -> Self:
        if self.double:
            self.double.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        if self.double:
            self.double.__exit__()
        else:
            for clock in self._clocks:
                self.client.v1.test_helpers.test_clocks.delete(clock)
        self._session.close()

    def customer(self, *, at: dt.datetime | None = None, card: str | None = _CARD, **fields: Any) -> Object:
        """A customer on a test clock of its own, which stands at `at` (now); `card` is its default, if there is one."""
        moment = int((at or dt.datetime.now(dt.UTC)).timestamp())
        clock = self.client.v1.test_helpers.test_clocks.create({"frozen_time": moment})
        self._clocks.append(clock.id)
        customer = self.client.v1.customers.create({"test_clock": clock.id, "email": "pay@acme.test", **fields})
        return self.pay_with(customer.id, card) if card else customer.to_dict()

    def pay_with(self, customer: str, card: str) -> Object:
        """Another default card, one of Stripe's test payment methods; the customer."""
        method = self.client.v1.payment_methods.attach(card, {"customer": customer})
        changes = {"invoice_settings": {"default_payment_method": method.id}}
        return self.client.v1.customers.update(customer, changes).to_dict()

    def now(self, customer: str) -> dt.datetime:
        """Of the customer's clock."""
        return dt.datetime.fromtimestamp(self._clock(customer).frozen_time, dt.UTC)

    def advance(self, customer: str, to: dt.datetime | dt.timedelta) -> None:
        """Let the customer live up to a moment, or for so long."""
        clock = self._clock(customer)
        now = dt.datetime.fromtimestamp(clock.frozen_time, dt.UTC)
        until = to if isinstance(to, dt.datetime) else now + to
        while now < until:
            now = min(until, now + LONGEST_STEP)
            self.client.v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": int(now.timestamp())})
            self._wait_for(clock.id)

    def finish_checkout(self, session: str, *, card: str = _CARD, trial_days: int | None = None) -> Object:
        """What a person does on the page of an open session; the subscription.

        Nobody can click at Stripe here: there, a subscription to the same items is made through the API, with the
        session's metadata. `trial_days` is for it alone, as a session does not show its trial.
        """
        if self.double:
            self.double.engine.complete_checkout(session, card=card)
            finished = self.client.v1.checkout.sessions.retrieve(session, {"expand": ["subscription"]}).to_dict()
            subscription: Object = finished["subscription"]
            return subscription
        asked = self.client.v1.checkout.sessions.retrieve(session, {"expand": ["line_items"]}).to_dict()
        self.pay_with(asked["customer"], card)
        items = [{"price": line["price"]["id"], "quantity": line["quantity"]} for line in asked["line_items"]["data"]]
        wanted = {"customer": asked["customer"], "items": items, "metadata": asked["metadata"]}
        trial = {} if trial_days is None else {"trial_period_days": trial_days}
        made = self.client.v1.subscriptions.create({**wanted, **trial, "expand": ["latest_invoice"]})
        self.client.v1.checkout.sessions.expire(session)
        return made.to_dict()

    def events(self, customer: str) -> list[Object]:
        """All about a customer, oldest first, as the API lists them."""
        listed = self.client.v1.events.list({"limit": 100}).auto_paging_iter()
        mine = [event.to_dict() for event in listed if _is_about(event.to_dict(), customer)]
        return list(reversed(mine))

    def _clock(self, customer: str) -> Any:
        clock = self.client.v1.customers.retrieve(customer).to_dict()["test_clock"]
        return self.client.v1.test_helpers.test_clocks.retrieve(clock)

    def _wait_for(self, clock: str) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while self.client.v1.test_helpers.test_clocks.retrieve(clock).status != "ready":
            if time.monotonic() > deadline:
                raise TimeoutError(f"The test clock {clock} is not ready after {_PATIENCE_SECONDS} s.")
            time.sleep(1)


def _is_about(event: Object, customer: str) -> bool:
    about = event["data"]["object"]
    return customer in {about.get("customer"), about["id"]}
