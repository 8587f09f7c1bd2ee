"""What operators ask of what is decided for one tenant, and what they agree with it in place of what is sold.

{"ask": "override", "tenant": "…", "limits": {"projects": 500}, "features": ["sso"], …}     {"override": "…"}
{"ask": "end_override", "tenant": "…", "override": "…", "reason": "…"}                      {"ended": true}
{"ask": "explain", "tenant": "…", "key": "projects", "member": null, …}                     {"value": {…}, …}
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from freehold.decisions.explain import Explanation, explain
from freehold.decisions.models import UnknownKey, with_usage
from freehold.decisions.snapshot import compile_snapshot
from freehold.entitlements.facts import Facts, Who
from freehold.errors import Conflict, InvalidInput, NotFound
from freehold.fields import Input, Moment
from freehold.ids import MemberId, TenantId
from freehold.operators import changes, service
from freehold.operators.models import Errand
from functions.operators.asking import Asking, Key, Reason, Word
from functions.operators.flag_questions import NO_MEMBER

MOST, FASTEST = 2**53, 999_999_999
NOTHING_PUBLISHED = "No plans are published here yet: a deployment does that, and so does the start of `make dev`."

type Most = Annotated[int, Field(ge=0, le=MOST)] | None
"""None is no limit."""
type PerSeconds = tuple[Annotated[int, Field(ge=1, le=FASTEST)], Literal[1, 60, 3600]] | None
"""So many in so many seconds; None is no limit."""


class Override(Input):
    """What was agreed with a tenant: a plan, limits and rates in place of its own, features besides."""

    ask: Literal["override"]
    tenant: TenantId
    plan: Word | None = None
    features: Annotated[tuple[Word, ...], Field(max_length=200)] = ()
    limits: Annotated[dict[Word, Most], Field(default_factory=dict, max_length=200)]
    rates: Annotated[dict[Word, PerSeconds], Field(default_factory=dict, max_length=200)]
    until: Moment | None = None
    reason: Reason


class EndOverride(Input):
    """To have it so no longer."""

    ask: Literal["end_override"]
    tenant: TenantId
    override: UUID
    reason: Reason


class Explain(Input):
    """Why something is as it is, for a tenant or one of its members."""

    ask: Literal["explain"]
    tenant: TenantId
    key: Key
    member: MemberId | None = None
    context: Annotated[dict[str, Any], Field(default_factory=dict)]
    at: Moment | None = None
    reason: Reason


type DecisionQuestion = Override | EndOverride | Explain


def answer(asking: Asking, question: DecisionQuestion) -> dict[str, Any]:
    """As JSON. Raises ApiError."""
    match question:
        case Override():
            return {"override": _override(asking, question)}
        case EndOverride():
            visitor = asking.visitor(question.tenant, Errand.CHANGE_DECISIONS, question.reason)
            return {"ended": service.end_override(asking.db, visitor, question.override)}
        case Explain():
            return _explained(asking, question)


def published(asking: Asking) -> dict[str, Any]:
    """What everybody's decisions go by. Raises Conflict where nobody has published plans."""
    snapshot = asking.db.outside(changes.show_snapshot())
    if not snapshot["catalog"]:
        raise Conflict(NOTHING_PUBLISHED)
    return snapshot


def _override(asking: Asking, question: Override) -> str:
    _check(published(asking)["catalog"], question)
    visitor = asking.visitor(question.tenant, Errand.CHANGE_DECISIONS, question.reason)
    made = service.override_plan(
        asking.db,
        visitor,
        plan=question.plan,
        features=question.features,
        limits=question.limits,
        rates=question.rates,
        until=question.until,
    )
    return str(made)


def _check(catalog: Mapping[str, Any], question: Override) -> None:
    """Raises InvalidInput for what the plans do not know."""
    named: dict[str, tuple[str, Iterable[str]]] = {
        "plan": ("plans", [question.plan] if question.plan else []),
        "feature": ("features", question.features),
        "limit": ("limits", question.limits),
        "rate": ("rates", question.rates),
    }
    for what, (where, names) in named.items():
        for name in names:
            if name not in catalog[where]:
                raise InvalidInput(f"There is no {what} {name}: choose of {', '.join(catalog[where]) or 'none'}.")


def _explained(asking: Asking, question: Explain) -> dict[str, Any]:
    snapshot = published(asking)
    compiled = compile_snapshot(
        snapshot["version"], snapshot["catalog"], [flag["definition"] for flag in snapshot["flags"]]
    )
    state = _state(asking, question)
    at = question.at or datetime.now(UTC)
    try:
        explained = explain(
            compiled,
            Facts.read(state["facts"]),
            Who.read(state["facts"]),
            question.key,
            at=at,
            context=question.context,
        )
    except UnknownKey as error:
        raise NotFound(f"{error}: `freehold flags list` and plans.toml say which there are.") from error
    shown = _with_usage(explained, state["used"])
    return {
        **shown.as_json(),
        "tenant": str(question.tenant),
        "who": state["facts"]["who"],
        "lines": list(shown.lines()),
    }


def _with_usage(explained: Explanation, used: Mapping[str, int | None]) -> Explanation:
    """Of a limit that something counts, with how much of it is used now."""
    decision = explained.decision
    there = used.get(decision.key)
    if decision.kind != "limit" or there is None:
        return explained
    return replace(explained, decision=with_usage(decision, there))


def _state(asking: Asking, question: Explain) -> dict[str, Any]:
    visitor = asking.visitor(question.tenant, Errand.READ_DECISIONS, question.reason)
    try:
        return service.show_decisions(asking.db, visitor, question.member)
    except NotFound as error:
        raise NotFound(NO_MEMBER) from error
