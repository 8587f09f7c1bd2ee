"""How often Stripe may be asked is counted over all tenants: one of them keeps the others from paying."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from freehold.billing import ledger
from freehold.billing.ledger import MOST, Operation, What
from freehold.database import Statement
from freehold.errors import AskedTooOften
from proof.http.families import Focus
from proof.http.planting import exempt, replaced

FOCUS = Focus(routes=("POST /v1/billing/portal",), families=("references",))
ALL = """
    select sum(asked) from app.billing_operations
     where asked_at > %s and asked_at > now() - interval '10 minutes' having sum(asked) > %s
"""


@contextmanager
def plant() -> Iterator[None]:
    """Stripe limits our account, not a tenant. What was asked before does not count: else nothing could begin."""
    honest, planted = ledger.ask, datetime.now(UTC)

    def ask(what: What, key: str, request: dict[str, Any]) -> Statement[Operation]:
        if exempt(ALL, planted, MOST):
            raise AskedTooOften
        return honest(what, key, request)

    with replaced(ledger, "ask", ask):
        yield
