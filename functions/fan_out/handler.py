"""The Lambda handler that makes deliveries of each event of the bus."""

from freehold.messaging.inbox import consumer
from freehold.webhooks.fan_out import WORKER, fan_out
from product.events import CATALOG

handler = consumer(WORKER, fan_out(CATALOG))
