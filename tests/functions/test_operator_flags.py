"""Operators and what is decided: flags, what one tenant is shown or was promised, and why something is as it is."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from freehold.database import Database, database
from freehold.database.login import conninfo
from freehold.database.migrations.bootstrap import DATABASE
from functions.operators.questions import answered
from local import explain, flags
from local.companies import Company
from local.flag_words import parse
from local.postgres import Postgres

REASON = "Ticket 4711: they asked for it"
FREE = {"name": "Free", "rank": 0, "retired": False, "sold": False}
SCALE = {"name": "Scale", "rank": 1, "retired": False, "sold": True}
CATALOG = {
    "fallback": "free",
    "after_cancel": "free",
    "features": {"sso": "Sign in by one's own provider"},
    "limits": {"projects": {"name": "Projects", "soft": False, "meter": None}},
    "rates": {"read": {"name": "Reads", "key_share": 0.5}},
    "plans": {
        "free": FREE | {"features": [], "limits": {"projects": 3}, "rates": {"read": [600, 60]}},
        "scale": SCALE | {"features": ["sso"], "limits": {"projects": None}, "rates": {"read": [6000, 60]}},
    },
    "add_ons": {},
    "grandfathered": [],
    "dunning": [],
}

type Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(stage: None) -> Ask:
    """As Ada; what is asked travels as JSON."""

    def ask(what: str, *, operator: str = "ada@example.com", **asked: Any) -> dict[str, Any]:
        event = json.loads(json.dumps({"ask": what, **asked}, default=str))
        if what not in {"flags", "flag", "exposures"}:
            event = {"reason": REASON} | event
        return answered(database("freehold_operator"), event, operator=operator, request_id="the-request")

    return ask


@pytest.fixture
def _published(stage: None, superuser: str) -> Iterator[None]:
    """Plans that these tests know; afterwards those that there were."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        before = connection.execute("select catalog from app.snapshot").fetchone()
        put = "update app.snapshot set catalog = %s, version = version + 1"
        connection.execute(put, [Jsonb(CATALOG)])
        yield
        connection.execute(put, [Jsonb(before[0])])


def switch(key: str, **more: Any) -> dict[str, Any]:
    variants = {"variants": {"on": True, "off": False}, "state": "on", "off": "off", "otherwise": "off"}
    return {"key": key, **variants, **more}


@pytest.fixture
def flag(ask: Ask) -> str:
    """Off for everybody, in its first version."""
    key = f"new-editor-{uuid4().hex[:8]}"
    assert ask("change_flag", flag=switch(key), expected=0) == {"version": 1}
    return key


def snapshot_version(superuser: str) -> int:
    with psycopg.connect(superuser) as connection:
        [version] = connection.execute("select version from app.snapshot").fetchone()
    return version


def lines(company: Company) -> list[str]:
    """What operators came for, newest first."""
    return [visit["permission"] for visit in company.call("GET", "/v1/operator-visits").json["items"]]


def audited(company: Company, table: str) -> list[tuple[str, str]]:
    return company.execute(
        "select action, principal from app.audit where tenant_id = %(tenant_id)s and action like %(table)s order by id",
        table=f"%{table}%",
    )


