"""Stripe, as sync and reconcile see it: what it holds of a customer, and the few things that they ask it for.

The SDK is imported where it is used, as only workers need it. What Stripe answers is parsed at once; an answer of
another shape is an error, never an empty field.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from http import HTTPStatus
from itertools import chain
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from freehold import clock
from freehold.billing.listing import Listing, Packed
from freehold.billing.remote import Customer, Remote, Subscription
from freehold.billing.remote_invoices import Charge, Dispute, Invoice
from freehold.billing.remote_parts import Part
from freehold.observability import calling_http, host_of
from freehold.secrets import StripeKeys, stripe_keys

if TYPE_CHECKING:
    from stripe import HTTPClient, StripeClient

API_VERSION = "2026-10-28.endive"
"""As `freehold.billing.events` expects it of webhooks: both move together, after the shapes in remote.py were read."""
TIMEOUT = (3.0, 20.0)
"""Seconds to connect, and to wait for an answer."""
PAGE = 100
LATER = (HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS)
"""Another request has the object, or the idempotency key; there are too many."""
RECENT = timedelta(days=45)
"""How far back reconcile looks at what is settled; what is open is looked at however old it is."""
INSIDE = ("items", "lines")
"""Lists inside of what is listed, of which Stripe shows the first few."""
METHOD = "invoice_settings.default_payment_method"
OF_SUBSCRIPTIONS = ("data.discounts.source.coupon", "data.default_payment_method", "data.schedule")
"""What is shown whole instead of by its id."""


REPLAYED = "idempotent-replayed"
"""What Stripe says to a key that it has answered before."""


class PaymentDeclined(Exception):
    """A bank has said no."""

    def __init__(self, code: str, decline_code: str | None, sentence: str) -> None:
        self.code, self.decline_code, self.sentence = code, decline_code, sentence
        super().__init__(sentence)


class StripeRefused(Exception):
    """What was asked for is wrong, and stays wrong. `code` and `param` are Stripe's."""

    def __init__(self, code: str | None, param: str | None, sentence: str) -> None:
        self.code, self.param, self.sentence = code, param, sentence
        super().__init__(sentence)


class StripeBusy(Exception):
    """Stripe did not answer, or not now: the same may succeed later. A change may have happened all the same."""

    remembered = False
    """Whether it answers so to this key from now on: what did not happen takes another one."""


class StripeUnreadable(Exception):
    """Stripe's answer lacks what we read: most likely it speaks another version of its API."""


