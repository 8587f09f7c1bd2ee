"""What a process holds of one bucket: the requests that it may admit without asking."""

from dataclasses import dataclass

from freehold.rates.models import Rate

HOLDS_FOR = 5.0  # seconds; what is not used by then is void, so that a process that fell asleep spends nothing later
MOST_ASKED = 100_000


@dataclass(slots=True)
class Held:
    """Of a tenant's bucket, or of a caller's share. It is never more than the database has given."""

    tokens: int = 0
    given: int = 0
    """How many the database gave last."""
    void_at: float = 0.0
    unlimited_until: float = 0.0
    refused_until: float = 0.0
    """Until then this process refuses by itself."""
    refilled_at: float = 0.0
    """When the database, which has refused, will have one again."""
    rule: str = ""
    rate: Rate | None = None

    def take(self, now: float) -> bool:
        """Whether there was one to take."""
        if self.unlimited_until > now:
            return True
        if self.tokens < 1 or self.void_at <= now:
            return False
        self.tokens -= 1
        return True

    def give_back(self) -> None:
        """One that was taken was not used after all."""
        self.tokens += self.rate is not None

    def wants(self, now: float) -> int:
        """How many to ask for: twice what was used up, so that a process that asks rarely leaves nothing unused."""
        used_up = self.tokens < 1 and self.void_at > now
        return max(1, min(2 * self.given if used_up else self.given - self.tokens, MOST_ASKED))

    def leased(self, granted: int, rate: Rate, now: float) -> None:
        """The database has given so many, which was asked at `now`; one of them is taken at once."""
        self.tokens = self.shown(now) + granted - 1
        self.given, self.void_at, self.rate = granted, now + HOLDS_FOR, rate
        self.unlimited_until = self.refused_until = 0.0

    def opened(self, until: float) -> None:
        """Nothing limits it, until it is looked at again."""
        self.unlimited_until, self.rate, self.refused_until = until, None, 0.0

    def refused(self, rate: Rate, rule: str, *, refilled_at: float, until: float) -> None:
        """The database has nothing to give."""
        self.rate, self.rule, self.refilled_at, self.refused_until = rate, rule, refilled_at, until

    def shown(self, now: float) -> int:
        """How many it can give away without asking."""
        return self.tokens if self.void_at > now else 0
