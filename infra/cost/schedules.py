"""What the clock does: how often it calls, and how long a database that sleeps is awake for it."""

import re
from collections.abc import Collection, Iterable, Sequence

from infra.cost.prices import HOURS
from infra.errors import SynthesisError

DAY = 24 * 60
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((\d+) (\d+|\*) \* \* \? \*\)")
_STEP = re.compile(r"cron\(0/(\d+) \* \* \* \? \*\)")
_OF_A_CALL = 60.0
"""Seconds, at most: it waits for the database to wake, finds little, and ends with its connections closed."""
_MINUTES = {"minute": 1, "hour": 60, "day": DAY}


def minutes_of_day(expression: str) -> list[int]:
    """When it calls, in minutes from midnight. Raises SynthesisError for a form that nobody has taught it."""
    if rate := _RATE.fullmatch(expression):
        return list(range(0, DAY, int(rate[1]) * _MINUTES[rate[2]]))
    if step := _STEP.fullmatch(expression):
        return [hour * 60 + minute for hour in range(24) for minute in range(0, 60, int(step[1]))]
    if cron := _CRON.fullmatch(expression):
        hours = range(24) if cron[2] == "*" else [int(cron[2])]
        return [hour * 60 + int(cron[1]) for hour in hours]
    raise SynthesisError(f"No rule prices the schedule {expression!r}: teach infra/cost/schedules.py to read it.")


def calls(expression: str) -> float:
    """A month's."""
    return len(minutes_of_day(expression)) * HOURS / 24


def hours_awake(expressions: Iterable[str], *, seconds: float) -> float:
    """A month's, of a database that each call keeps awake for so long."""
    awake = bytearray(DAY)
    for expression in expressions:
        for begin in minutes_of_day(expression):
            for minute in range(begin, begin + round(seconds / 60)):
                awake[minute % DAY] = 1
    return sum(awake) / DAY * HOURS


def hours_awake_where_calls_look(expressions: Iterable[str], *, session: float, pause: float) -> float:
    """A month's, of a database that sleeps `pause` seconds after the last connection. What comes often looks first.

    What comes once a day does not look, and its connection lives on for `session` seconds.
    """
    awake: set[int] = set()
    for begin, looks in _wakes([minutes_of_day(each) for each in expressions]):
        seconds = pause + (_OF_A_CALL if looks else session)
        awake.update(minute % DAY for minute in range(begin, begin + round(seconds / 60)))
    return len(awake) / DAY * HOURS


def _wakes(paces: Collection[Sequence[int]]) -> set[tuple[int, bool]]:
    """When calls wake it that nobody else uses, and whether they have looked: on a day that comes after another."""
    found: set[tuple[int, bool]] = set()
    for minute in range(2 * DAY):
        connected = {each for each, _ in found}
        for pace in paces:
            if minute % DAY in pace and (len(pace) == 1 or not connected.isdisjoint(_looked_at(pace, minute))):
                found.add((minute, len(pace) > 1))
    return {(minute - DAY, looks) for minute, looks in found if minute >= DAY}


def _looked_at(pace: Sequence[int], minute: int) -> range:
    """Since the call before, and past its minute."""
    return range(minute - DAY // len(pace) + 1, minute)


_WEEKDAYS = re.compile(r"cron\(0 (\d+) \? \* MON-FRI \*\)")


def instance_hours(least: float, actions: Iterable[tuple[str, float]]) -> float:
    """A month's, of instances kept warm: what the last action said, over the weekend too; `least` without any."""
    hours = {}
    for expression, capacity in actions:
        found = _WEEKDAYS.fullmatch(expression)
        if not found:
            raise SynthesisError(
                f"No rule prices the schedule {expression!r}: teach infra/cost/schedules.py to read it."
            )
        hours[int(found[1])] = capacity
    current, total = hours[max(hours)] if hours else least, 0.0
    for hour in range(7 * 24):
        if hour < 5 * 24:
            current = hours.get(hour % 24, current)
        total += current
    return total / (7 * 24) * HOURS
