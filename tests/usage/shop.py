"""A tenant that pays for what it uses, and Stripe's meters as far as a reporter meets them.

`Meters` is a double, made after what Stripe documents: an identifier is known for 24 hours and no longer, an answer may
be lost before or after its effect, and sums by the hour are what was counted.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from freehold.billing.gateway import StripeBusy
from freehold.database import Caller, Database, Works
from freehold.database.session import Transaction
from freehold.usage import service
from freehold.usage.models import UsageEvent
from freehold.usage.reporting import DuplicateReport, Left, Reporter
from local.companies import Company
from product.plans import PLANS
from tests.usage.sending import METER, counted, recorded

METERED = PLANS.plans["pro"].price("month", f"usage:{METER}")


class Ended(BaseException):
    """The process has ended here."""


@dataclass
class Faults:
    """Ends the process, or loses an answer, at one of the steps that are taken: before the step, or after it."""

    at: int = -1
    after: bool = False
    error: BaseException = field(default_factory=Ended)
    steps: int = 0

    @contextmanager
    def step(self) -> Iterator[None]:
        here = self.steps == self.at
        self.steps += 1
        if here and not self.after:
            raise self.error
        yield
        if here:
            raise self.error


@dataclass
class Meters:
    """Those of one customer. `faults` are in every call."""

    faults: Faults = field(default_factory=Faults)
    refusal: Exception | None = None
    known: set[str] = field(default_factory=set)
    counted: dict[datetime, int] = field(default_factory=lambda: defaultdict(int))
    moments: list[tuple[datetime, int]] = field(default_factory=list)
    calls: int = 0

    def report_usage(self, *, event_name: str, customer: str, value: str, identifier: str, timestamp: datetime) -> None:
        self.calls += 1
        with self.faults.step():
            assert event_name == PLANS.meters[METER].event_name
            if self.refusal:
                raise self.refusal
            if identifier in self.known:
                raise DuplicateReport(identifier)
            self.known.add(identifier)
            self.moments.append((timestamp, int(value)))
            self.counted[timestamp.replace(minute=0, second=0, microsecond=0)] += int(value)

    def usage_of(self, *, event_name: str, customer: str, hour: datetime) -> Decimal:
        with self.faults.step():
            return Decimal(self.counted[hour])

    @property
    def total(self) -> int:
        return sum(self.counted.values())


class CrashingWorks(Works):
    """The database, with `faults` in each unit of work."""

    def __init__(self, works: Works, faults: Faults) -> None:
        self._works, self._faults = works, faults

    def one(self, query: Any) -> Any:
        with self._faults.step():
            return self._works.one(query)

    def do(self, *statements: Any) -> None:
        with self._faults.step():
            self._works.do(*statements)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._faults.step(), self._works.transaction() as tx:
            yield tx


@dataclass
class Shop:
    """A company with a subscription, its meters at Stripe, and what reports."""

    company: Company
    works: Works
    meters: Meters
    record: Callable[[list[dict[str, Any]]], None]

    def subscribe(
        self, name: str = "sub_1", *, started: timedelta = timedelta(days=10), period: timedelta = timedelta(days=5)
    ) -> None:
        """So long ago it began, and so long ago its current period did."""
        now = datetime.now(UTC)
        assert METERED is not None
        item = {
            "id": "si_1",
            "price": {"id": "price_1", "metadata": METERED.metadata},
            "current_period_start": (now - period).isoformat(),
            "current_period_end": (now - period + timedelta(days=30)).isoformat(),
        }
        self.company.execute(
            "insert into app.billing_syncs (customer_id) values ('cus_' || %(tenant_id)s) on conflict do nothing"
        )
        self.company.execute(
            "insert into app.subscriptions (id, stripe_id, status, currency, items, started_at)"
            " values (gen_random_uuid(), %(name)s, 'active', 'usd', %(items)s, %(started)s)"
            " on conflict (tenant_id, stripe_id) do update set items = excluded.items",
            name=name,
            items=json.dumps([item]),
            started=now - started,
        )

    def end(self, *, ago: timedelta, at_once: bool = False) -> None:
        """It is over since then, at the end of what was paid for or `at_once`, and our copy says so."""
        at = datetime.now(UTC) - ago
        self.company.execute(
            "update app.subscriptions set status = 'canceled', ended_at = %(at)s, current_period_end = %(period_end)s"
            " where tenant_id = %(tenant_id)s",
            at=at,
            period_end=at + timedelta(days=9) if at_once else at,
        )

    def use(self, *quantities: int, hours_ago: float = 1) -> None:
        time = (datetime.now(UTC) - timedelta(hours=hours_ago)).isoformat()
        self.record([{"id": str(uuid4()), "meter": METER, "quantity": each, "time": time} for each in quantities])

    def use_at(self, time: datetime, quantity: int) -> None:
        self.record([{"id": str(uuid4()), "meter": METER, "quantity": quantity, "time": time.isoformat()}])

    def report(self, faults: Faults | None = None, **limits: Any) -> Left | None:
        """What a reporter says is left, None where it did not come to its end; `faults` happen on its way."""
        self.meters.faults = faults or Faults()
        works = CrashingWorks(self.works, faults) if faults else self.works
        try:
            return Reporter(meters=self.meters, catalog=PLANS, works=works, **limits).run()
        except (Ended, StripeBusy):
            return None
        finally:
            self.meters.faults = Faults()

    def pass_hours(self, hours: int) -> None:
        """Stripe forgets identifiers after a day, and reports grow older."""
        if hours >= 24:
            self.meters.known.clear()
        self.company.execute(
            "update app.usage_reports set sent_at = sent_at - make_interval(hours => %(hours)s),"
            " finished_at = finished_at - make_interval(hours => %(hours)s) where tenant_id = %(tenant_id)s",
            hours=hours,
        )

    def states(self) -> list[tuple[str, int]]:
        return self.company.execute(
            "select state, quantity::bigint from app.usage_reports where tenant_id = %(tenant_id)s order by id"
        )

    def is_noted(self) -> bool:
        return bool(self.company.execute("select 1 from app.usage_unreported where tenant_id = %(tenant_id)s"))

    def sums(self) -> tuple[int, int, int, int]:
        """What was recorded, aggregated, marked as reported, and what Stripe counts."""
        [(reported,)] = self.company.execute(
            "select coalesce(sum(quantity), 0)::bigint from app.usage_reports"
            " where tenant_id = %(tenant_id)s and state = 'reported'"
        )
        return int(recorded(self.company)[1]), int(counted(self.company)[1]), reported, self.meters.total


def recorder(db: Database, caller: Caller) -> Callable[[list[dict[str, Any]]], None]:
    """Records past HTTP, which has tests of its own."""

    def record(events: list[dict[str, Any]]) -> None:
        service.record(db, caller, PLANS, [UsageEvent.model_validate(each) for each in events], None)

    return record
