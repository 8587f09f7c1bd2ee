"""Nobody gives, changes or takes what they do not hold, on any path, whatever they are and whatever is given."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import psycopg
import pytest

from freehold.database.migrations.bootstrap import DATABASE
from freehold.roles.models import role_columns
from local.companies import Company, People, Person
from local.issuer import Issuer
from local.postgres import Postgres
from tests.database.power import BELOW_OWNER, CUSTOM, HELD, HTTP, SQL, Given

PAIRS = list(product(HELD, HELD))
EXCEEDS = "FH403"
NO_PRIVILEGE = "42501"
ENTER = "select app.enter(%(tenant)s, 1, %(issuer)s, %(subject)s, now(), false, %(permission)s, true, 'request', '')"
MADE: dict[str, str] = {
    "left": "insert into app.members (issuer, subject, role, custom_role, status)"
    " values ('i', gen_random_uuid()::text, %(role)s, %(custom_role)s, 'removed') returning id",
    "invited": "insert into app.invitations (email, role, custom_role, invited_by)"
    " values (gen_random_uuid()::text, %(role)s, %(custom_role)s, %(owner)s) returning id",
    "revoked": "insert into app.invitations (email, role, custom_role, invited_by, status)"
    " values (gen_random_uuid()::text, %(role)s, %(custom_role)s, %(owner)s, 'revoked') returning id",
    "granted": "insert into app.grants (member_id, resource, resource_id, role, custom_role, created_by)"
    " values (%(owner)s, 'projects', uuidv7(), %(role)s, %(custom_role)s, %(owner)s) returning id",
    "alike": "insert into app.roles (name, permissions) values (gen_random_uuid()::text, %(permissions)s) returning id",
    "key": "insert into app.api_keys (name, scopes, secret_hash, hint, created_by)"
    " values ('K', %(permissions)s, uuid_send(uuidv7()), 'h', %(owner)s) returning id",
}
"""What has each role already."""


@dataclass
class Matrix:
    """A company with everybody, and something that has each role."""

    company: Company
    roles: dict[str, Given] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    params: dict[str, dict[str, Any]] = field(default_factory=dict)

    def furnish(self) -> None:
        owner = self.company.member_id(self.company.owner)
        for name in HELD:
            ref = self.company.role(*CUSTOM[name], name=f"The {name}") if name in CUSTOM else name
            self.roles[name] = Given(name, ref)
            self.people[name] = self.company.member(ref)
            self.ids[name] = self.company.member_id(self.people[name])
        common = {
            "other": self.company.member_id(self.company.member("guest")),
            "project": self.company.project()["id"],
            "empty": self.company.role(name="Empty"),
            "group": self._made("insert into app.groups (display_name) values ('Group') returning id"),
            "invitation": self._made(MADE["invited"], role="guest", custom_role=None, owner=owner),
            "grant": self._made(MADE["granted"], role="guest", custom_role=None, owner=owner),
        }
        for name, given in self.roles.items():
            what = {**role_columns(given.ref), "permissions": given.permissions}
            made = {thing: self._made(sql, owner=owner, **what) for thing, sql in MADE.items()}
            holder = self.company.member_id(self.company.member(given.ref))
            self.params[name] = {**common, **what, **made, "holder": holder}

    def _made(self, sql: str, **params: object) -> str:
        [(made,)] = self.company.execute(sql, **params)
        return str(made)


@pytest.fixture(scope="module")
def matrix(stage: None, issuer: Issuer, superuser: str) -> Matrix:
    matrix = Matrix(People(issuer, superuser).company("Matrix"))
    matrix.furnish()
    return matrix


@pytest.fixture(scope="module")
def api(server: Postgres) -> Iterator[psycopg.Connection]:
    """As the API's database role: what a statement of ours, or an injected one, could do."""
    with psycopg.connect(server.conninfo(user="freehold_api", database=DATABASE), autocommit=True) as connection:
        yield connection


def attempt(
    api: psycopg.Connection, company: Company, who: Person, sql: str, *, permission: str = "tenant:read", **params: Any
) -> tuple[str, int]:
    """What the database said, and how many rows there were, in a unit of work that is undone."""
    api.execute("begin")
    try:
        entering = {"tenant": company.id, "issuer": company.people.issuer.url, "subject": who.subject}
        api.execute(ENTER, {**entering, "permission": permission})
        return "", api.execute(sql.encode(), params).rowcount
    except psycopg.Error as error:
        return error.sqlstate or "", 0
    finally:
        api.execute("rollback")


