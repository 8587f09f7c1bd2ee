"""What the database holds a tenant to is what a decision tells, by the same rule, for random plans and tenants.

`LIMIT_WORLDS=2000 .venv/bin/python -m pytest tests/limits/test_resolution.py` tries as many.
"""

import json
import os
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import psycopg

from freehold.billing.plans import RATE_CLASSES
from freehold.billing.publishing import document_of
from freehold.entitlements.document import CatalogDocument
from freehold.entitlements.facts import Facts
from freehold.entitlements.resolution import limit, rate
from local.companies import Company
from tests.entitlements.parts import NOW
from tests.entitlements.worlds import ADD_ONS, LIMITS, NAMES, World, world

WORLDS = int(os.environ.get("LIMIT_WORLDS", "200"))
LIMITED = (
    "select key, most, rule, hard, until, case when most is null then '[]' else app.lifts(key, most) end"
    " from app.limits()"
)
RATED = "select c, r.most, r.period, r.rule from unnest(%s::text[]) c cross join lateral app.rate_of(c) r"
KNOWN = {
    "account": "insert into app.billing_accounts (plan, add_ons, status, access, subscription_id)"
    " values (%(plan)s, %(add_ons)s, 'active', 'full', 'sub')",
    "subscription": "insert into app.subscriptions (id, stripe_id, status, currency, items, started_at)"
    " values (uuidv7(), 'sub', 'active', 'usd', '[]', %(since)s)",
    "grant": "insert into app.access_grants (access, plan, reason, granted_by, until)"
    " values (%(access)s, %(plan)s, 'For the test of it', 'ops', %(until)s)",
    "override": "insert into app.overrides (source, plan, limits, rates, reason, agreed_by, until)"
    " values (%(source)s, %(plan)s, %(limits)s, %(rates)s, 'For the test of it', 'ops', %(until)s)",
}


def test_is_the_same_in_both(acme: Company, superuser: str):
    seen, lifted, rated = set(), set(), set()
    with psycopg.connect(superuser) as connection:
        enter(connection, acme)
        [now] = connection.execute("select now()").fetchone() or [NOW]
        for seed in range(WORLDS):
            made = world(seed)
            with connection.transaction(force_rollback=True):
                document = put(connection, made, now - NOW)
                [known] = connection.execute("select app.facts()").fetchone() or [{}]
                facts = Facts.read(known)
                rows = connection.execute(LIMITED).fetchall()
                assert {row[0] for row in rows} == set(LIMITS)
                for key, most, rule, hard, until, lifts in rows:
                    told = limit(document, facts, key, now)
                    assert (most, rule) == (told.value, told.rule), (seed, key)
                    assert hard is not document.limits[key].soft
                    assert until is None or until > now
                    assert told.until is None or (until is not None and until <= told.until), (seed, key)
                    assert tuple(lifts) == told.lifts, (seed, key)
                    seen.add(rule.partition(":")[0])
                    lifted |= {(bool(set(lifts) & set(NAMES)), bool(set(lifts) & set(ADD_ONS)))}
                for rate_class, most, period, rule in connection.execute(RATED, [list(RATE_CLASSES)]).fetchall():
                    told_rate = rate(document, facts, rate_class, now)
                    assert (most and (most, period)) == told_rate.value, (seed, rate_class)
                    assert rule == f"{told_rate.rule}/rate:{rate_class}", (seed, rate_class)
                    rated.add(rule.partition(":")[0])
    assert lifted == set(product((True, False), repeat=2)), "plans and add-ons have, alone and together"
    assert rated == {"plan", "fallback", "grant", "override", "grandfathered"}, "each rule has decided"
    assert seen == {"plan", "fallback", "grant", "override", "grandfathered", "add_on"}, "each rule has decided"


def enter(connection: psycopg.Connection, company: Company) -> None:
    """As the superuser, in this tenant's name, until the transaction ends."""
    for name, value in {"tenant_id": str(company.id), "principal": "operator:test", "request_id": "t", "address": "",
                        "member_id": str(company.id), "scope": "tenant"}.items():  # fmt: skip
        connection.execute("select set_config(%s, %s, true)", [f"app.{name}", value])


def put(connection: psycopg.Connection, made: World, later: timedelta) -> CatalogDocument:
    """A world in the database, so much later than it was thought of; its catalog as it is read again."""
    json_of = document_of(made.catalog)
    for entry in json_of["grandfathered"]:
        entry["before"], entry["until"] = shifted(entry["before"], later), shifted(entry["until"], later)
    connection.execute("update app.snapshot set catalog = %s, version = version + 1", [json.dumps(json_of)])
    facts = made.facts

    def insert(what: str, **params: Any) -> None:
        connection.execute(KNOWN[what].encode(), params)

    if facts.plan:
        insert("account", plan=facts.plan, add_ons=list(facts.add_ons))
        if facts.subscribed_at:
            insert("subscription", since=facts.subscribed_at + later)
    for grant in facts.grants:
        insert("grant", access=grant.access, plan=grant.plan, until=grant.until and grant.until + later)
    for each in (replace(agreed, until=agreed.until and agreed.until + later) for agreed in facts.overrides):
        agreed = {"limits": json.dumps(dict(each.limits)), "rates": json.dumps(dict(each.rates))}
        insert("override", source=each.source, plan=each.plan, until=each.until, **agreed)
    return CatalogDocument.read(json_of)


def shifted(moment: str | None, later: timedelta) -> str | None:
    """The same, so much later."""
    return None if moment is None else (datetime.fromisoformat(moment) + later).isoformat()
