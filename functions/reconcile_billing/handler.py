"""What the clock calls once a day; a late or doubled call finds it done. Called by hand, it does it again.

    aws lambda invoke --function-name freehold-launch-reconcile_billing:live --payload '{"by_hand": true}' …

`freehold billing reconcile --stage launch` does that.
"""

import time
from typing import Any

from freehold import clock
from freehold.billing.gateway import stripe_of_stage
from freehold.billing.reconcile import Reconciliation, Report
from freehold.database import database
from freehold.errors import PaymentsNotSetUp
from freehold.messaging.clockwork import called_by_the_clock
from freehold.messaging.periods import once, period
from freehold.observability import logger
from freehold.releases import checked
from product.plans import PLANS

FOR_ONE = 60.0  # seconds; a tenant that is fetched and written, and the answer

SYSTEM = database("freehold_system")
WORKER = database("freehold_worker")


@checked("freehold_system", "freehold_worker")
@called_by_the_clock("reconcile_billing")
def handler(event: dict[str, Any], context: Any) -> dict[str, Any] | None:  # noqa: ANN401 (Lambda's)
    """The report, where somebody has asked for it. An exception is a failed invocation, which Lambda repeats."""
    left = clock.left(context)
    if event.get("by_hand"):
        return _reconciled("by hand", left).model_dump(mode="json")
    try:
        day = period(event, "day")
        once(SYSTEM, "reconcile_billing", day, lambda: _reconciled(day, left), hold=left)
    except PaymentsNotSetUp:
        logger.info("nothing is sold here")
    return None


def _reconciled(why: str, left: float) -> Report:
    made = Reconciliation(
        system=SYSTEM, worker=WORKER, gateway=stripe_of_stage(), catalog=PLANS, request_id=f"reconcile:{why}"
    )
    return made.run(latest=time.monotonic() + left - FOR_ONE)
