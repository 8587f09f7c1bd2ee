"""The statements by which operators read and change what is decided: flags for everybody, the rest for one tenant."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from freehold.database import Query, Statement
from freehold.database.statement import Result
from freehold.ids import MemberId

type Json = Mapping[str, Any]


def show_snapshot() -> Query[dict[str, Any]]:
    """What everybody's decisions go by: version, catalog, flags."""
    return Query("select app.show_snapshot()", {}, _only)


def show_flags(named: str | None) -> Query[list[dict[str, Any]]]:
    """All flags, or the one of this key, each with its version."""
    return Query("select app.show_flags(%(named)s)", {"named": named}, _each)


def flag_history(named: str) -> Query[list[dict[str, Any]]]:
    """Who has changed it, when and why, newest first."""
    return Query("select app.flag_history(%(named)s)", {"named": named}, _each)


def flag_exposures(named: str) -> Statement[list[dict[str, Any]]]:
    """How many were shown which variant, in all tenants together."""
    return Statement("select to_jsonb(e) from app.flag_exposures(%(named)s) e", {"named": named}, _each)


def change_flag(  # noqa: PLR0913 (by name)
    *, operator: str, reason: str, key: str, definition: Json, expected: int, request_id: str
) -> Statement[int]:
    """The flag as it is from now on; its new version. Raises FlagChanged where it was another than expected."""
    return Statement(
        """
        select app.change_flag(%(operator)s, %(reason)s, %(key)s, %(definition)s::jsonb, %(expected)s, %(request_id)s)
        """,
        {
            "operator": operator,
            "reason": reason,
            "key": key,
            "definition": json.dumps(definition),
            "expected": expected,
            "request_id": request_id,
        },
        lambda result: int(result.fetchone()[0]),
    )


def show_decisions(member_id: MemberId | None) -> Statement[dict[str, Any]]:
    """All that decides for the tenant of this visit, as that member has it."""
    return Statement("select app.show_decisions(%(member_id)s)", {"member_id": member_id}, _only)


def target_flag(flag: str, member_id: MemberId | None, variant: str, until: datetime | None) -> Statement[UUID]:
    """A variant for the tenant of this visit, or a member of it, whatever the rules say."""
    return Statement(
        "select app.target_flag(%(flag)s, %(member_id)s, %(variant)s, %(until)s)",
        {"flag": flag, "member_id": member_id, "variant": variant, "until": until},
        _id,
    )


def end_target(flag: str, member_id: MemberId | None) -> Statement[bool]:
    """Whether there was something to end."""
    return Statement("select app.end_target(%(flag)s, %(member_id)s)", {"flag": flag, "member_id": member_id}, _whether)


def override_plan(
    *, plan: str | None, features: Sequence[str], limits: Json, rates: Json, until: datetime | None
) -> Statement[UUID]:
    """What was agreed with the tenant of this visit; its id."""
    return Statement(
        """
        select app.override_plan(%(plan)s, %(features)s::text[], %(limits)s::jsonb, %(rates)s::jsonb, %(until)s)
        """,
        {
            "plan": plan,
            "features": list(features),
            "limits": json.dumps(limits),
            "rates": json.dumps(rates),
            "until": until,
        },
        _id,
    )


def end_override(override_id: UUID) -> Statement[bool]:
    """Whether there was something to end."""
    return Statement("select app.end_override(%(id)s)", {"id": override_id}, _whether)


def _only(result: Result) -> dict[str, Any]:
    shown: dict[str, Any] = result.fetchone()[0]
    return shown


def _each(result: Result) -> list[dict[str, Any]]:
    return [shown for (shown,) in result.fetchall()]


def _id(result: Result) -> UUID:
    return UUID(str(result.fetchone()[0]))


def _whether(result: Result) -> bool:
    return bool(result.fetchone()[0])
