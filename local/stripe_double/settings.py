"""What a Stripe account's owner sets in its dashboard, as far as the double knows it."""

from dataclasses import dataclass
from typing import Literal


@dataclass
class Settings:
    """`retry_days` are days after the attempt before; `pages` is where checkout and portal pages are served.

    `after_retries` is what docs/runbooks/stripe.md has the owner set: the ladder of the product decides, not Stripe.
    With `clock_limits` test clocks have Stripe's: three customers, and leaps of two intervals of the shortest rhythm.
    With `own_clocks` each customer that is made without a test clock gets one that goes on, as Stripe's do not: it
    can be moved, and whoever asks is told the customer's time.
    """

    retry_days: tuple[int, ...] = (3, 5, 7, 7)
    after_retries: Literal["cancel", "unpaid", "past_due"] = "past_due"
    draft_seconds: int = 3600
    meter_lag_seconds: int = 0
    smallest_charge: int = 50
    clock_limits: bool = False
    own_clocks: bool = False
    pages: str = "http://127.0.0.1:12111"
