"""Which discounts are still there when a subscription renews, for what is shown beforehand."""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from freehold.billing.remote import Discount


@dataclass(frozen=True, slots=True, kw_only=True)
class Until:
    """A renewal. `is_charged` says whether something is charged before, which uses up what holds once."""

    now: datetime
    renews_at: datetime
    is_charged: bool

    def kept(self, held: Iterable[Discount]) -> list[dict[str, str]]:
        """Of those that there are, as Stripe's parameters say it."""
        return [{"discount": each.id} for each in held if self._keeps(each)]

    def lasts(self, code: Mapping[str, Any]) -> bool:
        """Whether that of a promotion code which is taken now is there; `code` is Stripe's, with its coupon."""
        coupon = code["promotion"]["coupon"]
        if coupon["duration"] == "repeating":
            return _after(self.now, coupon["duration_in_months"]) > self.renews_at
        return coupon["duration"] == "forever" or not self.is_charged

    def _keeps(self, discount: Discount) -> bool:
        coupon = discount.source.coupon
        is_used_up = self.is_charged and coupon is not None and coupon.duration == "once"
        return not is_used_up and (discount.end is None or discount.end > self.renews_at)


def _after(moment: datetime, months: int) -> datetime:
    """As calendars count: a month after the last day of January is the last one of February."""
    years, month = divmod(moment.month - 1 + months, 12)
    year = moment.year + years
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))
