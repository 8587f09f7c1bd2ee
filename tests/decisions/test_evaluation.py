"""One question for features, limits and flags, and each answer with what decided it."""

import json
from datetime import timedelta

import pytest

from freehold.decisions.evaluation import evaluate, evaluate_all
from freehold.decisions.models import UnknownKey, with_usage
from freehold.entitlements.facts import Grant
from tests.decisions.making import agreed, stage
from tests.flags.making import KEY, NOW, PERSON, facts, flag, rule, split, when

LATER = NOW + timedelta(days=1)


def decide(key, known=None, *, context=None, who=PERSON, at=NOW, snapshot=None):
    return evaluate(snapshot or stage(), known or facts(), who, key, at=at, context=context or {})


class TestFeatures:
    """On or off, by the plan, an add-on, or what was agreed."""

    def test_one_that_the_plan_has(self):
        decided = decide("sso", facts(plan="scale"))
        assert (decided.kind, decided.value, decided.variant) == ("feature", True, "on")
        assert (decided.reason, decided.rule, decided.lifts) == ("STATIC", "plan:scale", ())

    def test_one_that_the_plan_has_not(self):
        decided = decide("sso")
        assert (decided.value, decided.variant, decided.reason) == (False, "off", "STATIC")
        assert decided.rule == "plan:pro"
        assert decided.lifts == ("scale",)

    def test_one_of_an_add_on(self):
        assert decide("priority_support").rule == "add_on:support"
        assert decide("priority_support", facts(add_ons=())).value is False

    def test_one_that_was_agreed(self):
        decided = decide("sso", facts(overrides=(agreed(features=frozenset({"sso"}), until=LATER),)))
        assert (decided.value, decided.reason) == (True, "TARGETING_MATCH")
        assert (decided.rule, decided.until) == ("override:o1", LATER)

    def test_one_that_earlier_subscribers_keep(self):
        decided = decide("sso", facts(subscribed_at=NOW.replace(year=2026)))
        assert (decided.value, decided.reason, decided.rule) == (True, "TARGETING_MATCH", "grandfathered:pro-2026")

    def test_one_that_is_withheld_until_it_is_paid_for(self):
        decided = decide("priority_support", facts(past_due_since=NOW - timedelta(days=7)))
        assert (decided.value, decided.rule) == (False, "dunning:7")
        assert decide("priority_support", facts(past_due_since=NOW - timedelta(days=6))).value is True


class TestLimits:
    """The most there may be, and what there is once somebody has counted."""

    def test_what_the_plan_gives(self):
        decided = decide("seats")
        assert decided.value == {"limit": 50, "used": None, "remaining": None, "hard": True}
        assert (decided.kind, decided.variant, decided.rule) == ("limit", None, "plan:pro")
        assert decided.lifts == ("scale",)

    def test_no_limit_and_a_soft_one(self):
        assert decide("api_calls").value == {"limit": None, "used": None, "remaining": None, "hard": False}

    def test_what_was_agreed(self):
        decided = decide("seats", facts(overrides=(agreed(limits={"seats": 7}),)))
        assert decided.value["limit"] == 7
        assert decided.reason == "TARGETING_MATCH"

    @pytest.mark.parametrize(("used", "remaining"), [(0, 50), (49, 1), (50, 0), (60, 0)])
    def test_with_what_there_is(self, used, remaining):
        decided = decide("seats")
        counted = with_usage(decided, used)
        assert counted.value == {"limit": 50, "used": used, "remaining": remaining, "hard": True}
        assert decided.value["used"] is None

    def test_without_a_limit_there_is_no_remainder(self):
        assert with_usage(decide("api_calls"), 7).value == {
            "limit": None,
            "used": 7,
            "remaining": None,
            "hard": False,
        }


