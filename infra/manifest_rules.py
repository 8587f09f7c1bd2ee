"""What no manifest may say, whatever the functions are: each refusal is one sentence that says what to do."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from functions.declaration import Function
from infra.errors import SynthesisError

_LARGEST_BATCH = 10
_LEAST_AT_ONCE = 2
"""Lambda's own limits, of a queue that is read without waiting for more."""


def require_sense(manifest: Sequence[Function]) -> None:
    """Raises SynthesisError for the first rule that is broken."""
    for sentence in _broken(manifest):
        raise SynthesisError(f"functions/manifest.py {sentence}")


def _broken(manifest: Sequence[Function]) -> Iterator[str]:
    for route in _twice(route for declared in manifest for route in declared.routes):
        yield f"declares {route} twice: take it out of one of the functions."
    for queue in _twice(declared.queue.name for declared in manifest if declared.queue):
        yield f"gives the queue {queue} to two functions: let one of them have another."
    if len(readers := [declared.name for declared in manifest if declared.logs]) > 1:
        yield f"hands logs to {' and '.join(readers)}: let one of them read them."
    for declared in manifest:
        yield from _odd(declared)


def _odd(declared: Function) -> Iterator[str]:
    name, queue = declared.name, declared.queue
    if declared.events and not queue:
        yield f"hands events to {name}, which has no queue to take them: give it one."
    if declared.routes and declared.schedule:
        yield f"lets requests and the clock call {name}: make it two functions."
    if declared.routes and queue:
        yield f"lets requests and a queue call {name}: make it two functions."
    if declared.logs and (declared.routes or queue or declared.schedule):
        yield f"lets logs and others call {name}: make it two functions."
    if queue and not 1 <= queue.batch_size <= _LARGEST_BATCH:
        yield f"gives {name} batches of {queue.batch_size}: a batch has 1 to {_LARGEST_BATCH} messages."
    if queue and queue.concurrency < _LEAST_AT_ONCE:
        yield f"lets {name} run {queue.concurrency} at once: Lambda takes no number below {_LEAST_AT_ONCE}."


def _twice(names: Iterable[str]) -> list[str]:
    return sorted(name for name, times in Counter(names).items() if times > 1)
