"""Statements are values: SQL text, parameters and row type, so that each can be listed, explained and measured.

`queries.py` of a feature holds functions that return them. A `Query` reads; a `Write` changes one table, announces its
event and, where the request carried an Idempotency-Key, stores its answer, all in one SQL statement: what did not
change announces nothing, and what changed cannot forget to. The door fills in `%(tenant_id)s`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, LiteralString, Protocol, cast

from pydantic import BaseModel

from freehold.errors import NotFound


class Happened(Protocol):
    """What a change announces, as an event type of the catalog names it."""

    @property
    def name(self) -> str:
        """As subscribers know it."""

    @property
    def version(self) -> int:
        """Of the shape of its data."""


class Result(Protocol):
    """What a statement reads its answer from; a psycopg cursor is one."""

    def fetchone(self) -> Any:  # noqa: ANN401 (the row type is the statement's)
        """The next row, or None."""

    def fetchall(self) -> list[Any]:
        """The rows that are left."""


@dataclass(frozen=True, slots=True)
class Statement[R]:
    """One SQL statement; `row` is the type that its rows become, None for plain tuples."""

    sql: str
    params: Mapping[str, Any]
    read: Callable[[Result], R]
    row: type[BaseModel] | None = None


@dataclass(frozen=True, slots=True)
class Query[R](Statement[R]):
    """A statement that only reads: it runs in a read-only transaction and is repeated when its connection dies."""


@dataclass(frozen=True, slots=True)
class Answer[M]:
    """What a change answered; `replayed` when it happened before, under the same Idempotency-Key, and not again."""

    row: M
    replayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """An Idempotency-Key with what it stands for: the route, and the hash of the request that used it first."""

    route: str
    key: str
    request_hash: bytes

    def params(self) -> dict[str, Any]:
        """As parameters that no statement of a feature uses."""
        return {"request_route": self.route, "request_key": self.key, "request_hash": self.request_hash}


@dataclass(frozen=True, slots=True, kw_only=True)
class Write[M: BaseModel](Statement[M]):
    """A statement that changes one row and answers with it. Raises NotFound, or its own error, when none matched."""

    steps: str
    """The same, up to and including its answer, as steps that more can follow."""

    def remembered(self, request: Remembered) -> "Write[M]":
        """The same write, which also stores its answer for the next request with this key."""
        return replace(self, sql=self.steps + REMEMBERED + ANSWERED, params={**self.params, **request.params()})

    @property
    def answers_with(self) -> type[M]:
        """The type of its row."""
        return cast("type[M]", self.row)


REMEMBERED: LiteralString = """, remembered as (
    insert into app.idempotency (route, key, request_hash, result)
    select %(request_route)s, %(request_key)s, %(request_hash)s, to_jsonb(answer) from answer)"""
ANSWERED: LiteralString = "\nselect * from answer"


def one[M: BaseModel](row: type[M], sql: LiteralString, **params: Any) -> Query[M]:  # noqa: ANN401
    """Exactly one row. Raises NotFound when there is none."""
    return Query(sql, params, _row_or(NotFound), row)


def every[M: BaseModel](row: type[M], sql: LiteralString, **params: Any) -> Query[list[M]]:  # noqa: ANN401
    """All rows, of a statement that cannot have many."""
    return Query(sql, params, lambda result: result.fetchall(), row)


def lone[M: BaseModel](
    row: type[M],
    sql: LiteralString,
    *,
    otherwise: type[Exception] = NotFound,
    **params: Any,  # noqa: ANN401
) -> Statement[M]:
    """The one row of something that changes and announces nothing. Raises NotFound, or its own error, for none."""
    return Statement(sql, params, _row_or(otherwise), row)


def done(sql: LiteralString, **params: Any) -> Statement[None]:  # noqa: ANN401
    """A statement whose answer nobody reads."""
    return Statement(sql, params, lambda _: None)


def page(sql: LiteralString, *, limit: int, of: LiteralString = "", **params: Any) -> Query[bytes]:  # noqa: ANN401
    """A page as the JSON that the client receives, written by the database: `{"items": […], "next_cursor": …}`.

    `sql` selects an `id` and is ordered; one row more than `limit` says whether there is a next page. `of` is a table
    and a condition that find the one thing whose list this is: without that thing, it raises NotFound.
    """
    wrapped: LiteralString = (
        "with listed as materialized (" + sql + " limit %(limit)s + 1) select json_build_object("
        "'items', coalesce((select json_agg(l) from (select * from listed limit %(limit)s) l), '[]'), "
        "'next_cursor', case when (select count(*) from listed) > %(limit)s "
        "then (select id from listed offset %(limit)s - 1 limit 1) end)::text" + (" from " + of if of else "")
    )
    row = _row_or(NotFound)
    return Query(wrapped, {**params, "limit": limit}, lambda result: str(row(result)[0]).encode())


def write[M: BaseModel](  # noqa: PLR0913 (by name, and each query reads as one)
    row: type[M],
    change: LiteralString,
    *,
    answer: LiteralString,
    event: Happened | None,
    unchanged: LiteralString = "",
    data: LiteralString = "",
    otherwise: type[Exception] = NotFound,
    **params: Any,  # noqa: ANN401
) -> Write[M]:
    """A change (`insert …`, `update …`, `delete …`), the columns of its answer, the event it announces with them.

    `unchanged` selects the row that is as it should be already: it is the answer when nothing had to change. It is read
    with a lock, so that it waits for whoever is changing the row and sees what they did. `data` is what the event says,
    where that is not the answer.
    """
    or_as_it_was = (
        f" union all select {answer} from ({unchanged} for update) u where not exists (select from changed)"
        if unchanged
        else ""
    )
    announced = (
        ", app.announce(%(event)s, id, %(event_version)s,"
        f" (select to_jsonb(data) from (select {data or answer}) data)) as announced"
        if event
        else ""
    )
    steps = (
        f"with changed as ({change} returning *{announced}),\nanswer as (select {answer} from changed{or_as_it_was})"
    )
    sql = steps + ANSWERED if unchanged else f"{change} returning {answer}{announced}"
    told = {"event": event.name, "event_version": event.version} if event else {}
    return Write(sql=sql, params={**params, **told}, read=_row_or(otherwise), row=row, steps=steps)


def stepwise[M: BaseModel](
    row: type[M],
    steps: LiteralString,
    *,
    otherwise: type[Exception] = NotFound,
    **params: Any,  # noqa: ANN401
) -> Write[M]:
    """A change that takes several steps (`with … as (…)`). The last one is called `answer`, and is one row or none."""
    return Write(sql=steps + ANSWERED, params=params, read=_row_or(otherwise), row=row, steps=steps)


def _row_or(error: type[Exception]) -> Callable[[Result], Any]:
    def read(result: Result) -> Any:  # noqa: ANN401
        if (row := result.fetchone()) is None:
            raise error
        return row

    return read