class TestChange:
    def test_is_shown_and_the_history_says_who_and_why(self, ask: Ask, flag: str):
        assert ask("change_flag", flag=switch(flag, otherwise="on"), expected=1, reason="Ticket 4712: for all") == {
            "version": 2
        }
        found = ask("flag", key=flag)
        assert (found["flag"]["version"], found["flag"]["definition"]["otherwise"]) == (2, "on")
        [newest, oldest] = found["history"]
        assert (newest["operator"], newest["reason"], newest["request_id"]) == (
            "ada@example.com",
            "Ticket 4712: for all",
            "the-request",
        )
        assert (newest["before"]["otherwise"], newest["after"]["otherwise"]) == ("off", "on")
        assert (oldest["before"], oldest["after"]["key"]) == (None, flag)
        assert flag in [each["key"] for each in ask("flags")["flags"]]

    def test_of_nothing_is_none(self, ask: Ask, flag: str, superuser: str):
        before = snapshot_version(superuser)
        assert ask("change_flag", flag=switch(flag), expected=1) == {"version": 1}
        assert (len(ask("flag", key=flag)["history"]), snapshot_version(superuser)) == (1, before)
        ask("change_flag", flag=switch(flag, state="off"), expected=1)
        assert snapshot_version(superuser) == before + 1, "the control: of something, it is"

    @pytest.mark.parametrize("expected", [0, 1, 3])
    def test_of_what_is_another_by_now_is_refused(self, ask: Ask, flag: str, expected: int):
        ask("change_flag", flag=switch(flag, otherwise="on"), expected=1)
        assert ask("change_flag", flag=switch(flag), expected=expected)["code"] == "flag_changed"
        assert ask("flag", key=flag)["flag"]["definition"]["otherwise"] == "on"
        assert ask("change_flag", flag=switch(flag), expected=2) == {"version": 3}, "the control"

    def test_of_several_at_the_same_time_one_happens(self, ask: Ask, flag: str):
        def change(number: int) -> str:
            event = {"ask": "change_flag", "flag": switch(flag, description=f"By {number}"), "expected": 1}
            with closing(Database(conninfo("freehold_operator"))) as own:
                answer = answered(own, event | {"reason": REASON}, operator="ada", request_id="r")
            return str(answer.get("code", answer.get("version")))

        with ThreadPoolExecutor(4) as threads:
            assert sorted(threads.map(change, range(4))) == ["2", *["flag_changed"] * 3]
        assert len(ask("flag", key=flag)["history"]) == 2

    @pytest.mark.parametrize("reason", ["", "help", "         x         "])
    def test_without_a_reason_is_refused(self, ask: Ask, flag: str, reason: str):
        assert (
            ask("change_flag", flag=switch(flag, state="off"), expected=1, reason=reason)["code"] == "reason_required"
        )
        assert ask("flag", key=flag)["flag"]["version"] == 1

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"otherwise": "blue"}, 'names the variant "blue", which is not there'),
            ({"otherwise": {"split": {"on": 60, "off": 60}, "by": "tenant"}}, "add up to 120"),
            ({"variants": {"on": True, "off": 0}}, "make all of them one kind"),
            ({"state": "maybe"}, "state"),
            ({"percent": 5}, "no such field"),
            ({"key": "New Editor"}, "small letters"),
        ],
    )
    def test_of_what_makes_no_sense_is_refused_with_a_sentence(self, ask: Ask, flag: str, wrong, says: str):
        answer = ask("change_flag", flag=switch(flag) | wrong, expected=1)
        assert answer["code"] == "invalid_input"
        assert says in answer["error"]

    def test_that_names_a_tenant_is_refused(self, ask: Ask, flag: str, acme: Company):
        def ruled(attribute: str, value: str) -> dict[str, Any]:
            when = [{"attribute": attribute, "op": "in", "values": [value]}]
            return switch(flag, rules=[{"id": "them", "when": when, "serve": "on"}])

        refused = ask("change_flag", flag=ruled("tenant", str(acme.id)), expected=1)
        assert refused["code"] == "flag_names_somebody"
        assert "freehold flags target" in refused["error"]
        assert ask("change_flag", flag=ruled("plan", "scale"), expected=1) == {"version": 2}, "the control"

    @pytest.mark.parametrize(("values", "code"), [(400, "invalid_input"), (300, None)])
    def test_that_is_longer_than_is_kept_is_refused(self, ask: Ask, flag: str, values: int, code: str | None):
        when = [{"attribute": "country", "op": "in", "values": [f"{number:z>200}" for number in range(values)]}]
        longer = switch(flag, rules=[{"id": "long", "when": when, "serve": "on"}])
        assert ask("change_flag", flag=longer, expected=1).get("code") == code

    @pytest.mark.usefixtures("_published")
    def test_takes_no_key_that_the_plans_have(self, ask: Ask):
        for key in ("sso", "projects"):
            assert ask("change_flag", flag=switch(key), expected=0)["code"] == "flag_key_taken"

    @pytest.mark.parametrize("name", ["ada:x", "", "a" * 101])
    def test_by_somebody_with_no_name_is_refused(self, ask: Ask, flag: str, name: str):
        assert ask("change_flag", flag=switch(flag, state="off"), expected=1, operator=name)["code"] == "operator_unfit"

    def test_of_one_that_is_not_there_is_said_to_be(self, ask: Ask):
        for what in ("flag", "exposures"):
            assert ask(what, key="nowhere")["code"] == "unknown_flag"


