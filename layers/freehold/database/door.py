"""The client's side of the door: which entrance a caller takes, and the placement it believes its tenant to have."""

from typing import Any

from pydantic import BaseModel, ValidationError

from freehold.callers import (
    ActingCaller,
    Asked,
    Caller,
    OperatorCaller,
    PersonCaller,
    ScimCaller,
    WorkerCaller,
    Working,
)
from freehold.database.statement import Query, Remembered, Statement, done
from freehold.errors import Conflict, IdempotencyInFlight
from freehold.ids import TenantId
from freehold.permissions import Permission

ENTER = (
    "select app.enter(%(tenant_id)s, %(epoch)s, %(issuer)s, %(subject)s, %(issued_at)s, %(mfa)s, %(permission)s,"
    " %(granted)s, %(request_id)s, %(address)s)"
)
ENTER_KEY = (
    "select app.enter_key(%(tenant_id)s, %(epoch)s, %(secret_hash)s, %(permission)s, %(granted)s, %(request_id)s,"
    " %(address)s)"
)
ENTER_SCIM = (
    "select app.enter_scim(%(tenant_id)s, %(epoch)s, %(token_hash)s, %(permission)s, %(request_id)s, %(address)s)"
)
ENTER_ACTING = (
    "select app.enter_acting(%(tenant_id)s, %(epoch)s, %(token_hash)s, %(permission)s, %(granted)s, %(request_id)s,"
    " %(address)s)"
)
ENTER_WORKER = (
    "select app.enter_worker(%(tenant_id)s, %(epoch)s, %(worker)s, %(behalf)s, %(permission)s, %(request_id)s)"
)
ENTER_REPORT = "select app.enter_report(%(tenant_id)s, %(epoch)s, %(worker)s, %(request_id)s)"
ENTER_OPERATOR = (
    "select app.enter_operator(%(tenant_id)s, %(epoch)s, %(operator)s, %(reason)s, %(permission)s, %(request_id)s, '')"
)
CONFIRM = "select app.confirm(%(facts)s, %(snapshot)s)"
WITHIN = "select app.within(%(limit)s)"
EXPOSE = (
    "insert into app.exposures (tenant_id, flag, unit, variant)"
    " values (%(tenant_id)s, %(flag)s, %(unit)s, %(variant)s) on conflict do nothing"
)
CLAIM = "select app.claim(%(request_route)s, %(request_key)s, %(request_hash)s)"
RECALL = (
    "select result from app.idempotency where tenant_id = %(tenant_id)s"
    " and principal = current_setting('app.principal') and route = %(request_route)s and key = %(request_key)s"
)

FIRST_EPOCH = 1
MOST_PLACEMENTS = 10_000


class Placements:
    """Which placement epoch each tenant was last seen at; a tenant that never moved is at the first."""

    def __init__(self) -> None:
        self._epochs: dict[TenantId, int] = {}

    def epoch(self, tenant_id: TenantId) -> int:
        """The epoch to enter with."""
        return self._epochs.get(tenant_id, FIRST_EPOCH)

    def learn(self, tenant_id: TenantId, epoch: int) -> None:
        """Remember what the door said."""
        if len(self._epochs) >= MOST_PLACEMENTS:
            self._epochs.clear()
        self._epochs[tenant_id] = epoch


def entrance(caller: Caller, permission: Permission, epoch: int) -> Statement[None]:
    """The statement that lets this caller in, or raises."""
    params: dict[str, Any] = {
        "tenant_id": caller.tenant_id,
        "epoch": epoch,
        "permission": permission.name,
        "granted": permission.granted,
        "request_id": caller.request_id,
        "address": caller.address,
    }
    if isinstance(caller, PersonCaller):
        who = caller.identity
        params |= {"issuer": who.issuer, "subject": who.subject, "issued_at": who.issued_at, "mfa": who.mfa}
        return Statement(ENTER, params, lambda _: None)
    if isinstance(caller, ScimCaller):
        return Statement(ENTER_SCIM, {**params, "token_hash": caller.token_hash}, lambda _: None)
    if isinstance(caller, ActingCaller):
        return Statement(ENTER_ACTING, {**params, "token_hash": caller.token_hash}, lambda _: None)
    return Statement(ENTER_KEY, {**params, "secret_hash": caller.secret_hash}, lambda _: None)


def deciding(asked: Asked | None) -> list[Statement[None]]:
    """What goes behind the entrance where something was decided: it confirms by what, and notes what follows."""
    if asked is None or (versions := asked.versions) is None:
        return []
    facts, snapshot = versions
    return [
        done(CONFIRM, facts=facts, snapshot=snapshot),
        *(done(WITHIN, limit=each) for each in asked.within),
        *(done(EXPOSE, flag=flag, unit=unit, variant=variant) for flag, unit, variant in asked.exposures),
    ]


def working_entrance(caller: Working, epoch: int) -> Statement[None]:
    """The statement that lets this worker, report or operator in, or raises."""
    params: dict[str, Any] = {"tenant_id": caller.tenant_id, "epoch": epoch, "request_id": caller.request_id}
    if isinstance(caller, OperatorCaller):
        who = {"operator": caller.operator, "reason": caller.reason, "permission": caller.permission}
        return Statement(ENTER_OPERATOR, params | who, lambda _: None)
    params["worker"] = caller.worker
    if isinstance(caller, WorkerCaller):
        permission = caller.permission.name if caller.permission else None
        return Statement(ENTER_WORKER, {**params, "behalf": caller.behalf, "permission": permission}, lambda _: None)
    return Statement(ENTER_REPORT, params, lambda _: None)


def claim(request: Remembered) -> Statement[None]:
    """The statement that holds the request's key for this transaction, or raises."""
    return Statement(CLAIM, request.params(), lambda _: None)


def recall[M: BaseModel](row: type[M], request: Remembered) -> Query[M]:
    """The answer that was stored under the request's key."""
    return Query(RECALL, request.params(), lambda result: _recalled(row, result.fetchone()))


def _recalled[M: BaseModel](row: type[M], stored: tuple[Any] | None) -> M:
    if stored is None:
        raise IdempotencyInFlight  # it was forgotten a moment ago; the next request runs
    try:
        return row.model_validate(stored[0])
    except ValidationError as error:
        raise Conflict("This request was done, by an earlier version of the API. Read its result instead.") from error
