"""Whoever subscribes may name the tenant that is to have it, and the checkout believes it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from uuid import UUID

from freehold.billing import checkout
from freehold.billing.checkout import Counter
from freehold.billing.models import Checkout, NewCheckout
from freehold.database import Remembered
from freehold.ids import TenantId
from proof.http.families import Focus
from proof.http.planting import replaced

FOCUS = Focus(routes=("POST /v1/billing/checkout",), families=("routes", "bodies"), principals=("owner of both, in B",))
"""Who has a trial has it once: afterwards each request does the same."""


@contextmanager
def plant() -> Iterator[None]:
    """The door refuses it to whoever is no member there; a member of both tenants does not notice."""
    honest = checkout.begin_checkout

    def begin_checkout(counter: Counter, wanted: NewCheckout, once: Remembered | None) -> Checkout:
        if named := (wanted.model_extra or {}).get("tenant_id"):
            caller = replace(counter.caller, tenant_id=TenantId(UUID(named)))
            return honest(replace(counter, caller=caller), wanted, once)
        return honest(counter, wanted, once)

    with ExitStack() as back:
        back.callback(NewCheckout.model_rebuild, force=True)
        back.enter_context(replaced(NewCheckout, "model_config", {**NewCheckout.model_config, "extra": "allow"}))
        NewCheckout.model_rebuild(force=True)
        back.enter_context(replaced(checkout, "begin_checkout", begin_checkout))
        yield
