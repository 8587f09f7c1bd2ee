"""What becomes of a unit of work when its connection dies, its commit fails, or its tenant has moved."""

import gc
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace

import psycopg
import pytest

from freehold.database import Database, Query, Statement, database
from freehold.database.border import connection_lost
from freehold.database.login import conninfo
from freehold.errors import Busy
from local.companies import Company
from tests.wire import Cut, Wire

CREATE = {"name": "Apollo"}


def names(company: Company) -> list[str]:
    return [project["name"] for project in company.call("GET", "/v1/projects").json["items"]]


@pytest.fixture
def kill_connections(superuser: str):
    def kill() -> None:
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'freehold_api'")
            time.sleep(0.1)

    return kill


class TestKilledBeforeTheFlight:
    """The server hung up while nobody was looking: the next request notices before it sends."""

    def test_a_read_does_not_notice(self, acme: Company, kill_connections):
        kill_connections()
        assert acme.call("GET", "/v1/projects").status == 200

    def test_a_write_happens_once(self, acme: Company, kill_connections):
        kill_connections()
        assert acme.call("POST", "/v1/projects", body=CREATE).status == 201
        assert names(acme) == ["Apollo"]


class TestLostOnTheWay:
    """The flight never reached the server, but its sender cannot know."""

    def test_a_read_runs_again(self, acme: Company, wire: Wire):
        wire.cut(Cut.BEFORE)
        assert acme.call("GET", "/v1/projects").status == 200

    def test_a_write_says_that_its_outcome_is_unknown(self, acme: Company, wire: Wire):
        wire.cut(Cut.BEFORE)
        answer = acme.call("POST", "/v1/projects", body=CREATE)
        assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "outcome_unknown", "1")
        assert names(acme) == []

    def test_the_same_key_then_runs_it(self, acme: Company, wire: Wire):
        wire.cut(Cut.BEFORE)
        first, second = (
            acme.call("POST", "/v1/projects", body=CREATE, headers={"Idempotency-Key": "k"}) for _ in range(2)
        )
        assert (first.status, second.status) == (503, 201)
        assert "idempotency-replayed" not in second.headers
        assert names(acme) == ["Apollo"]


class TestAnswerLost:
    """The server has committed, and its answer never came."""

    def test_a_read_runs_again(self, acme: Company, wire: Wire):
        wire.cut(Cut.AFTER)
        assert acme.call("GET", "/v1/projects").status == 200

    def test_a_write_is_not_repeated(self, acme: Company, wire: Wire):
        wire.cut(Cut.AFTER)
        answer = acme.call("POST", "/v1/projects", body=CREATE)
        assert (answer.status, answer.code) == (503, "outcome_unknown")
        assert names(acme) == ["Apollo"]

    def test_the_same_key_then_replays_it(self, acme: Company, wire: Wire):
        wire.cut(Cut.AFTER)
        first, second = (
            acme.call("POST", "/v1/projects", body=CREATE, headers={"Idempotency-Key": "k"}) for _ in range(2)
        )
        assert (first.status, second.status) == (503, 201)
        assert second.headers["idempotency-replayed"] == "true"
        assert names(acme) == ["Apollo"]

    def test_a_sign_up_is_settled_by_its_key_too(self, people, wire: Wire):
        person, request = people.somebody(), {"body": CREATE, "headers": {"Idempotency-Key": "k"}}
        wire.cut(Cut.AFTER)
        first, second = (person.call("POST", "/v1/tenants", **request) for _ in range(2))
        assert (first.status, second.status) == (503, 201)
        assert [tenant["id"] for tenant in person.call("GET", "/v1/tenants").json["items"]] == [second.json["id"]]


class TestSilence:
    """The peer is there and says nothing: a failover, a full disk, a network that drops. Nobody waits for ever."""

    @pytest.fixture(autouse=True)
    def soon(self, monkeypatch):
        monkeypatch.setattr("freehold.database.unit.LONGEST", 0.5)

    def test_a_read_runs_again(self, acme: Company, wire: Wire):
        wire.cut(Cut.SILENT)
        assert acme.call("GET", "/v1/projects").status == 200

    def test_a_write_is_unknown_and_its_key_settles_it(self, acme: Company, wire: Wire):
        wire.cut(Cut.SILENT)
        first, second = (
            acme.call("POST", "/v1/projects", body=CREATE, headers={"Idempotency-Key": "k"}) for _ in range(2)
        )
        assert (first.code, second.headers["idempotency-replayed"]) == ("outcome_unknown", "true")
        assert names(acme) == ["Apollo"]

    def test_a_read_modify_write_changes_nothing_and_leaves_nothing_behind(self, acme: Company, wire: Wire):
        path = f"/v1/projects/{acme.project('Apollo')['id']}"
        wire.cut(Cut.SILENT)
        answer = acme.call("PATCH", path, body={"name": "New"}, headers={"If-Match": "*"})
        gc.collect()
        assert (answer.status, answer.code) == (503, "unavailable")
        assert acme.call("GET", path).json["version"] == 1

    def test_all_tries_together_end_before_lambda_does(self, acme: Company, wire: Wire, monkeypatch):
        monkeypatch.setattr("freehold.database.unit.LONGEST", 60)
        lambdas = SimpleNamespace(get_remaining_time_in_millis=lambda: 1500)
        started = time.monotonic()
        wire.cut(Cut.SILENT)
        answer = acme.call("GET", "/v1/projects", context=lambdas)
        assert (answer.status, answer.code) == (503, "unavailable")
        assert time.monotonic() - started < 1.5
        assert acme.call("GET", "/v1/projects", context=lambdas).status == 200

    def test_a_process_that_slept_past_the_deadline_goes_on(self, acme: Company):
        acme.call("GET", "/v1/projects")
        time.sleep(0.7)
        assert acme.call("POST", "/v1/projects", body=CREATE).status == 201

    def test_the_control_a_slow_answer_within_the_time_is_waited_for(self, acme: Company, monkeypatch):
        monkeypatch.setattr("freehold.database.unit.LONGEST", 5)
        assert database().outside(Query("select pg_sleep(0.8)", {}, lambda result: result.fetchone())) is not None


