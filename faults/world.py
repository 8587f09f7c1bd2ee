"""A deployed stage in small: PostgreSQL behind a guard, functions in processes, queues and a bus without order."""

import json
import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from faults.guard import Guard, Trap
from faults.points import Point
from faults.receiver import Receiver
from freehold.database.migrations.bootstrap import DATABASE
from functions.manifest import FUNCTIONS, Function
from functions.manifest import Queue as DeclaredQueue
from local.companies import People
from local.database import Database
from local.issuer import AUDIENCE, Issuer
from local.postgres import SUPERUSER, temporary
from local.transport.poller import deliver
from local.transport.processes import Died, FunctionProcess
from local.transport.queue import Disorder, Queue
from local.transport.service import Transport, Watch

OURS = {"run_standard": "faults.kinds.handler"}
"""The workers that run kinds of our own; all others are as they are deployed."""
DISORDER = Disorder(twice=0.2, late=0.3, shuffled=True, refused=0.1)
PASSES = 60


class Consumer(NamedTuple):
    """A function that a queue calls."""

    name: str
    queue: DeclaredQueue
    events: tuple[str, ...]


CONSUMERS = [Consumer(declared.name, declared.queue, declared.events) for declared in FUNCTIONS if declared.queue]
TIME_PASSES = (
    "update app.turns set until = now() - interval '1 second' where done_at is null",
    "update app.jobs set lease_until = now() - interval '1 second' where token is not null",
    "update app.jobs set due_at = now() where state = 'scheduled'",
    "update app.outbox set due_at = now() where published_at is null",
)
"""As if the longest wait of each kind were over. Nothing is running when it is said."""


@dataclass
class World:
    """Everything that a run needs."""

    superuser: str
    people: People
    guard: Guard
    transport: Transport
    receiver: Receiver
    functions: dict[str, FunctionProcess]
    trap: Point | None = None
    died: int = 0
    _met: dict[str, int] = field(default_factory=dict)

    def set_trap(self, point: Point) -> None:
        """End the point's function at the point, once."""
        self.trap = point
        self._met = {}
        if point.text:
            end = self.functions[point.function].kill
            self.guard.set(Trap(text=point.text.encode(), moment=point.moment, nth=point.nth, end=end))

    def called(self, call: str, when: str) -> None:
        """A call to AWS or to a customer's server is about to happen, or has."""
        point = self.trap
        if point is None or point.call != call or point.moment != when:
            return
        self._met[call] = self._met.get(call, 0) + 1
        if self._met[call] == point.nth:
            self.trap = None
            self.functions[point.function].kill()

    @property
    def was_sprung(self) -> bool:
        """Whether the trap has ended its function."""
        return self.guard.was_sprung if self.trap and self.trap.text else self.trap is None

    def clear_trap(self) -> None:
        """Nobody is ended any more."""
        self.trap = None
        self.guard.set(None)

    def settle(self) -> bool:
        """Let the clock and the queues work until nothing is left to do; whether that came to be."""
        for _ in range(PASSES):
            self._tick()
            if self._is_quiet():
                return True
            self.let_time_pass()
        return False

    def let_time_pass(self) -> None:
        """Leases run out, what was put off is due, and what was received and not deleted is seen again."""
        with psycopg.connect(self.superuser, autocommit=True) as connection:
            for statement in TIME_PASSES:
                connection.execute(statement)
        for queue in self.transport.queues.values():
            queue.show_again()

    def ask(self, sql: str, **params: object) -> list[tuple[Any, ...]]:
        """As a superuser, who sees everything."""
        with psycopg.connect(self.superuser, autocommit=True) as connection:
            return connection.execute(sql.encode(), params).fetchall()

    def unrest(self) -> str:
        """What is left to do."""
        queues = {name: len(queue) for name, queue in self.transport.queues.items() if len(queue)}
        jobs = self.ask(
            "select kind, state, reason from app.jobs where state not in ('succeeded', 'failed', 'canceled') limit 3"
        )
        return f"{queues}, {jobs}"

    def sweep(self) -> None:
        """Take away what never came to rest, so that the next run is not blamed for it."""
        self.ask("delete from app.jobs where state not in ('succeeded', 'failed', 'canceled') returning id")
        self.ask("update app.outbox set published_at = now() where published_at is null returning id")
        for queue in self.transport.queues.values():
            queue.empty()

    def _tick(self) -> None:
        self._invoke("relay", {"scheduled_at": "2026-11-21T00:00:00Z"})
        for declared in CONSUMERS:
            self._drain(declared.name, declared.queue)

    def _drain(self, function: str, declared: DeclaredQueue) -> None:
        queue = self.transport.queues[declared.name]
        while batch := queue.receive(declared.batch_size):
            deliver(queue, declared.name, batch, partial(self._invoke, function))

    def _invoke(self, name: str, event: dict[str, Any]) -> Any:  # noqa: ANN401 (what the handler returned)
        try:
            return self.functions[name].invoke(event)
        except Died:
            self.died += 1
            if name != "relay":
                raise
            return None

    def _is_quiet(self) -> bool:
        waiting = sum(len(queue) for queue in self.transport.queues.values())
        [[left]] = self.ask(
            "select (select count(*) from app.outbox where published_at is null)"
            " + (select count(*) from app.jobs where state in ('scheduled', 'waiting', 'queued', 'running'))"
        )
        return not waiting and not left


