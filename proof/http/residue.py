"""What a process still holds when nobody asks any more: everything that can be reached from the modules' globals."""

import contextlib
import contextvars
import gc
import logging
import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from types import FrameType, ModuleType
from typing import Any
from uuid import UUID

from freehold.observability import logger

OURS = ("freehold", "product", "functions")
SKIPPED = (FrameType, ModuleType)
TEXTS = (str, bytes, bytearray)


def residue(marks: Mapping[str, str], ids: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each text that carries a tenant's mark, and for each entry that joins two tenants' ids.

    Both say which tenant a mark or an id belongs to. The keys of the last log line are cleared first, as the next
    request would: everything else that is found has outlived its request.
    """
    logger.thread_safe_clear_keys()
    gc.collect()
    for thing, where in _reachable():
        if isinstance(thing, TEXTS):
            text = thing if isinstance(thing, str) else bytes(thing).decode(errors="replace")
            yield from (f"{where} holds {mark[:20]} of {tenant}" for mark, tenant in marks.items() if mark in text)
        elif isinstance(thing, dict) and type(thing) is dict:
            yield from _mixed(thing, where, ids)


def _mixed(entries: Mapping[Any, Any], where: str, ids: Mapping[str, str]) -> Iterator[str]:
    """An id may be the key of a cache as long as what stands there is about the same tenant."""
    for key, value in list(entries.items()):
        ofs = {ids[one] for one in (*_plain(key), *_plain(value)) if one in ids}
        if len(ofs) > 1:
            yield f"{where} joins things of {' and '.join(sorted(ofs))}"


def _plain(value: object) -> Iterator[str]:
    if isinstance(value, str | UUID):
        yield str(value)
    elif isinstance(value, tuple):
        yield from (str(part) for part in value if isinstance(part, str | UUID))


def _reachable() -> Iterator[tuple[object, str]]:
    """Everything, once, with the global that it was found behind."""
    ours = {name: module for name, module in list(sys.modules.items()) if name.partition(".")[0] in OURS}
    namespaces = {id(vars(module)) for module in list(sys.modules.values())}
    seen = {id(vars(module)) for module in ours.values()} | namespaces | {id(sys.modules)}
    waiting: deque[tuple[object, str]] = deque(
        (value, f"{name}.{entry}") for name, module in ours.items() for entry, value in vars(module).items()
    )
    waiting += [(value, f"context variable {variable.name}") for variable, value in contextvars.copy_context().items()]
    while waiting:
        thing, where = waiting.popleft()  # the nearest global first
        if id(thing) in seen or isinstance(thing, SKIPPED):
            continue
        seen.add(id(thing))
        yield thing, where
        waiting.extend((behind, where) for behind in _behind(thing))


def _behind(thing: object) -> list[object]:
    """What one step leads to. A logger leads to its handlers, not to every other logger of the process."""
    if isinstance(thing, logging.Logger):
        return [*thing.handlers, *thing.filters]
    found = gc.get_referents(thing)
    if isinstance(thing, threading.local):
        found.append(vars(thing))
    if isinstance(thing, contextvars.ContextVar):
        with contextlib.suppress(LookupError):
            found.append(thing.get())
    return found
