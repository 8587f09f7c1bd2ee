"""What a request was decided by is confirmed in its own round trip; what does not hold any more refuses nobody."""

from typing import Any

import pytest
from fastapi import APIRouter, Response

from freehold.decisions.book import book
from freehold.http.dependencies import CurrentCaller, Db
from freehold.http.guards import CurrentDecisions, requires
from freehold.http.lambda_handler import serve
from freehold.permissions import TENANT_READ
from freehold.tenants import queries
from functions.declaration import Function
from local import gateway
from local.companies import Company
from local.gateway import Answer
from tests.decisions.conftest import Flags, agree, boolean
from tests.wire import Wire

CONNECTION = {"issuer": "https://acme.okta.test", "audience": "freehold"}

router = APIRouter()
ran: list[bool] = []


@router.get("/v1/guarded", dependencies=[requires("new-editor")])
async def guarded(caller: CurrentCaller, db: Db) -> Response:
    db.one(caller, TENANT_READ, queries.tenant())
    return Response("{}", media_type="application/json")


@router.get("/v1/shown")
async def shown(caller: CurrentCaller, db: Db, decisions: CurrentDecisions) -> dict[str, Any]:
    variant = decisions.string("price", "none")
    ran.append(decisions.boolean("new-editor", default=False))
    db.one(caller, TENANT_READ, queries.tenant())
    return {"price": variant, "new": ran[-1], "limit": decisions.object("projects", {})}


@router.get("/v1/mistyped", dependencies=[requires("no-such-thing")])
async def mistyped(caller: CurrentCaller, db: Db) -> Response:
    db.one(caller, TENANT_READ, queries.tenant())
    return Response("{}", media_type="application/json")


@pytest.fixture
def routes(stage: None, monkeypatch: pytest.MonkeyPatch) -> None:
    handler = serve(router)
    ran.clear()
    function = Function(name="routes_of_the_tests", database="api")
    for path in ("/v1/guarded", "/v1/shown", "/v1/mistyped"):
        monkeypatch.setitem(gateway.ROUTES, f"GET {path}", function)
    real = gateway.handler
    monkeypatch.setattr(gateway, "handler", lambda wanted: handler if wanted is function else real(wanted))


def refused(answer: Answer) -> tuple[int, str, str]:
    return answer.status, answer.code, answer.json.get("rule")


class TestRequires:
    def test_a_plan_without_the_feature_is_told_which_have_it(self, acme: Company, plans: None):
        answer = acme.call("POST", "/v1/sso-connections", body=CONNECTION)
        assert refused(answer) == (402, "feature_not_included", "fallback:free")
        assert answer.json["lifts"] == ["scale"]

    def test_what_is_agreed_is_in_force_with_the_next_request(self, acme: Company, plans: None):
        assert acme.call("POST", "/v1/scim-tokens", body={"name": "Okta", "default_role": "member"}).status == 402
        agree(acme, features=["scim"])
        assert acme.call("POST", "/v1/scim-tokens", body={"name": "Okta", "default_role": "member"}).status == 201

    def test_the_neighbour_stays_refused(self, acme: Company, globex: Company, plans: None):
        agree(acme, features=["scim"])
        assert globex.call("POST", "/v1/scim-tokens", body={"name": "Okta", "default_role": "member"}).status == 402

    def test_whoever_may_not_hears_that_first(self, acme: Company, plans: None):
        viewer = acme.member("viewer")
        answer = acme.call_as(viewer, "POST", "/v1/scim-tokens", body={"name": "Okta", "default_role": "member"})
        assert refused(answer) == (403, "permission_denied", "permission:scim:write")

    def test_a_report_that_the_plan_lacks(self, acme: Company, plans: None):
        assert acme.call("POST", "/v1/reports", body={"report": "activity"}).code == "feature_not_included"
        assert acme.call("POST", "/v1/reports", body={"report": "projects"}).status == 202

    def test_a_flag_that_is_off(self, acme: Company, routes: None, flags: Flags):
        flags(boolean("new-editor"))
        assert refused(acme.call("GET", "/v1/guarded")) == (403, "not_available", "flag:new-editor/otherwise")
        flags(boolean("new-editor", otherwise="on"))
        assert acme.call("GET", "/v1/guarded").status == 200

    def test_a_key_that_nobody_knows_lets_nobody_in(self, acme: Company, routes: None):
        assert refused(acme.call("GET", "/v1/mistyped")) == (403, "not_available", "unknown:no-such-thing")


