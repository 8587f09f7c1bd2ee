"""What Stripe tells is written down once, finds its tenant however late that is known, and one job at a time looks."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from typing import Any

import psycopg
import pytest
from pydantic import BaseModel

from freehold.database import Database, WorkerCaller, done, one
from freehold.database.login import conninfo
from freehold.ids import TenantId
from local.companies import Company

RECEIVE = (
    "select app.receive_stripe(%(event)s, %(subject)s, %(type)s, %(created)s, '2026-10-28', false, null, null,"
    " %(quarantined)s, '{}')"
)
LINK = "select app.link_customer(%(customer)s, %(clock)s)::text as linked"
CREATED = datetime(2026, 11, 1, 12, tzinfo=UTC)
numbers = count()


class Linked(BaseModel):
    linked: str


@pytest.fixture
def customer() -> str:
    return f"cus_{next(numbers)}"


def told(event: str, subject: str, *, type: str = "customer.updated", quarantined: bool = False) -> dict[str, Any]:  # noqa: A002
    return {"event": event, "subject": subject, "type": type, "created": CREATED, "quarantined": quarantined}


def receive(event: str, subject: str, **different: Any) -> str:
    with psycopg.connect(conninfo("freehold_api"), autocommit=True) as connection, connection.transaction():
        return connection.execute(RECEIVE, told(event, subject, **different)).fetchone()[0]


@pytest.fixture
def workers(stage: None):
    workers = Database(conninfo("freehold_worker"))
    yield workers
    workers.close()


def work(workers: Database, company: Company, sql: str, **params: Any) -> None:
    caller = WorkerCaller(tenant_id=TenantId(company.id), worker="billing", request_id="r")
    workers.working(caller).do(done(sql, **params))


def link(workers: Database, company: Company, customer: str, clock: str | None = None) -> None:
    work(workers, company, LINK, customer=customer, clock=clock)


def link_by_oneself(company: Company, customer: str) -> None:
    """In a thread of its own, which has a connection of its own."""
    workers = Database(conninfo("freehold_worker"))
    link(workers, company, customer)
    workers.close()


def wanted(company: Company) -> int:
    rows = company.execute("select wanted from app.billing_syncs where tenant_id = %(tenant_id)s")
    return rows[0][0] if rows else 0


def looks(company: Company) -> list[tuple[str, int]]:
    """The jobs that look, or will."""
    return company.execute(
        "select state, attempt from app.jobs where tenant_id = %(tenant_id)s and kind = 'billing.sync' order by id"
    )


class TestReceiving:
    def test_asks_for_one_look_however_many_events_come(self, workers, acme: Company, customer: str):
        link(workers, acme, customer)
        before = wanted(acme)
        assert [receive(f"evt_{customer}_{number}", customer) for number in range(5)] == ["taken"] * 5
        assert (wanted(acme) - before, looks(acme)) == (5, [("waiting", 0)])

    def test_a_copy_asks_for_nothing(self, workers, acme: Company, customer: str):
        link(workers, acme, customer)
        receive(f"evt_{customer}", customer)
        before = wanted(acme)
        assert receive(f"evt_{customer}", customer) == "duplicate"
        assert wanted(acme) == before

    def test_what_is_about_nobody_waits_for_its_tenant(self, workers, acme: Company, customer: str):
        assert receive(f"evt_{customer}", customer) == "waiting"
        link(workers, acme, customer)
        assert (wanted(acme), looks(acme)) == (1, [("waiting", 0)])
        assert receive(f"evt_{customer}", customer) == "duplicate"

    def test_a_copy_of_what_waits_is_looked_at_again(self, acme: Company, customer: str, superuser: str):
        assert receive(f"evt_{customer}", customer) == "waiting"
        sql = "insert into directory.stripe_links (subject, tenant_id) values (%s, %s)"
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute(sql, [customer, acme.id])
        assert receive(f"evt_{customer}", customer) == "taken"

    def test_another_version_is_kept_and_asks_for_nothing(self, workers, acme: Company, customer: str):
        link(workers, acme, customer)
        before = wanted(acme)
        assert receive(f"evt_{customer}", customer, quarantined=True) == "quarantined"
        assert receive(f"evt_{customer}", customer, quarantined=True) == "duplicate"
        assert wanted(acme) == before

    def test_a_clock_asks_in_each_of_its_tenants(self, workers, acme: Company, globex: Company, customer: str):
        clock = f"clock_{customer}"
        link(workers, acme, customer, clock)
        link(workers, globex, f"{customer}b", clock)
        before = wanted(acme), wanted(globex)
        assert receive(f"evt_{customer}", clock, type="test_helpers.test_clock.ready") == "taken"
        assert (wanted(acme), wanted(globex)) == (before[0] + 1, before[1] + 1)

    def test_a_link_waits_for_an_event_that_is_written_at_this_moment(self, acme: Company, customer: str):
        with ThreadPoolExecutor(1) as pool, psycopg.connect(conninfo("freehold_api")) as telling:
            assert telling.execute(RECEIVE, told(f"evt_{customer}", customer)).fetchone() == ("waiting",)
            linking = pool.submit(link_by_oneself, acme, customer)
            telling.execute("select pg_sleep(0.2)")
            assert not linking.done()
            telling.commit()
            linking.result()
        assert receive(f"evt_{customer}", customer) == "duplicate", "it was taken"

    def test_an_event_waits_for_a_link_that_is_made_at_this_moment(self, workers, acme: Company, customer: str):
        caller = WorkerCaller(tenant_id=TenantId(acme.id), worker="billing", request_id="r")
        with ThreadPoolExecutor(1) as pool:
            with workers.working(caller).transaction() as tx:
                tx.get(one(Linked, LINK, customer=customer, clock=None))
                telling = pool.submit(receive, f"evt_{customer}", customer)
                tx.get(one(Linked, "select pg_sleep(0.2)::text as linked"))
                assert not telling.done()
            assert telling.result() == "taken"


class TestLinking:
    def test_a_customer_stays_its_tenants(self, workers, acme: Company, globex: Company, customer: str):
        link(workers, acme, customer)
        link(workers, acme, customer)
        with pytest.raises(Exception, match="payment provider"):
            link(workers, globex, customer)
        with pytest.raises(Exception, match="payment provider"):
            link(workers, acme, f"{customer}b")
        assert wanted(globex) == 0
        link(workers, globex, f"{customer}b")

    @pytest.mark.parametrize("customer", ["", "sub_1", None])
    def test_what_is_no_customer_is_refused(self, workers, acme: Company, customer: str | None):
        with pytest.raises(Exception, match="no_customer"):
            link(workers, acme, customer)


class TestLooking:
    def finish(self, workers: Database, company: Company, upto: int, review: str | None = None) -> None:
        """As whoever looked does in the end."""
        sql = "delete from app.jobs where tenant_id = %(tenant_id)s and kind = 'billing.sync'"
        company.execute(sql)
        work(workers, company, "select app.sync_done(%(upto)s, %(review)s::timestamptz)", upto=upto, review=review)

    def test_looks_again_for_whoever_asked_meanwhile(self, workers, acme: Company, customer: str):
        link(workers, acme, customer)
        seen = wanted(acme)
        receive(f"evt_{customer}", customer)
        self.finish(workers, acme, seen)
        assert looks(acme) == [("waiting", 0)]
        self.finish(workers, acme, wanted(acme))
        assert looks(acme) == []

    def test_comes_back_when_time_alone_changes_something(self, workers, acme: Company, customer: str):
        link(workers, acme, customer)
        self.finish(workers, acme, wanted(acme), review="2099-01-01T00:00:00Z")
        assert looks(acme) == [("scheduled", 0)]
        receive(f"evt_{customer}", customer)
        assert looks(acme) == [("waiting", 0)], "it looks now"

    def test_what_failed_keeps_its_wait(self, workers, acme: Company, customer: str):
        link(workers, acme, customer)
        acme.execute(
            "update app.jobs set state = 'scheduled', attempt = 1, due_at = now() + interval '1 hour'"
            " where tenant_id = %(tenant_id)s and kind = 'billing.sync'"
        )
        receive(f"evt_{customer}", customer)
        assert looks(acme) == [("scheduled", 1)]

    def test_one_that_was_given_up_stands_in_nobodys_way(self, workers, acme: Company, customer: str):
        link(workers, acme, customer)
        acme.execute(
            "update app.jobs set state = 'failed', finished_at = now() where tenant_id = %(tenant_id)s"
            " and kind = 'billing.sync'"
        )
        receive(f"evt_{customer}", customer)
        assert looks(acme) == [("failed", 0), ("waiting", 0)]


class TestSeats:
    def test_a_member_who_comes_asks_for_a_look_where_seats_follow(self, workers, acme: Company, customer: str):
        insert = (
            "insert into app.members (tenant_id, issuer, subject, role)"
            " values (%(tenant_id)s, 'i', %(subject)s, 'member')"
        )
        link(workers, acme, customer)
        before = wanted(acme)
        acme.execute(insert, subject="one")
        assert wanted(acme) == before, "the control: they do not follow"
        work(workers, acme, "update app.billing_syncs set seats_follow = true where tenant_id = %(tenant_id)s")
        acme.execute(insert, subject="two")
        assert wanted(acme) == before + 1

    def test_a_tenant_that_goes_asks_for_nothing(self, workers, acme: Company, customer: str):
        link(workers, acme, customer)
        work(workers, acme, "update app.billing_syncs set seats_follow = true where tenant_id = %(tenant_id)s")
        acme.execute("delete from app.tenants where id = %(tenant_id)s")
        assert looks(acme) == []


class TestTrials:
    def test_a_mark_is_one_tenants(self, workers, acme: Company, globex: Company, customer: str):
        taken = "select 1 / app.take_trial(%(marks)s)::integer"
        work(workers, acme, taken, marks=[customer, "card:1" + customer])
        work(workers, acme, taken, marks=[customer])
        work(workers, globex, taken, marks=["another" + customer])
        with pytest.raises(Exception):  # noqa: B017, PT011 (a division by zero: it may not)
            work(workers, globex, taken, marks=["a third" + customer, "card:1" + customer])
        work(workers, globex, taken, marks=["a third" + customer])
