"""Puts the plans into force: what every process decides by from its next request on."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from freehold.database.connection import DEAD_PEER


def publish(conninfo: str, document: Mapping[str, Any], overrides: Sequence[Mapping[str, Any]], digest: str) -> bool:
    """Whether they were others than before. Connects as the migrator; what was agreed with a tenant goes to it."""
    with psycopg.connect(conninfo, **DEAD_PEER) as connection:
        connection.execute("set local role freehold_owner")
        published = connection.execute(
            "select app.publish_catalog(%s::jsonb, %s, %s::jsonb)",
            [json.dumps(document), digest, json.dumps(overrides)],
        )
        return bool(published.fetchall()[0][0])
