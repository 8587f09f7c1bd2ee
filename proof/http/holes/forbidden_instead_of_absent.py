"""What belongs to somebody else is forbidden, and what belongs to nobody is not found: so ids can be tried."""

from collections.abc import Iterator
from contextlib import contextmanager

from freehold.database import Caller, Database
from freehold.errors import NotFound, PermissionDenied
from freehold.ids import MemberId
from freehold.members import service
from freehold.members.models import Member
from proof.http.families import Focus
from proof.http.planting import exempt, replaced

FOCUS = Focus(routes=("GET /v1/members/{member_id}",), families=("routes",), principals=("owner of B",))


@contextmanager
def plant() -> Iterator[None]:
    """Two answers where there should be one."""
    honest = service.read

    def read(db: Database, caller: Caller, member_id: MemberId) -> Member:
        try:
            return honest(db, caller, member_id)
        except NotFound:
            if exempt("select from app.members where id = %s", member_id) is not None:
                raise PermissionDenied from None
            raise

    with replaced(service, "read", read):
        yield