@contextmanager
def world(*, seed: int) -> Iterator[World]:
    """Begin it and end it."""
    folder = Path(tempfile.mkdtemp(prefix="freehold-faults-"))
    with ExitStack() as open_things:
        open_things.callback(shutil.rmtree, folder, ignore_errors=True)
        server = open_things.enter_context(temporary())
        database = Database(server)
        database.prepare()
        guard = Guard(server.port)
        open_things.callback(guard.close)
        issuer = open_things.enter_context(Issuer(folder))
        heard: list[World] = []

        def watch(call: str, when: str) -> None:
            if heard:
                heard[0].called(call, when)

        receiver = open_things.enter_context(Receiver(watch=watch))
        transport = open_things.enter_context(_transport(random.Random(seed), watch))  # noqa: S311 (to be repeated)
        environment = {
            "FREEHOLD_STAGE": "faults",
            "FREEHOLD_KEY_MODE": "test",
            "FREEHOLD_ISSUERS": json.dumps([{"issuer": issuer.url, "audience": AUDIENCE}]),
            "FREEHOLD_DATABASE": database.conninfo,
        }
        os.environ.update(environment)
        functions = _functions(environment, transport, receiver, database.conninfo, guard, server.port, folder)
        for function in functions.values():
            open_things.enter_context(function)
        superuser = server.conninfo(user=SUPERUSER, database=DATABASE)
        made = World(superuser, People(issuer, superuser), guard, transport, receiver, functions)
        heard.append(made)
        yield made


def _transport(chance: random.Random, watch: Watch) -> Transport:
    queues = {
        consumer.queue.name: Queue(visibility=3600, receives=1000, disorder=DISORDER, chance=chance)
        for consumer in CONSUMERS
    }
    rules = {consumer.queue.name: consumer.events for consumer in CONSUMERS if consumer.events}
    return Transport(queues, rules, disorder=DISORDER, chance=chance, watch=watch)


def _functions(  # noqa: PLR0913, PLR0917 (all that a stage has)
    environment: dict[str, str],
    transport: Transport,
    receiver: Receiver,
    conninfo: str,
    guard: Guard,
    port: int,
    folder: Path,
) -> dict[str, FunctionProcess]:
    deployed = environment | {
        "FREEHOLD_DATABASE": conninfo.replace(f"port={port}", f"port={guard.port}"),
        "FREEHOLD_BUS": "freehold-faults",
        "FREEHOLD_QUEUES": json.dumps({name: transport.url(name) for name in transport.queues}),
        "FREEHOLD_MAIL_FROM": "Freehold <no-reply@freehold.test>",
        "FREEHOLD_PUBLIC_URL": "https://app.freehold.test",
        "FREEHOLD_RELAY_STAYS": "0",
        "FREEHOLD_LISTENERS": json.dumps([receiver.listener]),
        "AWS_ENDPOINT_URL": transport.endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "POWERTOOLS_SERVICE_NAME": "freehold",
    }
    return {
        declared.name: FunctionProcess(
            declared.name, _handler(declared), deployed, log=folder / "functions.log", seconds=declared.timeout_seconds
        )
        for declared in FUNCTIONS
        if declared.stack == "workers"
    }


def _handler(declared: Function) -> str:
    return OURS.get(declared.name, f"functions.{declared.code}.handler.handler")
