"""`freehold flags`, `freehold explain` and overrides: what is typed, what it makes of a flag, and what is printed."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from freehold.flags.reading import FlagUnfit, read_flag
from functions.operators.questions import QUESTION
from local import explain, flags, operators, words
from local.errors import LocalError
from local.flag_edits import condition
from local.flag_words import parse
from local.operator_door import asked_at

TENANT, OTHER = "01a1fac8-0000-7000-8000-000000000001", "01a1fac8-0000-7000-8000-000000000002"
EXPLAINED = "sso is a feature: included"
WHY = ("--reason", "Ticket 4711: they asked for it")


class Function:
    """The operators' function with its flags in memory; it refuses what no question is."""

    def __init__(self) -> None:
        self.flags: dict[str, dict[str, Any]] = {}
        self.tenants = {"Acme": TENANT, "Acme Labs": OTHER}
        self.asked: list[dict[str, Any]] = []

    def __call__(self, question: dict[str, Any]) -> Mapping[str, Any]:
        QUESTION.validate_python(question)
        self.asked.append(question)
        if question["ask"] == "flag" and question["key"] not in self.flags:
            return {"error": "There is no flag of this key.", "code": "unknown_flag"}
        return self.answer(question)

    def answer(self, question: dict[str, Any]) -> Mapping[str, Any]:
        words = question.get("words", "").lower()
        answers = {
            "find": lambda: {"tenants": [{"id": i, "name": n} for n, i in self.tenants.items() if words in n.lower()]},
            "flags": lambda: {"flags": list(self.flags.values())},
            "flag": lambda: {"flag": self.flags[question["key"]], "history": []},
            "change_flag": lambda: self.change(question["flag"], question["expected"]),
            "target_flag": lambda: {"target": OTHER},
            "end_target": lambda: {"ended": question["flag"] in self.flags},
            "explain": lambda: {"key": question["key"], "tenant": question["tenant"], "lines": [EXPLAINED]},
        }
        return answers[question["ask"]]()

    def change(self, definition: dict[str, Any], expected: int) -> Mapping[str, Any]:
        try:
            flag = read_flag(definition)
        except FlagUnfit as error:
            return {"error": str(error), "code": "invalid_input"}
        held = self.flags.get(flag.key, {"version": 0, "definition": None})
        if held["version"] != expected:
            return {"error": "The flag is another than you have seen.", "code": "flag_changed"}
        version = expected + (held["definition"] != flag.as_json())
        self.flags[flag.key] = {
            "key": flag.key,
            "version": version,
            "updated_at": "2026-11-22",
            "definition": flag.as_json(),
        }
        return {"version": version}


@pytest.fixture
def function() -> Function:
    """It has a flag that is off for everybody, and one with three variants."""
    function = Function()
    type_(function, "create", "editor", "--boolean", *WHY)
    type_(function, "create", "page", "--variants", "old,blue,green", *WHY)
    return function


def type_(function: Function, *typed: str) -> str:
    return flags.run(function, parse(typed))


def definition(function: Function, key: str = "editor") -> dict[str, Any]:
    return function.flags[key]["definition"]


class TestCreate:
    def test_of_a_switch_is_off_for_everybody(self, function: Function):
        made = definition(function)
        assert (made["variants"], made["off"], made["otherwise"]) == ({"on": True, "off": False}, "off", "off")

    def test_of_variants_serves_the_first(self, function: Function):
        made = definition(function, "page")
        assert (made["variants"]["blue"], made["off"], made["otherwise"]) == ("blue", "old", "old")

    def test_of_variants_with_values_keeps_their_kind(self, function: Function):
        type_(function, "create", "batch", "--variants", "small=10,large=50", *WHY)
        assert definition(function, "batch")["variants"] == {"small": 10, "large": 50}

    def test_of_a_file_takes_what_show_has_printed(self, function: Function, tmp_path: Path):
        file = tmp_path / "definition.json"
        file.write_text(type_(function, "show", "page", "--json"))
        with pytest.raises(LocalError, match="about the flag 'page', and you have named 'copy'"):
            type_(function, "create", "copy", "--file", str(file), *WHY)
        file.write_text(json.dumps({n: v for n, v in definition(function, "page").items() if n != "key"}))
        type_(function, "create", "copy", "--file", str(file), *WHY)
        assert definition(function, "copy") == definition(function, "page") | {"key": "copy"}

    @pytest.mark.parametrize(("text", "says"), [("{", "is no JSON"), ("[]", "hold one flag"), (None, "cannot be read")])
    def test_of_a_file_that_holds_no_flag_says_so(self, function: Function, tmp_path: Path, text, says: str):
        file = tmp_path / "definition.json"
        if text is not None:
            file.write_text(text)
        with pytest.raises(LocalError, match=says):
            type_(function, "create", "copy", "--file", str(file), *WHY)

    def test_of_one_that_is_there_says_so(self, function: Function):
        with pytest.raises(LocalError, match="There is a flag editor already: `freehold flags show editor`"):
            type_(function, "create", "editor", "--boolean", *WHY)

    @pytest.mark.parametrize("variants", ["a,a", "a,,b", ",", "=1"])
    def test_of_variants_that_are_none_says_so(self, function: Function, variants: str):
        with pytest.raises(LocalError, match="names no variants"):
            type_(function, "create", "other", "--variants", variants, *WHY)