class TestAnAgreementByHand:
    """What the function lets through is looked at again by the database, whose triggers count by it."""

    @pytest.mark.parametrize(
        ("limits", "rates"),
        [
            ({"projects": "5"}, {}),
            ({"projects": 1.5}, {}),
            ({"projects": [1]}, {}),
            ({}, {"read": 5}),
            ({}, {"read": ["5", 60]}),
            ({}, {"read": [5]}),
            ({}, {"read": [5, 0]}),
            ({}, {"read": [5, 7]}),
            ({}, {"read": [1.5, 60]}),
            ({}, {"read": [1_000_000_000, 60]}),
            ({}, {}),
        ],
    )
    def test_of_what_cannot_be_counted_by_is_refused(self, server: Postgres, acme: Company, limits, rates):
        def agree(limits: object, rates: object) -> None:
            with psycopg.connect(server.conninfo(user="freehold_operator", database=DATABASE)) as connection:
                enter = "select app.enter_operator(%s, 1, 'ada', %s, 'decisions:change', 'r', '')"
                connection.execute(enter, [acme.id, REASON])
                connection.execute("select app.override_plan(null, '{}', %s, %s, null)", [Jsonb(limits), Jsonb(rates)])

        with pytest.raises(psycopg.Error, match="override_unfit"):
            agree(limits, rates)
        agree({"projects": 5, "seats": None}, {"read": [999_999_999, 60], "write": None})
        (rate,) = acme.execute("select most, period from app.rate_of('read')")
        assert rate == (999_999_999, 60), "the fastest can be counted by"


class TestTheNextRequest:
    """Whoever has decided by what was known before is told so, in the flight of that request."""

    @pytest.fixture
    def stale(self, server: Postgres, acme: Company) -> Iterator[Callable[[], bool]]:
        def confirm(facts: int, snapshot: int) -> dict[str, Any] | None:
            with psycopg.connect(server.conninfo(user="freehold_api", database=DATABASE)) as connection:
                enter = "select app.enter(%s, 1, %s, %s, now(), false, 'tenant:read', true, 'r', '')"
                connection.execute(enter, [acme.id, acme.people.issuer.url, acme.owner.subject])
                try:
                    connection.execute("select app.confirm(%s, %s)", [facts, snapshot])
                except psycopg.Error as error:
                    return json.loads(error.diag.message_detail)
            return None

        now = confirm(-1, -1)

        def stale() -> bool:
            return confirm(now["version"], now["snapshot"]) is not None

        assert not stale(), "the control: what is known holds"
        return stale

    def test_goes_by_the_flag_as_it_is(self, ask: Ask, flag: str, stale):
        ask("change_flag", flag=switch(flag, state="off"), expected=1)
        assert stale()

    def test_goes_by_what_was_chosen_for_the_tenant(self, ask: Ask, acme: Company, globex: Company, flag: str, stale):
        ask("target_flag", tenant=globex.id, flag=flag, variant="on")
        assert not stale(), "the neighbour's is none of ours"
        ask("target_flag", tenant=acme.id, flag=flag, variant="on")
        assert stale()

    @pytest.mark.usefixtures("_published")
    def test_goes_by_what_was_agreed(self, ask: Ask, acme: Company, stale):
        assert "override" in ask("override", tenant=acme.id, features=["sso"])
        assert stale()


