"""The statements of decisions."""

from typing import Any

from freehold.database import Query


def definitions() -> Query[tuple[int, dict[str, Any], list[dict[str, Any]]]]:
    """What the whole stage goes by: its version, the published plans, and the definition of each flag."""
    return Query(
        """
        select s.version, s.catalog, (select coalesce(jsonb_agg(f.definition), '[]') from app.flags f)
          from app.snapshot s
        """,
        {},
        lambda result: result.fetchone(),
    )
