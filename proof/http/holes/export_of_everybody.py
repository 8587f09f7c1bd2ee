"""A list can be had as a compressed table for a spreadsheet, and the export forgets the tenant."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import Response

from functions.members import routes
from proof.http.families import Focus
from proof.http.planting import exempt, replaced

FOCUS = Focus(routes=("GET /v1/members",), families=("routes",), principals=("owner of B",))


@contextmanager
def plant() -> Iterator[None]:
    """Binary answers travel in base64."""

    def csv_page(_page: bytes) -> Response:
        found = exempt("select string_agg(name || ',' || email, e'\\n') from app.members")
        packed = gzip.compress(str(found[0] if found else "").encode())
        return Response(packed, media_type="application/csv", headers={"content-encoding": "gzip"})

    with replaced(routes, "json_page", csv_page):
        yield
