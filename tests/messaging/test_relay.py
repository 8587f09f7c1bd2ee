"""What was announced is published, whatever happens to the relay, the bus or the commit."""

import json
import time

import psycopg
import pytest

from freehold.database import Database
from freehold.errors import OutcomeUnknown
from freehold.messaging.relay import Relay
from local.companies import Company
from tests.messaging.conftest import KeptBus
from tests.wire import Cut, Wire


@pytest.fixture
def relay(system: Database, bus: KeptBus) -> Relay:
    return Relay(system, bus, holder="one")


@pytest.fixture
def another(system: Database, bus: KeptBus) -> Relay:
    return Relay(system, bus, holder="another")


def waiting(company: Company) -> int:
    return company.execute("select count(*) from app.outbox where tenant_id = %(tenant_id)s and published_at is null")[
        0
    ][0]


def all_due(company: Company) -> None:
    company.execute("update app.outbox set due_at = now() where tenant_id = %(tenant_id)s and published_at is null")


def fall_silent(company: Company) -> None:
    """What `HOLD` seconds without a word from the one whose turn it is do."""
    company.execute("update app.turns set until = now() - interval '1 millisecond'")


class TestTurn:
    def test_publishes_what_a_request_changed_with_its_answer(self, relay: Relay, bus: KeptBus, acme: Company):
        answer = acme.call("POST", "/v1/projects", body={"name": "Apollo"})
        assert relay.turn() >= 2
        signed_up, created = bus.of(acme.id)
        assert (signed_up.type, created.type) == ("tenant.created", "project.created")
        envelope = json.loads(created.envelope)
        assert envelope.pop("occurred_at").endswith("+00:00")
        assert envelope == {
            "id": created.id,
            "type": "project.created",
            "version": 1,
            "tenant_id": str(acme.id),
            "subject_id": answer.json["id"],
            "request_id": answer.headers["x-request-id"],
            "data": answer.json,
        }

    def test_says_how_old_the_oldest_was(self, relay: Relay, acme: Company, lines):
        relay.turn()
        acme.execute(
            "insert into app.outbox (id, type, subject_id) values (uuidv7(interval '-10 minutes'), 'x', uuidv7())"
        )
        acme.project()
        relay.turn()
        fresh, old = [line["oldest_seconds"] for line in lines() if line["message"] == "published"]
        assert old == pytest.approx(600, abs=60)
        assert fresh < old

    def test_takes_one_round_trip(self, relay: Relay, wire: Wire, acme: Company):
        relay.turn()
        acme.project()
        with wire.counting() as trips:
            assert relay.turn() == 1
        assert trips == [1]

    def test_marks_the_batch_before(self, relay: Relay, bus: KeptBus, acme: Company):
        assert relay.turn() == 1
        assert waiting(acme) == 1, "published, and not known to be"
        assert relay.turn() == 0
        assert (waiting(acme), len(bus.of(acme.id))) == (0, 1)

    def test_takes_no_more_than_a_batch(self, system: Database, bus: KeptBus, acme: Company):
        relay = Relay(system, bus, holder="one", batch=2)
        for _ in range(3):
            acme.project()
        assert [relay.turn() for _ in range(3)] == [2, 2, 0]

    def test_goes_by_index_however_few_rows_waited_when_statistics_were_made(self, acme: Company):
        plan = acme.execute("select proconfig from pg_proc where oid = 'app.relay'::regproc")[0][0]
        assert {"enable_seqscan=off", "enable_sort=off", "enable_hashjoin=off"} <= set(plan)


class TestEndsInTheMiddle:
    """The process is gone between publishing and marking: nothing of it is left but the rows."""

    def test_what_was_not_marked_is_published_again(self, relay: Relay, another: Relay, bus: KeptBus, acme: Company):
        assert relay.turn() == 1
        fall_silent(acme)
        assert another.turn() == 1
        first, second = bus.of(acme.id)
        assert first == second, "its id tells that it is the same"

    def test_what_was_marked_is_not(self, relay: Relay, another: Relay, bus: KeptBus, acme: Company):
        relay.turn()
        relay.finish()
        assert another.turn() == 0
        assert len(bus.of(acme.id)) == 1


