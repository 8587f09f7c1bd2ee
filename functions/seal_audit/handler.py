"""What the clock calls every five minutes; a late or doubled call finds it done, or somebody at it."""

import time
from typing import Any

from freehold import clock
from freehold.audit.anchors import S3Anchors
from freehold.audit.sealing import Sealer
from freehold.database import database
from freehold.messaging.clockwork import called_by_the_clock, caused_by
from freehold.releases import checked

FOR_ONE = 20.0  # seconds; a batch, an anchor that is tried again, and the answer

SYSTEM = database("freehold_system")
WORKER = database("freehold_worker")
ANCHORS = S3Anchors()


@checked("freehold_system", "freehold_worker")
@called_by_the_clock("seal_audit")
def handler(event: dict[str, Any], context: Any) -> None:  # noqa: ANN401 (Lambda's)
    """Seal what waits. An exception is a failed invocation; what is left waits for the next one."""
    sealer = Sealer(SYSTEM, WORKER, ANCHORS, caused_by("seal_audit", event))
    sealer.run(latest=time.monotonic() + clock.left(context) - FOR_ONE)
