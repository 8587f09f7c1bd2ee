"""How the relay spends its minute: at once while there is work, slower without, slower still when it fails."""

import time
from collections.abc import Iterator

import pytest

from freehold.messaging.stay import AFTER_FAILURES, LONGEST, SHORTEST, stay


class Turns:
    """Turns that do what they are told to, and keep the pauses between them."""

    def __init__(self, *does: int | Exception) -> None:
        self._does: Iterator[int | Exception] = iter(does)
        self.pauses: list[float] = []

    def turn(self) -> int:
        does = next(self._does, 0)
        if isinstance(does, Exception):
            raise does
        return does

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if len(self.pauses) == 8:
            raise TimeoutError


def stays(turns: Turns, *, until: float = 60, latest: float = 60) -> None:
    now = time.monotonic()
    stay(turns.turn, until=now + until, latest=now + latest, sleep=turns.sleep)


def test_it_looks_less_often_while_there_is_nothing():
    turns = Turns()
    with pytest.raises(TimeoutError):
        stays(turns)
    assert turns.pauses == [SHORTEST, 0.1, 0.2, LONGEST, LONGEST, LONGEST, LONGEST, LONGEST]


def test_there_is_no_pause_after_work_and_a_short_one_after_that():
    turns = Turns(0, 0, 1, 1, 0)
    with pytest.raises(TimeoutError):
        stays(turns)
    assert turns.pauses[:4] == [SHORTEST, 0.1, SHORTEST, 0.1]


def test_what_fails_is_tried_again_ever_later():
    turns = Turns(*[ConnectionError("gone")] * 8)
    with pytest.raises(TimeoutError):
        stays(turns)
    assert turns.pauses == [SHORTEST, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, AFTER_FAILURES]


def test_what_fails_is_logged(lines):
    with pytest.raises(ConnectionError):
        stays(Turns(ConnectionError("gone")), until=0)
    [line] = lines()
    assert (line["message"], line["exception_name"]) == ("turn failed", "ConnectionError")


def test_a_stay_of_no_time_passes_on_what_waits_and_ends():
    turns = Turns(3, 3, 0, 3)
    stays(turns, until=0)
    assert turns.turn() == 3, "the fourth was not taken"
    assert turns.pauses == []


def test_a_stay_of_no_time_ends_when_it_fails():
    turns = Turns(ConnectionError("gone"), 3)
    with pytest.raises(ConnectionError):
        stays(turns, until=0)
    assert turns.turn() == 3


def test_a_stay_whose_last_turn_failed_fails():
    with pytest.raises(ConnectionError):
        stays(Turns(3, ConnectionError("gone")), until=0)


def test_a_failure_that_was_made_good_is_none():
    turns, now = Turns(ConnectionError("gone"), 3, 0), time.monotonic()
    stay(turns.turn, until=now + SHORTEST / 2, latest=now + 60)


def test_no_turn_is_begun_when_lambda_is_about_to_end_it():
    turns = Turns(3)
    stays(turns, until=-1, latest=-1)
    assert turns.turn() == 3, "it is still there"
