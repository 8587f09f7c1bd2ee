"""Client processes of one database, which do batches of transactions and report on each.

They end with us: a client whose pipe is closed has nothing left to do.
"""

import multiprocessing
import random
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from multiprocessing import connection
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from proof.pooling.batch import Batch
from proof.pooling.insiders import Insider
from proof.pooling.tutorial import Tutorial
from proof.pooling.units import Units

LARGEST_BATCH = 500
GRACE_SECONDS = 15


class Way(Enum):
    """How clients use the database."""

    DOOR = Units
    TUTORIAL = Tutorial


class ClientFailed(Exception):
    """A client of the proof could not go on, so what it should have proved is not."""


def run(way: Way, where: str, insiders: Sequence[Insider], *, clients: int, transactions: int) -> Iterator[Batch]:
    """So many transactions, each batch by whichever client is free. Raises ClientFailed."""
    batch = min(LARGEST_BATCH, transactions // clients + 1)
    sizes = iter([batch] * (transactions // batch) + [transactions % batch])
    with _running(way, where, insiders, clients) as pipes:
        for pipe in pipes:
            _answer(pipe)  # nobody begins before all can: a client alone has nobody to meet
        busy = [pipe for pipe, size in zip(pipes, sizes, strict=False) if _order(pipe, size)]
        while busy:
            for ready in connection.wait(busy):
                pipe = next(pipe for pipe in busy if pipe is ready)
                yield _answer(pipe)
                if not _order(pipe, next(sizes, 0)):
                    busy.remove(pipe)


def _order(pipe: Connection, size: int) -> bool:
    if size:
        pipe.send(size)
    return bool(size)


def _answer(pipe: Connection) -> Batch:
    try:
        answer = pipe.recv()
    except (EOFError, ConnectionResetError):
        raise ClientFailed("It ended in the middle of a batch.") from None
    if isinstance(answer, Batch):
        return answer
    raise ClientFailed(answer)


@contextmanager
def _running(way: Way, where: str, insiders: Sequence[Insider], number: int) -> Iterator[list[Connection]]:
    context = multiprocessing.get_context("spawn")
    pairs = [context.Pipe() for _ in range(number)]
    processes = [
        context.Process(target=_client, args=(theirs, way.name, where, list(insiders), seed), daemon=True)
        for seed, (_, theirs) in enumerate(pairs)
    ]
    try:
        for process in processes:
            process.start()
        for _, theirs in pairs:
            theirs.close()
        yield [ours for ours, _ in pairs]
    finally:
        for ours, _ in pairs:
            ours.close()
        _end([process for process in processes if process.pid])


def _end(processes: Sequence[SpawnProcess]) -> None:
    """Each has heard that nobody listens any more; one that does not mind is killed."""
    for process in processes:
        process.join(GRACE_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()


def _client(pipe: Connection, way: str, where: str, insiders: list[Insider], seed: int) -> None:
    client = Way[way].value(where, insiders, random.Random(seed))  # noqa: S311 (chances, not secrets)
    try:
        pipe.send(Batch(0))
        while True:
            pipe.send(_do(client, pipe.recv()))
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        client.close()
    except BaseException:
        pipe.send(traceback.format_exc())
        raise


def _do(client: Units | Tutorial, size: int) -> Batch:
    batch = Batch(size)
    while batch.left > 0:
        client.once(batch)
    return batch
