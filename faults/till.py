"""Stripe in this world: its double, whose every answer is watched, and whose events reach our webhook in disorder."""

import base64
import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Self, override
from urllib.parse import parse_qs
from uuid import UUID

from freehold.billing.remote import TENANT
from local.billing_difference import difference
from local.billing_push import push
from local.billing_shop import Shop
from local.gateway import Event, make_event
from local.stripe_double.server import Outcome, Request
from local.stripe_double.service import SECRET_KEY, WEBHOOK_SECRET, StripeDouble
from local.transport.processes import Died
from local.transport.service import Watch
from product.plans import PLANS

type Object = dict[str, Any]

WEBHOOK = "stripe_webhook"
PATH = "/stripe/webhooks"
TWICE = 0.2
CARD = "pm_card_visa"


class Till(StripeDouble):
    """`invoke` calls the webhook's function with an event of API Gateway's; `watch` hears of each request."""

    def __init__(self, *, invoke: Callable[[Event], Any], watch: Watch, seed: int) -> None:
        super().__init__(endpoint=f"https://api.freehold.test{PATH}", post=self._send)
        self._invoke, self._watch = invoke, watch
        self._chance = Random(seed)  # noqa: S311 (disorder, not secrecy)

    @property
    def secret(self) -> str:
        """What FREEHOLD_STRIPE says."""
        return json.dumps({"secret_key": SECRET_KEY, "webhook_secrets": [WEBHOOK_SECRET], "api": self.url})

    @override
    def __enter__(self) -> Self:
        """It sells the plans then, and whatever happens from then on is told: a fifth twice, all in any order."""
        super().__enter__()
        shop = Shop(SECRET_KEY, api=self.url)
        push(shop, [change for change in difference(PLANS, shop.read()) if change.writes], quiet=True)
        self.delivery.forget()
        self.delivery.weather.shuffled = True
        self.engine.listen(self._tell_twice)
        return self

    def ask(self, method: str, path: str, **params: Any) -> Object:  # noqa: ANN401 (as the API has them)
        """As the account's owner does, whom nobody watches."""
        return self.engine.request(method, path, params)

    def all(self, path: str, **params: Any) -> list[Object]:  # noqa: ANN401 (likewise)
        """A list, as far as one page shows it."""
        found: list[Object] = self.ask("GET", path, limit="100", **params)["data"]
        return found

    def subscriber(self, tenant: UUID, *lookup_keys: str) -> str:
        """A customer who has paid for one of each of these prices."""
        customer = str(self.ask("POST", "/v1/customers", metadata={TENANT: str(tenant)})["id"])
        card = self.ask("POST", f"/v1/payment_methods/{CARD}/attach", customer=customer)["id"]
        self.ask("POST", f"/v1/customers/{customer}", invoice_settings={"default_payment_method": card})
        prices = self.all("/v1/prices", lookup_keys=list(lookup_keys))
        metered = {each["id"] for each in prices if each["recurring"]["usage_type"] == "metered"}
        items = [{"price": each["id"]} | ({} if each["id"] in metered else {"quantity": "1"}) for each in prices]
        self.ask("POST", "/v1/subscriptions", customer=customer, items=items)
        return customer

    def told(self, customer: str) -> set[str]:
        """The events that name a customer."""
        with self.engine.lock:
            mine = [each for each in self.engine.world.journal.events if each["_customer"] == customer]
        return {each["id"] for each in mine if customer in _named(each["data"]["object"])}

    @override
    def _answer(self, request: Request) -> Outcome:
        sent = sorted({name.partition("[")[0] for name in parse_qs(request.body.decode())})
        call = " ".join((request.method, request.path, *sent))
        self._watch(call, "before")
        answered = super()._answer(request)
        self._watch(call, "after")
        return answered

    def _send(self, _url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """As API Gateway hands it over. Raises OSError where nobody answers."""
        event = make_event(f"POST {PATH}", PATH, {}, {})
        event["headers"] |= {name.lower(): value for name, value in headers.items()}
        event |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
        try:
            return int(self._invoke(event)["statusCode"])
        except Died as died:
            raise ConnectionResetError(str(died)) from died

    def _tell_twice(self, event: Object) -> None:
        if self._chance.random() < TWICE:
            self.delivery.resend(event)


def _named(thing: Object) -> tuple[Any, Any]:
    return thing.get("customer"), thing["id"]
