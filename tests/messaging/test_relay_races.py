"""Transactions that commit late, and two relays: nothing is skipped, and each subject's order is kept."""

import json
import random
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import psycopg

from freehold.database import Database
from freehold.messaging.relay import Relay
from local.companies import Company
from tests.messaging.conftest import KeptBus

WRITERS, TRANSACTIONS, ROWS = 8, 125, 50
SUBJECTS = [UUID(int=number) for number in range(1, 41)]
ANNOUNCE = """
    select app.announce('race.run', %(subject)s, 1, jsonb_build_object('number', number))
      from generate_series(%(first)s::integer, %(last)s) number order by number
"""


class Race:
    """Writers of one tenant, each subject's numbers in the order of its changes, as a row's lock would make them."""

    def __init__(self, superuser: str, company: Company) -> None:
        self._superuser, self._company = superuser, company
        self._numbers: dict[UUID, int] = defaultdict(int)

    def write(self, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 (a test of races)
        with psycopg.connect(self._superuser, autocommit=True) as connection:
            for _ in range(TRANSACTIONS):
                self._transaction(connection, chance)

    def _transaction(self, connection: psycopg.Connection, chance: random.Random) -> None:
        subject = chance.choice(SUBJECTS)
        with connection.transaction():
            connection.execute("select set_config('app.tenant_id', %s, true)", [str(self._company.id)])
            connection.execute("select set_config('app.request_id', 'race', true)")
            connection.execute("select pg_advisory_xact_lock(%s)", [subject.int])
            first = self._numbers[subject]
            self._numbers[subject] += ROWS
            connection.execute(ANNOUNCE, {"subject": subject, "first": first, "last": first + ROWS - 1})
            if chance.random() < 0.2:
                time.sleep(chance.random() / 10)  # a commit that is late


def cursor_reader(superuser: str, company: Company, over: threading.Event) -> set[UUID]:
    """The control: reads what is beyond the last id that it has seen."""
    seen: list[UUID] = [UUID(int=0)]
    with psycopg.connect(superuser, autocommit=True) as connection:
        ended = False
        while not ended:
            ended = over.is_set()
            seen += [
                id_
                for (id_,) in connection.execute(
                    "select id from app.outbox where tenant_id = %s and id > %s and type = 'race.run' order by id",
                    [company.id, seen[-1]],
                )
            ]
    return set(seen[1:])


def pass_on(system: Database, bus: KeptBus, holder: str, over: threading.Event) -> None:
    """A relay that comes and goes, as invocations do."""
    ended = False
    while not ended:
        ended = over.is_set()
        relay = Relay(system, bus, holder=holder, batch=500)
        for _ in range(20):
            relay.turn()
        relay.finish()
    system.close()


def test_nothing_is_skipped_and_each_subject_is_in_order(system: Database, bus: KeptBus, superuser: str, acme: Company):
    race, written = Race(superuser, acme), threading.Event()
    with ThreadPoolExecutor() as threads:
        relays = [threads.submit(pass_on, system, bus, holder, written) for holder in ("one", "another")]
        control = threads.submit(cursor_reader, superuser, acme, written)
        writers = [threads.submit(race.write, seed) for seed in range(WRITERS)]
        for writer in writers:
            writer.result()
        written.set()
        for relay in relays:
            relay.result()
    pass_on(system, bus, "last", written)
    events = [event for event in bus.of(acme.id) if event.type == "race.run"]
    assert len({event.id for event in events}) == WRITERS * TRANSACTIONS * ROWS == 50_000
    numbers: dict[str, list[int]] = defaultdict(list)
    for event in {event.id: event for event in events}.values():  # as each was published first
        envelope = json.loads(event.envelope)
        numbers[envelope["subject_id"]].append(envelope["data"]["number"])
    assert all(each == sorted(each) for each in numbers.values())
    assert len(control.result()) < 50_000, "no commit was late enough for this test to show anything"
