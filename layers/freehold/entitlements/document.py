"""The published plan catalog: what every plan, add-on and step of the dunning ladder gives or withholds, read once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from freehold.entitlements.facts import Json, Rate

EVERYTHING = "*"
"""All features, where a step withholds them."""


class CatalogUnreadable(ValueError):
    """The published plan catalog cannot be decided by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a tenant can be on."""

    id: str
    rule: str
    """What a decision names it by."""
    name: str
    rank: int
    retired: bool
    sold: bool
    """Whether it can be bought today."""
    features: frozenset[str]
    limits: Mapping[str, int | None]
    """None is no limit."""
    rates: Mapping[str, Rate | None]
    """None is no limit."""

    @classmethod
    def read(cls, name: str, json: Json) -> Self:
        """One of `plans`."""
        return cls(
            id=name,
            rule=f"plan:{name}",
            name=json["name"],
            rank=json["rank"],
            retired=json["retired"],
            sold=json["sold"],
            features=frozenset(json["features"]),
            limits=dict(json["limits"]),
            rates=_rates(json["rates"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AddOn:
    """What can be bought beside a plan."""

    id: str
    name: str
    plans: frozenset[str]
    """The plans that it can be bought with."""
    features: frozenset[str]
    limits: Mapping[str, int]
    """How many more than the plan gives."""

    @classmethod
    def read(cls, name: str, json: Json) -> Self:
        """One of `add_ons`."""
        return cls(
            id=name,
            name=json["name"],
            plans=frozenset(json["plans"]),
            features=frozenset(json["features"]),
            limits=dict(json["limits"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Grandfathered:
    """What a plan gave once, and still gives to whoever subscribed to it then."""

    id: str
    plan: str
    before: datetime
    until: datetime | None
    features: frozenset[str]
    limits: Mapping[str, int | None]
    rates: Mapping[str, Rate | None]

    @classmethod
    def read(cls, json: Json) -> Self:
        """One of `grandfathered`."""
        return cls(
            id=json["id"],
            plan=json["plan"],
            before=datetime.fromisoformat(json["before"]),
            until=datetime.fromisoformat(json["until"]) if json["until"] else None,
            features=frozenset(json["features"]),
            limits=dict(json["limits"]),
            rates=_rates(json["rates"]),
        )

    def counts(self, plan: str, subscribed_at: datetime | None, at: datetime) -> bool:
        """Whether it does for a tenant on this plan that subscribed then."""
        lasts = self.until is None or at < self.until
        return plan == self.plan and lasts and subscribed_at is not None and subscribed_at < self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is withheld from so many days on after the first payment that failed."""

    after_days: int
    withholds: frozenset[str]

    @classmethod
    def read(cls, json: Json) -> Self:
        """One of `dunning`."""
        return cls(after_days=json["after_days"], withholds=frozenset(json["withholds"]))

    def takes(self, feature: str) -> bool:
        """Whether it withholds this one."""
        return feature in self.withholds or EVERYTHING in self.withholds

    def begins(self, past_due_since: datetime) -> datetime:
        """When it does for whoever has not paid since then."""
        return past_due_since + timedelta(days=self.after_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Something that there may be only so many of."""

    name: str
    soft: bool
    """Whether more than the limit is told, and not refused."""
    meter: str | None
    """What counts it in each billing period; None where it is what there is at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateClass:
    """A class of requests of which there may be only so many in a time."""

    name: str
    key_share: float
    """What part of its tenant's rate one key or person may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogDocument:
    """All that the plans say of what a tenant may do. What single tenants have agreed is in their facts."""

    fallback: str
    after_cancel: str
    features: Mapping[str, str]
    """What each is called, by its key."""
    limits: Mapping[str, Limit]
    rates: Mapping[str, RateClass]
    plans: Mapping[str, Plan]
    add_ons: Mapping[str, AddOn]
    grandfathered: tuple[Grandfathered, ...]
    dunning: tuple[Step, ...]
    """The first step comes first."""
    sold: tuple[Plan, ...]
    """The plans that can be bought, the least one first."""

    @classmethod
    def read(cls, json: Json) -> Self:
        """From its JSON; keys that are not known here are another release's. Raises CatalogUnreadable."""
        if not json:
            raise CatalogUnreadable("No plan catalog has been published yet: a deploy does that, and `make dev` here.")
        try:
            document = cls._read(json)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise CatalogUnreadable(
                f"The published plan catalog is not in the form that is read here: {error}"
            ) from error
        _require_whole(document)
        return document

    @classmethod
    def _read(cls, json: Json) -> Self:
        plans = {name: Plan.read(name, each) for name, each in json["plans"].items()}
        return cls(
            fallback=json["fallback"],
            after_cancel=json["after_cancel"],
            features=dict(json["features"]),
            limits={
                key: Limit(name=it["name"], soft=it["soft"], meter=it["meter"]) for key, it in _items(json, "limits")
            },
            rates={key: RateClass(name=it["name"], key_share=it["key_share"]) for key, it in _items(json, "rates")},
            plans=plans,
            add_ons={name: AddOn.read(name, each) for name, each in json["add_ons"].items()},
            grandfathered=tuple(map(Grandfathered.read, json["grandfathered"])),
            dunning=tuple(sorted(map(Step.read, json["dunning"]), key=lambda step: step.after_days)),
            sold=tuple(sorted((plan for plan in plans.values() if plan.sold), key=lambda plan: plan.rank)),
        )


def _items(json: Json, key: str) -> Iterable[tuple[str, Any]]:
    items: Iterable[tuple[str, Any]] = json[key].items()
    return items


def _rates(json: Json) -> dict[str, Rate | None]:
    return {key: None if rate is None else (rate[0], rate[1]) for key, rate in json.items()}


def _require_whole(document: CatalogDocument) -> None:
    """Whoever decides relies on it: a plan to fall back to, and every limit in every plan."""
    if document.fallback not in document.plans:
        raise CatalogUnreadable(
            f"The published plan catalog falls back to the plan {document.fallback}, and has none such."
        )
    for plan in document.plans.values():
        if unsaid := document.limits.keys() - plan.limits.keys():
            raise CatalogUnreadable(f"The published plan {plan.id} says nothing of {', '.join(sorted(unsaid))}.")
