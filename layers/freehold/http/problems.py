"""Errors on the wire: `application/problem+json` (RFC 9457) with a stable `code` and the request's id."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, Field

from freehold.billing.ways_back import billing_page
from freehold.errors import ApiError, InvalidInput, TenantRestricted
from freehold.wording import worded

MEDIA_TYPE = "application/problem+json"
TO_PAY = "/v1/billing/portal"
"""A POST there leads to the pages where a bill is settled, whatever else is closed."""
BY_A_RULE = (402, 403, 429)
MOST_ERRORS, LONGEST_FIELD = 20, 100


class Problem(BaseModel):
    """What every error looks like. Decide by `code`; `detail` is for people and may be reworded."""

    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    code: str = Field(examples=["not_found"])
    detail: str = Field(examples=["There is no such thing here."])
    request_id: str
    rule: str | None = Field(
        default=None, examples=["plan:free"], description="Of each 402, 403 and 429: what refuses what others may."
    )


@dataclass(frozen=True, slots=True)
class Rendered:
    """An error, ready to send."""

    status: int
    headers: dict[str, str]
    body: bytes


def render(error: ApiError, request_id: str) -> Rendered:
    """The one way in which an error is written."""
    document: dict[str, Any] = {
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "code": error.code,
        "detail": error.detail,
        "request_id": request_id,
        **_rule(error),
        **_where_to_pay(error),
        **error.members,
    }
    return Rendered(error.status, {**error.headers, "Content-Type": MEDIA_TYPE}, json.dumps(document).encode())


def invalid(errors: Iterable[Mapping[str, Any]]) -> InvalidInput:
    """The refusal of what FastAPI could not read; of more than twenty mistakes, the first twenty."""
    found = [{"field": ".".join(map(str, each["loc"]))[:LONGEST_FIELD], "message": worded(each)} for each in errors]
    return InvalidInput(errors=found[:MOST_ERRORS])


def _rule(error: ApiError) -> dict[str, str]:
    """What refuses what is allowed to others says by which rule."""
    if error.status not in BY_A_RULE:
        return {}
    permission = error.members.get("permission")
    return {"rule": f"{error.rule}:{permission}" if permission else error.rule}


def _where_to_pay(error: ApiError) -> dict[str, str]:
    """By `billing` a program finds it; by `link`, where one is configured, a person."""
    if not isinstance(error, TenantRestricted):
        return {}
    link = billing_page()
    return {"billing": TO_PAY, **({"link": link} if link else {})}
