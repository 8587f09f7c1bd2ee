"""How many seats a tenant could have with what it wishes for, by the same rules that decide once it has it.

What was agreed with it counts, and what it keeps as an early subscriber. What an operator has given to it for a time
does not: what is bought lasts longer.
"""

from datetime import datetime

from freehold import clock
from freehold.billing.plans import Catalog
from freehold.billing.publishing import document_of
from freehold.billing.queries import Account
from freehold.entitlements.document import CatalogDocument
from freehold.entitlements.facts import Facts, Override
from freehold.entitlements.resolution import limit

SEATS = "seats"
"""What a catalog calls the limit of seats, where it has one."""


def most_seats(
    catalog: Catalog, account: Account, *, plan: str, add_ons: tuple[str, ...], since: datetime | None
) -> int | None:
    """With this plan and these add-ons, subscribed to since then. None where nothing refuses more."""
    known = catalog.limits.get(SEATS)
    if known is None or known.soft:
        return None
    document, at = CatalogDocument.read(document_of(catalog)), clock.now()
    return limit(document, _facts(account, plan, add_ons, since or at), SEATS, at).value


def _facts(account: Account, plan: str, add_ons: tuple[str, ...], since: datetime) -> Facts:
    """As they will be. What limits do not go by is left out."""
    return Facts(
        version=0,
        snapshot=0,
        tenant_id="",
        created_at=since,
        access=account.tenant_access,
        plan=plan,
        add_ons=add_ons,
        status=account.status,
        interval=account.interval,
        past_due_since=None,
        trial_end=None,
        period_start=None,
        period_end=None,
        subscribed_at=since,
        grants=(),
        overrides=tuple(map(Override.read, account.agreed)),
        targets={},
    )
