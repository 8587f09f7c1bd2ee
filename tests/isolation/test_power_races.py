"""What two people do at the same moment leaves the tenant an owner, and a grant no longer than what it is on.

`RACES=1000 .venv/bin/python -m pytest tests/isolation/test_power_races.py` runs each as often.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
import pytest

from freehold.database.migrations.bootstrap import DATABASE
from local.companies import Company, Person
from local.postgres import Postgres

RACES = int(os.environ.get("RACES", "20"))
ENTER = "select app.enter(%(tenant)s, 1, %(issuer)s, %(subject)s, now(), false, 'tenant:own', false, 'request', '')"
DEMOTE = "update app.members set role = 'viewer' where id = %(id)s"
OWNERS = "select count(*) from app.members where tenant_id = %(tenant_id)s and role = 'owner' and status = 'active'"
type Racer = Callable[[psycopg.Connection], None]


@pytest.fixture(scope="module")
def lanes(server: Postgres) -> Iterator[tuple[psycopg.Connection, psycopg.Connection]]:
    """Two connections of the API's role."""
    where = server.conninfo(user="freehold_api", database=DATABASE)
    with psycopg.connect(where, autocommit=True) as one, psycopg.connect(where, autocommit=True) as other:
        yield one, other


def acting(company: Company, who: Person, sql: str, **params: object) -> Racer:
    """One unit of work of somebody's."""

    def act(connection: psycopg.Connection) -> None:
        with connection.transaction():
            entering = {"tenant": company.id, "issuer": company.people.issuer.url, "subject": who.subject}
            connection.execute(ENTER, entering)
            connection.execute(sql.encode(), params)

    return act


def race(lanes: tuple[psycopg.Connection, psycopg.Connection], *racers: Racer) -> list[str]:
    """What became of each, by its SQLSTATE; empty for what was done."""
    barrier = Barrier(len(racers))

    def run(connection: psycopg.Connection, act: Racer) -> str:
        barrier.wait()
        try:
            act(connection)
        except psycopg.Error as error:
            return error.sqlstate or "?"
        return ""

    with ThreadPoolExecutor(len(racers)) as pool:
        return list(pool.map(run, lanes, racers))


class TestTwoOwners:
    def test_who_demote_each_other_leave_one(self, acme: Company, lanes: tuple[psycopg.Connection, psycopg.Connection]):
        other = acme.member("owner")
        people = {person: acme.member_id(person) for person in (acme.owner, other)}
        seen = set()
        for _ in range(RACES):
            acme.execute("update app.members set role = 'owner' where tenant_id = %(tenant_id)s and role = 'viewer'")
            said = race(
                lanes,
                acting(acme, acme.owner, DEMOTE, id=people[other]),
                acting(acme, other, DEMOTE, id=people[acme.owner]),
            )
            assert acme.execute(OWNERS) == [(1,)]
            seen.add(tuple(sorted(said)))
        assert seen <= {("", "FH403"), ("", "FH409"), ("", "40P01")}

    def test_who_both_leave_leave_one(self, acme: Company, lanes: tuple[psycopg.Connection, psycopg.Connection]):
        other = acme.member("owner")
        for _ in range(RACES):
            acme.execute("update app.members set role = 'owner' where tenant_id = %(tenant_id)s and role = 'viewer'")
            leaving = [acting(acme, who, DEMOTE, id=acme.member_id(who)) for who in (acme.owner, other)]
            said = race(lanes, *leaving)
            assert acme.execute(OWNERS) == [(1,)]
            assert sorted(said) == ["", "FH409"] or sorted(said) == ["", "40P01"]

    def test_the_control_without_the_rule_none_is_left_sooner_or_later(
        self, acme: Company, lanes: tuple[psycopg.Connection, psycopg.Connection], superuser: str
    ):
        other = acme.member("owner")
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute("alter table app.members disable trigger keep_owner")
            try:
                leaving = [acting(acme, who, DEMOTE, id=acme.member_id(who)) for who in (acme.owner, other)]
                assert race(lanes, *leaving) == ["", ""]
                assert acme.execute(OWNERS) == [(0,)]
            finally:
                connection.execute("alter table app.members enable trigger keep_owner")


class TestGrants:
    def test_one_that_meets_a_removal_does_not_outlive_it(
        self, acme: Company, lanes: tuple[psycopg.Connection, psycopg.Connection]
    ):
        guest, project = acme.member("guest"), acme.project()["id"]
        member = acme.member_id(guest)
        give = (
            "insert into app.grants (member_id, resource, resource_id, role)"
            " select m.id, 'projects', r.id, 'viewer' from app.members m, app.projects r"
            " where m.id = %(id)s and m.status = 'active' and r.id = %(project)s for share of m for key share of r"
        )
        remove = "update app.members set status = 'removed' where id = %(id)s"
        for _ in range(RACES):
            acme.execute("update app.members set status = 'active' where id = %(id)s", id=member)
            race(
                lanes,
                acting(acme, acme.owner, give, id=member, project=project),
                acting(acme, acme.owner, remove, id=member),
            )
            assert acme.execute("select count(*) from app.grants where member_id = %(id)s", id=member) == [(0,)]

    def test_a_role_that_goes_while_it_is_granted_stays_or_is_not_granted(
        self, acme: Company, lanes: tuple[psycopg.Connection, psycopg.Connection]
    ):
        member = acme.member_id(acme.member("guest"))
        give = (
            "insert into app.grants (member_id, resource, resource_id, custom_role)"
            " values (%(id)s, 'projects', uuidv7(), %(role)s)"
        )
        for _ in range(RACES):
            role = acme.role("projects:read")
            said = race(
                lanes,
                acting(acme, acme.owner, give, id=member, role=role),
                acting(acme, acme.owner, "delete from app.roles where id = %(role)s", role=role),
            )
            assert sorted(said) == ["", "23503"]
            acme.execute("delete from app.grants where member_id = %(id)s", id=member)
            acme.execute("delete from app.roles where id = %(role)s", role=role)
