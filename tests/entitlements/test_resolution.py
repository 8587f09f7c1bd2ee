"""What a tenant has, each rule alone and against each other, to the microsecond."""

from datetime import datetime
from typing import Any

import pytest

from freehold.entitlements.document import CatalogDocument
from freehold.entitlements.resolution import Resolved, feature, limit, plan_of, rate
from tests.entitlements.parts import BEFORE, CATALOG, DAY, DOCUMENT, NOW, TICK, facts, grant, override

EARLY = BEFORE - TICK
EARLIEST = BEFORE - 200 * DAY
OVERDUE = NOW - 30 * DAY


def short(resolved: Resolved[Any]) -> tuple[Any, str]:
    return resolved.value, resolved.rule


class TestPlan:
    @pytest.mark.parametrize(
        ("known", "says"),
        [
            ({}, "fallback:free"),
            ({"plan": "pro"}, "plan:pro"),
            ({"plan": "gone"}, "fallback:free"),
            ({"plan": "pro", "grants": [grant(plan="scale")]}, "grant:g1"),
            ({"plan": "pro", "grants": [grant(plan="scale"), grant("g2", plan="huge")]}, "grant:g2"),
            ({"plan": "pro", "grants": [grant(plan="scale"), grant("g2")]}, "plan:pro"),
            ({"plan": "pro", "grants": [grant(plan="gone")]}, "plan:pro"),
            ({"plan": "pro", "grants": [grant(plan="scale", until=NOW)]}, "plan:pro"),
            ({"plan": "pro", "grants": [grant(plan="scale", until=NOW + TICK)]}, "grant:g1"),
            ({"plan": "pro", "overrides": [override(plan="scale")]}, "override:o1"),
            ({"plan": "pro", "overrides": [override(plan="scale"), override("o2", plan="huge")]}, "override:o2"),
            ({"plan": "pro", "overrides": [override(plan="scale"), override("o2", plan="gone")]}, "override:o1"),
            ({"plan": "pro", "overrides": [override(plan="scale", until=NOW)]}, "plan:pro"),
            ({"plan": "pro", "overrides": [override(plan="scale", until=NOW + TICK)]}, "override:o1"),
            ({"grants": [grant(plan="huge")], "overrides": [override(plan="scale")]}, "override:o1"),
        ],
    )  # fmt: skip
    def test_that_counts_is_the_agreed_one_then_the_given_one_then_the_paid_one(self, known, says):
        assert feature(CATALOG, facts(**known), "nothing", NOW).rule == says
        assert limit(CATALOG, facts(**known), "seats", NOW).rule == says
        assert rate(CATALOG, facts(**known), "read", NOW).rule == says

    def test_that_counts_can_be_asked_for(self):
        assert plan_of(CATALOG, facts(plan="pro"), NOW).id == "pro"
        assert plan_of(CATALOG, facts(plan="gone"), NOW).id == "free"

    def test_that_is_not_known_is_told(self):
        known = facts(plan="gone", overrides=[override(plan="lost")], grants=[grant(plan="past")])
        assert feature(CATALOG, known, "sso", NOW).trace == (
            "The tenant was given the plan lost, which the catalog does not know (override:o1).",
            "The tenant was given the plan past, which the catalog does not know (grant:g1).",
            "The tenant is on the plan gone by its billing account, and the catalog does not know it.",
            "The plan free is that of a tenant that has no other.",
            "Plan 0 does not give sso.",
        )


