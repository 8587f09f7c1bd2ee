"""Events as rows in one text, which psycopg writes sooner than it would write a thousand parameters."""

import json
from collections.abc import Sequence
from datetime import datetime

from freehold.usage.models import UsageEvent


def written(events: Sequence[UsageEvent], now: datetime) -> str:
    """Each event once, in the order of their digests, as a JSON array. An id tells the moment, then the digest."""
    moment = f"{int(now.timestamp() * 1000):012x}7"
    by_digest: dict[str, UsageEvent] = {}
    for event in events:
        by_digest.setdefault(event.digest, event)
    rows = [
        {
            "id": f"{moment}{digest[:3]}8{digest[3:18]}",
            "digest": digest,
            "meter": event.meter,
            "source": event.source,
            "event_id": event.id,
            "quantity": event.quantity,
            "occurred_at": event.happened(now).isoformat(),
            "subject": event.subject,
            "properties": event.properties,
        }
        for digest, event in sorted(by_digest.items())
    ]
    return json.dumps(rows)
