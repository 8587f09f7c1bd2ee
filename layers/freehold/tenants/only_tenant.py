"""Which tenant a person means who names none."""

from freehold import clock
from freehold.database import Database, Identity
from freehold.errors import TenantRequired
from freehold.ids import TenantId
from freehold.tenants.models import Memberships
from freehold.tenants.service import tenants_of

KEPT_SECONDS = 60
MOST_KEPT = 10_000


class OnlyTenants:
    """Which tenant is meant when a person names none: their only one.

    Reads may believe for a minute what was true; a change asks each time, for it must not land in a tenant that nobody
    meant. The door checks the membership either way.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[float, TenantId]] = {}

    def of(self, db: Database, identity: Identity, *, believing: bool) -> TenantId:
        """Their only tenant. Raises TenantRequired for none or several. One round trip, unless it may be believed."""
        who, moment = (identity.issuer, identity.subject), clock.now().timestamp()
        since, tenant_id = self._known.get(who, (0.0, None))
        if believing and tenant_id is not None and moment - since < KEPT_SECONDS:
            return tenant_id
        return self._remember(who, moment, tenants_of(db, identity))

    def forget(self, identity: Identity) -> None:
        """What was believed was refused."""
        self._known.pop((identity.issuer, identity.subject), None)

    def _remember(self, who: tuple[str, str], moment: float, found: Memberships) -> TenantId:
        if len(found.items) != 1:
            self._known.pop(who, None)
            raise TenantRequired
        if len(self._known) >= MOST_KEPT:
            self._known.clear()
        self._known[who] = (moment, found.items[0].id)
        return found.items[0].id
