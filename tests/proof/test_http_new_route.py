"""A route that an adopter adds is attacked the day it is added, and what it forgets is found."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

import functions
from freehold.database.migrations.bootstrap import DATABASE
from freehold.http.openapi import merge
from functions.declaration import Function
from functions.manifest import FUNCTIONS
from functions.projects.routes import router as projects
from local import gateway
from local.postgres import Postgres
from proof.http import Focus, Stage, attack, expected, on_stage, operations
from proof.http import stage as stages
from proof.http.planting import replaced
from proof.tally import Tally

WRITE, READ = "POST /v1/notes", "GET /v1/notes/{note_id}"
WRITE_NESTED, READ_NESTED = "POST /v1/projects/{project_id}/notes", "GET /v1/projects/{project_id}/notes/{note_id}"
ROUTES = (WRITE, READ, WRITE_NESTED, READ_NESTED)
PERMISSIONS = {WRITE: "projects:write", READ: "projects:read"}
TABLE = """
    set role freehold_owner;
    create table app.notes (
        tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
        id uuid not null default uuidv7(),
        project_id uuid not null,
        text text not null,
        created_by uuid not null default current_setting('app.member_id')::uuid,
        pinned_at timestamptz,
        primary key (tenant_id, id)
    );
    call app.tenant_table('app.notes');
    call app.allow('app.notes', 'freehold_api', 'select', 'insert', 'update');
"""
REFERENCE = "alter table app.notes add foreign key (tenant_id, project_id) references app.projects on delete cascade"
CODE = '''
"""/v1/notes, as an adopter writes it."""

from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel

from freehold.database import one, write
from freehold.fields import Input, Name
from freehold.http.dependencies import CurrentCaller, Db
from freehold.http.idempotency import IdempotencyKey, unpack
from product.projects.permissions import PROJECTS_READ, PROJECTS_WRITE

router = APIRouter(tags=["Notes"])


class NewText(Input):
    text: Name


class NewNote(NewText):
    project_id: UUID


class Note(BaseModel):
    id: UUID
    project_id: UUID
    text: str


COLUMNS = "id, project_id, text"
INSERT = "insert into app.notes (project_id, text) values (%(project_id)s, %(text)s)"
SELECT = f"select {COLUMNS} from app.notes where tenant_id = %(tenant_id)s and id = %(id)s"


def insert(**values):
    return write(Note, INSERT, answer=COLUMNS, event=None, **values)


@router.post("/v1/notes", status_code=201, summary="Write a note")
async def create(new: NewNote, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response) -> Note:
    return unpack(db.run(caller, PROJECTS_WRITE, insert(**new.model_dump()), once=once), response)


@router.get("/v1/notes/{note_id}", summary="Read a note")
async def read(note_id: UUID, caller: CurrentCaller, db: Db) -> Note:
    return db.one(caller, PROJECTS_READ, one(Note, SELECT, id=note_id))


@router.post("/v1/projects/{project_id}/notes", status_code=201, summary="Write a note about a project")
async def create_in(
    project_id: UUID, new: NewText, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response
) -> Note:
    statement = insert(project_id=project_id, text=new.text)
    return unpack(db.run(caller, PROJECTS_WRITE, statement, once=once), response)


@router.get("/v1/projects/{project_id}/notes/{note_id}", summary="Read a note of a project")
async def read_in(project_id: UUID, note_id: UUID, caller: CurrentCaller, db: Db) -> Note:
    query = one(Note, SELECT + " and project_id = %(project_id)s", id=note_id, project_id=project_id)
    return db.one(caller, PROJECTS_READ, query)
'''
HANDLER = """
from freehold.http.lambda_handler import serve
from functions.notes.routes import router

handler = serve(router)
"""


@pytest.fixture
def notes(server: Postgres, superuser: str, tmp_path: Path) -> Iterator[Stage]:
    """A stage with the table, the function and its routes; the reference of the table is left to the test."""
    folder = tmp_path / "notes"
    folder.mkdir()
    for name, code in {"__init__": '"""Notes."""', "routes": CODE, "handler": HANDLER}.items():
        (folder / f"{name}.py").write_text(code)
    with psycopg.connect(superuser) as connection:
        connection.execute(TABLE)
    try:
        with declared(tmp_path), on_stage(server, DATABASE) as stage:
            yield stage
    finally:
        with psycopg.connect(superuser) as connection:
            connection.execute("drop table app.notes")


@contextmanager
def declared(folder: Path) -> Iterator[None]:
    """In the manifest, for everybody who reads it here."""
    added = (*FUNCTIONS, Function(name="notes", database="api", product=True, routes=ROUTES))
    with ExitStack() as back:
        back.enter_context(replaced(functions, "__path__", [*functions.__path__, str(folder)]))
        notes = importlib.import_module("functions.notes.routes").router
        back.callback(forget)
        back.enter_context(replaced(operations, "openapi", lambda: merge([projects, notes], [])))
        back.enter_context(replaced(operations, "FUNCTIONS", [f for f in added if f.name in {"projects", "notes"}]))
        back.enter_context(replaced(stages, "FUNCTIONS", added))
        back.enter_context(replaced(gateway, "ROUTES", {r: function for function in added for r in function.routes}))
        back.enter_context(replaced(expected, "OTHERWISE", PERMISSIONS))
        yield


def forget() -> None:
    for name in [name for name in sys.modules if name.startswith("functions.notes")]:
        del sys.modules[name]
    del functions.notes


def attacked(stage: Stage, *routes: str) -> Tally:
    principals = ("owner of B", "owner of both, in B", "viewer of B", "read key of B")
    return attack(stage, Focus(routes=routes or ROUTES, principals=principals, calls=40))


class TestANewRoute:
    def test_that_follows_the_recipe_is_attacked_and_holds(self, notes: Stage, superuser: str):
        with psycopg.connect(superuser) as connection:
            connection.execute(REFERENCE)
        tally = attacked(notes)
        assert (tally.leaks, tally.unarmed) == ([], [])
        assert tally.probes["routes"] > 60, "of its own and nested ids"

    def test_whose_table_lacks_the_reference_takes_a_foreign_id(self, notes: Stage):
        tally = attacked(notes)
        assert {leak.check for leak in tally.leaks} >= {WRITE, WRITE_NESTED}

    def test_whose_permission_nobody_can_guess_is_asked_for(self, notes: Stage):
        with replaced(expected, "OTHERWISE", {}):
            tally = attacked(notes, READ)
        assert [READ in said and "OTHERWISE" in said for said in tally.unarmed] == [True]

    def test_whose_thing_cannot_be_made_is_unarmed(self, notes: Stage, superuser: str):
        with psycopg.connect(superuser) as connection:
            connection.execute("revoke insert on app.notes from freehold_api")
        tally = attacked(notes, READ)
        assert any(READ in said and "makes nothing with an id" in said for said in tally.unarmed)