class TestSwitches:
    def test_off_on_and_archive_leave_the_rest_as_it_is(self, function: Function):
        type_(function, "rollout", "editor", "25%", *WHY)
        before = definition(function)
        states = []
        for word in ("off", "on", "archive", "on"):
            type_(function, word, "editor", *WHY)
            states.append(definition(function)["state"])
        assert states == ["off", "on", "archived", "on"]
        assert definition(function) == before

    def test_of_what_is_so_already_say_so(self, function: Function):
        assert type_(function, "on", "editor", *WHY) == "editor is so already, in version 1."
        assert type_(function, "off", "editor", *WHY) == "editor is changed: version 2, in force with the next request."

    @pytest.mark.parametrize(
        "typed", [("serve", "editor", "on"), ("rollout", "editor", "5%"), ("rule", "remove", "editor", "x")]
    )
    def test_an_archived_one_has_to_come_back_first(self, function: Function, typed: tuple[str, ...]):
        type_(function, "archive", "editor", *WHY)
        with pytest.raises(LocalError, match="editor is archived: bring it back first"):
            type_(function, *typed, *WHY)


class TestRollout:
    @pytest.mark.parametrize(
        ("key", "shares", "split"),
        [
            ("editor", ["25%"], {"on": 25, "off": 75}),
            ("editor", ["33.333"], {"on": 33.333, "off": 66.667}),
            ("editor", ["on=100%"], {"on": 100}),
            ("editor", ["0%"], {"on": 0, "off": 100}),
            ("page", ["blue=25%", "green=25%"], {"blue": 25, "green": 25, "old": 50}),
            ("page", ["blue=50%", "old=50%"], {"blue": 50, "old": 50}),
        ],
    )
    def test_gives_what_is_left_to_the_off_variant(self, function: Function, key: str, shares: list[str], split):
        type_(function, "rollout", key, *shares, *WHY)
        assert definition(function, key)["otherwise"] == {"split": split, "by": "tenant"}

    def test_stays_by_what_it_was(self, function: Function):
        for more in (("--by", "member"), ()):
            type_(function, "rollout", "editor", "25%", *more, *WHY)
            assert definition(function)["otherwise"]["by"] == "member"

    @pytest.mark.parametrize(
        ("key", "shares", "says"),
        [
            ("page", ["25%"], "say which, as in blue=25% green=25%"),
            ("editor", ["on=60%", "off=60%"], "add up to 120 %: make them add up to 100 %"),
            ("editor", ["on=60%", "off=30%"], "add up to 90 %"),
            ("editor", ["on=60%", "60%"], "has two shares"),
            ("editor", ["blue=5%"], "has no variant 'blue': it has on, off"),
        ],
    )
    def test_that_cannot_be_is_said_to_be_none(self, function: Function, key: str, shares: list[str], says: str):
        with pytest.raises(LocalError, match=says):
            type_(function, "rollout", key, *shares, *WHY)

    @pytest.mark.parametrize("share", ["lots", "101%", "-1%", "nan", "1.2345%", "%"])
    def test_of_no_percentage_is_not_understood(self, share: str, capsys):
        with pytest.raises(SystemExit, match="2"):
            parse(["rollout", "editor", f"on={share}", *WHY])
        assert "is no percentage: write one like 25%" in capsys.readouterr().err

    def test_of_what_is_off_says_that_it_is(self, function: Function):
        type_(function, "off", "editor", *WHY)
        assert "It is off: `freehold flags on editor`" in type_(function, "rollout", "editor", "25%", *WHY)

    @pytest.mark.parametrize(
        ("before", "after", "says"),
        [
            (["blue=10%", "green=10%"], ["blue=25%", "green=25%"], None),
            (["blue=10%", "green=30%"], ["blue=20%", "green=25%"], "5 % of all have no longer the variant"),
            (["blue=10%"], ["blue=10%", "--by", "member"], "dealt by member now, and was by tenant"),
        ],
    )
    def test_says_where_somebody_loses_what_they_had(self, function: Function, before, after, says: str | None):
        type_(function, "rollout", "page", *before, *WHY)
        printed = type_(function, "rollout", "page", *after, *WHY).splitlines()
        assert len(printed) == (1 if says is None else 2)
        assert says is None or says in printed[1]

    def test_of_those_who_all_had_it_says_how_many_lose_it(self, function: Function):
        type_(function, "serve", "editor", "on", *WHY)
        assert "75 % of all" in type_(function, "rollout", "editor", "25%", *WHY)


