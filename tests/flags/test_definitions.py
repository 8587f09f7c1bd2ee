"""Every mistake in a definition is said in a sentence that tells where it is and what to do."""

from typing import Any

import pytest

from freehold.flags.reading import FlagUnfit, read_flag
from tests.flags.making import flag, rule, split, there, when

A_KEY = "key: It has to be small letters, digits, _, . and -, a letter first, 80 at most, like new-editor."
A_NAME = "It has to be letters, digits, _, . and -, a letter or digit first, 80 at most, like beta."
A_SHARE = "It has to be a percentage, a number from 0 to 100."
NOT_THERE = 'names the variant "blue", which is not there: add it, or name one of "on", "off".'
TEXTUAL = '"in", "not_in", "starts_with", "ends_with", "contains", "exists"'
NOT_JSON = "It has to be JSON that is not nested deeply, with numbers that have an end."


def wrong(definition: Any) -> list[str]:
    with pytest.raises(FlagUnfit) as unfit:
        read_flag(definition)
    return list(unfit.value.sentences)


def nested() -> dict[str, Any]:
    inside: dict[str, Any] = {}
    for _ in range(100_000):
        inside = {"a": inside}
    return inside


def test_what_is_right_is_read_and_written_back_as_it_was():
    definition = flag(
        description="Another editor",
        variants={"off": "old", "new": "new"},
        rules=[
            rule("new", when("plan", "in", "pro", "scale"), when("score", "gte", 1.5), until="2027-01-01T00:00:00Z"),
            rule(split("member", new=33.333, off=66.667), id="share"),
        ],
        experiment=True,
    )
    read = read_flag(definition)
    written = read.as_json()
    assert read_flag(written) == read
    assert written["rules"][1]["serve"] == {"split": {"new": 33.333, "off": 66.667}, "by": "member"}
    assert {**written["rules"][0]} == definition["rules"][0] | {"from": None}
    assert {key: written[key] for key in definition if key != "rules"} == {
        key: definition[key] for key in definition if key != "rules"
    }


@pytest.mark.parametrize("definition", [None, [], "flag", 5, float("nan")])
def test_no_object(definition):
    assert wrong(definition) == ["It has to be an object."]


