"""What customers' own wishes ask of Stripe: customers, pages, previews, and changes of a subscription.

Each answer is a dict in the shape of Stripe's API. Raises what the gateway raises: PaymentDeclined, StripeRefused,
StripeBusy.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from typing import Any, cast

from freehold import clock
from freehold.billing.gateway import Stripe, translated
from freehold.billing.remote import TENANT, Subscription
from freehold.billing.remote_invoices import Invoice
from freehold.ids import TenantId

type Dict = dict[str, Any]

ALL = 100
"""The most that a list gives at once."""
KEYS = 10
"""The most lookup keys that a list of prices takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A subscription as Stripe holds it at this moment."""

    subscription: Subscription
    schedule: str | None
    """What is to become of it, if that is decided."""
    codes: tuple[str, ...]
    """The promotion codes that it has."""
    latest_invoice: str | None


class Asking:
    """One method for each request. `key` tells Stripe that it is the same request again."""

    def __init__(self, stripe: Stripe) -> None:
        self._stripe = stripe

    def customer(self, customer: str) -> Dict:
        """One customer; of one that was deleted little more than that."""
        return self._ask("customers.retrieve", {}, customer)

    def find_customer(self, tenant_id: TenantId) -> Dict | None:
        """The tenant's customer, where one was made and never linked. Stripe finds one about a minute after."""
        query = f"metadata['{TENANT}']:'{tenant_id}'"
        found = self._ask("customers.search", {"query": query, "limit": ALL})["data"]
        return min(found, key=lambda each: cast("int", each["created"]), default=None)

    def latest_customer(self, tenant_id: TenantId) -> Dict | None:
        """The same among the last hundred that were made: those Stripe finds at once."""
        found = self._ask("customers.list", {"limit": ALL})["data"]
        return next((each for each in found if each["metadata"].get(TENANT) == str(tenant_id)), None)

    def create_customer(self, tenant_id: TenantId, *, again: str = "") -> Dict:
        """A customer; of one tenant always the same, unless it is made `again`."""
        key = f"fh-{tenant_id}-customer" + (f"-{again}" if again else "")
        return self._ask("customers.create", {"metadata": {TENANT: str(tenant_id)}}, key=key)

    def name_customer(self, customer: str, *, name: str) -> None:
        """What Stripe's own pages call them."""
        self._ask("customers.update", {"name": name}, customer)

    def subscriptions(self, customer: str) -> list[Held]:
        """All of a customer, the newest first, those that have ended included."""
        params = {"customer": customer, "status": "all", "limit": ALL, "expand": ["data.discounts", "data.schedule"]}
        found = [held(each) for each in self._ask("subscriptions.list", params)["data"]]
        return sorted(found, key=lambda each: (each.subscription.created, each.subscription.id), reverse=True)

    def now(self, clock_id: str | None) -> datetime:
        """What time it is for a customer on this test clock, or on none."""
        if clock_id is None:
            return clock.now()
        frozen = self._ask("test_helpers.test_clocks.retrieve", {}, clock_id)["frozen_time"]
        return datetime.fromtimestamp(frozen, UTC)

    def invoice(self, invoice: str) -> Dict:
        """An invoice, with how its payment went."""
        return self._ask("invoices.retrieve", {"expand": ["payments.data.payment.payment_intent"]}, invoice)

    def open_invoices(self, customer: str) -> list[Invoice]:
        """What is to be paid, the newest first."""
        found = self._ask("invoices.list", {"customer": customer, "status": "open", "limit": ALL})["data"]
        with translated():
            return [Invoice.model_validate(each) for each in found]

    def void(self, invoice: str, *, key: str) -> Dict:
        """An invoice that is open, and is not to be paid any more."""
        return self._ask("invoices.void_invoice", {}, invoice, key=key)

    def prices(self, lookup_keys: Iterable[str]) -> dict[str, str]:
        """The id of each price by what it is called."""
        found: dict[str, str] = {}
        for wanted in batched(sorted(set(lookup_keys)), KEYS, strict=False):
            of = {"lookup_keys": list(wanted), "active": True, "limit": ALL}
            found |= {each["lookup_key"]: each["id"] for each in self._ask("prices.list", of)["data"]}
        return found

    def promotion_code(self, code: str) -> Dict | None:
        """A code as somebody types it, with its coupon, if it can still be used."""
        wanted = {"code": code, "active": True, "limit": 1, "expand": ["data.promotion.coupon"]}
        found = self._ask("promotion_codes.list", wanted)["data"]
        return found[0] if found else None

    def create_session(self, params: Mapping[str, Any], *, key: str) -> Dict:
        """A page where a subscription is paid."""
        return self._ask("checkout.sessions.create", params, key=key)

    def open_sessions(self, customer: str) -> list[Dict]:
        """Pages that can still be paid."""
        params = {"customer": customer, "status": "open", "limit": ALL}
        return list(self._ask("checkout.sessions.list", params)["data"])

    def session(self, session: str) -> Dict:
        """One page."""
        return self._ask("checkout.sessions.retrieve", {}, session)

    def expire_session(self, session: str) -> Dict:
        """A page that cannot be paid any more."""
        return self._ask("checkout.sessions.expire", {}, session)

    def create_portal(self, customer: str, *, return_url: str, key: str) -> Dict:
        """Stripe's pages for one customer."""
        return self._ask("billing_portal.sessions.create", {"customer": customer, "return_url": return_url}, key=key)

    def preview(self, params: Mapping[str, Any]) -> Dict:
        """The invoice that would be made."""
        return self._ask("invoices.create_preview", params)

    def update(self, subscription: str, params: Mapping[str, Any], *, key: str) -> Held:
        """A subscription, changed."""
        return held(self._ask("subscriptions.update", params, subscription, key=key))

    def cancel(self, subscription: str, params: Mapping[str, Any], *, key: str) -> Held:
        """A subscription, ended."""
        return held(self._ask("subscriptions.cancel", params, subscription, key=key))

    def resume(self, subscription: str, *, key: str) -> Held:
        """A paused subscription, with a period that begins now: paused still, where that could not be paid."""
        params = {"billing_cycle_anchor": {"type": "now"}, "payment_behavior": "resume_on_payment_success"}
        return held(self._ask("subscriptions.resume", params, subscription, key=key))

    def schedule(self, schedule: str) -> Dict:
        """What is to become of a subscription."""
        return self._ask("subscription_schedules.retrieve", {}, schedule)

    def create_schedule(self, subscription: str, *, key: str) -> Dict:
        """One that goes on as it is, to be changed."""
        return self._ask("subscription_schedules.create", {"from_subscription": subscription}, key=key)

    def update_schedule(self, schedule: str, params: Mapping[str, Any], *, key: str) -> Dict:
        """A schedule with other phases."""
        return self._ask("subscription_schedules.update", params, schedule, key=key)

    def release(self, schedule: str, *, key: str) -> Dict:
        """The subscription stays as it is, and is its own again."""
        return self._ask("subscription_schedules.release", {}, schedule, key=key)

    def _ask(self, what: str, params: Mapping[str, Any], *ids: str, key: str | None = None) -> Dict:
        service: Any = self._stripe.client.v1
        for name in what.split("."):
            service = getattr(service, name)
        options = {"idempotency_key": key} if key else {}
        with translated():
            return cast("Dict", service(*ids, params=dict(params), options=options).to_dict())


def held(found: Dict) -> Held:
    """What of a subscription decides."""
    discounts = [each for each in found.get("discounts") or () if isinstance(each, Mapping)]
    with translated():
        subscription = Subscription.model_validate(found)
    return Held(
        subscription=subscription,
        schedule=_id(found.get("schedule")),
        codes=tuple(code for each in discounts if (code := _id(each.get("promotion_code")))),
        latest_invoice=_id(found.get("latest_invoice")),
    )


def _id(found: Any) -> str | None:  # noqa: ANN401 (an id, or the object in its place)
    return cast("str | None", found["id"] if isinstance(found, Mapping) else found)
