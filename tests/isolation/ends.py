"""How an attempt ended, and how it had to end."""

import hashlib
from collections.abc import Callable

import psycopg

from freehold.api_keys.models import ApiKey
from freehold.database import Remembered
from freehold.errors import IdempotencyMismatch
from product.projects.models import Project as ShownProject
from tests.isolation.acts import Act, Plan
from tests.isolation.model import Actor, Tenant


def expect(
    tenant: Tenant, actor: Actor | type[Exception], plan: Plan, once: Remembered | None
) -> tuple[type[Exception] | None, bool]:
    """The error that a change must end with, and whether its answer is an old one."""
    if plan.unsendable or isinstance(actor, type):
        return (plan.broken if plan.unsendable else actor), False
    stored = tenant.answers.get((actor.principal, once.route, once.key)) if once else None
    if stored and once:
        return (None, True) if stored == once.request_hash else (IdempotencyMismatch, False)
    return plan.broken or plan.absent, False


def outcome[R](attempt: Callable[[], R]) -> tuple[R | None, Exception | None]:
    try:
        return attempt(), None
    except Exception as error:  # noqa: BLE001 (which one it may be is the model's to say)
        return None, error


def end(block: Callable[[], None]) -> BaseException | None:
    """How it ended; what the machine itself has found goes on."""
    try:
        block()
    except AssertionError:
        raise
    except BaseException as error:  # noqa: BLE001 (it is what the application itself may raise)
        return error
    return None


def fits(error: Exception | None, expected: type[Exception] | None) -> bool:
    """Exactly the expected one; of psycopg's, any kind of it."""
    if expected is psycopg.DataError:
        return isinstance(error, expected)
    return type(error) is (expected or type(None))


def hash_of(act: Act) -> bytes:
    return hashlib.sha256(repr(act).encode()).digest()


def same_project(row: ShownProject, tenant: Tenant) -> None:
    shown = row.name, row.description, row.archived_at is not None, row.created_by, row.version
    one = tenant.projects[row.id]
    assert shown == (one.name, one.description, one.archived, one.made_by, one.version), "a project is shown otherwise"


def same_key(row: ApiKey, tenant: Tenant) -> None:
    one = tenant.keys[row.id]
    shown = row.name, frozenset(row.scopes), row.created_by, row.revoked_at is not None
    assert shown == (one.name, one.scopes, one.made_by, one.revoked), "an API key is shown otherwise"