@pytest.mark.parametrize(
    ("said", "sentences"),
    [
        ({"key": "New"}, [A_KEY]),
        ({"key": "a" * 81}, [A_KEY]),
        ({"state": "gone"}, ["state: It has to be 'on', 'off' or 'archived'."]),
        ({"colour": 1}, ["colour: There is no such field."]),
        ({"colour": nested()}, ["colour: There is no such field."]),
        ({"description": "a" * 501}, ["description: It has to be at most 500 characters long."]),
        ({"experiment": "yes"}, ["experiment: It has to be true or false."]),
        ({"off": "blue"}, [f'"off" {NOT_THERE}']),
        ({"otherwise": "blue"}, [f'"otherwise" {NOT_THERE}']),
        ({"otherwise": 5}, [f"otherwise: {A_NAME}"]),
        ({"variants": {}}, ["variants: It has to hold 1 or more, and holds 0."]),
        ({"variants": {f"v{n}": n for n in range(21)}}, ["variants: It holds too many: 20 are the most."]),
        ({"variants": {"off": False, "a b": True}}, [f"variants, a b: {A_NAME}"]),
        ({"variants": {"off": False, "\ud800": True}}, [f"variants, {'\\ufffd' * 3}: {A_NAME}"]),
        (
            {"variants": {"off": False, "on": "yes"}},
            ['The variants are of several kinds, "boolean", "string": make all of them one kind.'],
        ),
        ({"variants": {"off": None}}, ["variants, off: It has to be true or false, text, a number or an object."]),
        ({"variants": {"off": []}}, ["variants, off: It has to be true or false, text, a number or an object."]),
        ({"variants": {"off": {"a": float("nan")}}}, [f"variants, off: {NOT_JSON}"]),
        ({"variants": {"off": nested()}}, [f"variants, off: {NOT_JSON}"]),
        ({"variants": {"off": 10**5000}}, [f"variants, off: It has to be a number from -{2**53} to {2**53}."]),
        (
            {"variants": {"off": "\ud800"}},
            ["variants, off: It contains a character that cannot be kept: leave out NUL and half surrogate pairs."],
        ),
        (
            {"variants": {"off": {"a": "\0"}}},
            ["variants, off: It contains a character that cannot be kept: leave out NUL and half surrogate pairs."],
        ),
        (
            {"variants": {"off": "a" * 10_000}},
            ["variants, off: It has 10002 characters as JSON, and 10000 are the most."],
        ),
        ({"otherwise": split(on=10, off=80)}, ["otherwise, split: The shares add up to 90: make them add up to 100."]),
        (
            {"otherwise": split(on=101, off=-1)},
            [
                f"otherwise, split, on: {A_SHARE}",
                f"otherwise, split, off: {A_SHARE}",
            ],
        ),
        ({"otherwise": split(on=True, off=99)}, [f"otherwise, split, on: {A_SHARE}"]),
        (
            {"otherwise": split(on=33.3333, off=66.6667)},
            [
                "otherwise, split, on: It has to be a percentage with at most three decimals, like 33.333.",
                "otherwise, split, off: It has to be a percentage with at most three decimals, like 33.333.",
            ],
        ),
        (
            {"otherwise": split("add_ons", on=100)},
            ['otherwise, by: "add_ons" cannot be split by: name "tenant", "member" or another attribute that is text.'],
        ),
        ({"otherwise": {"by": "tenant"}}, ["otherwise, split: It is missing."]),
        (
            {"otherwise": split(on=50, blue=50)},
            [f'"otherwise" {NOT_THERE}'],
        ),
        ({"rules": 5}, ["rules: It has to be a list."]),
        ({"rules": [rule(id=f"r{n}") for n in range(51)]}, ["rules: It holds too many: 50 are the most."]),
        ({"rules": [rule(), rule()]}, ['2 rules have the id "beta": give each one its own.']),
        (
            {"rules": [rule("blue")]},
            [f'The rule "beta" {NOT_THERE}'],
        ),
        (
            {"rules": [rule(**{"from": "2027-01-02T00:00:00Z", "until": "2027-01-02T01:00:00+01:00"})]},
            ['rules #1: The rule "beta" ends before it begins: let from be earlier than until.'],
        ),
        (
            {"rules": [rule(until="2027-01-01")]},
            ["rules #1, until: It has to be a moment with its offset from UTC, like 2027-01-31T12:00:00Z."],
        ),
        (
            {"rules": [rule(until=1_800_000_000)]},
            ["rules #1, until: It has to be a moment with its offset from UTC, like 2027-01-31T12:00:00Z."],
        ),
        (
            {"rules": [rule("on", *[when("a", "in", 1)] * 21)]},
            ["rules #1, when: It holds too many: 20 are the most."],
        ),
    ],
)
def test_a_mistake(said, sentences):
    assert wrong(flag(**said)) == sentences


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        (5, "It has to be an object."),
        (when("a b", "in", 1), "attribute: " + A_NAME),
        (when("a", "in"), "Values is empty: name one value or more to compare with."),
        (when("a", "in", *range(501)), "values: It holds too many: 500 are the most."),
        (when("a", "in", {}), "values #1: It has to be text, a number, true or false."),
        (when("a", "in", ""), "values #1: It has to be 1 to 200 characters long."),
        (when("a", "gt", "5"), '"gt" takes one value, a number.'),
        (when("a", "gt", 5, 6), '"gt" takes one value, a number.'),
        (there("a") | {"op": "lt"}, '"lt" takes one value, a number.'),
        (
            when("a", "before", "tomorrow"),
            '"before" takes one value. It has to be a moment with its offset from UTC, like 2027-01-31T12:00:00Z.',
        ),
        (when("a", "contains", 5), '"contains" compares text: put every value between quotation marks.'),
        (
            when("a", "exists", 1),
            '"exists" takes one value, true where the attribute has to be there and false where it must not.',
        ),
        (when("plan", "in", 1), '"plan" is text: put every value between quotation marks.'),
        (
            when("plan", "gt", 1),
            f'"plan" can be compared by {TEXTUAL}, and not by "gt".',
        ),
        (
            when("tenant_created_at", "in", "2027-01-01T00:00:00Z"),
            '"tenant_created_at" can be compared by "before", "after", "exists", and not by "in".',
        ),
    ],
)
def test_a_mistake_in_a_condition(condition, sentence):
    [said] = wrong(flag(rules=[rule("on", condition)]))
    assert said in (f"rules #1, when #1, {sentence}", f"rules #1, when #1: {sentence}")


def test_a_definition_that_is_too_long_for_every_process_to_hold():
    values = [f"{'x' * 190}{number}" for number in range(500)]
    long = [rule("on", when("a", "in", *values))]
    assert wrong(flag(rules=long * 1 + [rule("on", when("b", "in", *values), id="c")]))[0].endswith(
        "characters as JSON, and 65536 are the most: take values out of rules."
    )
    read_flag(flag(rules=[rule("on", when("a", "in", *values[:250]))]))


def test_several_mistakes_are_all_said():
    assert len(wrong(flag(key=5, state=6, rules=[rule(id=""), 7]))) == 4
