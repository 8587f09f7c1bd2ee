"""What the clock calls for is done once for its period, however often and late it calls."""

import math
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
import pytest

from freehold.database import Database
from freehold.messaging.periods import once, period


def due(at: str) -> dict[str, str]:
    return {"scheduled_at": at}


class TestPeriod:
    def test_is_of_when_it_was_due(self):
        assert period(due("2026-01-15T09:30:12Z"), "minute") == "2026-01-15T09:30"
        assert period(due("2026-01-15T09:30:12Z"), "hour") == "2026-01-15T09"
        assert period(due("2026-01-15T09:30:12Z"), "day") == "2026-01-15"

    def test_is_in_utc(self):
        assert period(due("2026-01-15T00:30:00+02:00"), "day") == "2026-01-14"


class TestOnce:
    def test_a_doubled_call_does_nothing(self, system: Database):
        done: list[int] = []
        assert once(system, "tidy", "2026-01", lambda: done.append(1), hold=60)
        assert not once(system, "tidy", "2026-01", lambda: done.append(2), hold=60)
        assert done == [1]

    def test_another_period_and_another_name_are_of_their_own(self, system: Database):
        for name, of in (("tidy", "2026-01"), ("tidy", "2026-02"), ("sweep", "2026-01")):
            assert once(system, name, of, lambda: None, hold=60)

    def test_what_failed_may_be_done_by_the_next_call_at_once(self, system: Database):
        def fail() -> None:
            raise ValueError("no")

        with pytest.raises(ValueError, match="no"):
            once(system, "tidy", "2026-01", fail, hold=60)
        assert once(system, "tidy", "2026-01", lambda: None, hold=60)

    def test_whoever_fell_silent_is_followed_once_their_time_is_over(self, system: Database, superuser: str):
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute("select app.take_turn('tidy', '2026-01', 'who was killed', interval '1 hour')")
            assert not once(system, "tidy", "2026-01", lambda: None, hold=60)
            connection.execute("update app.turns set until = now() - interval '1 millisecond'")
        assert once(system, "tidy", "2026-01", lambda: None, hold=math.inf)

    def test_two_at_the_same_time_do_it_once(self, stage: None, system: Database):
        together, done = Barrier(4), []

        def call(_: int) -> bool:
            system.connect()
            together.wait()
            did = once(system, "tidy", "2026-01", lambda: done.append(1), hold=60)
            system.close()
            return did

        with ThreadPoolExecutor(4) as threads:
            assert sorted(threads.map(call, range(4))) == [False, False, False, True]
        assert done == [1]
