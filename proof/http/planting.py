"""Planted holes: mistakes that a founder could make, each of which the attack has to find."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import LiteralString

import psycopg

from freehold.settings import settings
from local.postgres import SUPERUSER
from proof.http import holes as package
from proof.http.families import Focus


@dataclass(frozen=True, slots=True)
class Hole[F]:
    """A mistake, what it is in a sentence, where to look for it, and how to make it."""

    name: str
    says: str
    focus: F
    plant: Callable[[], AbstractContextManager[None]]


def holes() -> list[Hole[Focus]]:
    """One for each file of the folder."""
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    return [
        Hole(name, str(module.__doc__).strip(), module.FOCUS, module.plant)
        for name, module in zip(names, modules, strict=True)
    ]


@contextmanager
def replaced(owner: object, name: str, value: object) -> Iterator[None]:
    """Something else in this place for a while."""
    missing = object()
    before = vars(owner).get(name, missing)
    setattr(owner, name, value)
    try:
        yield
    finally:
        if before is missing:
            delattr(owner, name)
        else:
            setattr(owner, name, before)


def exempt(sql: LiteralString, *params: object) -> tuple[object, ...] | None:
    """The first row that a superuser sees: what no function may ever do."""
    with psycopg.connect(f"{settings().database} user={SUPERUSER}") as connection:
        return connection.execute(sql, params).fetchone()
