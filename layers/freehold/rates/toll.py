"""One request that counts: once, however many units of work it takes, and whatever becomes of it."""

import math
from collections.abc import Mapping
from typing import Any

from freehold.callers import Caller
from freehold.errors import RateLimited
from freehold.rates.leases import Leases, Paying


class Toll:
    """It knows of what class its request is, and afterwards what its answer says of what is left."""

    def __init__(self, leases: Leases, rate_class: str) -> None:
        self._leases, self._class = leases, rate_class
        self._paying: Paying | None = None

    def due(self, caller: Caller) -> tuple[str, Mapping[str, Any]] | None:
        """What to ask, with its parameters; None where it is paid. Raises RateLimited."""
        if self._paying and self._paying.paid:
            return None
        self._paying = self._leases.pay(caller, self._class)
        if self._paying.refused_by:
            raise RateLimited(rule=self._paying.refused_by.rule)
        return None if self._paying.paid else self._leases.asks(self._paying, caller)

    def answered(self, answer: Mapping[str, Any] | None) -> None:
        """What was asked has been answered."""
        if self._paying:
            self._leases.answered(self._paying, answer)

    def refused(self, detail: Mapping[str, Any]) -> None:
        """It was answered that nothing is left."""
        if self._paying:
            self._leases.refused(self._paying, detail)

    def turned_away(self) -> None:
        """The door knows no such caller, and so they are told nothing either."""
        if self._paying:
            self._leases.turned_away(self._paying)
        self._paying = None

    def headers(self) -> dict[str, str]:
        """What is left, as draft-ietf-httpapi-ratelimit-headers-10 says it; nothing where nothing is limited."""
        if self._paying is None:
            return {}
        now = self._leases.clock()
        limits = [
            (name, held, held.rate)
            for name, held in ((self._class, self._paying.tenant), (f"{self._class}-key", self._paying.caller))
            if held.rate
        ]
        if not limits:
            return {}
        return {
            "ratelimit-policy": ", ".join(rate.policy(name) for name, _, rate in limits),
            "ratelimit": ", ".join(rate.standing(name, held=held.shown(now), now=now) for name, held, rate in limits),
            **self._retry_after(now),
        }

    def _retry_after(self, now: float) -> dict[str, str]:
        empty = self._paying.refused_by if self._paying else None
        return {"retry-after": str(max(1, math.ceil(empty.refilled_at - now)))} if empty else {}
