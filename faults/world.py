"""A deployed stage in small: PostgreSQL behind a guard, functions in processes, queues and a bus without order."""

import json
import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from faults.guard import Guard, Moment, Trap
from faults.points import Point
from faults.receiver import Receiver
from faults.till import WEBHOOK, Till
from freehold.database.migrations.bootstrap import DATABASE
from functions.declaration import Queue as Declared
from local.another_process import another_process
from local.companies import People
from local.database import Database, prepared
from local.gateway import Event
from local.issuer import AUDIENCE, Issuer
from local.postgres import SUPERUSER
from local.transport.poller import deliver
from local.transport.processes import Died
from local.transport.queue import Disorder
from local.transport.stage import CONSUMERS, WORKERS, Stage, stage

OURS = {"run_standard": "faults.handler.handler"}
"""The workers that run kinds of our own; all others are as they are deployed."""
DISORDER = Disorder(twice=0.2, late=0.3, shuffled=True, refused=0.1)
PASSES = 60
SCHEDULED = ("upkeep", "report_usage", "relay")


TIME_PASSES = """
    update app.turns set until = now() - interval '1 second' where done_at is null;
    update app.jobs set lease_until = now() - interval '1 second' where token is not null;
    update app.jobs set due_at = now() where state = 'scheduled' and due_at < now() + interval '1 day';
    update app.outbox set due_at = now() where published_at is null;
    update app.usage_unreported set due_at = now();
"""
"""As if the longest wait of each kind were over, but for those of days: no run lives to the end of a paid period, when
Stripe is looked at again. Nothing is running when it is said."""
LEFT = """
    select (select count(*) from app.outbox where published_at is null)
         + (select count(*) from app.jobs where state in ('waiting', 'queued', 'running')
                                             or state = 'scheduled' and due_at < now() + interval '1 day')
         + (select count(*) from app.usage_unreported)
"""


@dataclass(frozen=True, slots=True)
class _Trap:
    point: Point
    moment: Moment

    def is_met(self, busy: str, call: str, when: str) -> bool:
        calls = when == self.moment and busy in (self.point.function, self.point.also)
        return calls and fnmatchcase(call, self.point.call)


@dataclass
class World:
    """Everything that a run needs."""

    superuser: psycopg.Connection[tuple[Any, ...]]
    people: People
    guards: Mapping[str, Guard]
    """One for each function."""
    stage: Stage
    receiver: Receiver
    till: Till
    died: Counter[str] = field(default_factory=Counter)
    """How often each function has, in the middle of a call."""
    period: str = ""
    """Of the scheduled functions: another hour for each run."""
    _trap: _Trap | None = None
    _busy: str = ""

    def set_trap(self, point: Point, moment: Moment) -> None:
        """End the point's function at the point, once."""
        self.died.clear()
        if point.text:
            end = self.stage.functions[point.function].kill
            self.guards[point.function].set(Trap(text=point.text.encode(), moment=moment, nth=point.nth, end=end))
        else:
            self._trap = _Trap(point, moment)

    def called(self, call: str, when: str) -> None:
        """A call to AWS, to Stripe or to a customer's server is about to happen, or has.

        Raises ConnectionAbortedError where whoever called is not there any more: before, nothing has happened then.
        """
        trap = self._trap
        if trap and trap.is_met(self._busy, call, when):
            self._trap = None
            self.stage.functions[self._busy].kill()
            raise ConnectionAbortedError

    def clear_trap(self) -> None:
        """Nobody is ended any more."""
        self._trap = None
        for guard in self.guards.values():
            guard.set(None)

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
        self.superuser.execute(TIME_PASSES)
        for queue in self.stage.transport.queues.values():
            queue.show_again()

    def ask(self, sql: str, **params: object) -> list[tuple[Any, ...]]:
        """As a superuser, who sees everything."""
        return self.superuser.execute(sql.encode(), params).fetchall()

    def unrest(self) -> str:
        """What is left to do."""
        queues = {name: len(queue) for name, queue in self.stage.transport.queues.items() if len(queue)}
        jobs = self.ask(
            "select kind, state, reason from app.jobs where state not in ('succeeded', 'failed', 'canceled') limit 3"
        )
        return f"{queues}, {jobs}"

    def sweep(self) -> None:
        """Take away what never came to rest, so that the next run is not blamed for it."""
        self.ask("delete from app.jobs where state not in ('succeeded', 'failed', 'canceled') returning id")
        self.ask("update app.outbox set published_at = now() where published_at is null returning id")
        for queue in self.stage.transport.queues.values():
            queue.empty()

    def invoke(self, name: str, event: Event) -> Any:  # noqa: ANN401 (what the handler returned)
        """Call a function. Raises Died, but for those that the clock calls: it calls them again anyway."""
        self._busy = name
        try:
            return self.stage.functions[name].invoke(event)
        except Died:
            self.died[name] += 1
            if name not in SCHEDULED:
                raise
            return None

    def _tick(self) -> None:
        self.till.deliver()
        for name in SCHEDULED:
            self.invoke(name, {"scheduled_at": self.period})
        for declared in CONSUMERS:
            self._drain(declared.name, declared.queue)

    def _drain(self, function: str, declared: Declared) -> None:
        queue = self.stage.transport.queues[declared.name]
        while batch := queue.receive(declared.batch_size):
            deliver(queue, declared.name, batch, partial(self.invoke, function))

    def _is_quiet(self) -> bool:
        waiting = sum(len(queue) for queue in self.stage.transport.queues.values()) + self.till.delivery.waiting()
        [[left]] = self.ask(LEFT)
        return not waiting and not left


