"""What a condition asks of an attribute, for every operator and every kind of value."""

import pytest

from tests.flags.making import KEY, ask, facts, flag, missing, rule, there, when


def holds(condition, context=None, **asking) -> bool:
    return ask(flag(rules=[rule("on", condition)]), context, **asking).value


@pytest.mark.parametrize(
    ("op", "values", "passes", "fails"),
    [
        ("in", ["a", "b"], ["a", "b", ["x", "b"]], ["c", "A", "", ["x"], [], {"a": 1}, 1]),
        ("in", [1, 2.5], [1, 1.0, 2.5, [0, 1]], [True, "1", 2, 0, float("nan")]),
        ("in", [True], [True, [False, True]], [1, 1.0, "true", False]),
        ("not_in", ["a"], ["b", ["b"], [], 1, {"a": 1}], ["a", ["b", "a"]]),
        ("not_in", [1], [True, 2, "1"], [1, 1.0]),
        ("starts_with", ["ab", "x"], ["abc", "ab", "x", ["q", "xy"]], ["a", "bab", 1, ["q"], {"ab": 1}]),
        ("ends_with", ["@acme.example"], ["a@acme.example"], ["a@acme.example.evil", "acme.example", True]),
        ("contains", ["b", "z"], ["abc", "b", "z", ["b"]], ["a", "", 1, [["b"]]]),
        ("gt", [5], [6, 5.1, float("inf"), 10**400], [5, 4, "6", True, float("nan"), None, -(10**400)]),
        ("gte", [5], [5, 5.0, 6], [4.9, "5", False]),
        ("lt", [5], [4, -1.5, float("-inf")], [5, 6, "4", float("nan"), False, {}]),
        ("lte", [5], [5, 4], [5.1, "x", []]),
        ("before", ["2027-01-01T00:00:00Z"], ["2026-12-31T23:59:59+00:00", "2027-01-01T00:30:00+01:00"], ["x", 5, ""]),
        ("before", ["2027-01-01T00:00:00Z"], ["0001-01-01T00:00:00+23:59"], ["2027-01-01T00:00:00Z", "2026-01-01"]),
        ("after", ["2027-01-01T00:00:00Z"], ["2027-01-01T00:00:01Z"], ["2027-01-01T00:00:00Z", "2028-01-01", True]),
        ("after", ["2027-01-01T00:00:00Z"], ["9999-12-31T23:59:59-23:59"], ["10000-01-01T00:00:00Z", "\ud800"]),
        ("exists", [True], ["", 0, False, [], {}], [None]),
        ("exists", [False], [None], ["", 0, False, [], {}]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_operator(op, values, passes, fails):
    condition = when("mood", op, *values)
    assert [value for value in passes if not holds(condition, {"mood": value})] == []
    assert [value for value in fails if holds(condition, {"mood": value})] == []


@pytest.mark.parametrize(
    "condition",
    [
        when("mood", "in", "a"),
        when("mood", "not_in", "a"),
        when("mood", "starts_with", "a"),
        when("mood", "gt", 1),
        when("mood", "lt", 1),
        when("mood", "before", "2027-01-01T00:00:00Z"),
        there("mood"),
    ],
    ids=lambda condition: condition["op"],
)
def test_a_missing_attribute_passes_nothing_but_the_question_whether_it_is_missing(condition):
    assert not holds(condition)
    assert not holds(condition, {"mood": None})
    assert holds(missing("mood"))


def test_a_built_in_attribute_that_nothing_is_known_of_is_missing():
    assert holds(missing("member"), who=KEY)
    assert not holds(missing("member"))
    assert not holds(when("status", "not_in", "active"), known=facts(status=None))


def test_several_moments_of_creation_are_compared_as_moments():
    assert holds(when("tenant_created_at", "before", "2026-06-01T00:00:01+00:00"))
    assert not holds(when("tenant_created_at", "before", "2026-06-01T00:00:00+00:00"))