class TestRoundTrips:
    def test_one_where_the_process_knows(self, acme: Company, wire: Wire, routes: None, flags: Flags):
        flags(boolean("new-editor", otherwise="on"))
        acme.call("GET", "/v1/guarded")
        with wire.counting() as warm:
            assert acme.call("GET", "/v1/guarded").status == 200
        assert warm == [1]

    def test_one_for_a_refusal_too(self, acme: Company, wire: Wire, routes: None, flags: Flags):
        flags(boolean("new-editor"))
        acme.call("GET", "/v1/guarded")
        with wire.counting() as warm:
            assert acme.call("GET", "/v1/guarded").status == 403
        assert warm == [1]

    def test_two_more_for_a_tenant_that_changed_and_three_for_a_flag(
        self, acme: Company, wire: Wire, routes: None, flags: Flags
    ):
        flags(boolean("new-editor", otherwise="on"))
        acme.call("GET", "/v1/guarded")
        agree(acme, limits={"projects": 7})
        with wire.counting() as changed:
            acme.call("GET", "/v1/guarded")
        flags(boolean("new-editor", otherwise="on", description="Another"))
        with wire.counting() as another:
            acme.call("GET", "/v1/guarded")
        assert (changed, another) == ([3], [4]), "the refused unit, and what ends its transaction"

    def test_none_for_what_decides_nothing(self, acme: Company, wire: Wire):
        acme.call("GET", "/v1/projects")
        with wire.counting() as plain:
            acme.call("GET", "/v1/projects")
        assert plain == [1]


class TestValues:
    def test_a_handler_that_knew_nothing_runs_again(self, acme: Company, routes: None, flags: Flags):
        flags(boolean("new-editor", otherwise="on"))
        book.forget()
        answer = acme.call("GET", "/v1/shown").json
        assert (answer["new"], ran) == (True, [False, True])

    def test_a_handler_that_was_wrong_runs_again(self, acme: Company, routes: None, flags: Flags):
        flags(boolean("new-editor", otherwise="on"))
        acme.call("GET", "/v1/shown")
        flags(boolean("new-editor"))
        ran.clear()
        assert acme.call("GET", "/v1/shown").json["new"] is False
        assert ran == [True, False]

    def test_what_is_not_there_is_the_default(self, acme: Company, routes: None):
        assert acme.call("GET", "/v1/shown").json["price"] == "none"

    def test_a_limit_says_what_there_may_be(self, acme: Company, routes: None, plans: None):
        assert acme.call("GET", "/v1/shown").json["limit"]["limit"] == 3


class TestExperiment:
    PRICE = boolean(
        "price",
        variants={"a": "49", "b": "59"},
        off="a",
        otherwise={"split": {"a": 50, "b": 50}, "by": "tenant"},
        experiment=True,
    )

    def test_whoever_is_shown_a_variant_is_written_down_once(self, acme: Company, routes: None, flags: Flags):
        flags(self.PRICE)
        prices = {acme.call("GET", "/v1/shown").json["price"] for _ in range(3)}
        noted = acme.execute("select flag, unit, variant from app.exposures where tenant_id = %(tenant_id)s")
        assert len(prices) == 1
        assert noted == [("price", str(acme.id), {"49": "a", "59": "b"}[prices.pop()])]

    def test_no_experiment_writes_nothing(self, acme: Company, routes: None, flags: Flags):
        flags(self.PRICE | {"experiment": False})
        acme.call("GET", "/v1/shown")
        assert acme.execute("select flag from app.exposures where tenant_id = %(tenant_id)s") == []


class TestRoles:
    def test_another_role_is_another_answer_at_once(self, acme: Company, routes: None, flags: Flags):
        rule = {"id": "admins", "when": [{"attribute": "role", "op": "in", "values": ["admin"]}], "serve": "on"}
        flags(boolean("new-editor", rules=[rule]))
        member = acme.member("member")
        assert acme.call_as(member, "GET", "/v1/guarded").status == 403
        acme.execute("update app.members set role = 'admin' where subject = %(subject)s", subject=member.subject)
        assert acme.call_as(member, "GET", "/v1/guarded").status == 200
