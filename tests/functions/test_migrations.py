"""The custom resource that a deploy waits for: what it does to a database, and that it always answers."""

import json
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from freehold.database.migrations import ADMIN, LOGINS
from freehold.database.migrations.files import Migration, migrations
from freehold.settings import settings
from functions.migrations import watchdog
from functions.migrations.answer import Answer
from functions.migrations.handler import handler
from functions.migrations.watchdog import watched
from local.cloudformation import Receiver
from local.database import Database
from local.postgres import temporary

EVENTS = Path(__file__).parents[2] / "events/migrations"
AT_ONCE = SimpleNamespace(get_remaining_time_in_millis=lambda: 30_100)
"""A context of Lambda's in which there is hardly any time."""


@pytest.fixture(scope="module", autouse=True)
def _all_of_everything_again(server):
    """What these tests deploy puts the product's plans into force, where the others have all of everything."""
    yield
    Database(server).publish()


@pytest.fixture
def cluster():
    """As RDS makes it: an administrator who is no superuser and logs in by IAM, and nothing else.

    A double: who is a member of `rds_iam`, at whatever remove, comes in without the password that everybody else needs;
    on RDS it is a token that is asked for, and a password is of no use to them.
    """
    with temporary() as server:
        server.superuser(f"create role {ADMIN} login createrole createdb")
        server.superuser(f"create role rds_iam; grant rds_iam to {ADMIN} with admin true")
        with psycopg.connect(server.conninfo(user="postgres")) as connection:
            [rules] = connection.execute("show hba_file").fetchone()
        rules = Path(rules)
        rules.write_text(f"host all +rds_iam all trust\n{rules.read_text()}")
        server.superuser("select pg_reload_conf()")
        yield server


@pytest.fixture
def cloudformation():
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def to(monkeypatch):
    """Sends the function to a database."""

    def send(conninfo: str) -> None:
        monkeypatch.setenv("FREEHOLD_DATABASE", conninfo)
        settings.cache_clear()

    yield send
    settings.cache_clear()


def deploy(receiver, kind="create", seconds=900, **properties):
    event = json.loads((EVENTS / f"{kind}.json").read_text()) | {"ResponseURL": receiver.url}
    event["ResourceProperties"] |= properties
    handler(event, SimpleNamespace(get_remaining_time_in_millis=lambda: seconds * 1000, function_version="7"))
    return receiver.answers[-1]


