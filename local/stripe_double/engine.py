"""The double as one object: requests in, objects and refusals out, events to whoever listens."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from local.stripe_double import (
    account,
    changes,
    checkout,
    checkout_completion,
    clocks,
    coupons,
    customers,
    discounts,
    disputes,
    endings,
    invoice_routes,
    invoices,
    item_routes,
    items,
    meters,
    passing,
    payment_methods,
    payment_routes,
    portal,
    previews,
    prices,
    products,
    refunds,
    renewals,
    schedules,
    subscriptions,
)
from local.stripe_double.expansion import expand
from local.stripe_double.params import Given, read
from local.stripe_double.refusals import unknown_path
from local.stripe_double.routes import Route
from local.stripe_double.settings import Settings
from local.stripe_double.store import Obj, new_id
from local.stripe_double.world import Shape, World

_MODULES = (
    account,
    changes,
    checkout,
    clocks,
    coupons,
    customers,
    disputes,
    endings,
    previews,  # before invoices: its address looks like the id of one
    invoice_routes,
    item_routes,
    meters,
    payment_methods,
    payment_routes,
    portal,
    prices,
    products,
    refunds,
    schedules,
    subscriptions,
)
_SHAPES: dict[str, Shape] = {
    "coupon": coupons.shape,
    "discount": discounts.shape,
    "invoice": invoices.shape,
    "subscription": items.listed,
    "subscription_item": items.shape,
}
_DUE: dict[str, passing.Due] = {
    checkout.KIND: checkout.due,
    "invoice": renewals.due_invoice,
    "subscription": renewals.due,
}
ROUTES: list[Route] = [route for module in _MODULES for route in module.ROUTES]


def _wall_clock() -> datetime:
    return datetime.now(UTC)


class Double:
    """One account in test mode. Everything happens under one lock; listeners are called within it, in order."""

    def __init__(self, now: Callable[[], datetime] = _wall_clock, settings: Settings | None = None) -> None:
        self.lock = threading.RLock()
        self.settings = settings or Settings()
        self.world = World(now, self.settings, shapes=_SHAPES)
        self.world.agenda.due = {kind: partial(due, self.world) for kind, due in _DUE.items()}

    def request(
        self, method: str, path: str, params: dict[str, Any] | None = None, *, idempotency_key: str | None = None
    ) -> Obj:
        """Answer one call of the API; `path` without query. Raises Refused."""
        with self.lock:
            self._catch_up()
            self.world.journal.request = {"id": new_id("req"), "idempotency_key": idempotency_key}
            try:
                return self._answer(method, path, dict(params or {}))
            finally:
                self._rest()

    def listen(self, callback: Callable[[dict[str, Any]], None]) -> None:
        """Call back with each new event from now on, oldest first; it must not take long."""
        with self.lock:
            self.world.journal.listeners.append(callback)

    def find(self, wanted: str) -> Obj | None:
        """Any object or event by its id, rendered; None where there is none."""
        with self.lock:
            if wanted in self.world.journal.by_id:
                return account.read_event(self.world, {}, wanted)
            obj = self.world.store.objects.get(wanted)
            return self.world.render(obj) if obj else None

    def advance(self, to: datetime) -> None:
        """Move the double's own clock and those that go on with it: customers live through the time up to then."""
        with self.lock:
            until = int(to.timestamp())
            try:
                passing.run(self.world, None, until)
                self.world.reached = max(self.world.reached, until)
                self.world.ahead = max(self.world.ahead, until - int(self.world.own_now().timestamp()))
                clocks.move_on(self.world)
            finally:
                self._rest()

    def complete_checkout(  # noqa: PLR0913 - a form has as many fields
        self,
        session_id: str,
        *,
        card: str,
        expires: tuple[int, int] | None = None,
        promotion_code: str | None = None,
        email: str | None = None,
        name: str | None = None,
        address: dict[str, Any] | None = None,
    ) -> Obj:
        """What the checkout page does when somebody presses its button; `card` is a test card's number or name.

        `expires` is the month and the year that are on it.

        Raises Refused where the card is declined or the promotion code cannot be used: the session stays open.
        """
        form: Given = {"promotion_code": promotion_code, "email": email, "name": name, "address": address}
        form |= {"card": card, "until": dict(zip(("exp_month", "exp_year"), expires or (), strict=False))}
        with self.lock:
            self._catch_up()
            try:
                return checkout_completion.complete(self.world, session_id, form)
            finally:
                self._rest()

    def dispute(self, charge_id: str, reason: str = "fraudulent") -> Obj:
        """The cardholder complains to the bank."""
        with self.lock:
            try:
                opened = disputes.open_one(self.world, self.world.store.get("charge", charge_id), reason)
                return self.world.render(opened)
            finally:
                self._rest()

    def catch_up(self) -> None:
        """What fell due by itself since the last request, for servers that let time pass between requests."""
        with self.lock:
            self._catch_up()

    def _catch_up(self) -> None:
        try:
            passing.run(self.world, None, self.world.now())
            clocks.go_on(self.world)
        finally:
            self._rest()

    def _rest(self) -> None:
        self.world.journal.request = {"id": None, "idempotency_key": None}
        self.world.journal.deliver()

    def _answer(self, method: str, path: str, params: dict[str, Any]) -> Obj:
        route, ids = _route(method, path)
        given: Given = read(route.takes | {"expand": [str]}, params)
        expanded = given.pop("expand", None) or []
        return expand(self.world, route.answer(self.world, given, *ids), expanded)


def _route(method: str, path: str) -> tuple[Route, list[str]]:
    parts = path.strip("/").split("/")
    for route in ROUTES:
        ids = route.match(method, parts)
        if ids is not None:
            return route, ids
    raise unknown_path(method, path)
