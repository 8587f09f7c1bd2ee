"""A change takes every field of the body for a column, the ones that only the server sets included."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import LiteralString

from freehold.database import Caller, Database, Write, write
from freehold.fields import IfMatch
from freehold.tenants import events, queries, service
from freehold.tenants.models import Tenant, TenantChange
from proof.http.families import Focus
from proof.http.planting import replaced

FOCUS = Focus(routes=("PATCH /v1/tenant",), families=("bodies",))
UPDATE: LiteralString = (
    "update app.tenants set name = %(name)s, version = %(version)s, updated_at = now() where id = %(tenant_id)s"
)


@contextmanager
def plant() -> Iterator[None]:
    """Whoever sets a version can make everybody else's change fail."""
    honest, usual = service.change, queries.update_tenant

    def change(db: Database, caller: Caller, wanted: TenantChange, if_match: IfMatch) -> Tenant:
        version = (wanted.model_extra or {}).get("version")

        def update_tenant(name: str, **_: object) -> Write[Tenant]:
            changed = events.TENANT_CHANGED
            return write(Tenant, UPDATE, answer=queries.COLUMNS, event=changed, name=name, version=version)

        with replaced(queries, "update_tenant", update_tenant if version else usual):
            return honest(db, caller, wanted, if_match)

    with ExitStack() as back:
        back.callback(TenantChange.model_rebuild, force=True)
        back.enter_context(replaced(TenantChange, "model_config", {**TenantChange.model_config, "extra": "allow"}))
        TenantChange.model_rebuild(force=True)
        back.enter_context(replaced(service, "change", change))
        yield