class TestFlags:
    """By the plan that counts, the context, and the tenant's targets."""

    def test_the_plan_is_the_one_that_counts_not_the_one_that_is_paid_for(self):
        assert decide("new-editor").value is False
        decided = decide("new-editor", facts(overrides=(agreed(plan="scale", until=LATER),)))
        assert (decided.kind, decided.value) == ("flag", True)
        assert (decided.rule, decided.reason) == ("flag:new-editor/rule:beta", "TARGETING_MATCH")

    def test_it_may_change_when_the_plan_that_was_agreed_ends(self):
        override, gift = agreed(plan="scale", until=LATER), Grant(id="g", access="full", plan="scale", until=LATER)
        assert decide("new-editor", facts(overrides=(override,))).until == LATER
        assert decide("new-editor", facts(grants=(gift,))).until == LATER
        assert decide("new-editor", facts(overrides=(override,)), at=LATER).until is None
        assert decide("theme", facts(overrides=(override,))).until is None

    def test_a_schedule_that_comes_first_is_told_first(self):
        sooner = NOW + timedelta(hours=1)
        scheduled = flag(rules=[rule("on", when("plan", "in", "scale"), until=sooner.isoformat())])
        known = facts(overrides=(agreed(plan="scale", until=LATER),))
        assert decide("new-editor", known, snapshot=stage(scheduled)).until == sooner

    def test_a_share_by_plan_is_dealt_by_the_plan_that_counts(self):
        decided = decide("new-editor", snapshot=stage(flag(otherwise=split("plan", on=50, off=50))))
        assert decided.reason == "SPLIT"

    def test_the_context_says_more_and_never_who_somebody_is(self):
        asked = stage(flag(rules=[rule("on", when("plan", "in", "scale"), when("beta", "in", "yes"))]))
        assert decide("new-editor", facts(plan="scale"), context={"beta": "yes"}, snapshot=asked).value is True
        assert decide("new-editor", context={"beta": "yes", "plan": "scale"}, snapshot=asked).value is False

    def test_one_that_cannot_be_read_is_an_error_and_harms_no_other(self):
        broken = stage(flag(key="broken", state="from a later release"), flag(otherwise="on"))
        decided = decide("broken", snapshot=broken)
        assert (decided.value, decided.variant, decided.reason) == (None, None, "ERROR")
        assert decided.rule == "flag:broken/unfit"
        assert decide("new-editor", snapshot=broken).value is True

    def test_a_flag_never_stands_in_for_a_feature_or_a_limit(self):
        named = stage(flag(key="sso", otherwise="on"), flag(key="seats", otherwise="on"))
        assert (decide("sso", snapshot=named).kind, decide("sso", snapshot=named).value) == ("feature", False)
        assert decide("seats", snapshot=named).kind == "limit"


@pytest.mark.parametrize("key", ["", "gone", "SSO", "\ud800", "x" * 100_000])
def test_a_key_that_nothing_has(key):
    with pytest.raises(UnknownKey) as unknown:
        decide(key)
    assert unknown.value.key == key
    assert len(str(unknown.value).encode()) < 200


def test_all_at_once_is_each_by_itself_without_what_is_archived():
    every = evaluate_all(stage(), facts(), KEY, at=NOW, context={"plan": "scale"})
    assert [decided.key for decided in every] == [
        "api_calls",
        "new-editor",
        "priority_support",
        "seats",
        "sso",
        "theme",
    ]
    assert list(every) == [decide(decided.key, who=KEY) for decided in every]
    assert decide("old-editor").reason == "DISABLED"


def test_a_decision_can_be_written_down():
    known = facts(overrides=(agreed(features=frozenset({"sso"}), until=LATER),))
    assert json.loads(json.dumps(decide("sso", known).as_json())) == {
        "key": "sso",
        "kind": "feature",
        "value": True,
        "variant": "on",
        "reason": "TARGETING_MATCH",
        "rule": "override:o1",
        "until": "2027-01-02T12:00:00+00:00",
        "lifts": [],
    }
