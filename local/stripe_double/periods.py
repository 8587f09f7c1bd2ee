"""Billing periods: counted from an anchor, on its day of the month or the month's last."""

import calendar
from datetime import UTC, datetime, timedelta

_MONTHS = {"month": 1, "year": 12}
_DAYS = {"day": 1, "week": 7}


def step(anchor: int, interval: str, count: int, times: int) -> int:
    """The moment that many intervals after the anchor (before it, where negative)."""
    start = datetime.fromtimestamp(anchor, UTC)
    if interval in _DAYS:
        return int((start + timedelta(days=_DAYS[interval] * count * times)).timestamp())
    months = start.year * 12 + start.month - 1 + _MONTHS[interval] * count * times
    year, month = divmod(months, 12)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return int(start.replace(year=year, month=month + 1, day=day).timestamp())


def end_of(anchor: int, interval: str, count: int, start: int) -> int:
    """The first boundary after a moment: the end of the period that begins or runs then."""
    times = _guess(anchor, interval, count, start)
    while step(anchor, interval, count, times) > start:
        times -= 1
    while step(anchor, interval, count, times) <= start:
        times += 1
    return step(anchor, interval, count, times)


def _guess(anchor: int, interval: str, count: int, start: int) -> int:
    days = {"day": 1, "week": 7, "month": 28, "year": 365}[interval] * count
    return (start - anchor) // (days * 86400)
