"""What is typed for moments, shares, limits and rates, and what each of them means."""

import argparse
import re
from datetime import UTC, datetime, timedelta

UNLIMITED = "unlimited"
_DURATION = re.compile(r"(\d{1,6})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_RATE = re.compile(r"([1-9][0-9]{0,8})/(second|minute|hour)")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}


def moment(text: str) -> str:
    """A day is its beginning in UTC; a duration ends so much later than now."""
    if found := _DURATION.fullmatch(text):
        try:
            return (datetime.now(UTC) + timedelta(**{_UNITS[found[2]]: int(found[1])})).isoformat(timespec="seconds")
        except OverflowError:
            raise argparse.ArgumentTypeError(f"{text!r} is longer than anything lasts.") from None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        says = f"{text!r} is no day and no moment: write 2027-01-31, or 2027-01-31T12:00:00Z."
        raise argparse.ArgumentTypeError(says) from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()


def percentage(text: str) -> float:
    """`25%`, `25` or `33.333%`."""
    try:
        share = float(text.removesuffix("%"))
    except ValueError:
        share = -1
    if not 0 <= share <= 100 or round(share, 3) != share:  # noqa: PLR2004 (percent)
        raise argparse.ArgumentTypeError(f"{text!r} is no percentage: write one like 25% or 33.333%, from 0% to 100%.")
    return int(share) if share == int(share) else share


def limit(text: str) -> tuple[str, int | None]:
    """`projects=500`, or `projects=unlimited`."""
    name, _, most = text.partition("=")
    if name and most == UNLIMITED:
        return name, None
    if not name or not most.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no limit: write projects=500, or projects={UNLIMITED}.")
    return name, int(most)


def rate(text: str) -> tuple[str, tuple[int, int] | None]:
    """`read=6000/minute`, or `read=unlimited`."""
    name, _, per = text.partition("=")
    if name and per == UNLIMITED:
        return name, None
    found = _RATE.fullmatch(per)
    if not name or found is None:
        says = (
            f"{text!r} is no rate: write read=6000/minute, of 1 to 999999999 per second, minute or hour, or"
            f" read={UNLIMITED}."
        )
        raise argparse.ArgumentTypeError(says)
    return name, (int(found[1]), _SECONDS[found[2]])
