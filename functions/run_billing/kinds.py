"""Which jobs the two classes have: a line for each."""

from typing import Any

from freehold.billing.gateway import stripe_of_stage
from freehold.billing.operations import payments
from freehold.billing.sync import syncing
from freehold.jobs.kinds import Kind
from freehold.usage.comparison import comparing
from freehold.usage.counting import last_counted
from freehold.usage.metering import meters_of_stage
from freehold.usage.reporting import reporting
from product.plans import PLANS

KINDS: tuple[Kind[Any], ...] = (
    syncing(stripe_of_stage, PLANS),
    *payments(stripe_of_stage, PLANS, last_counted(meters_of_stage, PLANS)).values(),
    reporting(meters_of_stage, PLANS),
    comparing(meters_of_stage, PLANS),
)