@pytest.mark.usefixtures("_published")
class TestTarget:
    def value(self, ask: Ask, company: Company, flag: str, member: UUID | None = None) -> tuple[Any, str]:
        decided = ask("explain", tenant=company.id, key=flag, member=member)
        return decided["value"], decided["rule"]

    def test_shows_it_to_one_tenant_and_no_other(self, ask: Ask, acme: Company, globex: Company, flag: str):
        assert UUID(ask("target_flag", tenant=acme.id, flag=flag, variant="on")["target"])
        assert self.value(ask, acme, flag) == (True, f"flag:{flag}/target:tenant")
        assert self.value(ask, globex, flag) == (False, f"flag:{flag}/otherwise")

    def test_shows_it_to_one_member_and_no_other(self, ask: Ask, acme: Company, flag: str):
        admin, viewer = (acme.member_id(acme.member(role)) for role in ("admin", "viewer"))
        ask("target_flag", tenant=acme.id, flag=flag, member=admin, variant="on")
        seen = [self.value(ask, acme, flag, who)[0] for who in (admin, viewer, None)]
        assert seen == [True, False, False]

    def test_takes_the_place_of_the_one_before_and_ends(self, ask: Ask, acme: Company, flag: str):
        for variant in ("on", "off", "on"):
            ask("target_flag", tenant=acme.id, flag=flag, variant=variant)
        assert self.value(ask, acme, flag)[0] is True
        ended = [ask("end_target", tenant=acme.id, flag=flag)["ended"] for _ in range(2)]
        assert ended == [True, False]
        assert self.value(ask, acme, flag) == (False, f"flag:{flag}/otherwise")

    def test_is_read_by_the_tenant(self, ask: Ask, acme: Company, globex: Company, flag: str):
        ask("target_flag", tenant=acme.id, flag=flag, variant="on")
        ask("end_target", tenant=acme.id, flag=flag)
        assert (lines(acme), lines(globex)) == (["decisions:change"] * 2, [])
        told = audited(acme, "flag_targets")
        assert [principal for _, principal in told] == ["operator:ada@example.com"] * 2

    def test_gives_way_to_the_kill_switch(self, ask: Ask, acme: Company, flag: str):
        ask("target_flag", tenant=acme.id, flag=flag, variant="on")
        ask("change_flag", flag=switch(flag, state="off"), expected=1)
        assert self.value(ask, acme, flag) == (False, f"flag:{flag}/off")

    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ({"flag": "nowhere"}, "unknown_flag"),
            ({"variant": "blue"}, "no_such_variant"),
            ({"member": str(uuid4())}, "not_found"),
            ({"tenant": str(uuid4())}, "not_found"),
            ({"until": "2020-01-01T00:00:00Z"}, "until_over"),
            ({"until": "soon"}, "invalid_input"),
            ({"reason": "help"}, "reason_required"),
        ],
    )
    def test_of_what_there_is_not_is_refused_and_leaves_nothing(self, ask: Ask, acme: Company, flag: str, wrong, code):
        asked = {"tenant": acme.id, "flag": flag, "variant": "on"} | wrong
        assert ask("target_flag", **asked)["code"] == code
        assert acme.execute("select count(*) from app.flag_targets where tenant_id = %(tenant_id)s") == [(0,)]
        assert lines(acme) == []

    def test_of_anothers_member_is_refused(self, ask: Ask, acme: Company, globex: Company, flag: str):
        theirs = globex.member_id(globex.owner)
        refused = ask("target_flag", tenant=acme.id, flag=flag, member=theirs, variant="on")
        assert refused["error"].startswith("This tenant has no such member")

    def test_of_an_archived_one_is_refused_until_it_comes_back(self, ask: Ask, acme: Company, flag: str):
        ask("change_flag", flag=switch(flag, state="archived"), expected=1)
        target = {"tenant": acme.id, "flag": flag, "variant": "on"}
        assert ask("target_flag", **target)["code"] == "flag_archived"
        assert self.value(ask, acme, flag) == (False, f"flag:{flag}/archived")
        ask("change_flag", flag=switch(flag), expected=2)
        assert "target" in ask("target_flag", **target)