class TestCreate:
    def test_makes_roles_database_and_schema_out_of_nothing(self, cluster, cloudformation, to):
        to(cluster.conninfo_without_user(database="freehold"))
        answer = deploy(cloudformation)
        assert answer["Status"] == "SUCCESS", answer
        assert all(migration.name in answer["Data"]["Applied"] for migration in migrations("pre"))
        assert deploy(cloudformation)["Data"] == {"Applied": "nothing was missing"}

    def test_leaves_nobody_a_password(self, cluster, cloudformation, to):
        to(cluster.conninfo_without_user(database="freehold"))
        deploy(cloudformation)
        with psycopg.connect(cluster.conninfo(user="postgres")) as connection:
            logins = connection.execute(
                "select rolname, pg_has_role(rolname, 'rds_iam', 'member'), rolpassword from pg_authid"
                " where rolcanlogin and not rolsuper"
            ).fetchall()
        assert set(logins) == {(role, True, None) for role in (ADMIN, *LOGINS)}

    def test_the_control_nobody_comes_in_without_the_role(self, cluster):
        cluster.superuser("create role stranger login")
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(cluster.conninfo(user="stranger"))

    def test_twice_at_once_is_once_after_the_other(self, cluster, cloudformation, to):
        to(cluster.conninfo_without_user(database="freehold"))
        both = [threading.Thread(target=deploy, args=(cloudformation,)) for _ in range(2)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert [answer["Status"] for answer in cloudformation.answers] == ["SUCCESS", "SUCCESS"]
        applied = {answer["Data"]["Applied"] for answer in cloudformation.answers}
        assert "nothing was missing" in applied
        assert len(applied) == 2


class TestPhase:
    def test_of_which_there_is_nothing_is_a_success(self, server, cloudformation, to):
        to(Database(server).conninfo)
        assert deploy(cloudformation, Phase="post")["Data"] == {"Applied": "nothing was missing"}

    def test_that_does_not_exist_is_a_failure(self, server, cloudformation, to):
        to(Database(server).conninfo)
        assert "'Pre' is no phase" in deploy(cloudformation, Phase="Pre")["Reason"]


class TestVersion:
    def test_that_was_to_run_did(self, server, cloudformation, to):
        to(Database(server).conninfo)
        assert deploy(cloudformation, Version="7")["Status"] == "SUCCESS"

    def test_that_ran_instead_of_it_says_so(self, server, cloudformation, to):
        to(Database(server).conninfo)
        assert "version 8 was to run, and 7 did" in deploy(cloudformation, Version="8")["Reason"]


class TestAnswer:
    def test_is_what_cloudformation_asks_for(self, server, cloudformation, to):
        to(Database(server).conninfo)
        answer = deploy(cloudformation, "update")
        assert answer["Data"] == {"Applied": "nothing was missing"}
        event = json.loads((EVENTS / "update.json").read_text())
        assert {name: answer[name] for name in ("StackId", "RequestId", "LogicalResourceId")} == {
            name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")
        }
        assert answer["PhysicalResourceId"] == event["PhysicalResourceId"]
        assert cloudformation.headers[-1]["content-type"] == ""

    def test_a_database_out_of_reach_is_a_failure_with_its_reason(self, cloudformation, to):
        to("host=127.0.0.1 port=1 dbname=freehold")
        answer = deploy(cloudformation)
        assert answer["Status"] == "FAILED"
        assert "127.0.0.1" in answer["Reason"]

    def test_an_unusable_setting_is_a_failure_with_its_reason(self, cloudformation, to):
        to("host=db.example.com dbname=freehold")
        assert "sslmode=verify-full" in deploy(cloudformation)["Reason"]

    def test_a_missing_property_is_a_failure(self, cloudformation):
        event = json.loads((EVENTS / "create.json").read_text()) | {"ResponseURL": cloudformation.url}
        del event["ResourceProperties"]["Phase"]
        handler(event, SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000, function_version="7"))
        assert cloudformation.answers[-1]["Status"] == "FAILED"

    @pytest.mark.parametrize("character", ["x", "я", "\U0001f600", '"', "\0", "\n", "\ud800"], ids=ascii)
    def test_is_short_enough(self, cloudformation, character):
        event = json.loads((EVENTS / "create.json").read_text()) | {"ResponseURL": cloudformation.url}
        Answer(event).failed(character * 9999)
        assert cloudformation.answers[-1]["Status"] == "FAILED"
        assert int(cloudformation.headers[-1]["content-length"]) < 4096

    def test_is_given_before_lambda_ends_it_and_stops_the_work(self, server, cloudformation, monkeypatch, to):
        to(Database(server).conninfo)
        slow = Migration("test/9001_slow.pre", "create table app.slow (id int); select pg_sleep(20)")
        monkeypatch.setattr("freehold.database.migrations.runner.migrations", lambda _phase: [slow])
        started = time.monotonic()
        assert deploy(cloudformation, seconds=31)["Status"] == "FAILED"
        assert 0.9 < time.monotonic() - started < 10
        assert [answer["Reason"][:13] for answer in cloudformation.answers] == ["not done afte"]
        with psycopg.connect(server.conninfo(user="postgres", database="freehold")) as connection:
            assert connection.execute("select to_regclass('app.slow')").fetchone() == (None,)

    def test_stops_work_that_one_interrupt_does_not_reach(self, monkeypatch):
        """As where it falls into a finalizer, whose errors Python ignores."""
        monkeypatch.setattr(watchdog, "BITE_EVERY", 0.5)

        def work() -> None:
            with suppress(KeyboardInterrupt):
                time.sleep(10)
            time.sleep(10)

        self.is_stopped(work)

    def test_stops_work_where_interrupts_were_ignored(self):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.is_stopped(lambda: time.sleep(10))

    @staticmethod
    def is_stopped(work):
        started = time.monotonic()
        with pytest.raises(KeyboardInterrupt), watched(AT_ONCE, lambda _: None):
            work()
        assert time.monotonic() - started < 5

    def test_that_the_watchdog_has_begun_is_ended_before_lambda_stops_everything(self):
        """The work ends while it is under way."""
        said = []

        def give_up(reason: str) -> None:
            time.sleep(0.5)
            said.append(reason)

        with watched(AT_ONCE, give_up):
            time.sleep(0.3)
        assert said == ["not done after 0 s; what was committed is remembered. Run it again"]

    def test_that_nobody_took_is_given_by_the_next(self, cloudformation, monkeypatch):
        monkeypatch.setattr("functions.migrations.answer.TRIES", 1)
        event = json.loads((EVENTS / "create.json").read_text()) | {"ResponseURL": "http://127.0.0.1:1/"}
        answer = Answer(event)
        with pytest.raises(OSError, match="refused"):
            answer.failed("the first")
        event["ResponseURL"] = cloudformation.url
        answer.failed("the second")
        answer.failed("the third")
        assert [given["Reason"] for given in cloudformation.answers] == ["the second"]

    def test_is_tried_again_when_nobody_takes_it(self, monkeypatch):
        monkeypatch.setattr("functions.migrations.answer.PAUSE", 0.2)
        receiver = Receiver()  # listens, and answers once it runs
        answer = Answer(json.loads((EVENTS / "create.json").read_text()) | {"ResponseURL": receiver.url})
        monkeypatch.setattr("functions.migrations.answer.TIMEOUT", 0.2)
        threading.Timer(0.5, receiver.__enter__).start()
        answer.succeeded({})
        receiver.__exit__()
        assert receiver.answers[-1]["Status"] == "SUCCESS"


