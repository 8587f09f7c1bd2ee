"""The custom resource that a deploy waits for: what it does to a database, and that it always answers."""

import json
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from freehold.database.migrations import ADMIN, LOGINS
from freehold.database.migrations.runner import migrations
from freehold.settings import settings
from functions.migrations import admin_secret
from functions.migrations.answer import Answer
from functions.migrations.handler import handler
from local.cloudformation import Receiver
from local.database import Database
from local.postgres import temporary

EVENTS = Path(__file__).parents[2] / "events/migrations"


@pytest.fixture
def cluster():
    """As RDS makes it: an administrator who is no superuser, and nothing else."""
    with temporary() as server:
        server.superuser(f"create role {ADMIN} login createrole createdb password 'renewed-by-rds'")
        server.superuser(f"create role rds_iam; grant rds_iam to {ADMIN} with admin true")
        yield server


@pytest.fixture
def cloudformation():
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def password(monkeypatch):
    """A double: nothing here is Secrets Manager but the emulator, and the demo goes through that."""
    said = ["renewed-by-rds"]
    monkeypatch.setattr(admin_secret, "admin_password", lambda: said[0])
    return said


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
    handler(event, SimpleNamespace(get_remaining_time_in_millis=lambda: seconds * 1000))
    return receiver.answers[-1]


class TestCreate:
    def test_makes_roles_database_and_schema_out_of_nothing(self, cluster, cloudformation, password, to):
        to(cluster.conninfo_without_user(database="freehold"))
        cluster.passwords.ensure([ADMIN, *LOGINS])
        bootstrapped = deploy(cloudformation)
        assert (
            bootstrapped["Status"] == "FAILED"
        )  # the migrator has no token here, and no password yet: roles are there
        Database(cluster).make_roles()
        password[0] = cluster.passwords.ensure([ADMIN])[ADMIN]
        answer = deploy(cloudformation)
        assert answer["Status"] == "SUCCESS", answer
        assert all(migration.name in answer["Data"]["Applied"] for migration in migrations("pre"))

    def test_lets_every_login_sign_in_where_the_cluster_knows_tokens(self, cluster, cloudformation, password, to):
        to(cluster.conninfo_without_user(database="freehold"))
        deploy(cloudformation)
        with psycopg.connect(cluster.conninfo(user="postgres")) as connection:
            members = connection.execute(
                "select member::regrole::text from pg_auth_members where roleid = 'rds_iam'::regrole"
            ).fetchall()
        assert {name for (name,) in members} == {ADMIN, *LOGINS}


class TestAnswer:
    def test_is_what_cloudformation_asks_for(self, server, cloudformation, password, to):
        to(Database(server).conninfo)
        password[0] = Database(server).administrator["password"]
        answer = deploy(cloudformation, "update")
        assert answer["Data"] == {"Applied": "nothing was missing"}
        event = json.loads((EVENTS / "update.json").read_text())
        assert {name: answer[name] for name in ("StackId", "RequestId", "LogicalResourceId")} == {
            name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")
        }
        assert answer["PhysicalResourceId"] == event["PhysicalResourceId"]
        assert cloudformation.headers[-1]["content-type"] == ""

    def test_a_database_out_of_reach_is_a_failure_with_its_reason(self, cloudformation, password, to):
        to("host=127.0.0.1 port=1 dbname=freehold")
        answer = deploy(cloudformation)
        assert answer["Status"] == "FAILED"
        assert "127.0.0.1" in answer["Reason"]

    def test_an_unusable_setting_is_a_failure_with_its_reason(self, cloudformation, password, to):
        to("host=db.example.com dbname=freehold")
        assert "sslmode=verify-full" in deploy(cloudformation)["Reason"]

    def test_a_secret_that_cannot_be_read_is_a_failure(self, cloudformation, monkeypatch):
        monkeypatch.delenv("FREEHOLD_ADMIN_SECRET", raising=False)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        assert deploy(cloudformation)["Status"] == "FAILED"

    def test_a_missing_property_is_a_failure(self, cloudformation, password):
        event = json.loads((EVENTS / "create.json").read_text()) | {"ResponseURL": cloudformation.url}
        del event["ResourceProperties"]["Phase"]
        handler(event, SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000))
        assert cloudformation.answers[-1]["Status"] == "FAILED"

    def test_is_short_enough(self, cloudformation):
        Answer(json.loads((EVENTS / "create.json").read_text()) | {"ResponseURL": cloudformation.url}).failed(
            "x" * 9999
        )
        assert len(json.dumps(cloudformation.answers[-1])) < 4096

    def test_is_given_before_lambda_ends_it_and_only_once(self, cloudformation, monkeypatch, password):
        goes_on = threading.Event()
        monkeypatch.setattr(
            "freehold.database.migrations.deployment.bring_up_to_date", lambda *_, **__: goes_on.wait(5) and []
        )
        threading.Timer(1, goes_on.set).start()
        started = time.monotonic()
        assert deploy(cloudformation, seconds=20.3)["Status"] == "FAILED"
        assert time.monotonic() - started > 0.9
        assert [answer["Status"] for answer in cloudformation.answers] == ["FAILED"]
        assert "not done after 0 s" in cloudformation.answers[0]["Reason"]

    def test_is_tried_again_when_nobody_takes_it(self, monkeypatch):
        monkeypatch.setattr("functions.migrations.answer.PAUSE", 0.2)
        receiver = Receiver()  # listens, and answers once it runs
        answer = Answer(json.loads((EVENTS / "create.json").read_text()) | {"ResponseURL": receiver.url})
        monkeypatch.setattr("functions.migrations.answer.TIMEOUT", 0.2)
        threading.Timer(0.5, receiver.__enter__).start()
        answer.succeeded({})
        receiver.__exit__()
        assert receiver.answers[-1]["Status"] == "SUCCESS"


class TestDelete:
    def test_leaves_the_data_alone(self, cloudformation, to):
        to("host=127.0.0.1 port=1 dbname=freehold")
        assert deploy(cloudformation, "delete")["Status"] == "SUCCESS"
