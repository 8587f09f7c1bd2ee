"""A stage with two plans, an add-on and two flags, and tenants of it."""

from typing import Any

from freehold.decisions.snapshot import Snapshot, compile_snapshot
from freehold.entitlements.facts import Override
from tests.flags.making import flag, rule, when

CATALOG: dict[str, Any] = {
    "fallback": "free",
    "after_cancel": "free",
    "features": {"sso": "Sign in with your own provider", "priority_support": "Answers within the hour"},
    "limits": {
        "seats": {"name": "Members", "soft": False, "meter": None},
        "api_calls": {"name": "API calls a month", "soft": True, "meter": "api_calls"},
    },
    "rates": {"read": {"name": "Reads", "key_share": 0.5}, "ingest": {"name": "Usage", "key_share": 1}},
    "plans": {
        "free": {
            "name": "Free",
            "rank": 0,
            "retired": False,
            "sold": False,
            "features": [],
            "limits": {"seats": 3, "api_calls": 1000},
            "rates": {},
        },
        "pro": {
            "name": "Pro",
            "rank": 1,
            "retired": False,
            "sold": True,
            "features": [],
            "limits": {"seats": 50, "api_calls": None},
            "rates": {"read": [6000, 60], "ingest": [100, 1]},
        },
        "scale": {
            "name": "Scale",
            "rank": 2,
            "retired": False,
            "sold": True,
            "features": ["sso"],
            "limits": {"seats": None, "api_calls": None},
            "rates": {"read": None, "ingest": None},
        },
    },
    "add_ons": {
        "support": {"name": "Support", "plans": ["pro"], "features": ["priority_support"], "limits": {}},
    },
    "grandfathered": [
        {
            "id": "pro-2026",
            "plan": "pro",
            "before": "2026-10-01T00:00:00Z",
            "until": None,
            "features": ["sso"],
            "limits": {},
            "rates": {},
        }
    ],
    "dunning": [{"after_days": 7, "withholds": ["*"]}],
}
FLAGS: list[dict[str, Any]] = [
    flag(key="new-editor", rules=[rule("on", when("plan", "in", "scale"))]),
    flag(key="old-editor", state="archived"),
    flag(key="theme", variants={"off": {"colour": "blue"}}),
]


def stage(*flags: Any, version: int = 4) -> Snapshot:
    """With these flags in place of the usual ones, where some are given."""
    return compile_snapshot(version, CATALOG, flags or FLAGS)


def agreed(**said: Any) -> Override:
    """Something that was agreed with the tenant."""
    nothing: dict[str, Any] = {
        "id": "o1",
        "source": "operator",
        "plan": None,
        "features": frozenset(),
        "limits": {},
        "rates": {},
        "until": None,
    }
    return Override(**(nothing | said))
