"""The attack over HTTP: it finds nothing here, tries everything, and is not blind."""

import base64
import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import replace
from functools import cache
from typing import ClassVar
from urllib.parse import quote
from uuid import uuid4

import jwt
import pytest

from freehold.api_keys.secrets import new_secret, read_key
from freehold.database.migrations.bootstrap import DATABASE
from freehold.errors import Unauthenticated
from freehold.identity.service import Verifier
from freehold.ids import TenantId, tenant_ref
from freehold.observability import logger
from freehold.settings import Issuer as KnownIssuer
from freehold.tenants import service
from functions.declaration import Function, Queue, Schedule
from functions.manifest import FUNCTIONS
from local.gateway import ROUTES, Answer
from local.issuer import AUDIENCE
from local.postgres import Postgres
from proof.http import FAMILIES, QUICK, Stage, attack, on_stage, operations
from proof.http.answers import difference, fields, normal
from proof.http.everybody import owner_of
from proof.http.expected import permission_of
from proof.http.forgeries import another_secret, forged_tokens, of_another_tenant
from proof.http.operations import interface, unknown_ways_in
from proof.http.output import Output
from proof.http.planting import Hole, holes, replaced
from proof.http.probe import Prober
from proof.http.readings import ids, readings
from proof.http.residue import residue
from proof.http.resources import Resources
from proof.http.routes import own
from proof.http.rows import Rows
from proof.http.values import Maker, NoValue, references, sibling
from proof.http.ways import find_ways
from proof.http.world import World
from proof.tally import Tally

MARK = "canaryz0000"
THE_SAME_FOR_ALL = (
    "GET /v1/event-types",
    "GET /v1/permissions",
    "GET /v1/plans",
    "GET /v1/usage",
    "GET /v1/usage/current",
)
HOURLY = Schedule(every="hour")
ONE_OF_EACH = {hole.focus.families: hole for hole in reversed(holes())}.values()
"""A hole for each way of finding one. `make prove` plants all of them, and test_prove.py holds it to that."""


@pytest.fixture(scope="module")
def here(server: Postgres) -> Iterator[Stage]:
    with on_stage(server, DATABASE) as stage:
        yield stage


class TestAttack:
    def test_finds_nothing(self, here: Stage):
        """With each kind of principal once; `make prove` tries all of them."""
        tally = attack(here, QUICK)
        assert tally.leaks == []
        assert tally.unarmed == [], "and each could have found one"
        assert set(tally.probes) == set(FAMILIES)
        assert tally.probes["routes"] > 10 * len(ROUTES)

    def test_tries_every_route_of_the_manifest(self):
        assert {operation.route for operation in interface().operations} == ROUTES.keys()

    def test_leaves_the_process_as_it_was(self, server: Postgres):
        before = (dict(os.environ), sys.modules.get("functions.tenants.handler"), sys.stdout)
        with on_stage(server, DATABASE) as stage:
            stage.cold_start()
            assert os.environ["FREEHOLD_STAGE"] == "proof"
        assert before == (dict(os.environ), sys.modules.get("functions.tenants.handler"), sys.stdout)


class TestHoles:
    def test_are_many_and_each_says_what_it_is(self):
        assert len(holes()) >= 8
        assert all(len(hole.says) > 20 for hole in holes())

    @pytest.mark.parametrize("hole", ONE_OF_EACH, ids=lambda hole: hole.name)
    def test_are_found(self, here: Stage, hole: Hole):
        with hole.plant():
            tally = attack(here, hole.focus)
        assert tally.leaks, hole.says


class TestMarks:
    def test_of_a_tenant_are_in_whatever_it_reads(self, here: Stage):
        here.cold_start()
        with Rows(here.superuser) as rows:
            world = World(here, rows)
            prober = Prober(world, Resources(world), Tally(), "routes")
            prober.resources.furnish((world.a, world.b))
            find_ways(world, prober.resources, world.interface.operations)
            reading = [o for o in world.interface.operations if o.reads and o.kind == "tenant"]
            for operation in [o for o in reading if o.route not in THE_SAME_FOR_ALL]:
                heard = prober.send(owner_of(world.a), own(prober, operation, owner_of(world.a)))
                assert world.strangers(heard.answer.body, sees=[world.b.id]), operation.route
                assert world.strangers(heard.answer.body, sees=[world.a.id]) == [], operation.route


class TestPermissionOfARoute:
    @pytest.mark.parametrize(
        ("method", "path", "permission"),
        [
            ("GET", "/v1/projects", "projects:read"),
            ("POST", "/v1/projects/{project_id}/archive", "projects:write"),
            ("DELETE", "/v1/projects/{project_id}", "projects:delete"),
            ("DELETE", "/v1/api-keys/{api_key_id}", "api_keys:write"),
        ],
    )
    def test_is_told_by_its_name(self, method: str, path: str, permission: str):
        operation = interface().operation(method, path)
        assert operation is not None
        found = permission_of(operation)
        assert found is not None
        assert found.name == permission


