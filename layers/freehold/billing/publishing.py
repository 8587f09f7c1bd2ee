"""What is published of the plan catalog: what decisions go by, and apart from it what single tenants have agreed."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from freehold.billing.plans import AddOn, Catalog, Grandfathered, Override, Plan, Rates, Step


def document_of(catalog: Catalog) -> dict[str, Any]:
    """As JSON, the same for the same plans. No tenant is named in it: processes that serve all of them read it."""
    return {
        "fallback": catalog.fallback,
        "after_cancel": catalog.after_cancel,
        "features": dict(catalog.features),
        "limits": {
            key: {"name": limit.name, "soft": limit.soft, "meter": limit.meter} for key, limit in catalog.limits.items()
        },
        "rates": {key: {"name": each.name, "key_share": each.key_share} for key, each in catalog.rates.items()},
        "plans": {name: _plan(plan) for name, plan in catalog.plans.items()},
        "add_ons": {name: _add_on(add_on) for name, add_on in catalog.add_ons.items()},
        "grandfathered": [_grandfathered(entry) for entry in catalog.grandfathered],
        "dunning": [_step(step) for step in catalog.dunning],
    }


def overrides_of(catalog: Catalog) -> list[dict[str, Any]]:
    """As JSON, one for each tenant that the catalog names."""
    return [_override(override) for override in sorted(catalog.overrides.values(), key=lambda each: each.tenant)]


def digest_of(document: Mapping[str, Any], overrides: Sequence[Mapping[str, Any]]) -> str:
    """By which two publications are told apart: the order in which keys are written does not count."""
    written = json.dumps([document, overrides], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        "name": plan.name,
        "rank": plan.rank,
        "retired": plan.retired,
        "sold": bool(plan.prices) and not plan.retired,
        "features": sorted(plan.features),
        "limits": dict(plan.limits),
        "rates": _rates(plan.rates),
    }


def _add_on(add_on: AddOn) -> dict[str, Any]:
    return {
        "name": add_on.name,
        "plans": list(add_on.plans),
        "features": sorted(add_on.features),
        "limits": dict(add_on.limits),
    }


def _grandfathered(entry: Grandfathered) -> dict[str, Any]:
    return {
        "id": entry.id,
        "plan": entry.plan,
        "before": _moment(entry.before),
        "until": _moment(entry.until),
        "features": sorted(entry.features),
        "limits": dict(entry.limits),
        "rates": _rates(entry.rates),
    }


def _step(step: Step) -> dict[str, Any]:
    return {"after_days": step.after_days, "withholds": sorted(step.withholds)}


def _override(override: Override) -> dict[str, Any]:
    return {
        "tenant": str(override.tenant),
        "plan": override.plan,
        "features": sorted(override.features),
        "limits": dict(override.limits),
        "rates": _rates(override.rates),
        "until": _moment(override.until),
    }


def _rates(rates: Rates) -> dict[str, list[int] | None]:
    return {key: None if rate is None else list(rate) for key, rate in rates.items()}


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()
