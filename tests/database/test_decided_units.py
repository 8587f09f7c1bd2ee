"""Units of work of a request that was decided by something: what was confirmed is neither done nor refused twice."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest

from freehold.callers import AskAgain, Identity, PersonCaller
from freehold.database import Remembered, database
from freehold.decisions.asked import Asked, TooLate
from freehold.decisions.book import Book
from freehold.errors import LimitReached
from freehold.permissions import TENANT_READ
from freehold.tenants import queries
from local.companies import ALL_POWER, Company
from product.projects import queries as projects
from product.projects.models import NewProject
from product.projects.permissions import PROJECTS_WRITE
from tests.decisions.conftest import agree


def caller(company: Company, book: Book | None = None) -> tuple[PersonCaller, Asked]:
    identity = Identity(issuer=company.people.issuer.url, subject=company.owner.subject, issued_at=datetime.now(UTC))
    asked = Asked(book or Book(), (company.id, (identity.issuer, identity.subject)))
    return PersonCaller(tenant_id=company.id, identity=identity, request_id="r", address="", asked=asked), asked


def known(company: Company) -> Book:
    """A process that has heard of the tenant."""
    book = Book()
    first, asked = caller(company, book)
    asked.open(database())
    with pytest.raises(AskAgain):
        database().one(first, TENANT_READ, queries.tenant())
    return book


def key() -> Remembered:
    return Remembered(route="POST /v1/projects", key=str(uuid4()), request_hash=b"x")


class TestReplay:
    def test_is_answered_although_nothing_is_left_by_now(self, acme: Company):
        agree(acme, limits={"projects": 1})
        book, once = known(acme), key()
        for replayed in (False, True):
            somebody, asked = caller(acme, book)
            asked.limit(database(), "projects")
            made = database().run(somebody, PROJECTS_WRITE, projects.insert_project(NewProject(name="One")), once=once)
            assert made.replayed is replayed

    def test_another_request_is_refused(self, acme: Company):
        agree(acme, limits={"projects": 1})
        book = known(acme)
        acme.project()
        somebody, asked = caller(acme, book)
        asked.limit(database(), "projects")
        with pytest.raises(LimitReached):
            database().run(somebody, PROJECTS_WRITE, projects.insert_project(NewProject(name="Two")), once=key())


class TestSecondUnit:
    def test_never_has_the_request_begin_again(self, acme: Company):
        book = known(acme)
        somebody, asked = caller(acme, book)
        asked.open(database())
        database().one(somebody, TENANT_READ, queries.tenant())
        agree(acme, limits={"projects": 7})
        assert database().one(somebody, TENANT_READ, queries.tenant()).name == "Acme"

    def test_is_too_late_to_ask(self, acme: Company):
        somebody, asked = caller(acme, known(acme))
        database().one(somebody, TENANT_READ, queries.tenant())
        with pytest.raises(TooLate):
            asked.require(database(), "sso")
        with pytest.raises(TooLate):
            asked.limit(database(), "projects")


class TestCount:
    def test_begins_with_the_tenant_and_ends_at_what_changes(self, acme: Company):
        count = "select version from app.decision_versions where tenant_id = %(tenant_id)s"
        [(before,)] = acme.execute(count)
        acme.execute("update app.tenants set access = access where id = %(tenant_id)s")
        assert acme.execute(count) == [(before,)], "nothing has changed"
        agree(acme, limits={"projects": 7})
        [(after,)] = acme.execute(count)
        assert after == before + 1

    def test_an_identity_that_is_somebody_else_counts(self, acme: Company):
        count = "select version from app.decision_versions where tenant_id = %(tenant_id)s"
        member = acme.member("member")
        before = acme.execute(count)
        acme.execute("update app.members set subject = 'another' where subject = %(subject)s", subject=member.subject)
        assert acme.execute(count) != before

    def test_is_behind_the_note_of_billing_in_every_transaction(self, acme: Company):
        """Else a sync and a member who comes back with another role would wait for each other."""
        acme.execute("insert into app.billing_syncs (tenant_id, seats_follow) values (%(tenant_id)s, true)")
        person = acme.member("member")
        pays = (
            """
            insert into app.billing_accounts as a (plan, status, access) values ('free', 'none', 'full')
            on conflict (tenant_id) do update set version = a.version + 1
            """,
            "update app.billing_syncs set wanted = wanted + 1 where tenant_id = current_setting('app.tenant_id')::uuid",
        )
        comes_back = (
            f"update app.members set status = 'removed' where subject = '{person.subject}'",
            f"update app.members set role = 'viewer' where subject = '{person.subject}'",
            f"update app.members set role = 'member', status = 'active' where subject = '{person.subject}'",
        )
        failed: list[Exception] = []
        threads = [threading.Thread(target=repeat, args=(acme, each, failed)) for each in (pays, comes_back)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []


def repeat(company: Company, statements: Sequence[str], failed: list[Exception], times: int = 40) -> None:
    """Each time in one transaction, as the database's superuser in the tenant's name."""
    entered = {"tenant_id": company.id, "principal": "t", "request_id": "t", "address": ""}
    try:
        for _ in range(times):
            with psycopg.connect(company.people.superuser) as connection:
                for name, value in entered.items():
                    connection.execute("select set_config(%s, %s, true)", [f"app.{name}", str(value)])
                for statement in (ALL_POWER, *statements):
                    connection.execute(statement)
    except psycopg.Error as error:
        failed.append(error)
