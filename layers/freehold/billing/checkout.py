"""Stripe's own pages: the one where a tenant subscribes, and those where cards, addresses and invoices are.

A unit of work writes down what is asked for, then Stripe is asked, then another unit notes what came of it. The same
Idempotency-Key leads to the same page while that is open, and to a new one then; nobody who has subscribed gets one.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from freehold import clock
from freehold.billing import ledger, parameters, queries, targets
from freehold.billing.asking import Asking, Held
from freehold.billing.claims import ENDED, INCOMPLETE
from freehold.billing.customers import customer_of
from freehold.billing.gateway import PaymentDeclined, StripeBusy, StripeRefused, StripeUnreadable
from freehold.billing.ledger import Operation, What
from freehold.billing.models import Checkout, NewCheckout, NewPortal, Portal, Wish
from freehold.billing.obstacles import refuse_checkout
from freehold.billing.plans import Catalog, Trial
from freehold.billing.queries import Account
from freehold.billing.ways_back import way_back
from freehold.callers import PersonCaller
from freehold.database import Caller, Database, Remembered, Statement
from freehold.errors import (
    AlreadySubscribed,
    IdempotencyMismatch,
    PaymentsRefused,
    PaymentsUnavailable,
    PromotionCodeRefused,
)
from freehold.observability import logger
from freehold.permissions import BILLING_WRITE

OURS = "freehold_operation"
"""Metadata of a page: what it was made for."""
REPEATED = timedelta(hours=20)
"""For how long Stripe surely knows that it is the same request again: it forgets that after a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """What every request here has at hand."""

    db: Database
    caller: Caller
    asking: Asking
    catalog: Catalog

    def begin(self, what: What, once: Remembered | None, request: Mapping[str, Any]) -> tuple[Operation, Account]:
        """Write down what is asked for. Raises IdempotencyMismatch, AskedTooOften."""
        said = once.request_hash.hex() if once else ""
        key = f"{once.route} {once.key}" if once else str(uuid4())
        with self.db.transaction(self.caller, BILLING_WRITE) as tx:
            tx.put(ledger.forget())
            begun = tx.put(ledger.ask(what, key, {**request, "said": said}))
            account = tx.put(queries.account())
        operation = begun.value
        if operation.request["said"] != said:
            raise IdempotencyMismatch
        return operation, account.value

    def key(self, operation: Operation) -> str:
        """By which Stripe knows it again."""
        tries = f"-{operation.tries}" if operation.tries else ""
        return f"fh-{self.caller.tenant_id}-{operation.id}{tries}"

    def anew(self, operation: Operation) -> Operation:
        """The same under another key, as things are now."""
        tries = operation.tries + 1
        self.put(ledger.anew(operation.id, tries))
        return operation.model_copy(update={"state": "begun", "request": {"tries": tries}, "result": None})

    def trial(self, plan: str, account: Account, *, is_new: bool, look: bool = False) -> Trial | None:
        """A tenant tries once, and whoever signs up for it once: neither begins anew as another tenant.

        It is this tenant's from now on, unless it only looks.
        """
        caller, trial = self.caller, self.catalog.trial if self.catalog.plans[plan].trial else None
        has_subscribed = not is_new or account.trial_used_at or account.subscription_id
        if has_subscribed or trial is None or not isinstance(caller, PersonCaller):
            return None
        marks = [f"tenant {caller.tenant_id}", f"person {caller.identity.issuer} {caller.identity.subject}"]
        with self.db.transaction(caller, BILLING_WRITE) as tx:
            free = tx.put(queries.take_trial(marks, look=look))
        return trial if free.value.yes else None

    @contextmanager
    def answered(self, operation: Operation) -> Iterator[None]:
        """What Stripe says becomes what a caller reads.

        Raises PaymentsUnavailable, PromotionCodeRefused, and PaymentsRefused for what is nobody's fault but ours.
        """
        try:
            yield
        except StripeBusy as error:
            if error.remembered:
                self.put(ledger.anew(operation.id, operation.tries + 1))
            raise PaymentsUnavailable from error
        except StripeRefused as error:
            self.put(ledger.anew(operation.id, operation.tries + 1))
            if (error.param or "").startswith(("discounts", "promotion_code")):
                raise PromotionCodeRefused(error.sentence) from error
            logger.error("billing problem", problem=f"Stripe refused {operation.id}: {error.sentence}")
            raise PaymentsRefused from error
        except (PaymentDeclined, StripeUnreadable) as error:
            logger.error("billing problem", problem=f"Stripe answered {operation.id}: {error}")
            raise PaymentsRefused from error

    def put(self, statement: Statement[None]) -> None:
        """One unit of work."""
        with self.db.transaction(self.caller, BILLING_WRITE) as tx:
            tx.put(statement)


def begin_checkout(counter: Counter, wanted: NewCheckout, once: Remembered | None) -> Checkout:
    """A page where it is paid.

    Raises AlreadySubscribed, PaymentDue, InvalidInput, PageRefused, PromotionCodeRefused.
    """
    back = {"success_url": way_back(wanted.success_url), "cancel_url": way_back(wanted.cancel_url)}
    operation, account = counter.begin("checkout", once, {})
    with counter.answered(operation):
        customer = customer_of(counter.db, counter.caller, counter.asking, account)
        before = counter.asking.subscriptions(customer)
        if _subscribed(before):
            raise AlreadySubscribed
        refuse_checkout(counter.asking, customer, before)
        page = _made_before(counter.asking, operation)
    operation = operation if page else _current(counter, operation, customer, before)
    with counter.answered(operation):
        params = operation.request.get("page") or _noted(counter, operation, account, wanted, customer, back, before)
        page = page or _made(counter, operation, customer, params)
    counter.put(ledger.finish(operation.id, {"page": page["id"]}))
    return Checkout(
        url=page["url"],
        expires_at=datetime.fromtimestamp(page["expires_at"], UTC),
        trial_days=params["subscription_data"].get("trial_period_days", 0),
    )


