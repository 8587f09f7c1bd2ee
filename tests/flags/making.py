"""Flags, and those who ask for them, with only what a test is about said out loud."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from freehold.entitlements.facts import Facts, Target, Who
from freehold.flags.attributes import built_in
from freehold.flags.evaluation import Evaluated, compile_flag, evaluate
from freehold.flags.reading import read_flag

TENANT, MEMBER = str(UUID(int=7)), str(UUID(int=8))
NOW = datetime(2027, 1, 1, 12, tzinfo=UTC)
ON_OFF = {"on": True, "off": False}


def flag(**said: Any) -> dict[str, Any]:
    """A definition that is on, and off otherwise."""
    return {"key": "new-editor", "variants": ON_OFF, "state": "on", "off": "off", "otherwise": "off"} | said


def rule(serve: Any = "on", *when: Mapping[str, Any], **said: Any) -> dict[str, Any]:
    """A rule."""
    return {"id": "beta", "when": list(when), "serve": serve} | said


def when(attribute: str, op: str, *values: Any) -> dict[str, Any]:
    """A condition."""
    return {"attribute": attribute, "op": op, "values": list(values)}


def there(attribute: str) -> dict[str, Any]:
    """The condition that it is known."""
    return {"attribute": attribute, "op": "exists", "values": [True]}


def missing(attribute: str) -> dict[str, Any]:
    """The condition that it is not."""
    return {"attribute": attribute, "op": "exists", "values": [False]}


def split(by: str = "tenant", **shares: float) -> dict[str, Any]:
    """Shares."""
    return {"split": shares, "by": by}


def target(variant: str, member: str | None = None, until: datetime | None = None) -> Target:
    """A target of the flag above."""
    return Target(flag="new-editor", member_id=member, variant=variant, until=until)


def facts(targets: Sequence[Target] = (), **said: Any) -> Facts:
    """A tenant that pays for pro."""
    known: dict[str, Any] = {
        "version": 1,
        "snapshot": 1,
        "tenant_id": TENANT,
        "created_at": datetime(2026, 6, 1, tzinfo=UTC),
        "access": "full",
        "plan": "pro",
        "add_ons": ("support",),
        "status": "active",
        "interval": "month",
        "past_due_since": None,
        "trial_end": None,
        "period_start": None,
        "period_end": None,
        "subscribed_at": None,
        "grants": (),
        "overrides": (),
        "targets": {"new-editor": tuple(targets)} if targets else {},
    }
    return Facts(**(known | said))


PERSON = Who(principal=f"member:{MEMBER}", member_id=MEMBER, role="owner")
KEY = Who(principal="api_key:1", member_id=None, role=None)


def ask(
    definition: Mapping[str, Any],
    context: Mapping[str, Any] | None = None,
    *,
    known: Facts | None = None,
    who: Who = PERSON,
    at: datetime = NOW,
    traced: bool = False,
) -> Evaluated:
    """What this definition serves, from JSON to answer."""
    known = known or facts()
    attributes = {**(context or {}), **built_in(known, who, plan=known.plan or "free")}
    return evaluate(compile_flag(read_flag(definition)), attributes, known, who, at, traced=traced)