class TestWaysIn:
    def test_are_all_known_today(self):
        assert unknown_ways_in(FUNCTIONS) == []

    def test_a_worker_is_told_to_be_attacked(self):
        [said] = unknown_ways_in((*FUNCTIONS, Function(name="relay", database="api")))
        assert said.startswith("relay serves no route")

    def test_a_queue_is_attacked_and_the_clocks_own_functions_are(self):
        queued = Function(name="made_up", queue=Queue(name="made_up"))
        assert unknown_ways_in((*FUNCTIONS, queued, Function(name="tick", schedule=HOURLY, database="system"))) == []

    def test_a_schedule_for_a_role_of_requests_is_told(self):
        [said] = unknown_ways_in((*FUNCTIONS, Function(name="tick", schedule=HOURLY, database="api")))
        assert said.startswith("tick serves no route")

    def test_a_new_kind_of_trigger_is_told_too(self):
        with replaced(operations, "KNOWN", operations.KNOWN - {"on_deploy"}):
            said = unknown_ways_in(FUNCTIONS)
        assert [one.partition(" ")[0] for one in said] == [one.name for one in FUNCTIONS if one.on_deploy]
        assert all("has on_deploy" in one for one in said)


class TestOutput:
    def test_hears_every_way_of_writing(self, capfd: pytest.CaptureFixture[str]):
        with Output() as output:
            with output.taken():
                sys.stdout.write("printed\n")
                sys.stderr.write("to stderr\n")
                os.write(1, b"by a library in C\n")
                logger.info("logged")
            heard = output.read()
            assert [word in heard for word in ("printed", "to stderr", "library in C", "logged")] == [True] * 4
            assert output.read() == "", "and each thing once"
        sys.stdout.write("afterwards\n")
        assert capfd.readouterr().out == "afterwards\n"

    def test_gives_a_handlers_stream_back(self):
        handler = logging.StreamHandler(sys.stderr)
        logging.getLogger("somebody").addHandler(handler)
        before = handler.stream
        with Output() as output, output.taken():
            assert handler.stream is not before
        assert handler.stream is before
        logging.getLogger("somebody").removeHandler(handler)


class TestResidue:
    def found(self, **ids: str) -> list[str]:
        return list(residue({MARK: "Z"}, {one: tenant for tenant, one in ids.items()}))

    def test_is_empty_where_nothing_stays(self):
        assert self.found() == []

    @pytest.mark.parametrize("kept", [MARK, f"{MARK}n1".encode(), {"a": [(MARK,)]}, replace(FUNCTIONS[0], name=MARK)])
    def test_in_a_global_is_found(self, kept):
        with replaced(service, "last", kept):
            assert "freehold.tenants.service.last" in self.found()[0]

    def test_in_a_cache_of_functools_is_found(self):
        remember = cache(lambda text: text)
        remember(MARK)
        with replaced(service, "remember", remember):
            assert self.found()

    def test_in_a_closure_is_found(self):
        seen = [MARK]
        with replaced(service, "show", lambda: seen):
            assert self.found()

    def test_in_a_threads_own_place_is_found(self):
        mine = threading.local()
        mine.last = MARK
        with replaced(service, "mine", mine):
            assert self.found()

    def test_in_a_context_variable_is_found(self):
        variable = ContextVar("last", default="")
        token = variable.set(MARK)
        try:
            assert self.found()
        finally:
            variable.reset(token)

    def test_in_the_loggers_lasting_keys_is_found_and_in_the_last_requests_forgiven(self):
        logger.append_keys(who=MARK)
        try:
            assert self.found()
        finally:
            logger.remove_keys(["who"])
        logger.thread_safe_append_keys(who=MARK)
        assert self.found() == []

    def test_an_id_may_be_a_key_for_its_own_tenant_only(self):
        one, other, whose = str(uuid4()), str(uuid4()), str(uuid4())
        with replaced(service, "cache", {one: other}):
            assert self.found(A=one, B=other)
            assert self.found(A=one) == []
        with replaced(service, "cache", {(one, "x"): whose}):
            assert list(residue({}, {one: "A", whose: "A"})) == []


class TestSameness:
    def answer(self, request: str, body: str, **headers: str) -> Answer:
        return Answer(404, {"x-request-id": request, **headers}, body)

    def test_forgives_request_ids_and_asked_ids(self):
        one = normal(self.answer("r1", "r1 not a1"), ["a1"])
        assert difference(one, normal(self.answer("r2", "r2 not a2"), ["a2"])) == ""

    @pytest.mark.parametrize("other", [("r2", "r2 no"), ("r2", "r1 not")])
    def test_forgives_nothing_else(self, other):
        assert difference(normal(self.answer("r1", "r1 not")), normal(self.answer(*other)))
        assert difference(normal(self.answer("r1", "")), normal(self.answer("r1", "", etag='"1"')))


