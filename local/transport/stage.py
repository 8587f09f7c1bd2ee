"""The functions of the manifest that nobody waits for, in processes, behind queues and a bus of this process."""

import json
import random
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from functions.declaration import Queue as Declared
from functions.manifest import FUNCTIONS
from local.aws import CREDENTIALS, REGION
from local.transport.processes import FunctionProcess
from local.transport.queue import ORDERLY, Disorder, Queue
from local.transport.service import Transport, Watch

NEVER = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """A function that a queue calls."""

    name: str
    queue: Declared
    events: tuple[str, ...]


CONSUMERS = tuple(
    Consumer(name=declared.name, queue=declared.queue, events=declared.events)
    for declared in FUNCTIONS
    if declared.queue
)
WORKERS = {declared.name: declared for declared in FUNCTIONS if declared.stack == "workers"}


@dataclass(frozen=True, slots=True)
class Stage:
    """What runs."""

    transport: Transport
    functions: Mapping[str, FunctionProcess]


@contextmanager
def stage(  # noqa: PLR0913 (by name: all that two callers want differently)
    environment: Callable[[str], Mapping[str, str]],
    *,
    folder: Path,
    handlers: Mapping[str, str],
    disorder: Disorder = ORDERLY,
    seed: int = 0,
    visibility: float = NEVER,
    threads: int = 1,
    also: Collection[str] = (),
    watch: Watch = lambda _call, _when: None,
) -> Iterator[Stage]:
    """Begin it and end it.

    `environment` is asked for each function by its name, `handlers` replaces those of some; the log is in `folder`.
    `also` are functions that somebody waits for, and that are to run in a process all the same.
    """
    chance = random.Random(seed)  # noqa: S311 (disorder, not secrecy)
    queues = {
        consumer.queue.name: Queue(visibility=visibility, receives=NEVER, disorder=disorder, chance=chance)
        for consumer in CONSUMERS
    }
    rules = {consumer.queue.name: consumer.events for consumer in CONSUMERS if consumer.events}
    with Transport(queues, rules, disorder=disorder, chance=chance, watch=watch) as transport, ExitStack() as running:
        functions = {
            declared.name: FunctionProcess(
                declared.name,
                handlers.get(declared.name, f"functions.{declared.code}.handler.handler"),
                {**environment(declared.name), **_reaching(transport)},
                log=folder / "functions.log",
                seconds=declared.timeout_seconds,
                threads=threads,
            )
            for declared in FUNCTIONS
            if declared.name in WORKERS or declared.name in also
        }
        for function in functions.values():
            running.enter_context(function)
        yield Stage(transport, functions)


def _reaching(transport: Transport) -> dict[str, str]:
    return {
        "FREEHOLD_BUS": "freehold",
        "FREEHOLD_QUEUES": json.dumps({name: transport.url(name) for name in transport.queues}),
        "FREEHOLD_MAIL_FROM": "Freehold <no-reply@freehold.test>",
        "FREEHOLD_PUBLIC_URL": "https://app.freehold.test",
        "AWS_ENDPOINT_URL": transport.endpoint,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        **CREDENTIALS,
    }
