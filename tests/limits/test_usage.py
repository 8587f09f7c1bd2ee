"""What is metered ends at its limit, a request as a whole; `within` and what is used are asked of the database."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import pytest

from freehold.callers import Identity, PersonCaller
from freehold.database import Database, database
from freehold.database.migrations.bootstrap import DATABASE
from freehold.errors import LimitReached
from freehold.ids import TenantId
from freehold.limits.queries import COUNTED, used, within
from freehold.permissions import USAGE_READ
from local.companies import Company
from local.postgres import Postgres
from tests.limits.conftest import Publish
from tests.usage.sending import ago, an_event, counted, recorded, send


@pytest.fixture
def db(server: Postgres) -> Iterator[Database]:
    db = Database(server.conninfo(user="freehold_api", database=DATABASE))
    yield db
    db.close()


def owner(company: Company) -> PersonCaller:
    who = Identity(issuer=company.people.issuer.url, subject=company.owner.subject, issued_at=datetime.now(UTC))
    return PersonCaller(tenant_id=TenantId(company.id), identity=who, request_id="r", address="")


class TestRecording:
    def test_that_would_pass_the_limit_is_refused_whole(self, acme: Company, publish: Publish):
        publish(api_calls=10)
        assert send(acme, an_event(1, quantity=6)).status == 200
        refused = send(acme, [an_event(2, quantity=4), an_event(3, quantity=1)])
        assert (refused.status, refused.code) == (402, "limit_reached")
        assert (refused.json["limit"], refused.json["most"], refused.json["used"]) == ("api_calls", 10, 6)
        assert recorded(acme) == counted(acme) == (1, 6)
        assert send(acme, an_event(2, quantity=4)).status == 200, "what was refused can be sent again"
        assert send(acme, an_event(2, quantity=4)).json["duplicates"] == 1, "what is recorded already is no more"
        assert send(acme, an_event(4, quantity=0)).status == 200
        assert send(acme, an_event(5, quantity=1)).code == "limit_reached"

    def test_of_another_period_does_not_count(self, acme: Company, publish: Publish):
        publish(api_calls=5)
        acme.execute(
            "insert into app.billing_accounts (plan, status, access, current_period_start, current_period_end)"
            " values ('free', 'active', 'full', now() - interval '2 days', now() + interval '2 days')"
        )
        assert send(acme, an_event(1, quantity=9, time=ago(days=4))).status == 200
        assert send(acme, an_event(2, quantity=5, time=ago(days=1))).status == 200
        assert send(acme, an_event(3)).json["used"] == 5

    def test_goes_on_where_the_limit_is_soft_or_there_is_none(self, acme: Company, publish: Publish):
        publish("api_calls", api_calls=1)
        assert send(acme, an_event(1, quantity=9)).status == 200
        publish()
        assert send(acme, an_event(2, quantity=9)).status == 200

    def test_by_many_at_once_ends_at_the_limit(self, acme: Company, publish: Publish):
        publish(api_calls=10)

        def sending(client: int) -> list[int]:
            try:
                return [send(acme, an_event(f"{client}-{number}")).status for number in range(3)]
            finally:
                database().close()

        with ThreadPoolExecutor(8) as pool:
            answers = [status for each in pool.map(sending, range(8)) for status in each]
        assert (answers.count(200), answers.count(402)) == (10, 14)
        assert recorded(acme) == counted(acme) == (10, 10)

    def test_the_control_without_the_rule_goes_past_it(self, acme: Company, publish: Publish, superuser: str):
        publish(api_calls=1)
        with psycopg.connect(superuser, autocommit=True) as connection:
            switch = "alter table app.usage_hours {0} trigger limited, {0} trigger limited_again"
            connection.execute(switch.format("disable").encode())
            try:
                assert send(acme, an_event(1, quantity=9)).status == 200
            finally:
                connection.execute(switch.format("enable").encode())


class TestWithin:
    def test_raises_once_all_are_taken(self, acme: Company, publish: Publish, db: Database):
        publish(projects=1, api_calls=3)
        self.ask(acme, db, "projects"), self.ask(acme, db, "api_calls")
        acme.project()
        send(acme, an_event(1, quantity=3))
        for key, most in (("projects", 1), ("api_calls", 3)):
            with pytest.raises(LimitReached) as refused:
                self.ask(acme, db, key)
            told = {name: refused.value.members[name] for name in ("limit", "most", "used", "rule")}
            assert told == {"limit": key, "most": most, "used": most, "rule": "fallback:free"}

    def test_goes_on_where_nothing_is_limited(self, acme: Company, publish: Publish, db: Database):
        publish("projects", projects=0)
        for key in ("projects", "seats"):
            self.ask(acme, db, key)

    def test_a_limit_that_no_plan_knows_lets_nobody_by(self, acme: Company, publish: Publish, db: Database):
        publish(projects=0)
        with pytest.raises(psycopg.Error, match="unknown_limit"):
            self.ask(acme, db, "projetcs")

    def ask(self, company: Company, db: Database, key: str) -> None:
        with db.transaction(owner(company), USAGE_READ) as unit:
            unit.get(within(key))


class TestUsed:
    def test_counts_rows_and_sums_what_is_metered(self, acme: Company, globex: Company, db: Database):
        acme.project()
        globex.project()
        send(acme, [an_event(1, quantity=3), an_event(2, quantity=4, time=ago(days=40))])
        send(acme, an_event(3, quantity=4))
        asked = db.one(owner(acme), USAGE_READ, used({"seats": 3, "projects": None, "unknown": 1}))
        assert asked == {"seats": 1, "projects": 1}

    def test_of_a_meter_is_what_was_used_in_the_period(self, acme: Company, publish: Publish, db: Database):
        publish()
        send(acme, an_event(1, quantity=3))
        assert db.one(owner(acme), USAGE_READ, used({"api_calls": 1})) == {"api_calls": 3}

    def test_counts_no_more_rows_than_are_asked_about(self, acme: Company):
        for _ in range(3):
            acme.project()
        (counted,) = acme.execute("select app.usage_of('projects', 2), app.usage_of('projects', null)")
        assert counted == (2, 3)

    def test_asks_for_what_says_how_much_is_left(self):
        asked = used({"projects": 3, "tasks": 50_000, "notes": None})
        assert asked.params["counted"] == [COUNTED, 50_000, COUNTED]
