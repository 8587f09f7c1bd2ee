"""Stripe on a laptop: its double, or Stripe itself in test mode where the environment has a key of it.

    STRIPE_SECRET_KEY=sk_test_… STRIPE_WEBHOOK_SECRET=$(stripe listen --print-secret) make dev

The deployed functions are told nothing else than what they are told in AWS: a secret in Secrets Manager.
"""

import json
import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from freehold.billing.plans_file import load
from local import aws
from local.billing_difference import difference
from local.billing_push import push
from local.billing_shop import Shop
from local.errors import LocalError
from local.plans_lint import FILE
from local.stripe_double.service import StripeDouble

KEY, SECRET = "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"
STRIPE = "https://api.stripe.com"
_TEST = ("sk_test_", "rk_test_")


class Payments:
    """Who takes payments here; `endpoint` is where it tells of them. With `folder`, the double remembers."""

    def __init__(
        self,
        *,
        endpoint: str,
        port: int = 0,
        folder: Path | None = None,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._endpoint = endpoint
        self._running = ExitStack()
        self._double: StripeDouble | None = None
        self.secret_key, self._webhook_secret = environment.get(KEY, ""), environment.get(SECRET, "")
        self.url = STRIPE
        if self.secret_key:
            _require_usable(self.secret_key, self._webhook_secret)
        else:
            self._double = StripeDouble(port=port, endpoint=endpoint, courier=True, folder=folder)
            self._double.engine.settings.own_clocks = True
            self.secret_key, self._webhook_secret = self._double.secret_key, self._double.webhook_secret
            self.url = self._double.url

    def __enter__(self) -> Self:
        if self._double:
            self._running.enter_context(self._double)
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    @property
    def double(self) -> str:
        """Where the double is; empty where it is Stripe itself."""
        return self.url if self._double else ""

    @property
    def says(self) -> str:
        """What a person has to know of it: no secret among it."""
        if self._double:
            return f"{self.url} is a double of Stripe: `freehold stripe --help` moves its time"
        return f"Stripe's test mode, by your key. In another terminal: stripe listen --forward-to {self._endpoint}"

    def write_secret(self, aws_endpoint: str, stage: str) -> None:
        """Where functions look for it, once a stack has made the place."""
        keys = {"secret_key": self.secret_key, "webhook_secrets": [self._webhook_secret]}
        api = {"api": self.url} if self._double else {}
        secrets = aws.session().client("secretsmanager", **aws.at(aws_endpoint))
        secrets.put_secret_value(SecretId=f"freehold/{stage}/stripe", SecretString=json.dumps(keys | api))

    def sell_for_less(self, code: str) -> None:
        """Whoever says this word pays a tenth less; of the double alone."""
        if self._double:
            coupon = self._double.engine.request("POST", "/v1/coupons", {"percent_off": 10, "duration": "forever"})
            promotion = {"type": "coupon", "coupon": coupon["id"]}
            self._double.engine.request("POST", "/v1/promotion_codes", {"promotion": promotion, "code": code})

    def push_plans(self) -> None:
        """To the double. To Stripe itself, a person does: `freehold billing push --yes`."""
        if self._double:
            shop = Shop(self.secret_key, api=self.url)
            wanted = [change for change in difference(load(FILE), shop.read()) if change.writes]
            push(shop, wanted, quiet=True)


def _require_usable(key: str, webhook_secret: str) -> None:
    if not key.startswith(_TEST):
        raise LocalError(f"{KEY} is no test key, and a laptop takes no other: name one that begins with sk_test_.")
    if not webhook_secret:
        raise LocalError(f"{KEY} is set, and {SECRET} is not: `stripe listen --print-secret` says it.")
