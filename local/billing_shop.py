"""The Stripe account that plans are pushed to: what it holds, and one change of it at a time."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import stripe

from freehold.billing.gateway import API_VERSION
from local.billing_changes import Change, Holdings
from local.errors import LocalError

_PAGE = 100
_TIMES = 9


class Shop:
    """By its secret key; `api` is where Stripe is, if not where Stripe is.

    Nothing is sent again by itself: after an answer that was lost, only another look says what is there.
    """

    def __init__(self, secret_key: str, *, api: str = "") -> None:
        self.live = secret_key.startswith(("sk_live_", "rk_live_"))
        bases: Any = {"api": api} if api else {}
        self._stripe = stripe.StripeClient(
            secret_key, base_addresses=bases, max_network_retries=0, stripe_version=API_VERSION
        ).v1
        self._meters: dict[str, str] = {}

    def read(self) -> Holdings:
        """All that it sells. Raises LocalError."""
        with _in_a_sentence():
            meters = self._all(self._stripe.billing.meters)
            self._meters = {each["event_name"]: each["id"] for each in meters}
            return Holdings(
                products=self._all(self._stripe.products),
                prices=self._all(self._stripe.prices, expand=["data.tiers"]),
                meters=meters,
            )

    def apply(self, change: Change) -> None:
        """Do it. Raises LocalError, after which it may be done or not."""
        with _in_a_sentence():
            match change.thing, change.verb:
                case "meter", "create":
                    made = self._create(self._stripe.billing.meters, change)
                    self._meters[change.name] = made
                case "meter", "restore":
                    self._stripe.billing.meters.reactivate(change.target)
                case "meter", _:
                    self._update(self._stripe.billing.meters, change)
                case "product", "create":
                    self._create(self._stripe.products, change)
                case "product", _:
                    self._update(self._stripe.products, change)
                case "price", ("create" | "replace"):
                    self._create(self._stripe.prices, change)
                case _:
                    self._update(self._stripe.prices, change)

    def _all(self, service: Any, **asked: Any) -> list[dict[str, Any]]:  # noqa: ANN401 (one of Stripe's)
        return [each.to_dict() for each in service.list({"limit": _PAGE, **asked}).auto_paging_iter()]

    def _update(self, service: Any, change: Change) -> None:  # noqa: ANN401 (one of Stripe's)
        service.update(change.target, dict(change.params))

    def _create(self, service: Any, change: Change) -> str:  # noqa: ANN401 (one of Stripe's)
        """Under a key that the next push would use as well; past one that Stripe keeps an earlier push's failure under.

        Whatever that earlier push may have made all the same, we have looked since, and it was not there.
        """
        params = self._with_meter(change.params)
        key = _key(change, params)
        for time in range(1, _TIMES):
            try:
                made: str = service.create(params, {"idempotency_key": f"{key}-{time}"}).id
            except stripe.StripeError as error:
                if not _is_replayed(error):
                    raise
            else:
                return made
        raise LocalError(f"Stripe keeps giving back an earlier failure for {change.name}; try again in a day.")

    def _with_meter(self, params: Mapping[str, Any]) -> dict[str, Any]:
        recurring = params.get("recurring", {})
        if "meter" not in recurring:
            return dict(params)
        return {**params, "recurring": {**recurring, "meter": self._meters[recurring["meter"]]}}


def _is_replayed(error: stripe.StripeError) -> bool:
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    return headers.get("idempotent-replayed") == "true"


def _key(change: Change, params: Mapping[str, Any]) -> str:
    """The same for the same wish, but for a price that comes back after another: that one is a new price."""
    wish = json.dumps([change.thing, params, change.after], sort_keys=True)
    return f"fh-push-{hashlib.sha256(wish.encode()).hexdigest()[:32]}"


@contextmanager
def _in_a_sentence() -> Iterator[None]:
    try:
        yield
    except stripe.AuthenticationError:
        raise LocalError("Stripe does not know this key.") from None
    except stripe.StripeError as error:
        raise LocalError(f"Stripe refuses or does not answer: {error.user_message or error}") from error
