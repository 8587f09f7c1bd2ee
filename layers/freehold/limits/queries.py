"""The statements of limits: whether there is room, and what is used."""

from freehold.database import Query, Statement, done


def within(key: str) -> Statement[None]:
    """Go on where there is room within the limit. Raises LimitReached; a soft limit always has room."""
    return done("select app.within(%(key)s)", key=key)


def used(keys: list[str]) -> Query[dict[str, int]]:
    """What is used of each now: of those that something counts."""
    if not keys:
        return Query("select", {}, lambda _: {})
    return Query(
        """
        select k.key, u.used::bigint from unnest(%(keys)s::text[]) k (key)
         cross join lateral (select app.usage_of(k.key) as used) u
         where u.used is not null
        """,
        {"keys": keys},
        lambda result: dict(result.fetchall()),
    )
