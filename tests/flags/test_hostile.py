"""A context that means harm is answered like any other, and speaks for nobody but itself."""

import json

import pytest

from freehold.flags.attributes import BUILT_IN
from tests.flags.making import MEMBER, NOW, TENANT, ask, facts, flag, missing, rule, split, when


def nested(depth: int) -> dict[str, object]:
    inside: dict[str, object] = {}
    for _ in range(depth):
        inside = {"a": inside}
    return inside


VALUES = {
    "nested": nested(100_000),
    "long": "x" * 5_000_000,
    "many": list(range(200_000)),
    "half": "\ud800",
    "half at the end": "a\udfff",
    "nul": "\0",
    "nan": float("nan"),
    "infinite": float("inf"),
    "huge": 10**5000,
    "bytes": b"\xff",
    "itself": object(),
    "class": str,
    "list of lists": [[[[]]]],
    "list of all": [None, {}, [], "\ud800", float("nan"), 10**5000],
}
EVERY_OPERATOR = flag(
    rules=[
        rule("on", condition, id=f"r{place}")
        for place, condition in enumerate(
            [
                when("mood", "in", "a", 1),
                when("mood", "starts_with", "zz"),
                when("mood", "ends_with", "zz"),
                when("mood", "contains", "zz"),
                when("mood", "gt", 1e15),
                when("mood", "lt", -1e15),
                when("mood", "before", "0001-01-02T00:00:00Z"),
                when("mood", "after", "9999-12-30T00:00:00Z"),
                missing("mood"),
            ]
        )
    ],
    otherwise=split("mood", on=50, off=50),
)


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("traced", [False, True], ids=["", "explained"])
def test_any_value_has_an_answer(value, traced):
    served = ask(EVERY_OPERATOR, {"mood": value}, traced=traced)
    assert served.variant in {"on", "off"}
    json.dumps(served.trace).encode()
    assert sum(map(len, served.trace)) < 5_000


def test_the_control_some_value_passes_each_rule():
    passing = ["a", "zz", "azz", "azza", 1e16, -1e16, "0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z", None]
    assert [ask(EVERY_OPERATOR, {"mood": value}).rule.rpartition(":r")[2] for value in passing] == list("012345678")


@pytest.mark.parametrize("name", [name for name, kind in BUILT_IN.items() if kind != "moment"])
def test_nobody_says_who_they_are(name):
    claimed = flag(rules=[rule("on", when(name, "in", "mine"))])
    assert ask(claimed, {name: "mine"}).value is False
    assert ask(claimed, {name: "mine"}, known=facts(status=None, interval=None)).value is False


def test_the_control_another_name_is_theirs_to_say():
    assert ask(flag(rules=[rule("on", when("mine", "in", "mine"))]), {"mine": "mine"}).value is True


def test_nobody_says_when_they_came():
    claimed = flag(rules=[rule("on", when("tenant_created_at", "before", "2020-01-01T00:00:00Z"))])
    assert ask(claimed, {"tenant_created_at": "2019-01-01T00:00:00Z"}).value is False
    assert ask(claimed, known=facts(created_at=NOW.replace(year=2019))).value is True


@pytest.mark.parametrize(("by", "known"), [("tenant", TENANT), ("member", MEMBER)])
def test_nobody_chooses_their_share(by, known):
    halves = flag(otherwise=split(by, on=50, off=50))
    mine = ask(halves).value
    assert {ask(halves, {by: f"another {number}"}).value for number in range(50)} == {mine}
    elsewhere = flag(otherwise=split("another", on=50, off=50))
    assert len({ask(elsewhere, {"another": f"another {number}"}).value for number in range(50)}) == 2
    assert known
