"""From Stripe's own client to the double without a socket in between: the real SDK and API, thousands of times."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import stripe

from freehold.billing.gateway import Stripe
from freehold.secrets import StripeKeys
from local.stripe_double.server import Request, Response
from local.stripe_double.service import SECRET_KEY, StripeDouble


class Wire(stripe.HTTPClient):
    """What is lost on the way is an error of the connection, as on a network."""

    name = "wire"

    def __init__(self, double: StripeDouble) -> None:
        super().__init__()
        self._double = double

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[Any, int, Mapping[str, str]]:
        asked = urlsplit(url)
        answer = self._double.api.answer(
            Request(
                method=method.upper(),
                path=asked.path,
                query=asked.query,
                body=(post_data or "").encode() if isinstance(post_data, str | None) else post_data,
                headers={name.lower(): str(value) for name, value in (headers or {}).items()},
            )
        )
        if not isinstance(answer, Response):
            raise stripe.APIConnectionError("The answer was lost.")
        return answer.body.decode(), answer.status, answer.headers

    def _sleep_time_seconds(self, *_: object, **__: object) -> float:
        return 0.0

    def close(self) -> None:
        """There is nothing open."""


def gateway(double: StripeDouble, *, retries: int = 0) -> Stripe:
    """Ours, to the double."""
    keys = StripeKeys(secret_key=SECRET_KEY, webhook_secrets=("whsec_of_the_double",))
    return Stripe(keys, retries=retries, http=Wire(double))
