"""What is over is deleted, whosever it is; what is not over stays; and nobody can say how old that is."""

import math
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import psycopg
import pytest

from freehold.database import database
from freehold.ids import first_id
from freehold.upkeep.service import tidy
from local.companies import Company
from local.postgres import Postgres

ANSWER = """
    insert into app.idempotency (principal, route, key, request_hash, result, created_at)
    select 'member:x', 'POST /v1/projects', %(key)s || number, '', '{}', now() - %(age)s
      from generate_series(1, %(many)s) number
"""
JOB = """
    insert into app.jobs (id, kind, job_class, state, input, attempts, created_at, finished_at)
    values (%(id)s, 'tests.job', 'bulk', %(state)s, '{}', 1, now() - %(age)s,
            case when %(ended)s::interval is not null then now() - %(ended)s end)
"""
SIGN_UP = "update directory.sign_ups set created_at = now() - %(age)s where tenant_id = %(tenant_id)s"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def system(stage: None, superuser: str) -> Iterator:
    with psycopg.connect(superuser) as connection:
        connection.execute("delete from app.turns where name <> 'relay'; delete from app.jobs")
    yield database("freehold_system")
    database("freehold_system").close()


def count(company: Company, table: str) -> int:
    return company.execute(f"select count(*) from {table} where tenant_id = %(tenant_id)s")[0][0]


def run(system) -> dict[str, int]:
    return tidy(system, latest=time.monotonic() + 60)


def job(company: Company, *, age: timedelta, ended: timedelta | None, state: str) -> None:
    made = UUID(int=first_id(datetime.now(UTC) - age).int + company.id.int % 2**60)
    company.execute(JOB, id=made, age=age, ended=ended, state=state)


class TestAnswers:
    def test_older_than_a_day_are_deleted_of_every_tenant(self, system, acme: Company, globex: Company):
        for company in (acme, globex):
            company.execute(ANSWER, key="old", age=DAY + HOUR, many=3)
            company.execute(ANSWER, key="new", age=DAY - HOUR, many=2)
        assert run(system)["answers"] >= 6
        assert (count(acme, "app.idempotency"), count(globex, "app.idempotency")) == (2, 2)

    def test_of_any_number_are_deleted_in_parts(self, system, acme: Company):
        acme.execute(ANSWER, key="old", age=2 * DAY, many=2_500)
        [(first,)] = acme.execute("select app.forget_answers()")
        assert first == 1_000
        run(system)
        assert count(acme, "app.idempotency") == 0


class TestJobs:
    @pytest.mark.parametrize(
        ("age", "ended", "state", "left"),
        [
            (40, 31, "succeeded", 0),
            (40, 31, "failed", 0),
            (40, 29, "succeeded", 1),
            (29, 28, "succeeded", 1),
            (40, None, "waiting", 1),
        ],
    )
    def test_that_ended_a_month_ago_are_deleted(self, system, acme: Company, age, ended, state, left):
        job(acme, age=age * DAY, ended=ended and ended * DAY, state=state)
        run(system)
        assert count(acme, "app.jobs") == left


class TestMails:
    def test_of_three_months_ago_are_deleted(self, system, acme: Company):
        for cause, days in (("old", 91), ("new", 89)):
            acme.execute(
                "insert into app.emails (id, cause, address, template, fields, locale, created_at)"
                " values (gen_random_uuid(), %(cause)s, 'a@acme.test', 'job_failed', '{}', 'en', now() - %(age)s)",
                cause=cause,
                age=days * DAY,
            )
        run(system)
        assert acme.execute("select cause from app.emails where tenant_id = %(tenant_id)s") == [("new",)]


class TestSignUps:
    def sign_up(self, acme: Company, age: timedelta) -> Company:
        person = acme.people.somebody()
        headers = {"Idempotency-Key": "once"}
        made = person.call("POST", "/v1/tenants", body={"name": "New"}, headers=headers).json
        company = Company(UUID(made["id"]), person, acme.people)
        company.execute(SIGN_UP, age=age)
        return company

    def test_older_than_a_day_are_deleted(self, system, acme: Company):
        old, new = self.sign_up(acme, DAY + HOUR), self.sign_up(acme, DAY - HOUR)
        assert run(system)["sign_ups"] >= 1
        assert (count(old, "directory.sign_ups"), count(new, "directory.sign_ups")) == (0, 1)


class TestTurns:
    def test_of_a_week_ago_are_deleted(self, system, acme: Company):
        for period, days in (("old", 8), ("new", 6)):
            acme.execute(
                "insert into app.turns (name, period, holder, until) values ('x', %(period)s, 'h', now() - %(age)s)",
                period=period,
                age=days * DAY,
            )
        run(system)
        assert acme.execute("select period from app.turns where name = 'x'") == [("new",)]


class TestTidy:
    def test_a_second_run_finds_nothing(self, system, acme: Company):
        acme.execute(ANSWER, key="old", age=2 * DAY, many=3)
        run(system)
        assert set(run(system).values()) == {0}

    def test_begins_nothing_when_the_time_is_over(self, system, acme: Company):
        acme.execute(ANSWER, key="old", age=2 * DAY, many=3)
        assert set(tidy(system, latest=-math.inf).values()) == {0}
        assert count(acme, "app.idempotency") == 3

    def test_one_that_fails_keeps_none_of_the_others(self, system, acme: Company, superuser: str):
        acme.execute(ANSWER, key="old", age=2 * DAY, many=3)
        job(acme, age=40 * DAY, ended=31 * DAY, state="failed")
        with psycopg.connect(superuser) as connection:
            connection.execute("revoke execute on function app.forget_answers from freehold_system")
        try:
            with pytest.raises(ExceptionGroup):
                run(system)
        finally:
            with psycopg.connect(superuser) as connection:
                connection.execute("grant execute on function app.forget_answers to freehold_system")
        assert (count(acme, "app.idempotency"), count(acme, "app.jobs")) == (3, 0)

    def test_nobody_else_may_delete(self, server: Postgres, system):
        for role in ("api", "worker", "report"):
            with psycopg.connect(server.conninfo(user=f"freehold_{role}", database="freehold")) as connection:
                for what in ("answers", "jobs", "sign_ups", "turns"):
                    with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                        connection.execute(f"select app.forget_{what}()")


class TestHandler:
    CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 300_000)

    def test_does_it_once_an_hour(self, system, acme: Company):
        from functions.upkeep.handler import handler  # noqa: PLC0415 (it reads the environment of the stage)

        due = {"scheduled_at": "2026-01-15T09:00:00Z"}
        for left in (0, 3):
            acme.execute(ANSWER, key=f"old{left}", age=2 * DAY, many=3)
            handler(due, self.CONTEXT)
            assert count(acme, "app.idempotency") == left
        handler({"scheduled_at": "2026-01-15T10:00:00Z"}, self.CONTEXT)
        assert count(acme, "app.idempotency") == 0
