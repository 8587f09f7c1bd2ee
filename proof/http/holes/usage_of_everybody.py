"""What was used is added up over all tenants."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from freehold.database import Caller, Database
from freehold.usage import service
from freehold.usage.models import Asked
from proof.http.families import Focus
from proof.http.planting import exempt, replaced

FOCUS = Focus(routes=("GET /v1/usage",), families=("references",))
ALL = """
    select json_agg(json_build_object('meter', meter, 'start', hour, 'quantity', quantity, 'events', events))
      from (select meter, hour, sum(quantity) as quantity, sum(events)::bigint as events
              from app.usage_hours group by meter, hour) s
"""


@contextmanager
def plant() -> Iterator[None]:
    """A report that was made for whoever runs the product."""
    honest = service.read

    def read(db: Database, caller: Caller, asked: Asked) -> bytes:
        honest(db, caller, asked)
        found = exempt(ALL)
        return json.dumps({"items": found[0] if found else []}).encode()

    with replaced(service, "read", read):
        yield
