"""What is known of a rate: as the database says it, and as an answer shows it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many requests in so many seconds, and how far they are used up."""

    most: int
    period: int
    remaining: int
    """In the database, and so without what processes hold."""
    full_at: float
    """On the process's clock."""

    @classmethod
    def read(cls, said: Mapping[str, Any], now: float) -> "Rate":
        """As the database says it, just now."""
        return cls(
            most=said["most"],
            period=said["period"],
            remaining=said.get("remaining") or 0,
            full_at=now + said["full_in"],
        )

    def policy(self, name: str) -> str:
        """As RateLimit-Policy says it."""
        return f'"{name}";q={self.most};w={self.period}'

    def standing(self, name: str, *, held: int, now: float) -> str:
        """As RateLimit says it, where the process holds so many."""
        return f'"{name}";r={min(self.most, self.remaining + held)};t={max(0, math.ceil(self.full_at - now))}'