@pytest.mark.usefixtures("_published")
class TestOverride:
    def test_stands_in_place_of_the_plan_until_it_ends(self, ask: Ask, acme: Company, globex: Company):
        made = ask("override", tenant=acme.id, limits={"projects": 500}, features=["sso"], rates={"read": [9, 60]})
        rule = f"override:{made['override']}"
        limit, feature = (ask("explain", tenant=acme.id, key=key) for key in ("projects", "sso"))
        assert (limit["value"]["limit"], limit["rule"]) == (500, rule)
        assert (feature["value"], feature["rule"]) == (True, rule)
        assert ask("explain", tenant=globex.id, key="projects")["value"]["limit"] == 3
        ended = [ask("end_override", tenant=acme.id, override=made["override"])["ended"] for _ in range(2)]
        assert ended == [True, False]
        assert ask("explain", tenant=acme.id, key="projects")["rule"] == "fallback:free"

    def test_is_read_by_the_tenant_and_shown_to_operators(self, ask: Ask, acme: Company):
        made = ask("override", tenant=acme.id, plan="scale", until="2999-01-01T00:00:00Z")
        [shown] = ask("show", tenant=acme.id, errand="decisions:read")["shown"]
        [agreed] = shown["overrides"]
        assert (agreed["id"], agreed["reason"], agreed["agreed_by"]) == (made["override"], REASON, "ada@example.com")
        assert lines(acme) == ["decisions:read", "decisions:change"]
        [(_, principal)] = audited(acme, "overrides")
        assert principal == "operator:ada@example.com"

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"limits": {"projectz": 5}}, "There is no limit projectz: choose of projects."),
            ({"features": ["ssso"]}, "There is no feature ssso: choose of sso."),
            ({"rates": {"reed": [5, 60]}}, "There is no rate reed: choose of read."),
            ({"plan": "gold"}, "There is no plan gold: choose of free, scale."),
            ({}, "What is agreed names a plan"),
            ({"limits": {"projects": -1}}, "0 or more"),
            ({"limits": {"projects": "many"}}, "whole number"),
            ({"rates": {"read": [0, 60]}}, "1 or more"),
            ({"rates": {"read": [5, 7]}}, "1, 60 or 3600"),
            ({"rates": {"read": [1_000_000_000, 60]}}, "999999999"),
            ({"plan": "scale", "until": "2020-01-01T00:00:00Z"}, "over already"),
            ({"plan": "scale", "reason": "because"}, "ten characters"),
        ],
    )
    def test_of_what_makes_no_sense_is_refused_with_a_sentence(self, ask: Ask, acme: Company, wrong, says: str):
        assert says in ask("override", tenant=acme.id, **wrong)["error"]
        assert acme.execute("select count(*) from app.overrides where tenant_id = %(tenant_id)s") == [(0,)]

    def test_of_plans_toml_is_not_ended_here(self, ask: Ask, acme: Company):
        [(written,)] = acme.execute(
            "insert into app.overrides (source, plan, reason, agreed_by)"
            " values ('file', 'scale', 'As plans.toml says', 'plans.toml') returning id"
        )
        assert ask("end_override", tenant=acme.id, override=written) == {"ended": False}
        assert ask("explain", tenant=acme.id, key="sso")["value"] is True

    def test_of_a_neighbour_is_not_ended(self, ask: Ask, acme: Company, globex: Company):
        made = ask("override", tenant=globex.id, plan="scale")["override"]
        assert ask("end_override", tenant=acme.id, override=made) == {"ended": False}
        assert ask("end_override", tenant=globex.id, override=made) == {"ended": True}, "the control"