class TestReadings:
    @pytest.mark.parametrize(
        "hidden",
        [
            MARK,
            MARK.upper(),
            base64.b64encode(f'{{"name":"{MARK} Company"}}'.encode()).decode(),
            base64.urlsafe_b64encode(f"?>?{MARK}".encode()).rstrip(b"=").decode(),
            "abc/" + base64.b64encode(base64.b64encode(f"{MARK} Company".encode())).decode(),
            f"prefix{base64.b64encode(f'{MARK}n1'.encode()).decode()}",
            quote(base64.b64encode(f"~~~{MARK}".encode()).decode(), safe=""),
            "".join(f"%{letter:02x}" for letter in MARK.encode()),
        ],
    )
    def test_show_a_mark_however_it_is_written(self, hidden: str):
        assert any(MARK in reading.lower() for reading in readings(f'{{"cursor":"{hidden}"}}'))
        assert not any("canaryy" in reading.lower() for reading in readings(f'{{"cursor":"{hidden}"}}'))

    @pytest.mark.parametrize("spelt", [str, lambda one: one.hex, lambda one: str(one).upper()])
    def test_show_an_id_in_every_spelling(self, spelt):
        one = uuid4()
        assert ids(f"it is {spelt(one)}.") == {str(one)}
        packed = base64.b64encode(one.bytes).decode()
        assert str(one) in set().union(*map(ids, readings(packed)))


class TestForgeries:
    def test_say_what_the_genuine_token_says_and_none_is_accepted(self, here: Stage):
        issuer = here.issuer
        verifier = Verifier((KnownIssuer(issuer=issuer.url, audience=AUDIENCE),))
        genuine = issuer.mint("somebody", "somebody@example.test")
        assert verifier.verify(genuine).subject == "somebody"
        forged = forged_tokens(genuine, issuer.jwks())
        assert len({genuine, *forged.values()}) == 7
        for what, token in forged.items():
            assert jwt.decode(token, options={"verify_signature": False})["sub"] == "somebody", what
            with pytest.raises(Unauthenticated):
                verifier.verify(token)

    def test_of_keys_are_well_formed(self):
        one, other = TenantId(uuid4()), TenantId(uuid4())
        text = new_secret(one, "test").text
        changed, swapped = another_secret(text), of_another_tenant(text, own=tenant_ref(one), other=tenant_ref(other))
        assert (read_key(changed, "test").tenant_id, read_key(swapped, "test").tenant_id) == (one, other)
        assert len({text, changed, swapped}) == 3


class TestAnswersThatAreNoJson:
    @pytest.mark.parametrize("body", ["", "id,name\n1,x\n", "[1]", "null", '"id"'])
    def test_have_no_fields(self, body: str):
        assert fields(Answer(200, {}, body)) == {}
        assert fields(Answer(200, {}, '{"id": 1}')) == {"id": 1}


class TestValues:
    SCHEMAS: ClassVar = {
        "Color": {"enum": ["red", "blue"]},
        "Inner": {"type": "object", "properties": {"owner_id": {"type": "string", "format": "uuid"}}},
    }
    SCHEMA: ClassVar = {
        "type": "object",
        "required": ["name", "color"],
        "properties": {
            "name": {"type": "string", "maxLength": 5},
            "color": {"$ref": "#/components/schemas/Color"},
            "size": {"anyOf": [{"type": "integer", "minimum": 7}, {"type": "null"}]},
            "tags": {"type": "array", "items": {"type": "string"}, "minItems": 2},
            "when": {"type": "string", "format": "date-time"},
            "inner": {"$ref": "#/components/schemas/Inner"},
        },
    }

    def maker(self) -> Maker:
        return Maker(self.SCHEMAS, MARK, lambda name: f"the {name}")

    def test_fit_the_schema(self):
        body = self.maker().body(self.SCHEMA)
        assert body.pop("when") > "2100"
        assert body == {
            "name": "canar",
            "color": "red",
            "size": 7,
            "tags": [MARK, MARK],
            "inner": {"owner_id": "the owner_id"},
        }

    def test_of_what_is_required_only(self):
        assert self.maker().body(self.SCHEMA, whole=False) == {"name": "canar", "color": "red"}

    def test_references_are_found_however_deep(self):
        body = self.maker().body(self.SCHEMA)
        assert list(references(body, self.SCHEMA, self.SCHEMAS)) == [("inner", "owner_id")]

    def test_references_are_found_in_lists(self):
        schema = {
            "type": "object",
            "properties": {
                "project_ids": {"type": "array", "minItems": 2, "items": {"type": "string", "format": "uuid"}},
                "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Inner"}},
            },
        }
        body = self.maker().body(schema)
        assert body["project_ids"] == ["the project_ids", "the project_ids"]
        found = list(references(body, schema, self.SCHEMAS))
        assert found == [("project_ids", 0), ("project_ids", 1), ("lines", 0, "owner_id")]

    def test_a_pattern_without_an_example_says_what_to_do(self):
        with pytest.raises(NoValue, match="give its field an example"):
            self.maker().body({"type": "object", "properties": {"code": {"type": "string", "pattern": "^x"}}})

    def test_a_sibling_sorts_beside_its_id_and_is_another(self):
        known = "01a1fe19-676b-729b-8450-0f838b520eab"
        assert sibling(known) != known
        assert sibling(known)[:18] == known[:18]
