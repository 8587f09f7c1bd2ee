"""The Lambda handler that makes deliveries of each event of the bus."""

from freehold.messaging.inbox import consumer
from freehold.webhooks.fan_out import WORKER, fan_out
from product.event_types import EVENT_TYPES

handler = consumer(WORKER, fan_out(EVENT_TYPES))
