"""The relay's function, as the clock calls it: from a request to the queue of a consumer, and on through its inbox."""

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from botocore.exceptions import EndpointConnectionError

from freehold.database import Database
from freehold.messaging.inbox import consumer
from freehold.settings import settings
from local.companies import Company
from local.lambda_context import Context
from local.ports import free_port
from tests.messaging.conftest import queue_behind, queue_of, received
from tests.messaging.test_batch import batch
from tests.messaging.test_inbox import effect, effects

BUS = "relay"
WOKEN = {"scheduled_at": "2026-01-15T09:30:00Z"}


@pytest.fixture
def handler(
    clients: dict[str, Any], system: Database, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., None]]:
    """In an environment where it makes one pass."""
    monkeypatch.setenv("FREEHOLD_BUS", BUS)
    monkeypatch.setenv("FREEHOLD_RELAY_STAYS", "0")
    monkeypatch.setenv("FREEHOLD_QUEUES", json.dumps({"standard": queue_of(clients, "standard")}))
    settings.cache_clear()
    sys.modules.pop("functions.relay.handler", None)
    module = importlib.import_module("functions.relay.handler")
    yield module.handler
    for each in [module.THREADS.submit(module.SYSTEM.close) for _ in range(2)]:
        each.result()
    module.THREADS.shutdown()
    settings.cache_clear()


def test_what_a_request_changed_reaches_its_consumer_and_is_done_once(
    handler: Callable[..., None], clients: dict[str, Any], acme: Company, superuser: str
):
    queue = queue_behind(clients, BUS)
    handler(WOKEN, Context.in_process("relay", timeout_seconds=90))
    [signed_up] = received(clients, queue, 1)
    assert json.loads(signed_up)["detail"]["tenant_id"] == str(acme.id)
    with psycopg.connect(superuser) as connection:
        connection.execute("insert into app.workers values ('fan', 'a test') on conflict do nothing")
    assert consumer("fan", effect)(batch(signed_up, signed_up), None) == {"batchItemFailures": []}
    assert len(effects(acme)) == 1
    handler(WOKEN, Context.in_process("relay", timeout_seconds=90))
    [of_the_consumer] = received(clients, queue, 1)
    assert json.loads(of_the_consumer)["detail-type"] == "test.effect", "what was published is not published again"


def test_it_begins_nothing_that_lambda_would_cut_off(handler: Callable[..., None], acme: Company):
    handler(WOKEN, Context.in_process("relay", timeout_seconds=10))
    left = acme.execute("select count(*) from app.outbox where tenant_id = %(tenant_id)s and published_at is null")
    assert left == [(1,)]


@pytest.fixture
def no_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens where the bus should be."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_EVENTBRIDGE", f"http://127.0.0.1:{free_port()}")


def test_a_bus_that_is_not_there_keeps_no_job_waiting_and_fails_the_call(
    no_bus: None, handler: Callable[..., None], clients: dict[str, Any], acme: Company, lines
):
    [(job,)] = acme.execute(
        "insert into app.jobs (kind, job_class, state, input, attempts) values ('any', 'standard', 'waiting', '{}', 1)"
        " returning id"
    )
    with pytest.raises(EndpointConnectionError):
        handler(WOKEN, Context.in_process("relay", timeout_seconds=90))
    bodies = received(clients, queue_of(clients, "standard"), 1)
    assert str(job) in [json.loads(body)["job_id"] for body in bodies]
    errors = [line for line in lines() if line["level"] == "ERROR"]
    assert [line["message"] for line in errors] == ["turn failed", "schedule"]
    assert {line["exception_name"] for line in errors} == {"EndpointConnectionError"}