class TestRules:
    def test_are_added_behind_or_before_and_removed(self, function: Function):
        add = ("rule", "add", "editor", "--when", "plan in scale,pro", "--serve", "on")
        for more in ((), ("--id", "beta"), ("--first",)):
            type_(function, *add, *more, *WHY)
        assert [rule["id"] for rule in definition(function)["rules"]] == ["rule-2", "rule-1", "beta"]
        type_(function, "rule", "remove", "editor", "beta", *WHY)
        type_(function, "rule", "remove", "editor", "rule-2", *WHY)
        [left] = definition(function)["rules"]
        assert left["when"] == [{"attribute": "plan", "op": "in", "values": ["scale", "pro"]}]
        with pytest.raises(LocalError, match="has no rule 'beta': it has rule-1"):
            type_(function, "rule", "remove", "editor", "beta", *WHY)
        with pytest.raises(LocalError, match="has a rule 'rule-1' already"):
            type_(function, *add, "--id", "rule-1", *WHY)

    def test_have_a_beginning_an_end_and_shares(self, function: Function):
        bounds = ("--from", "2027-01-31", "--until", "2027-02-28T12:00:00Z")
        type_(function, "rule", "add", "editor", *bounds, "--serve", "on=10%", "--by", "member", *WHY)
        [rule] = definition(function)["rules"]
        assert (rule["from"], rule["until"]) == ("2027-01-31T00:00:00Z", "2027-02-28T12:00:00Z")
        assert rule["serve"] == {"split": {"on": 10, "off": 90}, "by": "member"}

    def test_of_one_variant_are_by_nothing(self, function: Function):
        add = ("rule", "add", "editor", "--when", "plan in pro", "--by", "member", *WHY)
        with pytest.raises(LocalError, match='--by is for shares, and all have "on" here'):
            type_(function, *add, "--serve", "on")
        type_(function, *add, "--serve", "on=50%")
        assert definition(function)["rules"][0]["serve"]["by"] == "member", "the control"

    def test_of_shares_are_of_tenants_unless_said(self, function: Function):
        type_(function, "rule", "add", "editor", "--when", "plan in pro", "--serve", "on=50%", *WHY)
        assert definition(function)["rules"][0]["serve"]["by"] == "tenant"

    def test_for_always_are_none(self, function: Function):
        with pytest.raises(LocalError, match="A rule says when it holds: add --when"):
            type_(function, "rule", "add", "editor", "--serve", "on", *WHY)

    @pytest.mark.parametrize(
        ("typed", "read"),
        [
            ("plan in scale,pro", ("plan", "in", ["scale", "pro"])),
            ("plan is scale", ("plan", "in", ["scale"])),
            ("plan not in free", ("plan", "not_in", ["free"])),
            ("country not_in de", ("country", "not_in", ["de"])),
            ("seats gte 10", ("seats", "gte", [10])),
            ("zip in 10115, 20095", ("zip", "in", ["10115", "20095"])),
            ("age in [18, 21]", ("age", "in", [18, 21])),
            ("beta exists", ("beta", "exists", [True])),
            ("beta missing", ("beta", "exists", [False])),
        ],
    )
    def test_read_conditions_as_people_write_them(self, typed: str, read: tuple[str, str, list[object]]):
        assert tuple(condition(typed).values()) == read

    @pytest.mark.parametrize(
        "typed", ["", "plan", "plan in", "plan = scale", "plan matches .*", "beta exists now", "in"]
    )
    def test_of_no_condition_say_what_one_looks_like(self, typed: str):
        with pytest.raises(LocalError, match="is no condition: write one like 'plan in scale,pro'"):
            condition(typed)

    def test_that_the_function_refuses_are_its_sentence(self, function: Function):
        with pytest.raises(LocalError, match='names the variant "blue"'):
            type_(function, "rule", "add", "editor", "--when", "plan in pro", "--serve", "blue", *WHY)


