"""Who answers operators: the function of a deployed stage, or its code in this process with the running `make dev`."""

import getpass
import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from uuid import UUID

from local import instance
from local.errors import LocalError
from local.invoke import variables
from local.operator_stage import invoked
from local.project import DEV

type Question = dict[str, Any]
type Answer = Mapping[str, Any]
type Asked = Callable[[Question], Answer]

_SHOWN = 5


def asked_at(stage: str | None, folder: Path = DEV) -> AbstractContextManager[Asked]:
    """What answers questions there. Raises LocalError where no `make dev` runs and no stage is named."""
    if stage:
        return nullcontext(invoked(stage))
    instance.require(folder)
    return on_laptop()


@contextmanager
def on_laptop() -> Iterator[Asked]:
    """The code of the function, in this process. Its settings are read when it is imported."""
    with variables() as given:
        os.environ.update(given)
        from freehold.database import database  # noqa: PLC0415 (after its settings)
        from functions.operators.questions import answered  # noqa: PLC0415 (likewise)

        with closing(database("freehold_operator")) as door:
            yield lambda question: answered(door, question, operator=getpass.getuser(), request_id=str(uuid.uuid4()))


def said(ask: Asked, question: Question) -> Answer:
    """The answer. Raises LocalError with the sentence of a refusal."""
    answer = ask(question)
    if "error" in answer:
        raise LocalError(str(answer["error"]))
    return answer


def tenant_named(ask: Asked, words: str, *, reason: str) -> str:
    """Its id, by that or by a part of its name. Each that is found reads a line. Raises LocalError unless it is one."""
    try:
        return str(UUID(words))
    except ValueError:
        pass
    found = said(ask, {"ask": "find", "words": words, "reason": reason})["tenants"]
    if len(found) == 1:
        return str(found[0]["id"])
    if not found:
        raise LocalError(f"No tenant is called anything like {words!r}: `freehold operator tenants` finds them.")
    shown = ", ".join(f"{tenant['name']} ({tenant['id']})" for tenant in found[:_SHOWN])
    raise LocalError(f"{len(found)} tenants are called something like {words!r}: {shown}. Name one by its id.")
