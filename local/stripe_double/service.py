"""The double of Stripe as one context manager: engine, API over HTTP, pages, and deliveries to a webhook endpoint.

    with StripeDouble(endpoint="http://127.0.0.1:4566/…/stripe") as double:
        client = stripe.StripeClient(double.secret_key, base_addresses={"api": double.url})

It is modelled on Stripe's documentation, and it is not Stripe.
"""

import datetime as dt
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from local.stripe_double import api
from local.stripe_double.control import Control
from local.stripe_double.delivery import Attempt, Delivery, Post
from local.stripe_double.endpoints import Endpoints
from local.stripe_double.engine import Double
from local.stripe_double.faults import Faults
from local.stripe_double.idempotency import IdempotencyKeys
from local.stripe_double.journal import API_VERSION
from local.stripe_double.memory import Memory
from local.stripe_double.pages import Pages
from local.stripe_double.rounds import Rounds
from local.stripe_double.server import Outcome, Request, Server

SECRET_KEY = "sk_test_double"  # noqa: S105 -- of a double
WEBHOOK_SECRET = "whsec_of_the_double"  # noqa: S105 -- likewise


class StripeDouble:
    """Serves from entry to exit. With `courier`, time passes and events go to their endpoints by themselves.

    Else `deliver` sends them. `now` is the engine's clock, `post` is how an event is sent, and what is in `folder`
    survives a restart.
    """

    def __init__(  # noqa: PLR0913 -- each has a default, and two callers that differ
        self,
        *,
        port: int = 0,
        endpoint: str | None = None,
        webhook_secret: str = WEBHOOK_SECRET,
        secret_key: str = SECRET_KEY,
        courier: bool = False,
        now: Callable[[], dt.datetime] | None = None,
        post: Post | None = None,
        folder: Path | None = None,
    ) -> None:
        self.secret_key, self.webhook_secret = secret_key, webhook_secret
        self.engine = Double() if now is None else Double(now)
        self._memory = Memory(self.engine, folder / "stripe.pickle") if folder else None
        if self._memory:
            self._memory.recall()
        self.endpoints = Endpoints(self.engine)
        self.delivery = Delivery(self.endpoints, post=post)
        self.faults = Faults()
        self.failures: list[str] = []
        """Tracebacks of the double's own mistakes, which nobody has ordered."""
        self.api = api.Api(
            self._ask, secret_key=secret_key, version=API_VERSION, keys=IdempotencyKeys(self._time), faults=self.faults
        )
        self._control = Control(self.engine, self.delivery, self.faults)
        self._pages = Pages(self.engine)
        self._server = Server(self._answer, port=port, choose="STRIPE_PORT=…")
        self.url = self.engine.settings.pages = self._server.url
        self._courier = courier
        self._running = ExitStack()
        self.engine.listen(self.delivery.take)
        if endpoint:
            self.endpoints.add(endpoint, secret=webhook_secret)

    def __enter__(self) -> Self:
        duties: list[Callable[[], object]] = []
        if self._memory:
            self._running.callback(self._memory.write)
            duties = [self._memory.write]
        if self._courier:
            duties += [self.engine.catch_up, self.delivery.deliver_due]
        if duties:
            self._running.enter_context(Rounds(*duties))
        self._running.enter_context(self._server)
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def deliver(self, *, rounds: int = 1) -> list[Attempt]:
        """Try every event that waits, so many times over where it fails."""
        return [attempt for _ in range(rounds) for attempt in self.delivery.deliver_waiting()]

    def _time(self) -> float:
        """By the engine's clock; without its lock, as whoever asks has to hear while the engine works."""
        return self.engine.world.now()

    def _answer(self, request: Request) -> Outcome:
        try:
            return self._found(request)
        except Exception:  # noqa: BLE001 -- whatever it is: the client is told, and the terminal says it
            self.failures.append(f"{request.method} {request.path}\n{traceback.format_exc()}")
            sys.stderr.write(self.failures[-1])
            return api.mistake(request)

    def _found(self, request: Request) -> Outcome:
        match request.path.split("/")[1:2]:
            case ["v1"]:
                return self.api.answer(request)
            case ["double"]:
                return self._control.answer(request)
            case _:
                return self._pages.answer(request) or api.unknown(request)

    def _ask(self, asked: api.Asked) -> Mapping[str, Any]:
        return self.engine.request(asked.method, asked.path, asked.params, idempotency_key=asked.idempotency_key)