@contextmanager
def world(*, seed: int, handlers: Mapping[str, str]) -> Iterator[World]:
    """Begin it and end it."""
    made: World | None = None

    def watch(call: str, when: str) -> None:
        if made:
            made.called(call, when)

    def invoke_webhook(event: Event) -> Any:  # noqa: ANN401 (what the handler returned)
        return made and made.invoke(WEBHOOK, event)

    with ExitStack() as running:
        folder = Path(running.enter_context(TemporaryDirectory(prefix="freehold-")))
        server = running.enter_context(prepared())
        database = Database(server)
        guards = {name: running.enter_context(closing(Guard(server.port))) for name in (*WORKERS, WEBHOOK)}
        issuer = running.enter_context(Issuer(folder))
        receiver = running.enter_context(Receiver(watch=watch))
        till = running.enter_context(Till(invoke=invoke_webhook, watch=watch, seed=seed))
        everywhere = {
            "FREEHOLD_STAGE": "faults",
            "FREEHOLD_KEY_MODE": "test",
            "FREEHOLD_ISSUERS": json.dumps([{"issuer": issuer.url, "audience": AUDIENCE}]),
            "FREEHOLD_DATABASE": database.conninfo,
            "FREEHOLD_WEBHOOK_LISTENERS": json.dumps([receiver.listener]),
            "FREEHOLD_STRIPE": till.secret,
        }
        # Requests come from here, and meet no guard.
        running.enter_context(another_process(everywhere, log_level=logging.ERROR))

        def behind_its_guard(function: str) -> dict[str, str]:
            conninfo = database.conninfo.replace(f"port={server.port}", f"port={guards[function].port}")
            return everywhere | {"FREEHOLD_DATABASE": conninfo, "FREEHOLD_RELAY_STAYS": "0"}

        workers = running.enter_context(
            stage(
                behind_its_guard,
                folder=folder,
                handlers=handlers,
                disorder=DISORDER,
                seed=seed,
                also=[WEBHOOK],
                watch=watch,
            )
        )
        where = server.conninfo(user=SUPERUSER, database=DATABASE)
        superuser = running.enter_context(psycopg.connect(where, autocommit=True))
        made = World(superuser, People(issuer, where), guards, workers, receiver, till)
        yield made
