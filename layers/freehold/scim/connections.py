"""Making and ending the connections of directories."""

from uuid import UUID

from freehold import clock, permissions
from freehold.callers import person_of
from freehold.database import Answer, Caller, Database, Remembered
from freehold.errors import InvalidInput
from freehold.permissions import Role
from freehold.scim import queries
from freehold.scim.models import NewScimToken, ScimToken, ScimTokenId, ScimTokenWithSecret
from freehold.scim.tokens import new_secret
from freehold.settings import settings


def create(db: Database, caller: Caller, new: NewScimToken, once: Remembered | None) -> Answer[ScimTokenWithSecret]:
    """A new connection with its token. Raises ExceedsYours, and InvalidInput for an expiry in the past."""
    person_of(caller)
    if new.default_role == Role.OWNER:
        raise InvalidInput("Nobody becomes an owner by a directory: an owner makes owners.")
    if new.expires_at is not None and new.expires_at <= clock.now():
        raise InvalidInput("expires_at lies in the past: the token could never be used.")
    secret = new_secret(caller.tenant_id, settings().key_mode)
    answer = db.run(caller, permissions.SCIM_WRITE, queries.insert_scim_token(new, secret), once=once)
    shown = None if answer.replayed else secret.text
    return Answer(_with_secret(answer.row, shown), replayed=answer.replayed)


def read_page(db: Database, caller: Caller, limit: int, cursor: UUID) -> bytes:
    """A page of connections as JSON."""
    return db.one(caller, permissions.SCIM_READ, queries.scim_tokens(limit, cursor))


def revoke(db: Database, caller: Caller, scim_token_id: ScimTokenId) -> None:
    """End a connection; whom it made stays. Raises NotFound for one that is revoked already."""
    db.run(caller, permissions.SCIM_WRITE, queries.revoke_scim_token(scim_token_id))


def _with_secret(token: ScimToken, secret: str | None) -> ScimTokenWithSecret:
    return ScimTokenWithSecret(**token.model_dump(), secret=secret)
