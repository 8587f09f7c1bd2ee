"""Calls of one batch, a few at once: one that fails costs what was in it, and no more."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from contextvars import copy_context

from freehold.observability import logger


def refused_of[T](call: Callable[[list[T]], Iterable[T]], groups: Iterable[list[T]], threads: Executor) -> set[T]:
    """What the calls say that was not taken, and all that was in a call that raised: some of it may have been taken.

    Raises what the first one raised where every call did: then nobody was reached, and nothing in them is to blame.
    """
    calls = [(group, threads.submit(copy_context().run, lambda group: [*call(group)], group)) for group in groups]
    errors = [error for _, begun in calls if (error := begun.exception())]
    if errors and len(errors) == len(calls):
        raise errors[0]
    return {item for group, begun in calls for item in _refused(group, begun)}


def _refused[T](group: list[T], begun: Future[list[T]]) -> list[T]:
    error = begun.exception()
    if error is None:
        return begun.result()
    logger.error("call failed", entries=len(group), exc_info=error)
    return group
