"""Who is served which variant of a flag, why, and until when."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.flags.making import KEY, MEMBER, NOW, TENANT, ask, facts, flag, rule, split, target, when

LATER, TICK = NOW + timedelta(days=1), timedelta(microseconds=1)


class TestOrder:
    """What comes first decides."""

    everything = flag(rules=[rule("on")], variants={"on": True, "off": False, "mine": True, "ours": True})
    targets = (target("ours"), target("mine", MEMBER))

    def test_archived_beats_all(self):
        served = ask(self.everything | {"state": "archived"}, known=facts(self.targets))
        assert served[:4] == (False, "off", "DISABLED", "flag:new-editor/archived")

    def test_the_kill_switch_beats_all_but_that(self):
        served = ask(self.everything | {"state": "off"}, known=facts(self.targets))
        assert served[:4] == (False, "off", "DISABLED", "flag:new-editor/off")

    def test_then_the_member(self):
        served = ask(self.everything, known=facts(self.targets))
        assert served[:4] == (True, "mine", "TARGETING_MATCH", "flag:new-editor/target:member")

    def test_then_the_tenant(self):
        served = ask(self.everything, known=facts(self.targets), who=KEY)
        assert served[:4] == (True, "ours", "TARGETING_MATCH", "flag:new-editor/target:tenant")

    def test_then_the_rules(self):
        assert ask(self.everything)[:4] == (True, "on", "TARGETING_MATCH", "flag:new-editor/rule:beta")

    def test_then_what_is_served_otherwise(self):
        served = ask(flag(rules=[rule("on", when("plan", "in", "scale"))]))
        assert served[:4] == (False, "off", "DEFAULT", "flag:new-editor/otherwise")

    def test_a_flag_that_nothing_changes_is_static(self):
        assert ask(flag())[:4] == (False, "off", "STATIC", "flag:new-editor/otherwise")

    def test_the_first_rule_that_holds_decides(self):
        rules = [
            rule("off", when("plan", "in", "scale"), id="first"),
            rule("on", id="second"),
            rule("off", id="third"),
        ]
        assert ask(flag(rules=rules)).rule == "flag:new-editor/rule:second"
        assert ask(flag(rules=rules), known=facts(plan="scale")).rule == "flag:new-editor/rule:first"

    def test_all_conditions_of_a_rule_must_hold(self):
        both = flag(rules=[rule("on", when("plan", "in", "pro"), when("role", "in", "owner"))])
        assert ask(both).value is True
        assert ask(both, known=facts(plan="free")).value is False
        assert ask(both, who=KEY).value is False


class TestTargets:
    """What was chosen for one."""

    def test_another_members_target_is_not_mine(self):
        assert ask(flag(), known=facts([target("on", "somebody")])).value is False

    def test_a_key_is_nobodys_member(self):
        assert ask(flag(), known=facts([target("on", MEMBER)]), who=KEY).value is False

    def test_a_variant_that_is_gone_is_passed_over(self):
        served = ask(flag(otherwise="on"), known=facts([target("blue")]))
        assert served[:4] == (True, "on", "DEFAULT", "flag:new-editor/otherwise")

    @pytest.mark.parametrize(("at", "value"), [(LATER - TICK, True), (LATER, False)])
    def test_it_lasts_until_its_very_moment(self, at, value):
        assert ask(flag(), known=facts([target("on", until=LATER)]), at=at).value is value

    def test_it_says_until_when(self):
        assert ask(flag(), known=facts([target("on", until=LATER)])).until == LATER
        assert ask(flag(), known=facts([target("on")])).until is None


class TestSchedules:
    """From one moment on, until another."""

    scheduled = flag(rules=[rule("on", **{"from": NOW.isoformat(), "until": LATER.isoformat()})])

    @pytest.mark.parametrize(("at", "value"), [(NOW - TICK, False), (NOW, True), (LATER - TICK, True), (LATER, False)])
    def test_it_holds_from_the_first_moment_and_ends_at_the_last(self, at, value):
        assert ask(self.scheduled, at=at).value is value

    def test_its_moments_are_the_same_in_every_zone(self):
        there = flag(rules=[rule("on", **{"from": "2027-01-01T14:00:00+02:00"})])
        assert ask(there, at=NOW).value is True
        assert ask(there, at=NOW - TICK).value is False

    @pytest.mark.parametrize(("at", "until"), [(NOW - TICK, NOW), (NOW, LATER), (LATER, None)])
    def test_the_next_change_is_known(self, at, until):
        assert ask(self.scheduled, at=at).until == until


class TestSplits:
    """Shares of tenants, members and others."""

    def test_everybody_of_a_hundred_percent(self):
        assert ask(flag(otherwise=split(on=100, off=0)))[:4] == (True, "on", "SPLIT", "flag:new-editor/otherwise")
        assert ask(flag(otherwise=split(on=0, off=100))).value is False

    def test_a_rule_may_split(self):
        served = ask(flag(rules=[rule(split(on=100))]))
        assert served[1:4] == ("on", "SPLIT", "flag:new-editor/rule:beta")

    def test_who_has_no_member_is_not_split_by_members(self):
        split_rule = flag(rules=[rule(split("member", on=100)), rule("on", id="last")])
        assert ask(split_rule).rule == "flag:new-editor/rule:beta"
        assert ask(split_rule, who=KEY).rule == "flag:new-editor/rule:last"
        served = ask(flag(otherwise=split("member", on=100)), who=KEY)
        assert served[1:4] == ("off", "DEFAULT", "flag:new-editor/otherwise")

    @pytest.mark.parametrize("unit", ["a", 5, 5.0, -1])
    def test_an_attribute_of_the_context_can_be_split_by(self, unit):
        assert ask(flag(otherwise=split("company", on=100)), {"company": unit}).variant == "on"

    @pytest.mark.parametrize(
        "unit", [None, "", True, 1.5, float("nan"), float("inf"), [], {}, pytest.param(10**5000, id="huge")]
    )
    def test_what_cannot_be_split_by_is_served_off(self, unit):
        assert ask(flag(otherwise=split("company", on=100)), {"company": unit}).variant == "off"

    def test_one_and_one_point_nought_are_the_same_company(self):
        halves = flag(otherwise=split("company", on=50, off=50))
        assert [ask(halves, {"company": n}).value for n in range(99)] == [
            ask(halves, {"company": float(n)}).value for n in range(99)
        ]
        assert {ask(halves, {"company": n}).value for n in range(99)} == {True, False}


class TestExplained:
    """What was considered, in sentences."""

    def test_nobody_pays_for_sentences_who_does_not_ask(self):
        assert ask(flag(rules=[rule("on")])).trace == ()

    def test_every_step_is_told_and_decides_the_same(self):
        definition = flag(
            rules=[
                rule("on", id="early", **{"from": LATER.isoformat()}),
                rule("on", id="late", until=NOW.isoformat()),
                rule("on", when("plan", "in", "scale"), id="scale"),
                rule(split("member", on=100), id="members"),
                rule(split(on=100), id="all"),
            ]
        )
        known = facts([target("blue"), target("on", until=NOW)])
        told = ask(definition, known=known, who=KEY, traced=True)
        assert told.trace == (
            'The target of this tenant, "blue", names a variant that is not there',
            'The target of this tenant, "on" until 2027-01-01T12:00:00+00:00, is over',
            'The rule "early" is passed over: it begins 2027-01-02T12:00:00+00:00',
            'The rule "late" is passed over: it ended 2027-01-01T12:00:00+00:00',
            'The rule "scale" is passed over: plan in "scale" does not hold for \'pro\'',
            "It splits by member, which is missing here or cannot be split by: it is passed over",
            f"It splits by tenant: '{TENANT}' has the bucket 95,179 of 100,000",
            'The rule "all" decides: it serves "on"',
        )
        assert told[:5] == ask(definition, known=known, who=KEY)[:5]

    @pytest.mark.parametrize("state", ["off", "archived"])
    def test_a_flag_that_is_stopped_says_so(self, state):
        assert ask(flag(state=state), traced=True).trace == (f'The flag is {state}: everybody is served "off"',)

    def test_what_is_served_otherwise_is_told(self):
        assert ask(flag(), traced=True).trace == ('Otherwise "off" is served',)


class TestValues:
    """What a flag can be."""

    @pytest.mark.parametrize("value", [True, "blue", 7, 0.5, {"colour": "blue", "sizes": [1, 2]}])
    def test_every_kind(self, value):
        assert ask(flag(variants={"off": value})).value == value

    def test_whoever_changes_an_object_changes_their_own(self):
        definition = flag(variants={"off": {"sizes": [1]}})
        known = facts()
        first = ask(definition, known=known)
        first.value["sizes"].append(2)
        assert ask(definition, known=known).value == {"sizes": [1]}


def test_the_built_in_attributes_tell_of_tenant_and_caller():
    conditions = [
        when("tenant", "in", TENANT),
        when("tenant_created_at", "before", datetime(2026, 6, 1, 0, 0, 1, tzinfo=UTC).isoformat()),
        when("plan", "in", "pro"),
        when("add_ons", "in", "support"),
        when("status", "in", "active"),
        when("access", "in", "full"),
        when("interval", "in", "month"),
        when("role", "in", "owner"),
        when("member", "in", MEMBER),
        when("principal", "in", "member"),
    ]
    assert ask(flag(rules=[rule("on", *conditions)])).value is True
    for condition in conditions:
        if condition["op"] == "in":
            assert ask(flag(rules=[rule("on", condition | {"op": "not_in"})])).value is False