class TestFeature:
    @pytest.mark.parametrize(
        ("key", "known", "value", "rule"),
        [
            ("export", {}, False, "fallback:free"),
            ("export", {"plan": "pro"}, True, "plan:pro"),
            ("sso", {"plan": "pro"}, False, "plan:pro"),
            ("support", {"plan": "pro", "add_ons": ["help"]}, True, "add_on:help"),
            ("support", {"plan": "pro", "add_ons": ["gone", "help"]}, True, "add_on:help"),
            ("sso", {"plan": "pro", "overrides": [override(features=["sso"])]}, True, "override:o1"),
            ("sso", {"overrides": [override(features=["sso"]), override("o2", features=["sso"])]}, True, "override:o2"),
            ("sso", {"overrides": [override(features=["sso"]), override("o2", features=["x"])]}, True, "override:o1"),
            ("sso", {"overrides": [override(features=["sso"], until=NOW)]}, False, "fallback:free"),
            ("sso", {"overrides": [override(features=["sso"], until=NOW + TICK)]}, True, "override:o1"),
            ("export", {"plan": "pro", "overrides": [override(features=["export"])]}, True, "plan:pro"),
            ("sso", {"overrides": [override(plan="scale")]}, True, "override:o1"),
            ("sso", {"grants": [grant(plan="scale")]}, True, "grant:g1"),
            # What a plan gave once
            ("beta", {"plan": "pro", "subscribed_at": EARLY}, True, "grandfathered:pro-2025"),
            ("beta", {"plan": "pro", "subscribed_at": BEFORE}, False, "plan:pro"),
            ("beta", {"plan": "pro"}, False, "plan:pro"),
            ("beta", {"plan": "scale", "subscribed_at": EARLY}, False, "plan:scale"),
            ("beta", {"plan": "scale", "subscribed_at": EARLY, "overrides": [override(plan="pro")]}, True,
             "grandfathered:pro-2025"),
            # What is withheld, and what never is
            ("export", {"plan": "pro", "past_due_since": NOW - 7 * DAY + TICK}, True, "plan:pro"),
            ("export", {"plan": "pro", "past_due_since": NOW - 7 * DAY}, False, "dunning:7"),
            ("export", {"plan": "pro", "past_due_since": OVERDUE}, False, "dunning:7"),
            ("sso", {"plan": "scale", "past_due_since": NOW - 21 * DAY + TICK}, True, "plan:scale"),
            ("sso", {"plan": "scale", "past_due_since": NOW - 21 * DAY}, False, "dunning:21"),
            ("sso", {"plan": "pro", "past_due_since": OVERDUE}, False, "plan:pro"),
            ("support", {"plan": "pro", "add_ons": ["help"], "past_due_since": OVERDUE}, False, "dunning:7"),
            ("beta", {"plan": "pro", "subscribed_at": EARLY, "past_due_since": OVERDUE}, False, "dunning:21"),
            ("export", {"plan": "pro", "past_due_since": OVERDUE, "overrides": [override(features=["export"])]}, True,
             "override:o1"),
            ("export", {"past_due_since": OVERDUE, "overrides": [override(plan="pro")]}, True, "override:o1"),
            ("export", {"past_due_since": OVERDUE, "grants": [grant(plan="pro")]}, True, "grant:g1"),
            ("support", {"add_ons": ["help"], "past_due_since": OVERDUE, "grants": [grant(plan="pro")]}, False,
             "dunning:7"),
        ],
    )  # fmt: skip
    def test_is_given_or_not_by_a_rule(self, key, known, value, rule):
        assert short(feature(CATALOG, facts(**known), key, NOW)) == (value, rule)

    @pytest.mark.parametrize(
        ("known", "key", "lifts"),
        [
            ({}, "export", ("pro", "scale", "huge")),
            ({}, "sso", ("scale", "huge")),
            ({"plan": "pro"}, "sso", ("scale", "huge")),
            ({"plan": "pro"}, "support", ("help",)),
            ({}, "support", ("help",)),
            ({"plan": "pro"}, "logo", ()),  # which only a plan gives that is sold no more
            ({"plan": "scale", "overrides": [override(plan="free")]}, "sso", ()),
            ({"plan": "pro", "past_due_since": OVERDUE}, "export", ()),
            ({"plan": "pro"}, "export", ()),
        ],
    )
    def test_names_what_would_give_it(self, known, key, lifts):
        assert feature(CATALOG, facts(**known), key, NOW).lifts == lifts

    @pytest.mark.parametrize(
        ("known", "key", "until"),
        [
            ({"plan": "pro"}, "export", None),
            ({"plan": "pro", "past_due_since": NOW - 5 * DAY}, "export", NOW + 2 * DAY),
            ({"plan": "scale", "past_due_since": NOW - 5 * DAY}, "sso", NOW + 16 * DAY),
            ({"plan": "pro", "past_due_since": OVERDUE}, "export", None),
            ({"plan": "pro", "subscribed_at": EARLY}, "beta", NOW + 10 * DAY),
            ({"overrides": [override(features=["sso"], until=NOW + DAY)]}, "sso", NOW + DAY),
            ({"overrides": [override(features=["sso"], until=NOW + DAY)]}, "beta", None),
            ({"grants": [grant(plan="pro", until=NOW + DAY)]}, "export", NOW + DAY),
            ({"grants": [grant(until=NOW + DAY)]}, "export", None),
            ({"grants": [grant(plan="pro", until=NOW + 9 * DAY), grant("g2", NOW + DAY)]}, "export", NOW + DAY),
        ],
    )
    def test_says_until_when_that_holds(self, known, key, until):
        assert feature(CATALOG, facts(**known), key, NOW).until == until

    def test_that_is_withheld_says_since_when(self):
        trace = feature(CATALOG, facts(plan="pro", past_due_since=NOW - 8 * DAY), "export", NOW).trace
        assert trace[-1] == (
            "A payment is open since 2026-11-14T12:00:00+00:00: export is withheld since 2026-11-21T12:00:00+00:00."
        )


