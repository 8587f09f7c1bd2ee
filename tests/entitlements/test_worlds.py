"""What holds of any catalog and any tenant.

WORLDS=100000   as many; else 1,000, and a fifth of them where each is looked at from many sides
"""

import os
from dataclasses import replace
from datetime import datetime

import pytest

from freehold.billing.plans import RATE_CLASSES
from freehold.entitlements.course import Resolved
from freehold.entitlements.document import CatalogDocument
from freehold.entitlements.facts import Facts
from freehold.entitlements.resolution import feature, limit, plan_of, rate
from tests.entitlements.parts import DAY, NOW, TICK
from tests.entitlements.worlds import FEATURES, LIMITS, TENANT, World, world

WORLDS = int(os.environ.get("WORLDS", "1000"))
ASKED = (
    *((feature, key) for key in FEATURES),
    *((limit, key) for key in LIMITS),
    *((rate, key) for key in RATE_CLASSES),
)


@pytest.fixture(scope="module")
def plain_worlds() -> list[World]:
    return [world(seed, plain=True) for seed in range(WORLDS)]


@pytest.fixture(scope="module")
def worlds() -> list[World]:
    return [world(seed) for seed in range(WORLDS // 5)]


def has(document: CatalogDocument, facts: Facts, at: datetime) -> tuple[frozenset[str], dict[str, int | None]]:
    """All features, and all limits."""
    given = frozenset(key for key in FEATURES if feature(document, facts, key, at).value)
    return given, {key: limit(document, facts, key, at).value for key in LIMITS}


def in_the_file(each: World, at: datetime) -> tuple[frozenset[str], dict[str, int | None]]:
    """What the catalog itself says, of the plan that counts where nothing is agreed."""
    plan = plan_of(each.document, replace(each.facts, overrides=()), at).id
    asked = {"tenant": TENANT, "at": at}
    return (
        each.catalog.features_of(plan, each.facts.add_ons, **asked),
        dict(each.catalog.limits_of(plan, each.facts.add_ons, **asked)),
    )


class TestAnyWorld:
    def test_gives_what_its_file_says_where_everybody_pays_and_nobody_was_there_earlier(self, plain_worlds):
        for each in plain_worlds:
            assert has(each.document, each.facts, NOW) == in_the_file(each, NOW)

    def test_differs_from_its_file_where_they_do_not_pay_or_were(self, worlds):
        """The control: the comparison above can tell."""
        differ = sum(has(each.document, each.facts, NOW) != in_the_file(each, NOW) for each in worlds)
        assert len(worlds) / 10 < differ < len(worlds)

    def test_changes_by_time_alone_only_when_it_says(self, worlds):
        ended = 0
        for each in worlds:
            for ask, key in ASKED:
                now = ask(each.document, each.facts, key, NOW)
                assert now.until is None or now.until > NOW
                last = now.until - TICK if now.until else NOW + 10_000 * DAY
                assert same(ask(each.document, each.facts, key, last), now)
                ended += bool(now.until and not same(ask(each.document, each.facts, key, now.until), now))
        assert ended > len(worlds) / 10, "the control: it does change then"

    def test_is_lifted_by_what_is_named(self, worlds):
        lifted = 0
        for each in worlds:
            paying = replace(each.facts, past_due_since=None)
            for ask, key in ASKED:
                found = ask(each.document, paying, key, NOW)
                for name in found.lifts:
                    assert is_more(ask(each.document, bought(each, paying, name), key, NOW), found)
                    lifted += 1
        assert lifted > len(worlds)

    def test_is_not_lifted_by_what_is_not_named(self, worlds):
        """Of what is sold, nothing that would give it is left out."""
        for each in worlds:
            facts = replace(each.facts, past_due_since=None, subscribed_at=None)
            for ask, key in ASKED:
                found = ask(each.document, facts, key, NOW)
                for plan in each.document.sold:
                    more = is_more(ask(each.document, bought(each, facts, plan.id), key, NOW), found)
                    assert more == (plan.id in found.lifts)

    def test_withholds_nothing_of_whoever_pays(self, worlds):
        for each in worlds:
            paying = replace(each.facts, past_due_since=None)
            rules = {ask(each.document, paying, key, NOW).rule for ask, key in ASKED}
            assert not any(rule.startswith("dunning") for rule in rules)

    def test_takes_nothing_that_was_agreed_for_want_of_a_payment(self, worlds):
        for each in worlds:
            overdue = replace(each.facts, past_due_since=NOW - 1000 * DAY)
            for agreed in each.facts.overrides:
                if agreed.lasts(NOW):
                    assert all(feature(each.document, overdue, key, NOW).value for key in agreed.features)


def same(one: Resolved[object], other: Resolved[object]) -> bool:
    """Whatever has been considered on the way."""
    return (one.value, one.rule, one.lifts) == (other.value, other.rule, other.lifts)


def bought(each: World, facts: Facts, name: str) -> Facts:
    """An add-on beside what there is; or another plan, with the add-ons that can be kept there."""
    if name in each.document.add_ons:
        return replace(facts, add_ons=(*facts.add_ons, name))
    kept = tuple(have for have in facts.add_ons if have in each.document.add_ons)
    return replace(facts, plan=name, add_ons=tuple(have for have in kept if name in each.document.add_ons[have].plans))


def is_more(now: Resolved[object], before: Resolved[object]) -> bool:
    match before.value, now.value:
        case bool() as had, bool() as has:
            return has and not had
        case None, _:
            return False
        case _, None:
            return True
        case (had, had_in), (has, has_in):
            return has / has_in > had / had_in
        case had, has:
            return has > had
    return pytest.fail("what is compared is a feature, a limit or a rate")
