"""Stripe's meters, over the gateway of billing."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Literal

from freehold.billing.gateway import Stripe, StripeBusy, StripeRefused, stripe_of_stage, translated
from freehold.usage.reporting import DuplicateReport

DUPLICATE = "duplicate_meter_event"
ALREADY = "already exists with identifier"
"""As Stripe has said it; not every version of its API gives the code."""
OURS_TO_MEND = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
HOUR = timedelta(hours=1)


class StripeMeters:
    """The meters of one account."""

    def __init__(self, stripe: Stripe) -> None:
        self._stripe = stripe
        self._ids: dict[str, str] = {}

    def report_usage(self, *, event_name: str, customer: str, value: str, identifier: str, timestamp: datetime) -> None:
        """Count a value. Raises DuplicateReport, StripeRefused, StripeBusy: then nobody knows.

        It carries no idempotency key of ours, under which Stripe would repeat a failure of its own for a day.
        """
        try:
            with translated():
                self._stripe.client.v1.billing.meter_events.create(
                    {
                        "event_name": event_name,
                        "payload": {"stripe_customer_id": customer, "value": value},
                        "identifier": identifier,
                        "timestamp": int(timestamp.timestamp()),
                    }
                )
        except StripeRefused as refused:
            if refused.code == DUPLICATE or ALREADY in refused.sentence:
                raise DuplicateReport(identifier) from refused
            raise _unless_ours(refused) from refused

    def usage_of(self, *, event_name: str, customer: str, hour: datetime) -> Decimal:
        """What is counted in an hour. Raises StripeRefused, StripeBusy."""
        found = self._summaries(event_name, customer, hour, hour + HOUR, "hour")
        return sum((counted for _, counted in found), Decimal())

    def usage_by_day(
        self, *, event_name: str, customer: str, since: datetime, until: datetime
    ) -> Mapping[date, Decimal]:
        """What is counted from one day to another, by days in UTC. Raises StripeRefused, StripeBusy."""
        return dict(self._summaries(event_name, customer, since, until, "day"))

    def _summaries(
        self, event_name: str, customer: str, since: datetime, until: datetime, window: Literal["hour", "day"]
    ) -> list[tuple[date, Decimal]]:
        try:
            with translated():
                listed = self._stripe.client.v1.billing.meters.event_summaries.list(
                    self._meter(event_name),
                    {
                        "customer": customer,
                        "start_time": int(since.timestamp()),
                        "end_time": int(until.timestamp()),
                        "value_grouping_window": window,
                        "limit": 100,
                    },
                )
                return [
                    (datetime.fromtimestamp(each.start_time, UTC).date(), Decimal(str(each.aggregated_value)))
                    for each in listed.auto_paging_iter()
                ]
        except StripeRefused as refused:
            raise _unless_ours(refused) from refused

    def _meter(self, event_name: str) -> str:
        """One that was archived shows its sums all the same."""
        if event_name not in self._ids:
            listed = self._stripe.client.v1.billing.meters.list({"limit": 100}).auto_paging_iter()
            in_use_last = sorted(listed, key=lambda meter: meter.status == "active")
            self._ids = {meter.event_name: meter.id for meter in in_use_last}
        if event_name not in self._ids:
            raise StripeRefused("no_meter", "event_name", f"Stripe has no meter for {event_name}.")
        return self._ids[event_name]


def _unless_ours(refused: StripeRefused) -> Exception:
    """What our key may not do is for us to mend, and says nothing of what was asked."""
    status = getattr(refused.__cause__, "http_status", None)
    return StripeBusy(refused.sentence) if status in OURS_TO_MEND else refused


def meters_of_stage() -> StripeMeters:
    """With the keys as they are now. Raises PaymentsNotSetUp, Unavailable."""
    return StripeMeters(stripe_of_stage())