class TestLimit:
    @pytest.mark.parametrize(
        ("key", "known", "value", "rule"),
        [
            ("projects", {}, 3, "fallback:free"),
            ("projects", {"plan": "pro"}, 100, "plan:pro"),
            ("projects", {"plan": "huge"}, None, "plan:huge"),
            ("projects", {"plan": "pro", "add_ons": ["room"]}, 150, "add_on:room"),
            ("projects", {"plan": "huge", "add_ons": ["room"]}, None, "plan:huge"),
            ("projects", {"plan": "pro", "subscribed_at": EARLY}, 500, "grandfathered:pro-2025"),
            ("projects", {"plan": "pro", "subscribed_at": EARLIEST}, 500, "grandfathered:pro-2025"),
            ("projects", {"plan": "pro", "subscribed_at": BEFORE}, 100, "plan:pro"),
            ("seats", {"plan": "pro", "subscribed_at": EARLY}, None, "plan:pro"),
            ("projects", {"plan": "pro", "subscribed_at": EARLY, "add_ons": ["room"]}, 550, "add_on:room"),
            ("projects", {"plan": "pro", "overrides": [override(limits={"projects": 5})]}, 5, "override:o1"),
            ("projects", {"plan": "pro", "overrides": [override(limits={"projects": None})]}, None, "override:o1"),
            ("projects", {"plan": "pro", "add_ons": ["room"], "subscribed_at": EARLY,
                          "overrides": [override(limits={"projects": 5})]}, 5, "override:o1"),
            ("projects", {"overrides": [override(limits={"projects": 5}), override("o2", limits={"projects": 4})]}, 4,
             "override:o2"),
            ("projects", {"overrides": [override(limits={"projects": 5}), override("o2", limits={"seats": 4})]}, 5,
             "override:o1"),
            ("projects", {"plan": "pro", "overrides": [override(limits={"projects": 5}, until=NOW)]}, 100, "plan:pro"),
            ("projects", {"plan": "pro", "overrides": [override(limits={"projects": 5}, until=NOW + TICK)]}, 5,
             "override:o1"),
            ("projects", {"plan": "pro", "past_due_since": OVERDUE}, 100, "plan:pro"),  # access says what is refused
        ],
    )  # fmt: skip
    def test_is_a_number_by_a_rule(self, key, known, value, rule):
        assert short(limit(CATALOG, facts(**known), key, NOW)) == (value, rule)

    def test_of_an_earlier_subscriber_ends_when_that_does(self):
        earliest, end = facts(plan="pro", subscribed_at=EARLIEST), NOW + 10 * DAY
        assert limit(CATALOG, earliest, "projects", NOW).until == end
        assert limit(CATALOG, earliest, "projects", end - TICK).value == 500
        assert short(limit(CATALOG, earliest, "projects", end)) == (200, "grandfathered:pro-2024")
        assert limit(CATALOG, earliest, "projects", end).until is None

    @pytest.mark.parametrize(
        ("known", "key", "lifts"),
        [
            ({}, "projects", ("pro", "scale", "huge")),
            ({"plan": "pro"}, "projects", ("scale", "huge", "room")),
            ({"plan": "pro", "add_ons": ["room"]}, "projects", ("scale", "huge")),
            ({"plan": "pro", "subscribed_at": EARLY}, "projects", ("huge", "room")),
            ({"plan": "scale"}, "projects", ("huge",)),
            ({"plan": "huge"}, "projects", ()),
            ({"plan": "pro", "overrides": [override(limits={"projects": 5})]}, "projects", ()),
            ({"plan": "scale", "grants": [grant(plan="free")]}, "projects", ("room",)),
        ],
    )
    def test_names_what_would_give_more(self, known, key, lifts):
        assert limit(CATALOG, facts(**known), key, NOW).lifts == lifts

    def test_that_is_not_known_is_an_error(self):
        with pytest.raises(KeyError):
            limit(CATALOG, facts(), "gone", NOW)

    def test_tells_how_it_came_about(self):
        known = facts(
            plan="pro", add_ons=["room"], subscribed_at=EARLY, overrides=[override(limits={"projects": None})]
        )
        assert limit(CATALOG, known, "projects", NOW).trace == (
            "The tenant is on the plan pro by its billing account.",
            "Plan 1 gives 100 of projects.",
            f"As it subscribed before {BEFORE.isoformat()}, it has 500 (grandfathered:pro-2025).",
            "The add-on room gives 50 more, which makes 550.",
            "It was agreed with the tenant that it has any number in place of that (override:o1).",
        )


