"""A metric has the tenant's name as a dimension, so that a chart is easier to read."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from freehold.database import Caller, Database
from freehold.tenants import service
from freehold.tenants.models import Tenant
from proof.http.families import Focus
from proof.http.planting import replaced

FOCUS = Focus(routes=("GET /v1/tenant",), families=("canaries",), calls=40)


@contextmanager
def plant() -> Iterator[None]:
    """In the embedded format, which is a line of output."""
    honest = service.read

    def read(db: Database, caller: Caller) -> Tenant:
        tenant = honest(db, caller)
        print(json.dumps({"_aws": {"CloudWatchMetrics": []}, "tenant": tenant.name, "reads": 1}))
        return tenant

    with replaced(service, "read", read):
        yield
