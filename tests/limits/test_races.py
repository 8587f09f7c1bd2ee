"""However many want the last ones at the same moment, there are never more than the limit.

`LIMIT_RUNS=20 LIMIT_CREATES=1000 LIMIT_MOST=50 LIMIT_RACES=1000 .venv/bin/python -m pytest tests/limits/test_races.py`
is the whole of it.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Lock

import psycopg
import pytest

from freehold.database.migrations.bootstrap import DATABASE
from local.companies import Company
from local.postgres import Postgres
from tests.limits.conftest import CREATES, RUNS, Publish, active, count

MOST, RACES = int(os.environ.get("LIMIT_MOST", "10")), int(os.environ.get("LIMIT_RACES", "25"))
LANES = 16
ENTER = "select app.enter(%s, 1, %s, %s, now(), false, %s, true, 'request', '')"
CREATE = "insert into app.projects (name) values ('One more')"
HIRE = "insert into app.members (email, role, status) values ('race@acme.test', 'viewer', 'active')"
"""As a directory does."""
BACK = "update app.members set status = 'active' where id = %s"
type Lanes = list[psycopg.Connection]
type Racer = Callable[[psycopg.Connection], None]


@pytest.fixture(scope="module")
def lanes(server: Postgres) -> Iterator[Lanes]:
    """Connections of the API's role."""
    where = server.conninfo(user="freehold_api", database=DATABASE)
    opened = [psycopg.connect(where, autocommit=True) for _ in range(LANES)]
    yield opened
    for each in opened:
        each.close()


def acting(company: Company, permission: str, sql: str, *params: object) -> Racer:
    """One unit of work of the owner's."""

    def act(connection: psycopg.Connection) -> None:
        with connection.transaction():
            connection.execute(ENTER, [company.id, company.people.issuer.url, company.owner.subject, permission])
            connection.execute(sql.encode(), params or None)

    return act


def said(connection: psycopg.Connection, act: Racer) -> str:
    """What it heard; empty where it was done."""
    try:
        act(connection)
    except psycopg.Error as error:
        return error.diag.message_primary or "?"
    return ""


def created(lanes: Lanes, company: Company, times: int) -> list[str]:
    """What each of so many heard that create a project, on all lanes at once."""
    create, left, lock, start = acting(company, "projects:write", CREATE), [times], Lock(), Barrier(len(lanes))

    def run(connection: psycopg.Connection) -> list[str]:
        heard: list[str] = []
        start.wait()
        while True:
            with lock:
                if not left[0]:
                    return heard
                left[0] -= 1
            heard.append(said(connection, create))

    with ThreadPoolExecutor(len(lanes)) as pool:
        return [each for heard in pool.map(run, lanes) for each in heard]


def raced(lanes: Lanes, *racers: Racer) -> list[str]:
    start = Barrier(len(racers))

    def run(connection: psycopg.Connection, act: Racer) -> str:
        start.wait()
        return said(connection, act)

    with ThreadPoolExecutor(len(racers)) as pool:
        return list(pool.map(run, lanes, racers))


@contextmanager
def without(superuser: str, *triggers: str) -> Iterator[None]:
    """As it were if nothing held the limit."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        for trigger in triggers:
            connection.execute(f"alter table {trigger.replace(' ', ' disable trigger ')}".encode())
        try:
            yield
        finally:
            for trigger in triggers:
                connection.execute(f"alter table {trigger.replace(' ', ' enable trigger ')}".encode())


class TestProjects:
    def test_there_are_exactly_as_many_as_the_limit(self, acme: Company, publish: Publish, lanes: Lanes):
        publish(projects=MOST)
        for _ in range(RUNS):
            acme.execute("delete from app.projects where tenant_id = %(tenant_id)s")
            heard = created(lanes, acme, CREATES)
            assert count(acme, "projects") == MOST
            assert (heard.count(""), heard.count("limit_reached")) == (MOST, CREATES - MOST)

    def test_the_control_without_the_rule_there_are_more(
        self, acme: Company, publish: Publish, lanes: Lanes, superuser: str
    ):
        publish(projects=MOST)
        with without(superuser, "app.projects limited"):
            created(lanes, acme, MOST + 5)
        assert count(acme, "projects") == MOST + 5

    def test_the_control_without_the_lock_there_are_more(
        self, acme: Company, publish: Publish, lanes: Lanes, superuser: str
    ):
        """Two that have counted before either commits are both right, and together too many."""
        publish(projects=1)
        with psycopg.connect(superuser, autocommit=True) as connection:
            [body] = connection.execute("select pg_get_functiondef('app.refuse_more'::regproc)").fetchone() or [""]
            connection.execute(body.replace("perform pg_advisory_xact_lock", "perform").encode())
            try:
                create, heard = acting(acme, "projects:write", CREATE), []
                with lanes[0].transaction():
                    lanes[0].execute(ENTER, [acme.id, acme.people.issuer.url, acme.owner.subject, "projects:write"])
                    lanes[0].execute(CREATE)
                    heard.append(said(lanes[1], create))
            finally:
                connection.execute(body.encode())
        assert (heard, count(acme, "projects")) == ([""], 2)


class TestTheLastSeat:
    def test_goes_to_one_of_two_that_come_by_different_ways(self, acme: Company, publish: Publish, lanes: Lanes):
        [(gone,)] = acme.execute(
            "insert into app.members (issuer, subject, role, status)"
            " values ('i', 's', 'viewer', 'suspended') returning id"
        )
        publish(seats=2)
        seen = set()
        for _ in range(RACES):
            ways = (acting(acme, "members:write", HIRE), acting(acme, "members:write", BACK, gone))
            seen.add(tuple(raced(lanes, *ways)))
            assert active(acme) == 2
            acme.execute(
                "with away as (update app.members set status = 'suspended' where id = %(id)s)"
                " delete from app.members where tenant_id = %(tenant_id)s and email = 'race@acme.test'",
                id=gone,
            )
        assert seen <= {("", "limit_reached"), ("limit_reached", "")}

    def test_the_control_without_the_rule_goes_to_both(
        self, acme: Company, publish: Publish, lanes: Lanes, superuser: str
    ):
        publish(seats=2)
        with without(superuser, "app.members limited"):
            assert raced(lanes, *[acting(acme, "members:write", HIRE)] * 2) == ["", ""]
        assert active(acme) == 3