def open_portal(counter: Counter, wanted: NewPortal, once: Remembered | None) -> Portal:
    """Stripe's pages for this tenant, at an address that is good for minutes: another each time. Raises PageRefused."""
    back = way_back(wanted.return_url)
    operation, account = counter.begin("portal", once, {})
    operation = counter.anew(operation) if operation.state == "done" else operation
    with counter.answered(operation):
        customer = customer_of(counter.db, counter.caller, counter.asking, account)
        page = counter.asking.create_portal(customer, return_url=back, key=counter.key(operation))
    counter.put(ledger.finish(operation.id, {"page": page["id"]}))
    return Portal(url=page["url"])


def promotion(asking: Asking, code: str | None) -> Mapping[str, Any] | None:
    """What Stripe knows of a code. Raises PromotionCodeRefused."""
    if code is None:
        return None
    if (found := asking.promotion_code(code)) is None:
        raise PromotionCodeRefused
    return found


def _subscribed(found: list[Held]) -> bool:
    return any(each.subscription.status not in (*ENDED, INCOMPLETE) for each in found)


def _made_before(asking: Asking, operation: Operation) -> dict[str, Any] | None:
    """The page to which this key has led before, while it can be paid."""
    if operation.state != "done" or not operation.result:
        return None
    page = asking.session(operation.result["page"])
    return page if page["status"] == "open" else None


def _current(counter: Counter, operation: Operation, customer: str, before: list[Held]) -> Operation:
    """What is asked for as it was noted, if its answer may have been lost; else as things are now, under a new key."""
    noted = operation.request
    if "page" not in noted:
        return operation
    is_theirs = noted["page"]["customer"] == customer
    is_young = clock.now() - datetime.fromisoformat(noted["at"]) < REPEATED
    has_tried = bool(before) and "trial_period_days" in noted["page"]["subscription_data"]
    if operation.state == "begun" and is_theirs and is_young and not has_tried:
        return operation
    return counter.anew(operation)


def _noted(  # noqa: PLR0913, PLR0917 (what it is made of)
    counter: Counter,
    operation: Operation,
    account: Account,
    wanted: NewCheckout,
    customer: str,
    back: Mapping[str, str],
    before: list[Held],
) -> dict[str, Any]:
    """What the page is, written down: another try makes the same one."""
    wish = Wish(plan=wanted.plan, interval=wanted.interval, add_ons=wanted.add_ons, seats=wanted.seats)
    target = targets.first(counter.catalog, wish, account)
    code = promotion(counter.asking, wanted.promotion_code)
    params: dict[str, Any] = {
        "mode": "subscription",
        "customer": customer,
        "client_reference_id": str(counter.caller.tenant_id),
        "line_items": parameters.new_items(target, counter.asking.prices(target.lookup_keys)),
        "metadata": {**parameters.metadata(counter.caller.tenant_id, None), OURS: str(operation.id)},
        "subscription_data": {"metadata": parameters.metadata(counter.caller.tenant_id, wanted.seats)},
        "billing_address_collection": "auto",
        "customer_update": {"address": "auto", "name": "auto"},
        "tax_id_collection": {"enabled": True},
        **({"discounts": [{"promotion_code": code["id"]}]} if code else {"allow_promotion_codes": True}),
        **back,
    }
    if trial := counter.trial(target.plan, account, is_new=not before):
        ends = {"end_behavior": {"missing_payment_method": trial.without_card}}
        params["subscription_data"] |= {"trial_period_days": trial.days, "trial_settings": ends}
        params["payment_method_collection"] = "always" if trial.card == "required" else "if_required"
    counter.put(ledger.note(operation.id, {"page": params, "at": clock.now().isoformat()}))
    return params


def _made(counter: Counter, operation: Operation, customer: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Of the pages that can be paid, the newest: nobody subscribes twice. Who was overtaken gets the newer one.

    Subscriptions are looked at last: whoever has paid by then was there first, and no page stays open.
    """
    asking = counter.asking
    made = asking.create_session(params, key=counter.key(operation))
    pages = sorted(_ours(asking, customer), key=lambda each: str(each["metadata"][OURS]))
    are_closed = [_close(asking, each["id"]) for each in pages[:-1]]
    if not all(are_closed) or _subscribed(asking.subscriptions(customer)):
        for each in (made, *_ours(asking, customer)):
            _close(asking, each["id"])
        raise AlreadySubscribed
    if not pages:
        counter.put(ledger.anew(operation.id, operation.tries + 1))
        raise PaymentsUnavailable
    return pages[-1]


def _ours(asking: Asking, customer: str) -> list[dict[str, Any]]:
    return [each for each in asking.open_sessions(customer) if OURS in each["metadata"]]


def _close(asking: Asking, page: str) -> bool:
    """Whether nobody has paid there, nor can any more."""
    try:
        asking.expire_session(page)
    except StripeRefused:
        return bool(asking.session(page)["status"] == "expired")
    return True
