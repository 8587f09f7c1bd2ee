"""The statements of decisions."""

from collections.abc import Sequence
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


def nothing() -> Query[None]:
    """Asks for nothing: the door alone has something to say."""
    return Query("select", {}, lambda _: None)


def used(limits: Sequence[str]) -> Query[dict[str, int | None]]:
    """How much of each of these limits is used now; None where nothing counts it."""
    if not limits:
        return Query("select", {}, lambda _: {})
    return Query(
        "select coalesce(jsonb_object_agg(l, app.usage_of(l)), '{}') from unnest(%(limits)s::text[]) l",
        {"limits": list(limits)},
        lambda result: result.fetchone()[0],
    )
