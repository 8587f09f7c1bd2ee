"""An endpoint that fails is paused, and nobody else waits for it."""

from datetime import UTC, datetime, timedelta

import pytest

from freehold.webhooks.breaker import FIRST, HOPELESS, LONGEST, Failing, after_failure
from local.companies import Company
from tests.webhooks.listeners import Listener, answering
from tests.webhooks.office import Office

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NOTHING = timedelta()


def failing(**different: object) -> Failing:
    fields = {"since": NOW, "failures": 0, "timeouts": 0, "pauses": 0, "paused_until": None, "now": NOW}
    return Failing.model_validate(fields | different)


def failed(past: Failing, *, timed_out: bool = False, was_scout: bool = False, asked: timedelta = NOTHING) -> Failing:
    return after_failure(past, timed_out=timed_out, was_scout=was_scout, asked=asked)


class TestRules:
    @pytest.mark.parametrize(("timed_out", "failures"), [(False, 5), (True, 2)])
    def test_so_many_in_a_row_begin_a_pause(self, *, timed_out: bool, failures: int):
        state = failing()
        for _ in range(failures - 1):
            state = failed(state, timed_out=timed_out)
            assert (state.pauses, state.paused_until) == (0, None)
        state = failed(state, timed_out=timed_out)
        assert (state.pauses, state.paused_until) == (1, NOW + FIRST)

    def test_timeouts_are_in_a_row_only_with_nothing_between(self):
        state = failed(failed(failed(failing(), timed_out=True)), timed_out=True)
        assert state.paused_until is None

    def test_each_scout_that_fails_doubles_the_pause_up_to_an_hour(self):
        state, pauses = failing(pauses=1, paused_until=NOW), []
        for _ in range(200):  # at an hour each, more than five days have
            state = failed(state, was_scout=True)
            pauses.append(state.pause_left)
        assert pauses[:7] == [min(FIRST * 2**number, LONGEST) for number in range(1, 8)]
        assert set(pauses[7:]) == {LONGEST}

    def test_what_was_on_its_way_when_the_pause_began_does_not_prolong_it(self):
        paused = failing(failures=5, pauses=1, paused_until=NOW + FIRST)
        for _ in range(10):
            paused = failed(paused)
        assert (paused.pauses, paused.pause_left) == (1, FIRST)

    def test_what_the_receiver_asks_for_counts_where_it_is_longer(self):
        asked = timedelta(hours=3)
        assert failed(failing(), asked=asked).pause_left == asked
        assert (
            failed(failing(pauses=1, paused_until=NOW), was_scout=True, asked=timedelta(seconds=1)).pause_left
            == FIRST * 2
        )
        assert failed(failing(pauses=1, paused_until=NOW + asked), asked=FIRST).pause_left == asked

    def test_how_long_counts_and_how_often_does_not(self):
        assert failing(since=NOW - HOPELESS).is_hopeless
        assert not failing(since=NOW - HOPELESS + timedelta(seconds=1), failures=10_000).is_hopeless


class TestPause:
    def test_begins_after_five_failures_and_what_waits_is_put_off(self, office: Office):
        with Listener(answering("500 Oh")) as dead:
            office.reaching(dead)
            endpoint = office.endpoint(dead.url)
            for _ in range(8):
                office.happen()
            office.run()
            for _ in range(3):
                office.happen()
            assert office.run() == []
        assert dead.connections == 5
        assert [delivery["attempts"] for delivery in office.listed()][::-1] == [1] * 5 + [0] * 6
        shown = office.read(endpoint)
        assert shown["paused_until"] is not None
        assert shown["failing_since"] is not None
        assert all(25 < due < 160 for due in office.due())

    def test_two_timeouts_are_enough(self, office: Office):
        with Listener(lambda connection: connection.recv(1)) as stuck:  # until we hang up
            office.reaching(stuck, seconds=0.2)
            office.endpoint(stuck.url)
            for _ in range(3):
                office.happen()
            outcomes = office.run()
        assert (outcomes, [delivery["attempts"] for delivery in office.listed()]) == (["again"] * 3, [0, 1, 1])

    def test_when_it_is_over_one_goes_first_and_if_it_fails_it_is_twice_as_long(self, office: Office):
        with Listener(answering("500 Oh")) as dead:
            office.reaching(dead)
            office.endpoint(dead.url)
            for _ in range(9):
                office.happen()
            office.run()
            office.later(minutes=3)
            office.run()
            assert dead.connections == 6
            *others, scout = sorted(office.due())
            assert all(55 < due < 190 for due in others)
            assert scout > 250, "the one that went first has its own schedule"

    def test_when_it_is_over_and_one_arrives_everything_goes(self, office: Office):
        answers = [answering("500 Oh")]
        with Listener(lambda connection: answers[-1](connection)) as receiver:  # noqa: PLW0108 (asked anew each time)
            office.reaching(receiver)
            endpoint = office.endpoint(receiver.url)
            for _ in range(9):
                office.happen()
            office.run()
            assert receiver.connections == 5
            answers.append(answering())
            office.later(seconds=31)
            first, then = office.run(), office.run()
            assert len(first) <= 2, "the oldest, and the one whose failure began the pause"
            assert first + then == ["succeeded"] * 9
        assert {delivery["state"] for delivery in office.listed()} == {"succeeded"}
        shown = office.read(endpoint)
        assert (shown["paused_until"], shown["failing_since"]) == (None, None)

    def test_what_was_not_sent_because_of_it_is_no_attempt(self, office: Office):
        with Listener(answering("500 Oh")) as dead:
            office.reaching(dead)
            office.endpoint(dead.url)
            office.happen()
            office.execute(
                "insert into app.webhook_failures (endpoint_id, pauses, paused_until)"
                " select id, 1, now() + interval '1 hour' from app.webhook_endpoints where tenant_id = %(tenant_id)s"
            )
            assert office.run() == ["again"]
        assert dead.connections == 0
        assert [delivery["attempts"] for delivery in office.listed()] == [0]
        assert office.execute("select attempt from app.jobs where tenant_id = %(tenant_id)s") == [(0,)]

    def test_a_dead_receiver_delays_nobody_else(self, office: Office, globex: Company):
        with Listener(answering("500 Oh")) as dead, Listener(answering()) as living, Listener(answering()) as theirs:
            office.reaching(dead, living, theirs)
            office.endpoint(dead.url)
            mine = office.endpoint(living.url)
            office.endpoint(theirs.url, of=globex)
            for _ in range(8):
                office.happen()
                office.happen(of=globex)
            office.run()
            office.run()
        assert (dead.connections, living.connections, theirs.connections) == (5, 8, 8)
        assert {delivery["state"] for delivery in office.listed(mine)} == {"succeeded"}
