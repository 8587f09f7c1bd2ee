"""What usage is recorded with, and what the database says of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from local.companies import Company
from local.gateway import Answer

METER = "api_calls"


def an_event(number: object = 1, **different: Any) -> dict[str, Any]:
    return {"id": f"event-{number}", "meter": METER, **different}


def ago(**span: float) -> str:
    return (datetime.now(UTC) - timedelta(**span)).isoformat()


def send(company: Company, body: object, **request: Any) -> Answer:
    return company.call("POST", "/v1/usage/events", body=body, **request)


def recorded(company: Company) -> tuple[int, int]:
    """How many events are kept, and their sum."""
    [row] = company.execute(
        "select count(*), coalesce(sum(quantity), 0) from app.usage_events where tenant_id = %(tenant_id)s"
    )
    return row


def counted(company: Company) -> tuple[int, int]:
    """How many events the hours count, and their sum."""
    [row] = company.execute(
        "select coalesce(sum(events), 0)::bigint, coalesce(sum(quantity), 0)"
        " from app.usage_hours where tenant_id = %(tenant_id)s"
    )
    return row
