"""What a look asks Stripe for: each try is written down before it is made, and has a key of its own.

Stripe answers the same to the same key for a day, failures too. What it holds decides whether there is another try: one
whose answer was lost is seen by that, and not repeated.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from freehold.billing.gateway import PaymentDeclined, StripeRefused
from freehold.database import Statement, Works, done
from freehold.ids import TenantId
from freehold.observability import logger

type What = Literal["seats", "trial"]


def ask(works: Works, tenant_id: TenantId, what: What, request: dict[str, Any], ask_it: Callable[[str], None]) -> bool:
    """Whether Stripe has done what `ask_it` asks for, with the key that it is given. Raises StripeBusy."""
    operation = uuid4()
    works.do(_begin(operation, what, request))
    try:
        ask_it(f"fh-{tenant_id}-{operation}")
    except (StripeRefused, PaymentDeclined) as refused:
        logger.error("billing problem", problem=f"Stripe refused {what} {request}: {refused.sentence}")
        works.do(_end(operation, "failed"))
        return False
    works.do(_end(operation, "done"))
    return True


def close(moment: datetime) -> Statement[None]:
    """Of those whose worker is long gone nobody will say what became of them; the look of this moment has seen it."""
    return done(
        """
        update app.billing_operations set state = 'failed', finished_at = now()
         where tenant_id = %(tenant_id)s and state = 'begun' and kind in ('seats', 'trial')
           and created_at < %(moment)s - interval '10 minutes'
        """,
        moment=moment,
    )


def _begin(operation: UUID, what: What, request: dict[str, Any]) -> Statement[None]:
    """Write down what Stripe is about to be asked for."""
    return done(
        """
        insert into app.billing_operations (id, kind, key, request)
        values (%(id)s, %(kind)s, %(id)s::uuid::text, %(request)s::jsonb)
        """,
        id=operation,
        kind=what,
        request=json.dumps(request),
    )


def _end(operation: UUID, state: str) -> Statement[None]:
    """What became of it."""
    return done(
        """
        update app.billing_operations set state = %(state)s, finished_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s and state = 'begun'
        """,
        id=operation,
        state=state,
    )