@pytest.mark.usefixtures("_published")
class TestExplain:
    def test_says_what_decided_what_was_considered_and_what_would_lift_it(self, ask: Ask, acme: Company):
        said = ask("explain", tenant=acme.id, key="sso")
        assert (said["value"], said["lifts"]) == (False, ["scale"])
        assert said["considered"]
        assert said["lines"][0] == "sso is a feature: not included"
        assert lines(acme) == ["decisions:read"]

    def test_says_how_much_of_a_limit_is_used(self, ask: Ask, acme: Company):
        acme.project()
        value = ask("explain", tenant=acme.id, key="projects")["value"]
        assert (value["limit"], value["used"], value["remaining"]) == (3, 1, 2)

    def test_says_where_a_rate_comes_from(self, ask: Ask, acme: Company):
        said = ask("explain", tenant=acme.id, key="rate:read")
        assert said["value"] == {"requests": 600, "seconds": 60, "key_share": 0.5}
        assert (said["rule"], said["lifts"]) == ("fallback:free/rate:read", ["scale"])
        made = ask("override", tenant=acme.id, rates={"read": [9, 60]})["override"]
        assert ask("explain", tenant=acme.id, key="rate:read")["rule"] == f"override:{made}/rate:read"

    def test_goes_by_the_context_and_the_moment(self, ask: Ask, acme: Company, flag: str):
        german = [{"attribute": "country", "op": "in", "values": ["de"]}]
        rule = {"id": "later", "when": german, "from": "2998-01-01T00:00:00Z", "serve": "on"}
        ask("change_flag", flag=switch(flag, rules=[rule]), expected=1)
        asked = {"tenant": acme.id, "key": flag}
        later = {"at": "2999-01-01T00:00:00Z"}
        values = [
            ask("explain", **asked, **more)["value"]
            for more in ({}, later, {"context": {"country": "de"}}, later | {"context": {"country": "de"}})
        ]
        assert values == [False, False, False, True]

    def test_goes_by_the_members_role(self, ask: Ask, acme: Company, flag: str):
        owners = [{"attribute": "role", "op": "in", "values": ["owner"]}]
        ask("change_flag", flag=switch(flag, rules=[{"id": "owners", "when": owners, "serve": "on"}]), expected=1)
        viewer = acme.member_id(acme.member("viewer"))
        members = (acme.member_id(acme.owner), viewer, None)
        assert [ask("explain", tenant=acme.id, key=flag, member=who)["value"] for who in members] == [
            True,
            False,
            False,
        ]

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"key": "nowhere"}, "There is no feature, limit, flag or rate 'nowhere'"),
            ({"key": "rate:nowhere"}, "flag or rate 'rate:nowhere'"),
            ({"member": str(uuid4())}, "This tenant has no such member"),
            ({"tenant": str(uuid4())}, "There is no such tenant"),
            ({"key": ""}, "key"),
            ({"at": "yesterday"}, "moment"),
        ],
    )
    def test_of_what_there_is_not_says_so(self, ask: Ask, acme: Company, wrong, says: str):
        assert says in ask("explain", **({"tenant": acme.id, "key": "sso"} | wrong))["error"]

    def test_shows_no_other_tenants_choices_and_no_address(self, ask: Ask, acme: Company, globex: Company, flag: str):
        ask("target_flag", tenant=globex.id, flag=flag, variant="on", reason="Ticket 99: a secret of theirs")
        ask("target_flag", tenant=acme.id, flag=flag, variant="on")
        shown = str(ask("show", tenant=acme.id, errand="decisions:read"))
        assert REASON in shown, "the control: one's own is shown"
        assert [word for word in ("a secret of theirs", str(globex.id), "@example.test") if word in shown] == []


@pytest.mark.usefixtures("_published")
class TestAtTheTerminal:
    """The commands, before the function itself."""

    @pytest.fixture
    def typed(self, ask: Ask) -> Callable[..., str]:
        def typed(*words: str) -> str:
            reason = () if words[0] in {"list", "show", "history", "exposures"} else ("--reason", REASON)
            return flags.run(lambda question: ask(question.pop("ask"), **question), parse([*words, *reason]))

        return typed

    def test_a_flags_life(self, typed: Callable[..., str], ask: Ask, acme: Company):
        key = f"page-{uuid4().hex[:8]}"
        typed("create", key, "--variants", "old,new", "--experiment")
        typed("rollout", key, "25%", "--by", "member")
        typed("rule", "add", key, "--when", "plan in scale", "--serve", "new")
        typed("target", key, str(acme.id), "new", "--until", "30d")
        said = explain.run(
            lambda question: ask(question.pop("ask"), **question), explain.parse([str(acme.id), key, "--json"])
        )
        assert json.loads(said)["rule"] == f"flag:{key}/target:tenant"
        typed("untarget", key, str(acme.id))
        typed("off", key)
        assert f"{key}: off, version 4" in typed("show", key)
        newest, *_, oldest = [line for line in typed("history", key).splitlines() if line.startswith("    ")]
        assert (newest, oldest) == ("    state: on -> off", "    made: old, on")
        assert "Nobody was shown a variant" in typed("exposures", key)
        assert key in typed("list")


class TestExposures:
    def test_are_counted_by_variant_over_all_tenants(self, ask: Ask, acme: Company, globex: Company, flag: str):
        assert ask("exposures", key=flag) == {"exposures": []}
        show = "insert into app.exposures (flag, unit, variant) values (%(flag)s, %(unit)s, %(variant)s)"
        for company, unit, variant in ((acme, "1", "on"), (acme, "2", "on"), (globex, "1", "on"), (globex, "2", "off")):
            company.execute(show, flag=flag, unit=unit, variant=variant)
        counted = ask("exposures", key=flag)["exposures"]
        assert [(each["variant"], each["units"], each["tenants"]) for each in counted] == [("off", 1, 1), ("on", 3, 2)]
        assert all(each["first_at"] <= each["last_at"] for each in counted)
