"""The Lambda handler of jobs; each class has a function and a queue of its own that run it."""

from typing import Any

from freehold.jobs.kinds import Kind
from freehold.jobs.worker import work
from freehold.reports.export import exports
from freehold.reports.storage import S3
from freehold.sso.verification import VERIFY_DOMAIN
from freehold.webhooks.replay import REPLAY
from product.reports import REPORTS

KINDS: tuple[Kind[Any], ...] = (REPLAY, VERIFY_DOMAIN, *exports(REPORTS, S3()).values())

handler = work(*KINDS)