class TestDirectly:
    @pytest.mark.parametrize("path", SQL)
    def test_gives_equal_power_and_less_and_nothing_above(self, matrix: Matrix, api: psycopg.Connection, path: str):
        wrong, outcomes = [], set()
        for actor, given in PAIRS:
            params = {**matrix.params[given], "me": matrix.ids[actor]}
            if given == "owner" and path in BELOW_OWNER:
                continue
            state, rows = attempt(api, matrix.company, matrix.people[actor], SQL[path], **params)
            allowed = HELD[given] <= HELD[actor]
            outcomes.add(allowed)
            if (state, rows > 0) != (("", True) if allowed else (EXCEEDS, False)):
                wrong.append((actor, given, state, rows))
        assert wrong == []
        assert outcomes == {True, False}

    @pytest.mark.parametrize("actor", CUSTOM)
    def test_nobody_raises_the_role_that_they_have(self, matrix: Matrix, api: psycopg.Connection, actor: str):
        change = "update app.roles set permissions = %(permissions)s where id = %(id)s"
        for given in HELD:
            params = {"permissions": sorted(HELD[given] | {"tenant:read"}), "id": matrix.roles[actor].ref}
            state, rows = attempt(api, matrix.company, matrix.people[actor], change, **params)
            assert (state, rows) == (("", 1) if HELD[given] <= HELD[actor] else (EXCEEDS, 0))

    def test_one_that_is_above_undoes_all_that_are_not(self, matrix: Matrix, api: psycopg.Connection):
        params = {"other": matrix.params["guest"]["other"], "holder": matrix.params["owner"]["holder"]}
        change = "update app.members set role = 'viewer' where id in (%(other)s, %(holder)s)"
        assert attempt(api, matrix.company, matrix.people["admin"], change, **params) == (EXCEEDS, 0)
        assert attempt(api, matrix.company, matrix.people["owner"], change, **params) == ("", 2)

    def test_what_somebody_has_just_given_themselves_does_not_count(self, matrix: Matrix, api: psycopg.Connection):
        both = """
            with mine as (insert into app.grants (member_id, resource, resource_id, role)
                          values (%(me)s, 'projects', %(project)s, %(first)s) returning id)
            insert into app.grants (member_id, resource, resource_id, role)
            values (%(other)s, 'projects', %(project)s, 'member')
        """
        params = {**matrix.params["guest"], "me": matrix.ids["lead"]}
        for first, member in (("admin", EXCEEDS), ("guest", EXCEEDS)):
            state, _ = attempt(api, matrix.company, matrix.people["lead"], both, **params, first=first)
            assert state == member
        state, rows = attempt(api, matrix.company, matrix.people["admin"], both, **{
            **params, "me": matrix.ids["admin"], "first": "admin"})  # fmt: skip
        assert (state, rows) == ("", 1)

    @pytest.mark.parametrize(
        "change",
        [
            "update app.grants set resource_id = uuidv7() where id = %(granted)s",
            "update app.grants set resource = 'tenants' where id = %(granted)s",
            "update app.grants set member_id = %(other)s where id = %(granted)s",
            "update app.api_keys set scopes = '{tenant:own}' where id = %(key)s",
            "update app.members set issuer = 'mine' where id = %(holder)s",
            "update app.invitations set email = 'mine@example.test' where id = %(invited)s",
            "update app.builtin_roles set permissions = '{}'",
            "update app.permissions set resource = 'projects'",
            "insert into app.members (issuer, subject, role) values ('i', 'me', 'guest')",
            "delete from app.members where id = %(holder)s",
        ],
    )
    def test_nothing_moves_to_somebody_or_something_else(self, matrix: Matrix, api: psycopg.Connection, change: str):
        params = matrix.params["guest"]
        assert attempt(api, matrix.company, matrix.company.owner, change, **params)[0] == NO_PRIVILEGE

    @pytest.mark.parametrize(
        ("change", "thing"),
        [
            ("update app.invitations set {} = %(owner)s where id = %(invited)s", "invited_by"),
            ("update app.invitations set role = 'viewer', {} = %(owner)s where id = %(invited)s", "invited_by"),
            ("update app.api_keys set {} = %(owner)s, secret_hash = '\\x03' where id = %(mine)s", "created_by"),
        ],
    )
    def test_nobody_lets_another_answer_for_what_they_do(
        self, matrix: Matrix, api: psycopg.Connection, change: str, thing: str
    ):
        actor = matrix.people["admin"]
        mine = matrix.company.call_as(actor, "POST", "/v1/api-keys", body={"name": "K", "scopes": ["tenant:read"]})
        params = {**matrix.params["guest"], "mine": mine.json["id"], "me": matrix.ids["admin"]}
        for who, state in (("owner", EXCEEDS), ("admin", "")):
            answered = attempt(api, matrix.company, actor, change.format(thing), **{**params, "owner": matrix.ids[who]})
            assert answered == (state, int(not state))


