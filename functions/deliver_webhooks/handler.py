"""The Lambda handler that sends deliveries to endpoints."""

from freehold.jobs.worker import work
from freehold.settings import settings
from freehold.webhooks.deliver import deliveries
from freehold.webhooks.egress import Egress

handler = work(deliveries(Egress(listeners=settings().webhook_listeners)))