class TestTwoRelays:
    def test_one_has_the_turn(self, relay: Relay, another: Relay, bus: KeptBus, acme: Company):
        assert relay.turn() == 1
        acme.project()
        assert another.turn() == 0
        assert relay.turn() == 1
        assert len(bus.of(acme.id)) == 2

    def test_the_other_goes_on_at_once_when_it_finishes(self, relay: Relay, another: Relay, acme: Company):
        relay.turn()
        relay.finish()
        acme.project()
        assert another.turn() == 1

    def test_the_other_goes_on_when_it_falls_silent(self, relay: Relay, another: Relay, acme: Company):
        relay.turn()
        assert another.turn() == 0
        fall_silent(acme)
        assert another.turn() == 1

    def test_one_that_comes_back_late_marks_what_it_published(
        self, relay: Relay, another: Relay, bus: KeptBus, acme: Company
    ):
        relay.turn()
        fall_silent(acme)
        bus.down = True
        with pytest.raises(ConnectionError):
            another.turn()
        assert relay.turn() == 0, "it is another's turn"
        assert waiting(acme) == 0


class TestRefused:
    def test_it_waits_and_the_others_go(self, relay: Relay, bus: KeptBus, acme: Company):
        acme.project()
        bus.refuses = {
            acme.execute("select id::text from app.outbox where tenant_id = %(tenant_id)s order by id")[0][0]
        }
        assert [relay.turn() for _ in range(3)] == [2, 0, 0]
        assert [event.type for event in bus.of(acme.id)] == ["project.created"]
        [(failures, later)] = acme.execute(
            "select failures, due_at > now() from app.outbox where tenant_id = %(tenant_id)s and published_at is null"
        )
        assert (failures, later) == (1, True)

    def test_it_is_tried_again_when_it_is_due(self, relay: Relay, bus: KeptBus, acme: Company):
        bus.refuses = {acme.execute("select id::text from app.outbox where tenant_id = %(tenant_id)s")[0][0]}
        relay.turn()
        relay.turn()
        all_due(acme)
        bus.refuses = set()
        assert relay.turn() == 1
        relay.finish()
        assert (waiting(acme), len(bus.of(acme.id))) == (0, 1)

    def test_it_waits_longer_each_time_up_to_an_hour(self, relay: Relay, bus: KeptBus, acme: Company):
        bus.refuses = {acme.execute("select id::text from app.outbox where tenant_id = %(tenant_id)s")[0][0]}
        seconds = []
        for _ in range(14):
            all_due(acme)
            relay.turn()
            relay.finish()
            [(wait,)] = acme.execute(
                "select extract(epoch from due_at - now()) from app.outbox"
                " where tenant_id = %(tenant_id)s and published_at is null"
            )
            seconds.append(float(wait))
        assert all(0.4 * 2**n < seconds[n] <= 2**n for n in range(12))
        assert 1790 < seconds[13] <= 3600


class TestBusIsDown:
    def test_nothing_is_marked_or_counted_as_refused(self, relay: Relay, bus: KeptBus, acme: Company):
        bus.down = True
        with pytest.raises(ConnectionError):
            relay.turn()
        bus.down = False
        assert relay.turn() == 1
        assert acme.execute("select failures from app.outbox where tenant_id = %(tenant_id)s") == [(0,)]


class TestConnectionIsLost:
    def test_what_was_published_is_marked_by_the_next_turn(
        self, relay: Relay, bus: KeptBus, superuser: str, acme: Company
    ):
        relay.turn()
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'freehold_system'"
            )
        time.sleep(0.1)  # until the server's word has arrived
        assert relay.turn() == 0
        assert (waiting(acme), len(bus.of(acme.id))) == (0, 1)

    @pytest.mark.parametrize("where", list(Cut))
    def test_it_is_marked_by_the_turn_after_one_that_was_lost_on_the_way(
        self, relay: Relay, bus: KeptBus, wire: Wire, acme: Company, where: Cut
    ):
        relay.turn()
        wire.cut(where)
        with pytest.raises(OutcomeUnknown):
            relay.turn()
        assert relay.turn() == 0
        assert (waiting(acme), len(bus.of(acme.id))) == (0, 1)