class Stripe:
    """One account at Stripe. `http` is how requests are sent, where that is not the network."""

    def __init__(
        self,
        keys: StripeKeys,
        *,
        retries: int = 2,
        timeout: tuple[float, float] = TIMEOUT,
        http: "HTTPClient | None" = None,
    ) -> None:
        self._keys, self._retries, self._timeout, self._http = keys, retries, timeout, http

    @cached_property
    def client(self) -> "StripeClient":
        """The SDK's, of the pinned version."""
        import stripe  # noqa: PLC0415 (only who talks to Stripe needs it, and it takes its time)

        return stripe.StripeClient(
            self._keys.secret_key,
            base_addresses={"api": self._keys.api} if self._keys.api else {},
            stripe_version=API_VERSION,
            max_network_retries=self._retries,
            http_client=self._http or stripe.RequestsClient(timeout=self._timeout, session=self._session()),
        )

    def fetch(self, customer_id: str) -> Remote:
        """Everything of one customer. Raises StripeBusy, StripeRefused, StripeUnreadable."""
        of = {"customer": customer_id, "limit": PAGE}
        customer = self._customer(customer_id)
        with translated():
            return Remote(
                customer=customer,
                subscriptions=tuple(self._subscriptions(of)),
                invoices=tuple(self._invoices(of)),
                charges=tuple(self._charges(of)),
                now=self._now(customer, {}),
            )

    def everything(self) -> Listing:
        """The same of all customers that are not deleted, with the invoices that are open or recent.

        With all of them where something was disputed recently: that may be of an old one, and no event says whose it
        is. The lists are not read at one moment: what differs is to be fetched again. Raises as `fetch` does.
        """
        since, every = clock.now() - RECENT, {"limit": PAGE}
        recent = {**every, "created": {"gte": int(since.timestamp())}}
        clocks: dict[str, datetime] = {}
        with translated():
            disputes = _all(Dispute, self.client.v1.disputes.list, _expanding(recent, "data.charge"))
            invoices = chain(self._invoices({**every, "status": "open"}), self._invoices(recent))
            return Listing(
                customers=Packed(Customer, self._customers(every)),
                subscriptions=Packed(Subscription, self._subscriptions(every)),
                invoices=Packed(Invoice, invoices),
                charges=Packed(Charge, self._charges(recent)),
                apart={each.charge.customer for each in disputes},
                fetch=self.fetch,
                now=lambda customer: self._now(customer, clocks),
            )

    def set_quantity(self, subscription_id: str, item_id: str, quantity: int, *, key: str) -> None:
        """What differs is prorated. Raises StripeBusy, StripeRefused, PaymentDeclined."""
        with translated():
            self.client.v1.subscriptions.update(
                subscription_id,
                {"items": [{"id": item_id, "quantity": quantity}], "proration_behavior": "create_prorations"},
                {"idempotency_key": key},
            )

    def _customer(self, customer_id: str) -> Customer:
        """Of one that was deleted there is nothing left to be shown whole."""
        try:
            return self._retrieved(customer_id, METHOD)
        except StripeRefused as refused:
            if refused.param != "expand":
                raise
            return self._retrieved(customer_id)

    def _retrieved(self, customer_id: str, *expand: str) -> Customer:
        with translated():
            held = self.client.v1.customers.retrieve(customer_id, {"expand": list(expand)})
            return Customer.model_validate(held.to_dict())

    def end_trial(self, subscription_id: str, *, key: str) -> None:
        """It is paid for from now on. Raises StripeBusy, StripeRefused, PaymentDeclined."""
        with translated():
            self.client.v1.subscriptions.update(subscription_id, {"trial_end": "now"}, {"idempotency_key": key})

    def _customers(self, of: Mapping[str, Any]) -> Iterator[Customer]:
        return _all(Customer, self.client.v1.customers.list, _expanding(of, f"data.{METHOD}"))

    def _subscriptions(self, of: Mapping[str, Any]) -> Iterator[Subscription]:
        wanted = _expanding({**of, "status": "all"}, *OF_SUBSCRIPTIONS)
        return _all(Subscription, self.client.v1.subscriptions.list, wanted)

    def _invoices(self, of: Mapping[str, Any]) -> Iterator[Invoice]:
        return _all(Invoice, self.client.v1.invoices.list, _expanding(of, "data.payments"))

    def _charges(self, of: Mapping[str, Any]) -> Iterator[Charge]:
        return _all(Charge, self.client.v1.charges.list, of)

    def _now(self, customer: Customer, known: dict[str, datetime]) -> datetime:
        """Where a customer hangs on a test clock, it is what that one says."""
        if customer.test_clock is None:
            return clock.now()
        if customer.test_clock not in known:
            with translated():
                held = self.client.v1.test_helpers.test_clocks.retrieve(customer.test_clock)
            known[customer.test_clock] = datetime.fromtimestamp(held.frozen_time, UTC)
        return known[customer.test_clock]

    def _session(self) -> Any:  # noqa: ANN401 (of a library that the SDK brings along)
        """The machine's proxies are not for loopback."""
        import requests  # noqa: PLC0415 (likewise)

        class Observed(requests.Session):
            def send(self, request: Any, **kwargs: Any) -> Any:  # noqa: ANN401 (the library's)
                with calling_http(request.method, "stripe", host_of(request.url)) as call:
                    request.headers.update(call.headers)
                    response = super().send(request, **kwargs)
                    call.answered(response.status_code)
                    return response

        session = Observed()
        session.trust_env = not self._keys.api
        return session


@cache
def _of(keys: StripeKeys) -> Stripe:
    return Stripe(keys)


def stripe_of_stage() -> Stripe:
    """With the keys as they are now. Raises PaymentsNotSetUp, Unavailable."""
    return _of(stripe_keys())


def import_sdk() -> None:
    """Now, while nobody waits for it."""
    import stripe  # noqa: F401, PLC0415 (it takes its time)


@contextmanager
def translated() -> Iterator[None]:
    """Stripe's errors become ours; none of the SDK's own leaves."""
    import stripe  # noqa: PLC0415 (whoever is here has it)

    try:
        yield
    except stripe.CardError as error:
        told = error.error
        raise PaymentDeclined(error.code or "", getattr(told, "decline_code", None), _sentence(error)) from error
    except (stripe.RateLimitError, stripe.APIConnectionError) as error:
        raise StripeBusy(_sentence(error)) from error
    except stripe.StripeError as error:
        if (
            error.http_status is None
            or error.http_status >= HTTPStatus.INTERNAL_SERVER_ERROR
            or error.http_status in LATER
        ):
            busy = StripeBusy(_sentence(error))
            busy.remembered = "true" in {v for k, v in (error.headers or {}).items() if k.lower() == REPLAYED}
            raise busy from error
        raise StripeRefused(error.code, getattr(error, "param", None), _sentence(error)) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise StripeUnreadable(f"Stripe's {error.title} is not understood at {where}: {first['msg']}.") from error


def _sentence(error: Any) -> str:  # noqa: ANN401 (the SDK's)
    return str(error.user_message or type(error).__name__)


def _expanding(of: Mapping[str, Any], *fields: str) -> dict[str, Any]:
    return {**of, "expand": list(fields)}


def _all[P: Part](part: type[P], list_them: Callable[[Any], Any], of: Mapping[str, Any]) -> Iterator[P]:
    """All pages, and of each part all that it contains."""
    for each in list_them(of).auto_paging_iter():
        held = each.to_dict()
        for name in INSIDE:
            if held.get(name, {}).get("has_more"):
                held[name]["data"] = [inner.to_dict() for inner in each[name].auto_paging_iter()]
        yield part.model_validate(held)
