"""Tells Stripe what was used: each unit once, whatever ends it in the middle and however long Stripe is away.

    written down ─▶ Stripe is told ─▶ the end is written down

A report is committed before Stripe is told, and one of a tenant is under way at a time. Whoever finds one that nobody
knows the end of sends it again under its own identifier, which Stripe knows for 24 hours: a duplicate is a success. Is
it older, Stripe's own sums say whether it arrived; where they say neither, it is in doubt, and somebody has to look.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, Protocol

from pydantic import BaseModel

from freehold import clock
from freehold.billing.gateway import StripeBusy, StripeRefused
from freehold.billing.plans import Catalog
from freehold.billing.records import look_again
from freehold.database import Works
from freehold.errors import NotFound
from freehold.jobs.kinds import Again, Backoff, Done, Kind, Outcome
from freehold.jobs.models import JobClass
from freehold.jobs.running import Running
from freehold.observability import logger
from freehold.usage import records
from freehold.usage.billable import DRAFT, Billable, billable
from freehold.usage.records import DueHour, Look, Report

SOON = timedelta(seconds=5)
MORE = Again(SOON, "There is more to report.", counts=False)
FOR_ONE = 30.0  # seconds; a call that is tried again, and what is written down after it
WAITS = Backoff(tuple(timedelta(seconds=seconds) for seconds in (5, 60, 300, 900)))


type Left = Literal["nothing", "more", "refused", "unbilled", "behind"]
"""What there still is to report when a reporter ends, or why it cannot be.

`behind` is our copy of what it is for, or a report that is for none that our copy still shows.
"""


class DuplicateReport(Exception):
    """Stripe has had a report with this identifier in the last 24 hours."""


class Meters(Protocol):
    """Stripe's meters."""

    def report_usage(self, *, event_name: str, customer: str, value: str, identifier: str, timestamp: datetime) -> None:
        """Count a value. Raises DuplicateReport, StripeRefused, StripeBusy: then nobody knows."""

    def usage_of(self, *, event_name: str, customer: str, hour: datetime) -> Decimal:
        """What is counted in an hour. Raises StripeRefused, StripeBusy."""


