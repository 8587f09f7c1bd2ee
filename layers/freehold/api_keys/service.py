"""Making, rotating and revoking API keys."""

from datetime import timedelta
from uuid import UUID

from freehold import clock, permissions
from freehold.api_keys import queries
from freehold.api_keys.models import ApiKey, ApiKeyWithSecret, KeyRotation, NewApiKey
from freehold.api_keys.secrets import Secret, new_secret
from freehold.callers import person_of
from freehold.database import Answer, Caller, Database, Remembered
from freehold.errors import InvalidInput
from freehold.ids import ApiKeyId
from freehold.settings import settings


def create(db: Database, caller: Caller, new: NewApiKey, once: Remembered | None) -> Answer[ApiKeyWithSecret]:
    """A new key with its secret. Raises ScopesExceedYours, and InvalidInput for an expiry in the past."""
    person_of(caller)  # a key that made keys would outlive its own revocation
    if new.expires_at is not None and new.expires_at <= clock.now():
        raise InvalidInput("expires_at lies in the past: the key could never be used.")
    secret = new_secret(caller.tenant_id, settings().key_mode)
    write = queries.insert_api_key(new, secret)
    return _shown(db.run(caller, permissions.API_KEYS_WRITE, write, once=once), secret)


def rotate(
    db: Database, caller: Caller, api_key_id: ApiKeyId, wanted: KeyRotation, once: Remembered | None
) -> Answer[ApiKeyWithSecret]:
    """The key with a new secret; the former one is good for the overlap. Raises NotFound for a key that ended."""
    person_of(caller)
    secret = new_secret(caller.tenant_id, settings().key_mode)
    write = queries.replace_secret(api_key_id, secret, timedelta(seconds=wanted.overlap_seconds))
    return _shown(db.run(caller, permissions.API_KEYS_WRITE, write, once=once), secret)


def revoke(db: Database, caller: Caller, api_key_id: ApiKeyId) -> None:
    """End a key. Raises NotFound for one that is revoked already."""
    db.run(caller, permissions.API_KEYS_WRITE, queries.revoke_api_key(api_key_id))


def read(db: Database, caller: Caller, api_key_id: ApiKeyId) -> ApiKey:
    """One key."""
    return db.one(caller, permissions.API_KEYS_READ, queries.api_key(api_key_id))


def read_page(db: Database, caller: Caller, limit: int, cursor: UUID) -> bytes:
    """A page of keys as JSON."""
    return db.one(caller, permissions.API_KEYS_READ, queries.api_keys(limit, cursor))


def _shown(answer: Answer[ApiKey], secret: Secret) -> Answer[ApiKeyWithSecret]:
    shown = None if answer.replayed else secret.text
    return Answer(ApiKeyWithSecret(**answer.row.model_dump(), secret=shown), replayed=answer.replayed)
