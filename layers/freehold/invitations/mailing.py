"""What a worker does to mail an invitation. Each attempt has its own token, for the one before may have arrived."""

from uuid import UUID

from pydantic import BaseModel

from freehold.database import Statement, Works, done, lone
from freehold.errors import InvitationGone
from freehold.ids import TenantId
from freehold.invitations.tokens import Token, new_token


class Kept(BaseModel):
    """Of which invitation a token is."""

    invitation_id: UUID


def make_token(works: Works, tenant_id: TenantId, invitation_id: UUID) -> str:
    """A token that opens this invitation, before it is mailed. Raises InvitationGone where nothing can any more."""
    token = new_token(tenant_id)
    with works.transaction() as tx:
        kept = tx.put(keep_token(token, invitation_id))
    _ = kept.value
    return token.text


def keep_token(token: Token, invitation_id: UUID) -> Statement[Kept]:
    """The hash of a token, for an invitation that is pending."""
    return lone(
        Kept,
        """
        insert into app.invitation_tokens (tenant_id, token_hash, invitation_id)
        select %(tenant_id)s, %(token_hash)s, i.id from app.invitations i
         where i.tenant_id = %(tenant_id)s and i.id = %(id)s and i.status = 'pending' and i.expires_at > now()
        returning invitation_id
        """,
        otherwise=InvitationGone,
        token_hash=token.hash,
        id=invitation_id,
    )


def note_sent(invitation_id: UUID) -> Statement[None]:
    """It was mailed."""
    return done(
        "update app.invitations set sent_at = now() where tenant_id = %(tenant_id)s and id = %(id)s", id=invitation_id
    )
