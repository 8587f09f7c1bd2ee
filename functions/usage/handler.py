"""POST /v1/usage/events: read, checked and recorded in one round trip, without a web framework."""

from typing import Any

from freehold.database import database
from freehold.errors import NotAMember
from freehold.http import problems
from freehold.http.authorization import identity
from freehold.http.calling import caller_of, named_tenant, only_tenants
from freehold.http.dialect import Dialect
from freehold.http.events import Event
from freehold.http.frame import framed
from freehold.http.lean import json_response
from freehold.http.repeated import HEADER, REPLAYED, remembered
from freehold.http.warm import open_connection
from freehold.usage import service
from freehold.usage.reading import MEDIA_TYPES, read
from product.plans import PLANS

USAGE = Dialect(MEDIA_TYPES, problems.render)


def respond(event: Event, _context: Any) -> dict[str, Any]:  # noqa: ANN401 (Lambda's)
    """Record the events. Raises a 4xx ApiError, Unavailable."""
    db = database()
    caller = caller_of(event, db, named_tenant(event))
    once = remembered(event, event.headers.get(HEADER))
    try:
        answer = service.record(db, caller, PLANS, read(event.body, event.headers), once)
    except NotAMember:
        only_tenants.forget(identity(event.who))
        raise
    response = json_response(answer.row.model_dump_json())
    if answer.replayed:
        response["headers"][REPLAYED] = "true"
    return response


open_connection()
handler = framed(respond, USAGE)
