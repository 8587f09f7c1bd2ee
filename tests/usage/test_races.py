"""Many at once: each event counts once, nobody waits in a circle, and several reporters tell Stripe one thing."""

import os
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

from freehold.callers import Identity, PersonCaller
from freehold.database import Database
from freehold.ids import TenantId
from freehold.permissions import USAGE_WRITE
from freehold.usage import queries
from freehold.usage.models import UsageEvent
from local.companies import Company
from tests.usage.sending import METER, counted, recorded
from tests.usage.shop import Shop

CLIENTS, BATCHES = 50, int(os.environ.get("USAGE_BATCHES", "6"))
IDS, IN_A_BATCH = 900, 60


def at_once(databases: dict[str, Database], actions: list[Callable[[], Any]]) -> list[Any]:
    """What they return who all begin at the same moment."""
    start = Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return action()
        finally:
            for database in databases.values():
                database.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return [each.result() for each in [pool.submit(run, action) for action in actions]]


def an_hour_of_its_own(number: int, now: datetime) -> UsageEvent:
    """Ids lie over thirty hours, so that batches meet in many rows and in many orders."""
    time = now - timedelta(hours=number % 30, minutes=1)
    return UsageEvent(id=f"event-{number}", meter=METER, quantity=number, time=time)


class TestRecording:
    def test_of_overlapping_batches_by_many_clients_counts_each_event_once(
        self, databases: dict[str, Database], acme: Company
    ):
        identity = Identity(issuer=acme.people.issuer.url, subject=acme.owner.subject, issued_at=datetime.now(UTC))
        caller = PersonCaller(tenant_id=TenantId(acme.id), identity=identity, request_id="r", address="")
        now = datetime.now(UTC)

        def client(seed: int) -> tuple[int, set[int]]:
            dice, accepted, sent = random.Random(seed), 0, set()  # noqa: S311 (a mix, not a secret)
            for _ in range(BATCHES):
                numbers = dice.choices(range(IDS), k=IN_A_BATCH)
                events = [an_hour_of_its_own(number, now) for number in numbers]
                for _again in range(2):  # its answer was lost
                    answer = databases["api"].run(caller, USAGE_WRITE, queries.record(events, now))
                    accepted += answer.row.accepted
                    assert answer.row.accepted + answer.row.duplicates == IN_A_BATCH
                sent |= set(numbers)
            return accepted, sent

        results = at_once(databases, [lambda seed=seed: client(seed) for seed in range(CLIENTS)])
        sent = set().union(*(numbers for _, numbers in results))
        assert sum(accepted for accepted, _ in results) == len(sent)
        assert recorded(acme) == counted(acme) == (len(sent), sum(sent))


class TestReporting:
    def test_by_several_at_once_tells_stripe_one_thing(self, databases: dict[str, Database], shop: Shop):
        shop.subscribe()
        for hours in range(1, 13):
            shop.use(hours, hours_ago=hours)
        at_once(databases, [shop.report for _ in range(4)])
        shop.report()
        assert shop.sums() == (78, 78, 78, 78)
        assert {state for state, _ in shop.states()} == {"reported"}

    def test_while_others_record_ends_with_all_of_it(self, databases: dict[str, Database], shop: Shop):
        shop.subscribe()
        shop.use(1)

        def use() -> None:
            for number in range(15):
                shop.use(number, hours_ago=1 + number % 2)

        def report() -> None:
            for _ in range(10):
                shop.report()

        at_once(databases, [use, use, use, report, report])
        shop.report()
        assert shop.sums() == (316, 316, 316, 316)
        assert not shop.is_noted()
