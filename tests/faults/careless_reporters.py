"""Two reporters of usage that make a mistake each: one marks before it sends, the other sends without identifiers."""

from datetime import datetime
from uuid import uuid4

from freehold.jobs.kinds import Done, Kind, Outcome
from freehold.jobs.models import JobClass
from freehold.jobs.running import Running
from freehold.jobs.worker import work
from freehold.usage.metering import StripeMeters, meters_of_stage, stripe_of_stage
from freehold.usage.records import Report
from freehold.usage.reporting import Nothing, Reporter, reporting
from functions.run_billing.kinds import KINDS
from product.plans import PLANS

OTHERS = [kind for kind in KINDS if kind.name != "usage.report"]


class MarksFirst(Reporter):
    def _tell(self, report: Report) -> None:
        self._finish(report, "reported")
        super()._tell(report)


class Nameless(StripeMeters):
    def report_usage(self, *, event_name: str, customer: str, value: str, identifier: str, timestamp: datetime) -> None:
        anew = f"{identifier}-{uuid4()}"
        super().report_usage(
            event_name=event_name, customer=customer, value=value, identifier=anew, timestamp=timestamp
        )


def report(running: Running, _: Nothing) -> Outcome:
    MarksFirst(meters=meters_of_stage(), catalog=PLANS, works=running.works).run()
    return Done()


marks_first = work(*OTHERS, Kind(name="usage.report", job_class=JobClass.BILLING, input=Nothing, run=report))
nameless = work(*OTHERS, reporting(lambda: Nameless(stripe_of_stage()), PLANS))
