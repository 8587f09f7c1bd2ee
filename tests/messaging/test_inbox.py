"""What a consumer does with an event happens once, however often the event comes."""

import json
from uuid import UUID, uuid4

import psycopg
import pytest

from freehold.database import Replay, TenantGone, Transaction, done
from freehold.errors import Unavailable
from freehold.ids import TenantId
from freehold.messaging.events import Event
from freehold.messaging.inbox import consumer, receive
from local.companies import Company
from tests.messaging.test_batch import batch, envelope
from tests.wire import Wire

WORKER = "test_consumer"


@pytest.fixture(autouse=True)
def worker(stage: None, superuser: str) -> None:
    """A worker whose effect is an event of its own: workers may write no other table yet."""
    with psycopg.connect(superuser) as connection:
        connection.execute(
            "insert into app.workers (name, description) values (%s, 'a test') on conflict do nothing", [WORKER]
        )


def event(company: Company) -> Event:
    return Event.model_validate(envelope(tenant_id=str(company.id)))


def effect(tx: Transaction, event: Event) -> None:
    tx.put(done("select app.announce('test.effect', %(id)s, 1, '{}')", id=event.id))


def effects(company: Company) -> list[UUID]:
    rows = company.execute("select subject_id from app.outbox where tenant_id = %(tenant_id)s and type = 'test.effect'")
    return [id_ for (id_,) in rows]


class TestReceive:
    def test_its_effect_happens(self, acme: Company):
        happened = event(acme)
        receive(WORKER, happened, effect)
        assert effects(acme) == [happened.id]

    def test_it_is_one_round_trip(self, acme: Company, wire: Wire):
        receive(WORKER, event(acme), effect)
        with wire.counting() as trips:
            receive(WORKER, event(acme), effect)
        assert trips == [1]

    def test_a_second_time_nothing_happens(self, acme: Company):
        happened = event(acme)
        receive(WORKER, happened, effect)
        with pytest.raises(Replay):
            receive(WORKER, happened, effect)
        assert effects(acme) == [happened.id]

    def test_an_effect_that_fails_leaves_the_event_to_be_had(self, acme: Company):
        happened = event(acme)

        def fail(tx: Transaction, event: Event) -> None:
            effect(tx, event)
            raise ValueError("no")

        with pytest.raises(ValueError, match="no"):
            receive(WORKER, happened, fail)
        assert effects(acme) == []
        receive(WORKER, happened, effect)
        assert effects(acme) == [happened.id]

    def test_it_is_in_the_tenant_of_the_event(self, acme: Company, globex: Company):
        receive(WORKER, event(acme), effect)
        assert (len(effects(acme)), effects(globex)) == (1, [])

    def test_a_tenant_that_moved_meanwhile_is_followed(self, acme: Company):
        acme.execute("update app.tenants set epoch = epoch + 1 where id = %(tenant_id)s")
        receive(WORKER, event(acme), effect)
        assert len(effects(acme)) == 1

    def test_it_runs_again_once_where_nobody_knows_what_became_of_it(self, acme: Company):
        tried: list[Event] = []

        def lost(tx: Transaction, event: Event) -> None:
            tried.append(event)
            raise Unavailable

        with pytest.raises(Unavailable):
            receive(WORKER, event(acme), lost)
        assert len(tried) == 2

    def test_of_a_tenant_that_is_gone(self, acme: Company):
        nobody = event(acme).model_copy(update={"tenant_id": TenantId(uuid4())})
        with pytest.raises(TenantGone):
            receive(WORKER, nobody, effect)


class TestConsumer:
    def test_does_what_is_to_be_done_once_and_says_what_failed(self, acme: Company):
        good = json.dumps({"detail": event(acme).model_dump(mode="json")})
        answer = consumer(WORKER, effect)(batch(good, "bad", good), None)
        assert answer == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}
        assert len(effects(acme)) == 1
