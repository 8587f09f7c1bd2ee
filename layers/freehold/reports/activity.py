"""The report of the audit trail: who changed what, when, and under which request."""

from functools import partial
from typing import Any
from uuid import UUID

from freehold.fields import Timestamp
from freehold.permissions import ACTIVITY_READ
from freehold.reports import queries
from freehold.reports.models import Report, Row


class Change(Row):
    """One change of one thing. Of what is secret it tells that it changed, never what it was."""

    occurred_at: Timestamp
    principal: str
    action: str
    row_id: UUID
    change: dict[str, list[Any]]
    """By column, what it was before and after."""
    request_id: str
    address: str


ACTIVITY = Report(name="activity", permission=ACTIVITY_READ, row=Change, page=partial(queries.activity, Change))
