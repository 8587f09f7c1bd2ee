"""A published catalog with something of everything, and what is known of a tenant of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from freehold.entitlements.document import CatalogDocument
from freehold.entitlements.facts import Facts

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
BEFORE = NOW - 100 * DAY
"""Who subscribed to Pro earlier keeps what it gave then."""


def plan(rank: int, *features: str, sold: bool = True, **allowed: Any) -> dict[str, Any]:
    """`allowed` are `seats`, `projects` and `read`."""
    return {
        "name": f"Plan {rank}",
        "rank": rank,
        "retired": False,
        "sold": sold,
        "features": list(features),
        "limits": {"seats": allowed["seats"], "projects": allowed["projects"]},
        "rates": {"read": allowed["read"]},
    }


DOCUMENT: dict[str, Any] = {
    "fallback": "free",
    "after_cancel": "free",
    "features": {"sso": "SSO", "export": "Export", "support": "Support", "beta": "Beta", "logo": "Logo"},
    "limits": {
        "seats": {"name": "Members", "soft": False, "meter": None},
        "projects": {"name": "Projects", "soft": False, "meter": None},
    },
    "rates": {"read": {"name": "Reads", "key_share": 0.5}},
    "plans": {
        "free": plan(0, sold=False, seats=3, projects=3, read=[60, 60]),
        "pro": plan(1, "export", seats=None, projects=100, read=[600, 60]),
        "scale": plan(2, "export", "sso", seats=None, projects=400, read=[100, 1]),
        "huge": plan(3, "export", "sso", seats=None, projects=None, read=None),
        "old": plan(4, "export", "sso", "logo", sold=False, seats=5, projects=7, read=[5, 1]),
    },
    "add_ons": {
        "room": {"name": "Room", "plans": ["pro"], "features": [], "limits": {"projects": 50, "seats": 5}},
        "help": {"name": "Help", "plans": ["pro", "scale"], "features": ["support"], "limits": {}},
    },
    "grandfathered": [
        {
            "id": "pro-2025", "plan": "pro", "before": BEFORE.isoformat(), "until": (NOW + 10 * DAY).isoformat(),
            "features": ["beta"], "limits": {"projects": 500}, "rates": {"read": [20, 1]},
        },
        {
            "id": "pro-2024", "plan": "pro", "before": (BEFORE - 100 * DAY).isoformat(), "until": None,
            "features": ["logo"], "limits": {"projects": 200}, "rates": {"read": [15, 1]},
        },
    ],
    "dunning": [
        {"after_days": 0, "withholds": []},
        {"after_days": 7, "withholds": ["export", "support"]},
        {"after_days": 21, "withholds": ["*"]},
    ],
}  # fmt: skip
CATALOG = CatalogDocument.read(DOCUMENT)


def facts(**known: Any) -> Facts:
    """Of a tenant that pays for nothing, but for what is said."""
    tenant = {
        "id": "t", "created_at": NOW.isoformat(), "access": "full", "plan": None, "add_ons": [], "status": None,
        "interval": None, "past_due_since": None, "trial_end": None, "period_start": None, "period_end": None,
        "subscribed_at": None, "grants": [], "overrides": [], "targets": [],
    }  # fmt: skip
    assert known.keys() <= tenant.keys()
    known = {key: each.isoformat() if isinstance(each, datetime) else each for key, each in known.items()}
    return Facts.read({"version": 1, "snapshot": 1, "tenant": tenant | known})


def override(name: str = "o1", until: datetime | None = None, **agreed: Any) -> dict[str, Any]:
    blank: dict[str, Any] = {"plan": None, "features": [], "limits": {}, "rates": {}, "source": "operator"}
    return {"id": name, "until": until.isoformat() if until else None} | blank | agreed


def grant(name: str = "g1", until: datetime = NOW + DAY, plan: str | None = None) -> dict[str, Any]:
    return {"id": name, "access": "full", "until": until.isoformat(), "plan": plan}