class Nothing(BaseModel):
    """Which tenant it is, is all that has to be known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Reports for one tenant. `seconds_left` is how long there is for it."""

    meters: Meters
    catalog: Catalog
    works: Works
    seconds_left: Callable[[], float] = lambda: math.inf

    def run(self) -> Left:
        """Report what there is, and say what is left. Raises StripeBusy, with one report under way at most."""
        try:
            look = self.works.one(records.look(clock.now() - DRAFT))
        except NotFound:
            return "nothing"
        bills, behind = self._bills(look)
        if look.under_way and not self._settle(look.under_way, bills):
            left: Left = "behind"
        else:
            self.works.do(records.give_back())
            left = self._report(look.customer_id, bills) if look.customer_id and bills else "unbilled"
        if behind and left != "more":
            self._ask_for_a_look(behind, look.customer_id)
            left = left if left == "refused" else "behind"
        if left == "nothing" or (left == "unbilled" and not look.is_paid_for):
            self.works.do(records.all_told(look.changes))
        elif left != "more":
            self.works.do(records.look_later())
        return left

    def _bills(self, look: Look) -> tuple[list[Billable], list[Billable]]:
        """Those that our copy knows the current period of, and those that it is behind with."""
        now, bills = clock.now(), billable(look, self.catalog)
        behind = [bill for bill in bills if bill.is_behind(now)]
        return [bill for bill in bills if bill not in behind], behind

    def _ask_for_a_look(self, behind: Sequence[Billable], customer_id: str | None) -> None:
        self.works.do(look_again("usage"))
        if late := [bill for bill in behind if bill.is_long_behind(clock.now())]:
            ended = min(bill.period_end for bill in late)
            why = f"Our copy is of a period that ended at {ended:%Y-%m-%d %H:%M}: nothing is told for its subscription."
            logger.error("usage in doubt", customer=customer_id, why=why)

    def _report(self, customer_id: str, bills: Sequence[Billable]) -> Left:
        due, refused = self._due(bills), set[str]()
        for hour in due:
            while hour.meter not in refused and (report := self._begin(hour, customer_id, bills[hour.bill])):
                if not self._send(report):
                    refused.add(hour.meter)
                if self.seconds_left() < FOR_ONE:
                    return "more"
        if refused:
            return "refused"
        return self._look_again(bills) if due else "nothing"

    def _look_again(self, bills: Sequence[Billable]) -> Left:
        """More may have been due than one look shows, or somebody else is at it."""
        return "more" if self._due(bills) else "nothing"

    def _due(self, bills: Sequence[Billable]) -> list[DueHour]:
        meters, since, until = zip(*((each.meter, each.since, each.until) for each in bills), strict=True)
        return self.works.one(records.due_hours(meters, since, until))

    def _begin(self, due: DueHour, customer_id: str, bill: Billable) -> Report | None:
        begin = records.begin(
            due,
            customer_id=customer_id,
            counted_at=bill.counted_at(due.hour, clock.now()),
            since=bill.since,
            until=bill.until,
        )
        with self.works.transaction() as tx:
            tx.put(records.lock_hour(due))
            made = tx.put(begin)
        return made.value

    def _send(self, report: Report) -> bool:
        """Tell Stripe, which has not heard of this before; whether it took it."""
        try:
            self._tell(report)
        except StripeRefused as refused:
            logger.error("usage refused", report=str(report.id), meter=report.meter, why=str(refused))
            self._finish(report, "refused", str(refused))
            return False
        return True

    def _settle(self, report: Report, bills: Sequence[Billable]) -> bool:
        """Find out what became of a report that somebody has begun. Not yet, where it would be on no invoice by now."""
        bill = next((each for each in bills if (each.meter, each.since) == (report.meter, report.since)), None)
        if report.stale or (report.settled and bill is None):
            self._ask(report)
        elif bill:
            self._send_again(self._still_billed(report, bill))
        else:
            return False
        return True

    def _send_again(self, report: Report) -> None:
        try:
            self._tell(report)
        except StripeRefused as refused:  # of this attempt; of the one before nobody knows
            if not report.settled:
                raise StripeBusy(str(refused)) from refused
            self._ask(report)

    def _still_billed(self, report: Report, bill: Billable) -> Report:
        """Counted in the current period, where the one that it was for is over. Its identifier stays."""
        counted_at = bill.counted_at(report.hour, clock.now())
        if counted_at <= report.counted_at:
            return report
        self.works.do(records.count_later(report.id, counted_at))
        return report.model_copy(update={"counted_at": counted_at})

    def _tell(self, report: Report) -> None:
        try:
            self.meters.report_usage(
                event_name=self.catalog.meters[report.meter].event_name,
                customer=report.customer_id,
                value=str(report.quantity),
                identifier=str(report.id),
                timestamp=report.counted_at,
            )
        except DuplicateReport:
            logger.info("usage was reported before", report=str(report.id))
        self._finish(report, "reported")

    def _ask(self, report: Report) -> None:
        """Let Stripe's sums say whether it arrived."""
        hours = sorted({_hour_of(report.first_counted_at), _hour_of(report.counted_at)})
        told = self.works.one(records.told(report.meter, report.customer_id, hours))
        name = self.catalog.meters[report.meter].event_name
        counted = sum(self.meters.usage_of(event_name=name, customer=report.customer_id, hour=hour) for hour in hours)
        if not told.doubtful and counted == told.reported:
            self._finish(report, "void", "It never arrived.")
        elif not told.doubtful and counted == told.reported + report.quantity:
            self._finish(report, "reported")
        else:
            why = f"Stripe counts {counted} in its hour, and was told {told.reported} besides {report.quantity}."
            logger.error("usage in doubt", report=str(report.id), meter=report.meter, why=why)
            self._finish(report, "doubtful", why)

    def _finish(self, report: Report, state: str, reason: str | None = None) -> None:
        self.works.do(records.finish(report.id, state, reason))


def reporting(meters: Callable[[], Meters], catalog: Catalog) -> Kind[Nothing]:
    """The kind of job that reports, to whatever Stripe this is."""
    return Kind(
        name="usage.report",
        job_class=JobClass.BILLING,
        input=Nothing,
        run=lambda running, _: _run(meters(), catalog, running),
        attempts=100,
        backoff=WAITS,
    )


def last_report(meters: Callable[[], Meters], catalog: Catalog) -> Callable[[Running], Outcome | None]:
    """What is done before a subscription ends at once: None once all is told that its last invoice is to count.

    Raises StripeBusy where not all of it can be told for now.
    """
    return lambda running: _last(meters(), catalog, running)


def _run(meters: Meters, catalog: Catalog, running: Running) -> Outcome:
    try:
        return MORE if _left(meters, catalog, running) == "more" else Done()
    except StripeBusy as busy:
        return Again(None, f"Stripe did not answer: {busy}")


def _last(meters: Meters, catalog: Catalog, running: Running) -> Outcome | None:
    left = _left(meters, catalog, running)
    if left in {"refused", "behind"}:
        raise StripeBusy(f"What was used cannot be told for now: {left}.")
    return MORE if left == "more" else None


def _left(meters: Meters, catalog: Catalog, running: Running) -> Left:
    return Reporter(meters=meters, catalog=catalog, works=running.works, seconds_left=running.seconds_left).run()


def _hour_of(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
