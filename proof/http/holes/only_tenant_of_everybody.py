"""The tenant that somebody meant without naming it is taken for what everybody means."""

from collections.abc import Iterator
from contextlib import contextmanager

from freehold.database import Database, Identity
from freehold.ids import TenantId
from freehold.tenants.only_tenant import OnlyTenants
from proof.http.families import Focus
from proof.http.planting import replaced

FOCUS = Focus(
    routes=("GET /v1/tenant",),
    families=("routes",),
    principals=("owner of B, naming no tenant", "owner of both, naming none"),
)


@contextmanager
def plant() -> Iterator[None]:
    """A cache with no key at all."""
    kept: list[TenantId] = []
    honest = OnlyTenants.of

    def of(self: OnlyTenants, db: Database, identity: Identity, *, believing: bool) -> TenantId:
        if not kept:
            kept.append(honest(self, db, identity, believing=believing))
        return kept[0]

    with replaced(OnlyTenants, "of", of):
        yield