class TestIdle:
    def test_a_session_that_the_server_ended_is_replaced(self, stage: None):
        idle = Database(f"{conninfo('freehold_api')} options='-c idle_session_timeout=100'")
        idle.ping()
        time.sleep(0.4)
        idle.ping()
        idle.close()

    def test_one_that_ends_between_the_look_and_the_use_is_a_lost_connection(self):
        assert connection_lost(psycopg.errors.IdleSessionTimeout())
        assert not connection_lost(psycopg.errors.QueryCanceled())


class TestTooSlow:
    def test_a_statement_is_refused_and_nothing_happened(self, stage: None):
        impatient = Database(f"{conninfo('freehold_api')} options='-c statement_timeout=200 -c transaction_timeout=5s'")
        with pytest.raises(Busy):
            impatient.outside(Statement("select pg_sleep(1)", {}, lambda result: result.fetchone()))
        impatient.close()


class TestKilledDuringTheFlight:
    """The server is killed while the statement waits for a lock, after COMMIT was sent."""

    @pytest.fixture
    def locked(self, superuser: str, kill_connections) -> Iterator[None]:
        with psycopg.connect(superuser) as holder:
            holder.execute("lock table app.projects in access exclusive mode")

            def kill_then_unlock() -> None:
                time.sleep(0.3)
                kill_connections()
                holder.rollback()

            killer = threading.Thread(target=kill_then_unlock)
            killer.start()
            yield
            killer.join()

    def test_a_write_is_unknown_and_nothing_is_repeated(self, acme: Company, locked: None):
        assert acme.call("POST", "/v1/projects", body=CREATE).code == "outcome_unknown"
        assert names(acme) == []


class TestReadModifyWrite:
    def test_lost_before_the_change_was_sent_changes_nothing(self, acme: Company, wire: Wire):
        path = f"/v1/projects/{acme.project('Apollo')['id']}"
        wire.cut(Cut.AFTER)
        answer = acme.call("PATCH", path, body={"name": "New"}, headers={"If-Match": "*"})
        assert (answer.status, answer.code) == (503, "unavailable")
        assert acme.call("GET", path).json["version"] == 1


class TestCommitThatFails:
    """A deferred constraint fails at COMMIT, after every statement has succeeded."""

    @pytest.fixture
    def deferred_constraint(self, superuser: str) -> Iterator[None]:
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute(
                "create function public.refuse() returns trigger language plpgsql as $$ begin"
                " if new.name = 'refused at commit' then raise sqlstate '23514'; end if; return null; end $$;"
                " create constraint trigger refuse after insert on app.projects deferrable initially deferred"
                " for each row execute function public.refuse()"
            )
            yield
            connection.execute("drop trigger refuse on app.projects; drop function public.refuse")

    def test_never_answers_2xx(self, acme: Company, deferred_constraint: None):
        answer = acme.call("POST", "/v1/projects", body={"name": "refused at commit"})
        assert (answer.status, answer.code) == (409, "conflict")
        assert names(acme) == []

    def test_and_the_connection_goes_on(self, acme: Company, deferred_constraint: None):
        acme.call("POST", "/v1/projects", body={"name": "refused at commit"})
        assert acme.call("POST", "/v1/projects", body={"name": "accepted"}).status == 201


class TestDatabaseDown:
    def test_is_503_and_says_that_nothing_happened(self, acme: Company, monkeypatch):
        down = type(database())("host=127.0.0.1 port=1 dbname=freehold user=freehold_api")
        monkeypatch.setattr("freehold.http.dependencies.database", lambda: down)
        answer = acme.call("POST", "/v1/projects", body=CREATE)
        assert (answer.status, answer.code) == (503, "unavailable")


class TestTenantThatMoved:
    def test_is_found_at_its_new_epoch_by_the_same_request(self, acme: Company):
        acme.execute("update app.tenants set epoch = 2 where id = %(tenant_id)s")
        assert acme.call("POST", "/v1/projects", body=CREATE).status == 201
        assert names(acme) == ["Apollo"]
