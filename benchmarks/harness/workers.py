"""Everything after the response, at work: the real functions behind a transport of this process, and two customers."""

import json
import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import psycopg

from freehold.database.migrations.bootstrap import DATABASE
from local.another_process import another_process
from local.companies import Company, People
from local.database import Database, prepared
from local.issuer import AUDIENCE, Issuer
from local.postgres import SUPERUSER
from local.transport.poller import Poller
from local.transport.processes import Died, Failed
from local.transport.server import Server
from local.transport.stage import CONSUMERS, Stage, stage

THREADS = 20
VISIBILITY = 60.0
OURS = {"run_standard": "benchmarks.harness.quiet_job.handler"}


class Listener:
    """A customer's server, which notes when each event arrived, and takes `seconds` to answer."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.arrived: dict[str, float] = {}
        self._seconds = seconds
        self._over = threading.Event()
        self._server = Server(self._handler())
        self.where = self._server.where

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.__exit__()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        listener = self

        class Customer(BaseHTTPRequestHandler):
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                """Note it, then answer."""
                arrived = time.time()
                event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                listener.arrived[event["id"]] = arrived
                listener._over.wait(listener._seconds)
                with suppress(OSError):
                    self.send_response(204)
                    self.end_headers()

            def log_message(self, *_: object) -> None:
                """It only listens."""

        return Customer


@dataclass(frozen=True, slots=True)
class Working:
    """A stage at work."""

    stage: Stage
    people: People
    superuser: str
    quick: Listener
    dead: Listener

    def company(self, listener: Listener | None = None) -> Company:
        """A customer, with an endpoint where one is given."""
        company = self.people.company()
        if listener:
            body = {"url": f"http://{listener.where}/hooks", "events": ["*"]}
            company.call("POST", "/v1/webhook-endpoints", body=body)
        return company

    def connect(self) -> psycopg.Connection:
        """As a superuser."""
        return psycopg.connect(self.superuser, autocommit=True)


@contextmanager
def working() -> Iterator[Working]:
    """Begin it and end it. The relay stays, as at a stage that is awake."""
    with ExitStack() as running:
        folder = Path(running.enter_context(TemporaryDirectory(prefix="freehold-")))
        server = running.enter_context(prepared())
        database = Database(server)
        issuer = running.enter_context(Issuer(folder))
        quick, dead = running.enter_context(Listener()), running.enter_context(Listener(30.0))
        everywhere = {
            "FREEHOLD_STAGE": "bench",
            "FREEHOLD_KEY_MODE": "test",
            "FREEHOLD_ISSUERS": json.dumps([{"issuer": issuer.url, "audience": AUDIENCE}]),
            "FREEHOLD_DATABASE": database.conninfo,
            "FREEHOLD_WEBHOOK_LISTENERS": json.dumps([quick.where, dead.where]),
        }
        running.enter_context(another_process(everywhere, log_level=logging.ERROR))
        made = running.enter_context(
            stage(
                lambda _function: everywhere | {"FREEHOLD_RELAY_STAYS": "10"},
                folder=folder,
                handlers=OURS,
                visibility=VISIBILITY,
                threads=THREADS,
            )
        )
        running.enter_context(_relay(made))
        for consumer in CONSUMERS:
            running.enter_context(
                Poller(
                    made.transport.queues[consumer.queue.name],
                    consumer.queue.name,
                    batch=consumer.queue.batch_size,
                    concurrency=min(consumer.queue.concurrency, THREADS),
                    invoke=made.functions[consumer.name].invoke,
                )
            )
        superuser = server.conninfo(user=SUPERUSER, database=DATABASE)
        yield Working(made, People(issuer, superuser), superuser, quick, dead)


@contextmanager
def _relay(made: Stage) -> Iterator[None]:
    """The clock: it wakes the relay as soon as it is gone."""
    over = threading.Event()

    def clock() -> None:
        while not over.is_set():
            with suppress(Died, Failed):
                made.functions["relay"].invoke({"scheduled_at": "2026-11-21T00:00:00Z"})

    with ThreadPoolExecutor(1) as pool:
        pool.submit(clock)
        try:
            yield
        finally:
            over.set()
            made.functions["relay"].kill()
