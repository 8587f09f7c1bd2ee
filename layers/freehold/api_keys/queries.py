"""The statements of API keys."""

from typing import LiteralString
from uuid import UUID

from freehold.api_keys import events
from freehold.api_keys.models import ApiKey, NewApiKey
from freehold.api_keys.secrets import Secret
from freehold.database import Query, Write, one, page, write
from freehold.errors import ScopesExceedYours
from freehold.ids import ApiKeyId

COLUMNS: LiteralString = "id, name, scopes, hint, created_by, created_at, expires_at, revoked_at"


def api_keys(limit: int, cursor: UUID) -> Query[bytes]:
    """A page of keys, newest first."""
    return page(
        f"select {COLUMNS} from app.api_keys where tenant_id = %(tenant_id)s and id < %(cursor)s order by id desc",
        limit=limit,
        cursor=cursor,
    )


def api_key(api_key_id: ApiKeyId) -> Query[ApiKey]:
    """One key."""
    return one(
        ApiKey,
        f"select {COLUMNS} from app.api_keys where tenant_id = %(tenant_id)s and id = %(id)s",
        id=api_key_id,
    )


def insert_api_key(new: NewApiKey, secret: Secret) -> Write[ApiKey]:
    """A new key, if its maker holds every scope that it asks for; the door has said what they hold."""
    return write(
        ApiKey,
        """
        insert into app.api_keys (tenant_id, name, scopes, secret_hash, hint, expires_at)
        select %(tenant_id)s, %(name)s, %(scopes)s, %(secret_hash)s, %(hint)s, %(expires_at)s
         where %(scopes)s <@ string_to_array(current_setting('app.permissions'), ' ')
        """,
        answer=COLUMNS,
        event=events.API_KEY_CREATED,
        otherwise=ScopesExceedYours,
        name=new.name,
        scopes=new.scopes,
        secret_hash=secret.hash,
        hint=secret.hint,
        expires_at=new.expires_at,
    )


def replace_secret(api_key_id: ApiKeyId, secret: Secret) -> Write[ApiKey]:
    """A new secret for a key that works. The old one ends, and who sees the new one answers for it from now on."""
    return write(
        ApiKey,
        """
        update app.api_keys
           set secret_hash = %(secret_hash)s, hint = %(hint)s, created_by = current_setting('app.member_id')::uuid,
               version = version + 1, updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s and revoked_at is null and coalesce(expires_at > now(), true)
           and scopes <@ string_to_array(current_setting('app.permissions'), ' ')
        """,
        answer=COLUMNS,
        event=events.API_KEY_ROTATED,
        id=api_key_id,
        secret_hash=secret.hash,
        hint=secret.hint,
    )


def revoke_api_key(api_key_id: ApiKeyId) -> Write[ApiKey]:
    """End a key, from the next request on."""
    return write(
        ApiKey,
        """
        update app.api_keys set revoked_at = now(), version = version + 1, updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s and revoked_at is null
        """,
        answer=COLUMNS,
        event=events.API_KEY_REVOKED,
        id=api_key_id,
    )
