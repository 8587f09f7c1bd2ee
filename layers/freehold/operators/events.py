"""What operators do in a tenant's name, told to the tenant."""

from freehold.messaging.events import EventType
from freehold.operators.models import Acting
from freehold.permissions import OPERATORS_READ

OPERATOR_ACTING_STARTED = EventType(
    name="operator_acting.started",
    description="An operator began to act as a member",
    data=Acting,
    permission=OPERATORS_READ,
)
OPERATOR_ACTING_ENDED = EventType(
    name="operator_acting.ended",
    description="An operator who acted as a member was stopped, or has stopped",
    data=Acting,
    permission=OPERATORS_READ,
)
