"""A service reads through a connection that is exempt from row-level security, and forgets the tenant."""

from collections.abc import Iterator
from contextlib import contextmanager

from freehold import permissions
from freehold.database import Caller, Database
from freehold.errors import NotFound
from freehold.ids import MemberId
from freehold.members import queries, service
from freehold.members.models import Member
from proof.http.families import Focus
from proof.http.planting import exempt, replaced

FOCUS = Focus(routes=("GET /v1/members/{member_id}",), families=("routes",), principals=("owner of B",))


@contextmanager
def plant() -> Iterator[None]:
    """The door was asked, and the row was fetched past it."""

    def read(db: Database, caller: Caller, member_id: MemberId) -> Member:
        db.one(caller, permissions.MEMBERS_READ, queries.members(1, member_id))
        found = exempt("select to_jsonb(m) from app.members m where id = %s", member_id)
        if found is None:
            raise NotFound
        return Member.model_validate(found[0])

    with replaced(service, "read", read):
        yield