def ask(event, seconds=900):
    return handler(event, SimpleNamespace(get_remaining_time_in_millis=lambda: seconds * 1000, function_version="7"))


class TestQuestion:
    """By a person, with `freehold migrate --stage …`."""

    def test_what_is_missing_and_what_was_applied(self, cluster, to):
        to(cluster.conninfo_without_user(database="freehold"))
        plan, migrate = (json.loads((EVENTS / f"{name}.json").read_text()) for name in ("plan", "migrate"))
        names = [migration.name for migration in migrations("pre")]
        assert ask(migrate) == {"applied": names}
        assert ask(plan) == {"missing": []}
        assert ask(migrate) == {"applied": []}

    def test_names_the_steps_that_are_left(self, server, monkeypatch, to):
        to(Database(server).conninfo)
        steps = Migration("test/9002_steps.pre", "-- step: one\nselect 1;\n-- step: two\nselect 2;")
        monkeypatch.setattr("freehold.database.migrations.runner.migrations", lambda _phase: [steps])
        assert ask({"ask": "plan", "phase": "pre"}) == {"missing": [{"name": steps.name, "steps": ["one", "two"]}]}

    @pytest.mark.parametrize(
        ("event", "says"),
        [
            ({"ask": "drop", "phase": "pre"}, "is no question"),
            ({"ask": "plan"}, "is no question"),
            ({"ask": "plan", "phase": "Pre"}, "'Pre' is no phase"),
        ],
    )
    def test_that_is_not_understood_is_answered(self, server, to, event, says):
        to(Database(server).conninfo)
        assert says in ask(event)["error"]

    def test_out_of_reach_is_answered_with_the_reason(self, to):
        to("host=127.0.0.1 port=1 dbname=freehold")
        assert "127.0.0.1" in ask({"ask": "plan", "phase": "pre"})["error"]

    def test_is_answered_before_lambda_ends_it(self, server, monkeypatch, to):
        to(Database(server).conninfo)
        slow = Migration("test/9003_slow.pre", "select pg_sleep(20)")
        monkeypatch.setattr("freehold.database.migrations.runner.migrations", lambda _phase: [slow])
        assert ask({"ask": "migrate", "phase": "pre"}, seconds=31)["error"].startswith("not done after 1 s")


class TestDelete:
    def test_leaves_the_data_alone(self, cloudformation, to):
        to("host=127.0.0.1 port=1 dbname=freehold")
        assert deploy(cloudformation, "delete")["Status"] == "SUCCESS"