class TestRate:
    @pytest.mark.parametrize(
        ("known", "value", "rule"),
        [
            ({}, (60, 60), "fallback:free"),
            ({"plan": "pro"}, (600, 60), "plan:pro"),
            ({"plan": "huge"}, None, "plan:huge"),
            ({"plan": "pro", "subscribed_at": EARLY}, (20, 1), "grandfathered:pro-2025"),
            ({"plan": "pro", "subscribed_at": BEFORE}, (600, 60), "plan:pro"),
            ({"plan": "huge", "overrides": [override(rates={"read": [1, 3600]})]}, (1, 3600), "override:o1"),
            ({"plan": "pro", "overrides": [override(rates={"read": None})]}, None, "override:o1"),
            ({"plan": "pro", "overrides": [override(rates={"write": [1, 1]})]}, (600, 60), "plan:pro"),
            ({"plan": "pro", "past_due_since": OVERDUE}, (600, 60), "plan:pro"),
        ],
    )
    def test_is_so_many_in_a_time_by_a_rule(self, known, value, rule):
        assert short(rate(CATALOG, facts(**known), "read", NOW)) == (value, rule)

    def test_is_compared_in_the_long_run(self):
        assert rate(CATALOG, facts(plan="pro"), "read", NOW).lifts == ("scale", "huge")  # 100/1 is more than 600/60
        assert rate(CATALOG, facts(plan="scale"), "read", NOW).lifts == ("huge",)  # 600/60 is not more than 100/1

    def test_of_a_class_that_is_not_known_has_no_limit(self):
        found = rate(CATALOG, facts(plan="pro", subscribed_at=EARLY), "walk", NOW)
        assert found.value is None
        assert "no requests of the class walk" in found.trace[-1]


class TestDocument:
    def test_that_is_of_another_release_is_read(self):
        assert CatalogDocument.read({**DOCUMENT, "colours": {}}) == CATALOG

    def test_has_its_moments(self):
        assert isinstance(CATALOG.grandfathered[0].before, datetime)
        assert [each.id for each in CATALOG.sold] == ["pro", "scale", "huge"]

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            ({"plans": {}}, "falls back to the plan free, and has none such"),
            ({"fallback": "gone"}, "falls back to the plan gone, and has none such"),
            ({"limits": DOCUMENT["limits"] | {"more": {"name": "", "soft": False, "meter": None}}}, "nothing of more"),
            ({"features": None}, "not in the form"),
            ({"dunning": [{"withholds": []}]}, "not in the form"),
        ],
    )
    def test_that_cannot_be_decided_by_is_refused(self, change, says):
        with pytest.raises(ValueError, match=says):
            CatalogDocument.read(DOCUMENT | change)

    def test_that_was_never_published_is_refused(self):
        with pytest.raises(ValueError, match="has been published yet"):
            CatalogDocument.read({})
