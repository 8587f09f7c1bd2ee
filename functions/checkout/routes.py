"""The routes of /v1/billing that ask Stripe while somebody waits."""

from functools import cache
from typing import Annotated

from fastapi import APIRouter, Body

from freehold.billing import checkout, previews
from freehold.billing.asking import Asking
from freehold.billing.checkout import Counter
from freehold.billing.gateway import Stripe
from freehold.billing.models import Checkout, NewCheckout, NewPortal, Portal, Preview, Wish
from freehold.database import Caller, Database
from freehold.http.dependencies import CurrentCaller, Db
from freehold.http.idempotency import IdempotencyKey
from freehold.secrets import StripeKeys, stripe_keys
from product.plans import PLANS

TIMEOUT = (2.0, 6.0)
"""Seconds to connect to Stripe, and for its answer: somebody waits."""

router = APIRouter(prefix="/v1/billing", tags=["Billing"])


@router.post("/checkout", summary="Subscribe")
async def subscribe(wanted: NewCheckout, caller: CurrentCaller, db: Db, once: IdempotencyKey) -> Checkout:
    """Stripe's page where it is paid. A page that was made before and not paid is closed."""
    return checkout.begin_checkout(_counter(db, caller), wanted, once)


@router.post("/portal", summary="Open Stripe's pages")
async def portal(
    wanted: Annotated[NewPortal, Body(default_factory=NewPortal)], caller: CurrentCaller, db: Db, once: IdempotencyKey
) -> Portal:
    """Cards, addresses, tax ids and invoices. Whoever has the address is let in for some minutes."""
    return checkout.open_portal(_counter(db, caller), wanted, once)


@router.post("/preview", summary="See what a change costs")
async def preview(wish: Wish, caller: CurrentCaller, db: Db, once: IdempotencyKey) -> Preview:
    """To the unit. Ask for the change by the preview's id, and that is what is charged."""
    return previews.preview(_counter(db, caller), wish, once)


def _counter(db: Database, caller: Caller) -> Counter:
    return Counter(db=db, caller=caller, asking=_asking(stripe_keys()), catalog=PLANS)


@cache
def _asking(keys: StripeKeys) -> Asking:
    return Asking(Stripe(keys, retries=0, timeout=TIMEOUT))
