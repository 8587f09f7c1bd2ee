"""What the clients of the pool ask: a buggy application's questions, which name no tenant."""

from typing import Final

from freehold.database import Query

TABLES: Final = ("app.tenants", "app.members", "app.api_keys")
SETTINGS: Final = (
    "tenant_id", "principal", "member_id", "permissions", "scope", "granted", "request_id", "address", "issuer",
    "subject",
)  # fmt: skip
_ALL_SETTINGS = ", ".join(f"current_setting('app.{name}', true)" for name in SETTINGS)


def names_sql(table: str) -> str:
    """The names in a table, as one array; each begins with its tenant's mark."""
    return f"select coalesce(array_agg(name), '{{}}') from {table}"


def names(table: str) -> Query[list[str]]:
    """The same, as a statement of the product."""
    return Query(names_sql(table), {}, lambda result: list(result.fetchone()[0]))


def left_behind() -> Query[str]:
    """All that units of work set, in one text: empty where nothing is."""
    return Query(f"select concat({_ALL_SETTINGS})", {}, lambda result: str(result.fetchone()[0]))


def fails() -> Query[None]:
    """What raises."""
    return Query("select 1 / 0", {}, lambda _: None)
