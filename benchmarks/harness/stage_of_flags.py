"""A stage with 200 flags of every kind, and a tenant that some of them were chosen for."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from freehold.decisions.snapshot import Snapshot, compile_snapshot
from freehold.entitlements.facts import Facts, Who

FLAGS = 200
TENANT, MEMBER = str(UUID(int=7)), str(UUID(int=8))
NOW = datetime(2027, 1, 1, 12, tzinfo=UTC)
CONTEXT = {"targetingKey": MEMBER, "country": "NL", "app_version": 41, "browser": "firefox", "company": "acme"}

_ON_OFF = {"on": True, "off": False}
_THREE = [
    {"attribute": "plan", "op": "in", "values": ["pro", "scale"]},
    {"attribute": "country", "op": "in", "values": ["NL", "DE", "FR", "GB"]},
    {"attribute": "app_version", "op": "gte", "values": [40]},
]
_ANOTHER_THREE = [
    {"attribute": "role", "op": "not_in", "values": ["viewer"]},
    {"attribute": "company", "op": "starts_with", "values": ["ac", "be"]},
    {"attribute": "browser", "op": "in", "values": ["chrome"]},
]


def keys() -> list[str]:
    """Of all flags."""
    return [f"flag-{number}" for number in range(FLAGS)]


def snapshot() -> Snapshot:
    """A quarter each: a rule of three conditions that hold; one that does not, and a share; shares alone; targets."""
    flags = [_KINDS[number % len(_KINDS)] | {"key": key} for number, key in enumerate(keys())]
    return compile_snapshot(1, _CATALOG, flags)


def facts() -> Facts:
    """A tenant on a plan, with an add-on, something that was agreed, and the targets."""
    targets = [
        {"flag": key, "member_id": member, "variant": "on", "until": None}
        for key in keys()[3 :: len(_KINDS)]
        for member in (str(UUID(int=9)), MEMBER)
    ]
    return Facts.read(_ANSWER | {"tenant": _ANSWER["tenant"] | {"targets": targets}})


def who() -> Who:
    """One of its members."""
    return Who.read(_ANSWER)


def _flag(**said: Any) -> dict[str, Any]:  # noqa: ANN401 (whatever a definition holds)
    return {"variants": _ON_OFF, "state": "on", "off": "off", "otherwise": "off"} | said


_SHARES = {"split": {"on": 30, "off": 70}, "by": "tenant"}
_KINDS = (
    _flag(rules=[{"id": "held", "when": _THREE, "serve": "on"}]),
    _flag(rules=[{"id": "missed", "when": _ANOTHER_THREE, "serve": "on"}], otherwise=_SHARES),
    _flag(otherwise=_SHARES | {"by": "member"}),
    _flag(rules=[{"id": "unmet", "when": _ANOTHER_THREE, "serve": "on"}]),
)
_PLAN: dict[str, Any] = {"name": "Pro", "rank": 1, "retired": False, "sold": True, "rates": {}}
_CATALOG: dict[str, Any] = {
    "fallback": "free",
    "after_cancel": "free",
    "features": {"sso": "Sign in with your own provider"},
    "limits": {"seats": {"name": "Members", "soft": False, "meter": None}},
    "rates": {},
    "plans": {
        "free": _PLAN | {"name": "Free", "rank": 0, "features": [], "limits": {"seats": 3}},
        "pro": _PLAN | {"features": ["sso"], "limits": {"seats": 50}},
    },
    "add_ons": {"more": {"name": "More seats", "plans": ["pro"], "features": [], "limits": {"seats": 10}}},
    "grandfathered": [],
    "dunning": [{"after_days": 7, "withholds": ["*"]}],
}
_ANSWER: dict[str, Any] = {
    "version": 1,
    "snapshot": 1,
    "tenant": {
        "id": TENANT,
        "created_at": "2026-01-31T12:00:00+00:00",
        "access": "full",
        "plan": "pro",
        "add_ons": ["more"],
        "status": "active",
        "interval": "month",
        "past_due_since": None,
        "trial_end": None,
        "period_start": "2026-12-15T00:00:00+00:00",
        "period_end": "2027-01-15T00:00:00+00:00",
        "subscribed_at": "2026-02-15T00:00:00+00:00",
        "grants": [],
        "overrides": [
            {
                "id": str(UUID(int=10)),
                "plan": None,
                "features": ["sso"],
                "limits": {},
                "rates": {},
                "until": "2028-01-01T00:00:00+00:00",
                "source": "operator",
            }
        ],
        "targets": [],
    },
    "who": {"principal": f"member:{MEMBER}", "member_id": MEMBER, "role": "owner"},
}
