"""Plan catalogs and tenants at random: plans that are gone, add-ons that are, agreements that last and that do not."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from freehold.billing.plans import (
    RATE_CLASSES,
    AddOn,
    Catalog,
    Grandfathered,
    Limit,
    Override,
    Plan,
    Rate,
    Step,
    Throttle,
)
from freehold.billing.prices import Price
from freehold.billing.publishing import document_of, overrides_of
from freehold.entitlements.document import CatalogDocument
from freehold.entitlements.facts import Facts
from freehold.permissions import Access
from tests.entitlements.parts import DAY, NOW, facts, grant

TENANT = UUID(int=7)
FEATURES = ("a", "b", "c", "d", "e")
LIMITS = ("seats", "projects", "calls")
NAMES = ("free", "one", "two", "three")
ADD_ONS = ("more", "most")
GONE = "gone"


@dataclass(frozen=True, kw_only=True)
class World:
    """A catalog as its file has it and as it is published, and a tenant of it."""

    catalog: Catalog
    document: CatalogDocument
    facts: Facts


def world(seed: int, *, plain: bool = False) -> World:
    """`plain` is one in which nobody subscribed earlier and everybody pays."""
    chance = Random(seed)  # noqa: S311 (a world, not a secret)
    catalog = _catalog(chance)
    known: dict[str, Any] = {
        "plan": chance.choice((None, GONE, *NAMES)),
        "add_ons": chance.sample((GONE, *ADD_ONS), chance.randrange(3)),
        "grants": [
            grant(f"g{each}", _moment(chance), chance.choice((None, GONE, *NAMES)))
            for each in range(chance.randrange(3))
        ],
        "overrides": [
            agreed | {"id": f"o{place}", "source": "file"} for place, agreed in enumerate(overrides_of(catalog))
        ],
    }
    if not plain:
        known["subscribed_at"] = chance.choice((None, _moment(chance)))
        known["past_due_since"] = chance.choice((None, NOW - chance.randrange(40) * DAY))
        known["overrides"] += [
            _agreed(chance) | {"id": f"p{each}", "source": "operator"} for each in range(chance.randrange(3))
        ]
    return World(catalog=catalog, document=CatalogDocument.read(document_of(catalog)), facts=facts(**known))


def _catalog(chance: Random) -> Catalog:
    plans = {name: _plan(chance, name, rank) for rank, name in enumerate(NAMES)}
    days = sorted(chance.sample(range(40), chance.randint(1, 3)))
    return Catalog(
        currency="usd",
        fallback="free",
        after_cancel="free",
        trial=None,
        dunning=tuple(_step(chance, day) for day in days),
        features={each: each.title() for each in FEATURES},
        limits={each: Limit(id=each, name=each.title(), meter=None, soft=chance.random() < 0.2) for each in LIMITS},
        rates={each: Throttle(id=each, name=each.title(), key_share=0.5) for each in RATE_CLASSES},
        meters={},
        plans=plans,
        add_ons={name: _add_on(chance, name) for name in ADD_ONS},
        grandfathered=tuple(_entry(chance, f"e{each}") for each in range(chance.randrange(4))),
        overrides={TENANT: _override(chance)} if chance.random() < 0.5 else {},
    )


def _plan(chance: Random, name: str, rank: int) -> Plan:
    price = Price(plan=name, component="base", interval="month", currency="usd", amount=rank)
    return Plan(
        id=name,
        name=name.title(),
        description="",
        rank=rank,
        access=Access.FULL,
        features=_features(chance),
        limits={each: _most(chance) for each in LIMITS},
        rates={each: _rate(chance) for each in RATE_CLASSES},
        trial=False,
        retired=rank > 0 and chance.random() < 0.2,
        prices={"month": (price,)} if rank else {},
    )


def _add_on(chance: Random, name: str) -> AddOn:
    return AddOn(
        id=name,
        name=name.title(),
        description="",
        plans=tuple(chance.sample(NAMES[1:], chance.randint(1, 3))),
        features=_features(chance),
        limits={each: chance.randint(1, 9) for each in LIMITS if chance.random() < 0.5},
        prices={"month": Price(plan=None, component=f"add_on:{name}", interval="month", currency="usd", amount=1)},
    )


def _entry(chance: Random, name: str) -> Grandfathered:
    return Grandfathered(
        id=name,
        plan=chance.choice(NAMES),
        before=_moment(chance),
        until=chance.choice((None, _moment(chance))),
        features=_features(chance),
        limits={each: _most(chance) for each in LIMITS if chance.random() < 0.5},
        rates={each: _rate(chance) for each in RATE_CLASSES if chance.random() < 0.5},
    )


def _step(chance: Random, day: int) -> Step:
    withholds = frozenset("*") if chance.random() < 0.2 else _features(chance)
    return Step(after_days=day, access=Access.FULL, mail="payment_failed", withholds=withholds)


def _override(chance: Random) -> Override:
    return Override(
        tenant=TENANT,
        plan=chance.choice((None, *NAMES)),
        features=_features(chance),
        limits={each: _most(chance) for each in LIMITS if chance.random() < 0.3},
        rates={each: _rate(chance) for each in RATE_CLASSES if chance.random() < 0.3},
        until=chance.choice((None, _moment(chance))),
    )


def _agreed(chance: Random) -> dict[str, Any]:
    return overrides_of(replace(_catalog(chance), overrides={TENANT: _override(chance)}))[0]


def _features(chance: Random) -> frozenset[str]:
    return frozenset(chance.sample(FEATURES, chance.randrange(4)))


def _most(chance: Random) -> int | None:
    return chance.choice((None, 0, 1, *range(2, 30)))


def _rate(chance: Random) -> Rate | None:
    return chance.choice((None, (chance.randint(1, 90), chance.choice((1, 60)))))


def _moment(chance: Random) -> datetime:
    """Now and then the present itself."""
    return NOW + chance.choice((timedelta(), chance.randrange(-40, 40) * DAY))
