"""The statements of API keys."""

from datetime import timedelta
from typing import LiteralString
from uuid import UUID

from freehold.api_keys import events
from freehold.api_keys.models import ApiKey, NewApiKey
from freehold.api_keys.secrets import Secret
from freehold.database import Query, Write, one, page, write
from freehold.errors import ScopesExceedYours
from freehold.ids import ApiKeyId

COLUMNS: LiteralString = """id, name, scopes, hint, created_by, created_at, expires_at, revoked_at,
    case when revoked_at is null and previous_until > now() then previous_until end as previous_until,
    (select last_used_at from app.api_key_uses where tenant_id = %(tenant_id)s and api_key_id = id) as last_used_at
"""


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
    """A new key, if its maker can give every scope that it asks for; the door has said what they hold."""
    return write(
        ApiKey,
        """
        insert into app.api_keys (tenant_id, name, scopes, secret_hash, hint, expires_at)
        select %(tenant_id)s, %(name)s, %(scopes)s, %(secret_hash)s, %(hint)s, %(expires_at)s
         where app.can_grant(%(scopes)s)
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


def replace_secret(api_key_id: ApiKeyId, secret: Secret, overlap: timedelta) -> Write[ApiKey]:
    """A new secret for a key that works. The former one is good until the overlap is over, one before that no more.

    Who sees the new one answers for the key from now on. Raises ExceedsYours where its scopes go beyond theirs.
    """
    return write(
        ApiKey,
        """
        update app.api_keys
           set secret_hash = %(secret_hash)s, hint = %(hint)s, created_by = current_setting('app.member_id')::uuid,
               previous_hash = case when %(overlap)s > interval '0' then secret_hash end,
               previous_until = case when %(overlap)s > interval '0' then least(now() + %(overlap)s, expires_at) end,
               version = version + 1, updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s and revoked_at is null and coalesce(expires_at > now(), true)
        """,
        answer=COLUMNS,
        event=events.API_KEY_ROTATED,
        id=api_key_id,
        secret_hash=secret.hash,
        hint=secret.hint,
        overlap=overlap,
    )


def revoke_api_key(api_key_id: ApiKeyId) -> Write[ApiKey]:
    """End a key and whichever secrets it has, from the next request on."""
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
