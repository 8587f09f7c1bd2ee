"""/v1/usage; what is recorded goes to a function of its own."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from freehold.fields import Moment
from freehold.http.dependencies import CurrentCaller, Db
from freehold.http.guards import CurrentDecisions
from freehold.usage import service
from freehold.usage.models import METER, Asked, UsageNow, UsagePage, Window
from product.plans import PLANS

router = APIRouter(prefix="/v1/usage", tags=["Usage"])


@router.get("", response_model=UsagePage, summary="See what was used")
async def read(
    caller: CurrentCaller,
    db: Db,
    meter: Annotated[str | None, Query(pattern=METER, description="One meter; all of them without it")] = None,
    since: Annotated[Moment | None, Query(alias="from", description="Without it, a day or 30 days before `to`")] = None,
    until: Annotated[Moment | None, Query(alias="to", description="Without it, now")] = None,
    window: Window = Window.HOUR,
) -> Response:
    """By the hour or the day in UTC, oldest first, up to the event that was recorded last: 31 days of hours at most."""
    asked = Asked(meter=meter, window=window, since=since, until=until)
    return Response(service.read(db, caller, asked), media_type="application/json")


@router.get("/current", summary="See what was used in this period")
async def read_now(caller: CurrentCaller, db: Db, decisions: CurrentDecisions) -> UsageNow:
    """Since the subscription's current period began, or the calendar month: what is used, included, and left."""
    return service.read_now(db, caller, PLANS, decisions.limits())
