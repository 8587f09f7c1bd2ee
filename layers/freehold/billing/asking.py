"""What customers' own wishes ask of Stripe: customers, pages, previews, and changes of a subscription.

Each answer is a dict in the shape of Stripe's API. Raises what the gateway raises: PaymentDeclined, StripeRefused,
StripeBusy.
"""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from freehold.billing.gateway import Stripe
from freehold.billing.remote import TENANT
from freehold.ids import TenantId

type Dict = dict[str, Any]

ALL = 100
"""The most that a list gives at once."""


class Asking:
    """One method for each request. `key` tells Stripe that it is the same request again."""

    def __init__(self, stripe: Stripe) -> None:
        self._stripe = stripe

    def find_customer(self, tenant_id: TenantId) -> Dict | None:
        """The tenant's customer, where one was made and never linked. Stripe finds one about a minute after."""
        query = f"metadata['{TENANT}']:'{tenant_id}'"
        found = self._ask("customers.search", {"query": query, "limit": ALL})["data"]
        return min(found, key=lambda each: cast("int", each["created"]), default=None)

    def create_customer(self, tenant_id: TenantId) -> Dict:
        """A customer; of one tenant always the same."""
        params = {"metadata": {TENANT: str(tenant_id)}}
        return self._ask("customers.create", params, key=f"fh-{tenant_id}-customer")

    def name_customer(self, customer: str, *, name: str) -> None:
        """What Stripe's own pages call them."""
        self._ask("customers.update", {"name": name}, customer)

    def subscriptions(self, customer: str) -> list[Dict]:
        """All of a customer, those that have ended included, with their discounts."""
        params = {"customer": customer, "status": "all", "limit": ALL, "expand": ["data.discounts"]}
        return list(self._ask("subscriptions.list", params)["data"])

    def prices(self, lookup_keys: Iterable[str]) -> dict[str, str]:
        """The id of each price by what it is called."""
        wanted = sorted(set(lookup_keys))
        if not wanted:
            return {}
        found = self._ask("prices.list", {"lookup_keys": wanted, "active": True, "limit": ALL})["data"]
        return {each["lookup_key"]: each["id"] for each in found}

    def promotion_code(self, code: str) -> Dict | None:
        """A code as somebody types it, if it can still be used."""
        found = self._ask("promotion_codes.list", {"code": code, "active": True, "limit": 1})["data"]
        return found[0] if found else None

    def create_session(self, params: Mapping[str, Any], *, key: str) -> Dict:
        """A page where a subscription is paid."""
        return self._ask("checkout.sessions.create", params, key=key)

    def open_sessions(self, customer: str) -> list[Dict]:
        """Pages that can still be paid."""
        params = {"customer": customer, "status": "open", "limit": ALL}
        return list(self._ask("checkout.sessions.list", params)["data"])

    def expire_session(self, session: str) -> Dict:
        """A page that cannot be paid any more."""
        return self._ask("checkout.sessions.expire", {}, session)

    def create_portal(self, customer: str, *, return_url: str, key: str) -> Dict:
        """Stripe's pages for one customer."""
        return self._ask("billing_portal.sessions.create", {"customer": customer, "return_url": return_url}, key=key)

    def preview(self, params: Mapping[str, Any]) -> Dict:
        """The invoice that would be made."""
        return self._ask("invoices.create_preview", params)

    def update(self, subscription: str, params: Mapping[str, Any], *, key: str) -> Dict:
        """A subscription, changed."""
        return self._ask("subscriptions.update", params, subscription, key=key)

    def cancel(self, subscription: str, params: Mapping[str, Any], *, key: str) -> Dict:
        """A subscription, ended."""
        return self._ask("subscriptions.cancel", params, subscription, key=key)

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
        with self._stripe.asking():
            return cast("Dict", service(*ids, params=dict(params), options=options).to_dict())