class TestOverHttp:
    @pytest.mark.parametrize("path", HTTP)
    def test_gives_equal_power_and_less_and_nothing_above(self, matrix: Matrix, path: str):
        wrong, outcomes = [], set()
        for actor, given in PAIRS:
            answer = HTTP[path].send(matrix.company, matrix.people[actor], matrix.roles[given])
            below = given != "owner" or path not in BELOW_OWNER
            allowed = below and HTTP[path].needs in HELD[actor] and HELD[given] <= HELD[actor]
            outcomes.add(allowed)
            if answer.status >= 300 if allowed else answer.status not in HTTP[path].refused:
                wrong.append((actor, given, answer))
        assert wrong == []
        assert outcomes == {True, False}


class TestByGrant:
    @pytest.fixture
    def lead(self, matrix: Matrix) -> tuple[Person, str, str]:
        """A guest who is `admin` on a project; it, and another one."""
        person, mine, other = (
            matrix.company.member("guest"),
            matrix.company.project()["id"],
            matrix.company.project()["id"],
        )
        matrix.company.grant(person, mine, "admin")
        return person, mine, other

    def test_on_that_thing_alone_whatever_the_statement_says(
        self, matrix: Matrix, api: psycopg.Connection, lead: tuple[Person, str, str]
    ):
        person, mine, other = lead
        insert = (
            "insert into app.grants (member_id, resource, resource_id, role, custom_role)"
            " values (%(other)s, 'projects', %(where)s, %(role)s, %(custom_role)s)"
        )
        wanted = {(mine, "admin"): "", (mine, "owner"): EXCEEDS, **dict.fromkeys(product([other], HELD), NO_PRIVILEGE)}
        for (where, given), state in wanted.items():
            given_on = {"where": where, **role_columns(matrix.roles[given].ref)}
            params = {**matrix.params["guest"], **given_on}
            said, _ = attempt(api, matrix.company, person, insert, permission="projects:share", **params)
            assert said == state, (where, given)

    def test_nothing_of_the_tenants(self, matrix: Matrix, api: psycopg.Connection, lead: tuple[Person, str, str]):
        person, *_ = lead
        for path in ("a member's role", "one's own role", "an invitation", "a role", "an API key"):
            params = {**matrix.params["viewer"], "me": matrix.company.member_id(person)}
            answer = attempt(api, matrix.company, person, SQL[path], permission="projects:share", **params)
            assert answer == (EXCEEDS, 0), path

    def test_sees_only_the_grants_of_that_thing(
        self, matrix: Matrix, api: psycopg.Connection, lead: tuple[Person, str, str]
    ):
        person, mine, other = lead
        matrix.company.grant(person, other, "viewer")
        look = "select * from app.grants where resource_id in (%(mine)s, %(other)s)"
        assert attempt(api, matrix.company, person, look, permission="projects:share", mine=mine, other=other)[1] == 1
        assert attempt(api, matrix.company, matrix.company.owner, look, mine=mine, other=other)[1] == 2

    def test_neither_locks_nor_moves_what_was_not_granted(
        self, matrix: Matrix, api: psycopg.Connection, lead: tuple[Person, str, str]
    ):
        person, mine, other = lead
        lock = "select 1 from app.projects where id in (%(mine)s, %(other)s) for update"
        rename = "update app.projects set name = 'Mine' where id in (%(mine)s, %(other)s)"
        make = "insert into app.projects (name) values ('Mine')"
        outcomes = [
            attempt(api, matrix.company, person, sql, permission="projects:write", mine=mine, other=other)
            for sql in (lock, rename, make)
        ]
        assert outcomes == [("", 1), ("", 1), (NO_PRIVILEGE, 0)]


class TestEveryTable:
    def test_that_confers_power_is_held_to_the_rule(self, superuser: str):
        with psycopg.connect(superuser) as connection:
            found = connection.execute(
                """
                select c.relname, exists (select from pg_trigger t where t.tgrelid = c.oid
                           and t.tgfoid = 'app.guard_power'::regproc and t.tgtype & 21 = 21)
                  from pg_class c
                 where c.relnamespace = 'app'::regnamespace and c.relkind in ('r', 'p') and exists (
                       select from pg_attribute a where a.attrelid = c.oid and not a.attisdropped
                          and a.attname in ('role', 'custom_role', 'scopes'))
                   and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id')
                """
            ).fetchall()
        assert {name for name, _ in found} >= {"members", "invitations", "grants", "api_keys"}
        assert [name for name, guarded in found if not guarded] == [], (
            "run: create trigger guard_power after insert or update on app.… for each row"
            " execute function app.guard_power()"
        )
        assert [name for name, _ in found if not any(f"app.{name} " in sql for sql in SQL.values())] == [], (
            "add a line to SQL in tests/database/power.py, and to HTTP where a route leads there"
        )