class TestTargets:
    def test_are_of_a_tenant_by_its_id_or_its_whole_or_half_a_name(self, function: Function):
        for named in (TENANT, "acme labs"):
            type_(function, "target", "editor", named, "on", "--member", OTHER, "--until", "2027-01-31", *WHY)
        first, found, second = function.asked[-3:]
        assert (first["tenant"], found["ask"], second["tenant"]) == (TENANT, "find", OTHER)
        assert (second["member"], second["until"]) == (OTHER, "2027-01-31T00:00:00+00:00")

    @pytest.mark.parametrize(
        ("named", "says"), [("acme", "2 tenants are called something like"), ("nobody", "No tenant")]
    )
    def test_of_none_or_several_are_not_guessed(self, function: Function, named: str, says: str):
        with pytest.raises(LocalError, match=says):
            type_(function, "target", "editor", named, "on", *WHY)
        assert function.asked[-1]["ask"] == "find"

    def test_end(self, function: Function):
        assert "decide for" in type_(function, "untarget", "editor", TENANT, *WHY)
        with pytest.raises(LocalError, match="No variant of nothing was chosen"):
            type_(function, "untarget", "nothing", TENANT, *WHY)


class TestLooks:
    def test_list_and_show_say_what_is_served(self, function: Function):
        type_(function, "rollout", "editor", "25%", *WHY)
        type_(function, "rule", "add", "editor", "--when", "plan in pro", "--serve", "on", *WHY)
        assert "editor  on        on 25 %, off 75 % by tenant, 1 rule" in type_(function, "list")
        shown = type_(function, "show", "editor")
        assert "1. rule-1: plan in pro -> on" in shown
        assert "variant off: False (while it is off)" in shown

    def test_of_what_is_not_there_are_refused(self, function: Function):
        with pytest.raises(LocalError, match="There is no flag of this key"):
            type_(function, "show", "nothing")

    @pytest.mark.parametrize("word", ["list", "show page", "history page"])
    def test_are_json_where_that_is_asked_for(self, function: Function, word: str):
        assert json.loads(type_(function, *word.split(), "--json")) is not None

    @pytest.mark.parametrize(
        "typed",
        [("off", "editor"), ("rollout", "editor", "5%"), ("target", "editor", TENANT, "on"), ("create", "x", *WHY)],
    )
    def test_and_changes_without_a_reason_or_half_are_not_understood(self, typed: tuple[str, ...]):
        with pytest.raises(SystemExit, match="2"):
            parse(typed)

    def test_need_something_that_runs(self, tmp_path: Path):
        with pytest.raises(LocalError, match="Nothing runs here; start it with `make dev`"):
            asked_at(None, tmp_path)


class TestExplain:
    def test_prints_the_whole_of_it(self, function: Function):
        typed = ["acme labs", "sso", "--member", TENANT, "--context", "country=de", "--context", "seats=10"]
        printed = explain.run(function, explain.parse(typed))
        assert printed.splitlines() == [f"For member {TENANT} of tenant {OTHER}:", EXPLAINED]
        assert function.asked[-1]["context"] == {"country": "de", "seats": 10}
        assert json.loads(explain.run(function, explain.parse([*typed, "--json"])))["key"] == "sso"

    def test_of_no_attribute_is_not_understood(self, capsys):
        with pytest.raises(SystemExit, match="2"):
            explain.parse(["acme", "sso", "--context", "country"])
        assert "write country=de" in capsys.readouterr().err


class TestOverrides:
    def test_are_such_as_the_function_knows(self):
        typed = ("override", TENANT, "--limit", "projects=500", "--limit", "seats=unlimited", "--feature", "sso")
        [asked] = operators.questions_of(
            operators.options_of([*typed, "--rate", "read=6000/minute", "--plan", "scale", "--until", "30d", *WHY])
        )
        assert QUESTION.validate_python(asked)
        assert (asked["limits"], asked["rates"]) == ({"projects": 500, "seats": None}, {"read": (6000, 60)})
        until = datetime.fromisoformat(asked["until"]) - datetime.now(UTC)
        assert timedelta(days=29) < until <= timedelta(days=30)
        [ended] = operators.questions_of(operators.options_of(["end-override", TENANT, OTHER, *WHY]))
        assert QUESTION.validate_python(ended)

    @pytest.mark.parametrize(
        ("typed", "says"),
        [
            (("--limit", "projects"), "write projects=500"),
            (("--limit", "projects=-5"), "write projects=500"),
            (("--rate", "read=many"), "write read=6000/minute"),
            (("--rate", "read=5/day"), "write read=6000/minute"),
            (("--rate", "read=0/minute"), "write read=6000/minute"),
            (("--rate", "read=1000000000/minute"), "of 1 to 999999999"),
            (("--until", "soon"), "write 2027-01-31"),
        ],
    )
    def test_of_no_limit_or_rate_say_what_one_looks_like(self, typed: tuple[str, ...], says: str, capsys):
        with pytest.raises(SystemExit, match="2"):
            operators.options_of(["override", TENANT, *typed, *WHY])
        assert says in capsys.readouterr().err

    def test_last_no_longer_than_time_does(self):
        with pytest.raises(Exception, match="longer than anything lasts"):
            words.moment("999999w")
