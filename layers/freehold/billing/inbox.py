"""What Stripe tells is written down once, in one round trip, and asks for a look at whoever it is about.

Nothing else happens with it here: the sync fetches from Stripe what holds. It may come by webhook, by EventBridge, or
by both; the database knows an event that it has. A thin one is of no customer, and for the log alone.
"""

from typing import Any, Literal

from pydantic import BaseModel

from freehold.billing.events import API_VERSION, StripeEvent, ThinEvent, kept, read
from freehold.database import Database, Statement, lone
from freehold.errors import EventMisplaced
from freehold.observability import logger
from freehold.secrets import StripeKeys

type State = Literal["taken", "waiting", "quarantined", "duplicate", "thin"]
"""Whoever it is about is looked at; nobody's yet; of another version of the API; known already; not kept."""
REJECTIONS = ("v1.billing.meter.error_report_triggered", "v1.billing.meter.no_meter_found")
"""Of usage that Stripe has taken before."""


class Received(BaseModel):
    """What became of an event."""

    state: State


def receive(db: Database, document: object, keys: StripeKeys) -> State:
    """Keep the event that the document is. Raises BadRequest, EventMisplaced, Unavailable."""
    event = read(document)
    _require_ours(event, keys)
    if isinstance(event, ThinEvent):
        _log_thin(event)
        return "thin"
    state = db.outside(_receipt(event, kept(document))).state
    _log(event, state)
    return state


def _require_ours(event: StripeEvent | ThinEvent, keys: StripeKeys) -> None:
    if event.livemode is not keys.live:
        raise EventMisplaced(
            f"This event is of {_mode(live=event.livemode)}, and this stage of {_mode(live=keys.live)}."
        )
    if event.account is not None and event.account != keys.account:
        raise EventMisplaced("This event is of another account than the one that is paid here.")


def _mode(*, live: bool) -> str:
    return "live mode" if live else "test mode"


def _log(event: StripeEvent, state: State) -> None:
    told: dict[str, Any] = {"event_id": event.id, "event_type": event.type, "state": state}
    if state == "quarantined":
        logger.error("stripe event quarantined", **told, api_version=event.api_version, expected=API_VERSION)
    else:
        logger.info("stripe event", **told, subject=event.subject)


def _log_thin(event: ThinEvent) -> None:
    told: dict[str, Any] = {"event_id": event.id, "event_type": event.type}
    if event.type in REJECTIONS:
        logger.error("usage in doubt", **told, meter=event.object_id)
    else:
        logger.info("stripe event", **told, state="thin", subject=event.object_id)


def _receipt(event: StripeEvent, payload: str) -> Statement[Received]:
    return lone(
        Received,
        """
        select app.receive_stripe(
            %(event_id)s, %(subject)s, %(type)s, %(created)s, %(api_version)s, %(livemode)s, %(object_id)s,
            %(idempotency_key)s, %(quarantined)s, %(payload)s::jsonb) as state
        """,
        event_id=event.id,
        subject=event.subject,
        type=event.type,
        created=event.happened_at,
        api_version=event.api_version,
        livemode=event.livemode,
        object_id=event.object_id,
        idempotency_key=event.idempotency_key,
        quarantined=event.api_version != API_VERSION,
        payload=payload,
    )
