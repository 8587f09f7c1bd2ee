"""The statements of limits: whether there is room, and what is used."""

from freehold.database import WITHIN, Query, Statement, done

COUNTED = 10_000


def within(key: str) -> Statement[None]:
    """Go on where there is room within the limit. Raises LimitReached; a soft limit always has room."""
    return done(WITHIN, limit=key)


def used(limits: dict[str, int | None]) -> Query[dict[str, int]]:
    """What is used of each now, of those that something counts; with the most that there may be, None for any number.

    Of what is counted row by row, no more are counted than say how much is left, and 10 000 at least: this is asked
    again and again, also by tenants that have a million.
    """
    if not limits:
        return Query("select", {}, lambda _: {})
    return Query(
        """
        select k.key, u.used::bigint from unnest(%(keys)s::text[], %(counted)s::bigint[]) k (key, counted)
         cross join lateral (select app.usage_of(k.key, k.counted) as used) u
         where u.used is not null
        """,
        {"keys": list(limits), "counted": [max(most or 0, COUNTED) for most in limits.values()]},
        lambda result: dict(result.fetchall()),
    )
