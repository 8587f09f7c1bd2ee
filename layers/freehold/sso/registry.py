"""Whose tokens are accepted of the issuers that tenants have connected, and by which keys.

What the database says of an issuer is believed for a minute, that it knows none as well. Where the keys are is a
tenant's choice: they are fetched as webhooks are sent, from public addresses only.
"""

import json
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from freehold.callers import OwnProvider
from freehold.identity.jwks import Fetch, Keys, KeysUnavailable
from freehold.identity.models import Claims
from freehold.identity.service import verified
from freehold.identity.tokens import read_token, refused
from freehold.settings import Issuer
from freehold.sso.models import Registration
from freehold.webhooks.egress import Egress
from freehold.webhooks.targets import Undeliverable

KEPT_SECONDS = 60
MOST_ANSWERS, MOST_PROVIDERS = 10_000, 1_000
LONGEST_ISSUER = 255
LONGEST_LOOKUP = 3.0  # seconds; with the two documents of a provider less than what the authorizer has
OK = 200


type Ask = Callable[[str], Sequence[Registration]]


class Registry:
    """Verifies the tokens of issuers that tenants have connected. `ask` is the directory, `fetch` the way to them."""

    def __init__(self, ask: Ask, *, fetch: Fetch, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._fetch, self._clock = ask, fetch, clock
        self._answers: dict[str, tuple[float, Sequence[Registration]]] = {}
        self._keys: OrderedDict[str, Keys] = OrderedDict()

    def verify(self, token: str) -> tuple[Claims, OwnProvider]:
        """What the token says, and whose provider has issued it. Raises Unauthenticated with the reason."""
        read = read_token(token)
        fitting = [each for each in self._registered(read.issuer) if each.audience in read.audiences]
        if not fitting:
            raise refused("we do not know its issuer")
        # Ids grow with time: whoever comes later takes nothing from who was there.
        first = min(fitting, key=lambda each: each.connection_id)
        issuer = Issuer(issuer=read.issuer, audience=first.audience)
        return verified(token, issuer, self._keys_of(read.issuer)), first.own

    def _registered(self, issuer: str) -> Sequence[Registration]:
        if not 0 < len(issuer) <= LONGEST_ISSUER or "\0" in issuer:
            return ()
        asked_at, registered = self._answers.get(issuer, (-KEPT_SECONDS, ()))
        if self._clock() - asked_at < KEPT_SECONDS:
            return registered
        if len(self._answers) >= MOST_ANSWERS:
            self._answers.clear()
        self._answers[issuer] = (self._clock(), self._ask(issuer))
        return self._answers[issuer][1]

    def _keys_of(self, issuer: str) -> Keys:
        """Those of the providers that were asked for last stay."""
        keys = self._keys.pop(issuer, None) or Keys(issuer, fetch=self._fetch, clock=self._clock)
        self._keys[issuer] = keys
        if len(self._keys) > MOST_PROVIDERS:
            self._keys.popitem(last=False)
        return keys


def fetch_by(egress: Egress) -> Fetch:
    """A way to fetch JSON from whatever a tenant has named."""

    def fetch(url: str) -> Any:  # noqa: ANN401 (a provider may answer anything)
        try:
            document = egress.get(url)
            if document.status != OK:
                raise KeysUnavailable(f"{url} answers {document.status}")
            return json.loads(document.body)
        except (Undeliverable, ValueError, RecursionError) as error:
            raise KeysUnavailable(f"{url}: {error}") from error

    return fetch
