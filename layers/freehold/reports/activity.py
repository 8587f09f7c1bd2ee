"""The report of the audit trail: who changed what, when, and under which request."""

from freehold.permissions import ACTIVITY_READ
from freehold.reports import queries
from freehold.reports.models import Change, Report

ACTIVITY = Report(name="activity", permission=ACTIVITY_READ, row=Change, page=queries.activity)
