"""What is known of a tenant and of whoever asks for it: the answer of `app.facts()`, read once and kept by its version.

Ids are text, as the database writes them: they are compared, hashed and named, never computed with.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Self

type Json = Mapping[str, Any]
type Rate = tuple[int, int]
"""So many requests in so many seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Access that was given without a payment, and the plan that came with it, if one did."""

    id: str
    access: str
    plan: str | None
    until: datetime | None

    @classmethod
    def read(cls, json: Json) -> Self:
        """One of `tenant.grants`."""
        return cls(id=json["id"], access=json["access"], plan=json["plan"], until=_moment(json["until"]))

    def lasts(self, at: datetime) -> bool:
        """Whether it does at this moment."""
        return self.until is None or at < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What was agreed with this tenant: its plan, limits and rates stand in place of what is sold, its features add."""

    id: str
    source: str
    plan: str | None
    features: frozenset[str]
    limits: Mapping[str, int | None]
    """None is no limit."""
    rates: Mapping[str, Rate | None]
    """None is no limit."""
    until: datetime | None

    @classmethod
    def read(cls, json: Json) -> Self:
        """One of `tenant.overrides`."""
        return cls(
            id=json["id"],
            source=json["source"],
            plan=json["plan"],
            features=frozenset(json["features"]),
            limits=dict(json["limits"]),
            rates={key: rate and (rate[0], rate[1]) for key, rate in json["rates"].items()},
            until=_moment(json["until"]),
        )

    def lasts(self, at: datetime) -> bool:
        """Whether it does at this moment."""
        return self.until is None or at < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A flag's variant that was chosen for the tenant, or for one of its members."""

    flag: str
    member_id: str | None
    variant: str
    until: datetime | None

    @classmethod
    def read(cls, json: Json) -> Self:
        """One of `tenant.targets`."""
        return cls(
            flag=json["flag"], member_id=json["member_id"], variant=json["variant"], until=_moment(json["until"])
        )

    def lasts(self, at: datetime) -> bool:
        """Whether it does at this moment."""
        return self.until is None or at < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Whoever asks, as the door has admitted them."""

    principal: str
    """`member:<id>`, `api_key:<id>`, `operator:<name>`, …"""
    member_id: str | None
    role: str | None
    """A built-in role's name, or the id of one of the tenant's own."""

    @classmethod
    def read(cls, json: Json) -> Self:
        """From the whole answer of `app.facts()`."""
        who = json["who"]
        return cls(principal=who["principal"], member_id=who["member_id"], role=who["role"])

    @property
    def kind(self) -> str:
        """What the principal is: `member`, `api_key`, `operator`, `scim` or `worker`."""
        return self.principal.partition(":")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one tenant."""

    version: int
    snapshot: int
    """The version of the definitions that were in force when this was read."""
    tenant_id: str
    created_at: datetime
    access: str
    plan: str | None
    """What it has bought; None where it pays for nothing."""
    add_ons: tuple[str, ...]
    status: str | None
    interval: str | None
    past_due_since: datetime | None
    trial_end: datetime | None
    period_start: datetime | None
    period_end: datetime | None
    subscribed_at: datetime | None
    grants: tuple[Grant, ...]
    """Oldest first."""
    overrides: tuple[Override, ...]
    """In the order in which they are considered."""
    targets: Mapping[str, tuple[Target, ...]]
    """By the flag's key."""

    @classmethod
    def read(cls, json: Json) -> Self:
        """From the whole answer of `app.facts()`."""
        tenant = json["tenant"]
        return cls(
            version=json["version"],
            snapshot=json["snapshot"],
            tenant_id=tenant["id"],
            created_at=datetime.fromisoformat(tenant["created_at"]),
            access=tenant["access"],
            plan=tenant["plan"],
            add_ons=tuple(tenant["add_ons"]),
            status=tenant["status"],
            interval=tenant["interval"],
            past_due_since=_moment(tenant["past_due_since"]),
            trial_end=_moment(tenant["trial_end"]),
            period_start=_moment(tenant["period_start"]),
            period_end=_moment(tenant["period_end"]),
            subscribed_at=_moment(tenant["subscribed_at"]),
            grants=tuple(map(Grant.read, tenant["grants"])),
            overrides=tuple(map(Override.read, tenant["overrides"])),
            targets=_by_flag(map(Target.read, tenant["targets"])),
        )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _by_flag(targets: Iterable[Target]) -> Mapping[str, tuple[Target, ...]]:
    in_order = sorted(targets, key=lambda target: target.flag)
    return {flag: tuple(them) for flag, them in groupby(in_order, key=lambda target: target.flag)}
