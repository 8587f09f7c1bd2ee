"""The statements of mails, which workers alone send: whom to tell, what is to be sent, and what became of it."""

from uuid import UUID

from freehold.database import Query, Statement, done, every, one
from freehold.email.catalog import name_of
from freehold.email.models import KeptMail, NewMail, Recipient, State

A_DAY = 500
"""Mails of one tenant. All tenants share what SES lets the account send."""
ALIKE_A_DAY = 20
"""Mails by one template to one address."""


def owners() -> Query[list[Recipient]]:
    """The owners and admins of the tenant."""
    return every(
        Recipient,
        """
        select m.email as address, t.locale
          from app.members m join app.tenants t on t.id = m.tenant_id
         where m.tenant_id = %(tenant_id)s and m.status = 'active' and m.role in ('owner', 'admin')
           and length(m.email) <= 254
         order by m.id
        """,
    )


def payers() -> Query[list[Recipient]]:
    """Those who look after the tenant's bill: its owners, and whoever has the role for it."""
    return every(
        Recipient,
        """
        select m.email as address, t.locale
          from app.members m join app.tenants t on t.id = m.tenant_id
         where m.tenant_id = %(tenant_id)s and m.status = 'active' and m.role in ('owner', 'billing')
           and length(m.email) <= 254
         order by m.id
        """,
    )


def asker(principal: str) -> Query[list[Recipient]]:
    """The member who did it, or who made the API key that did it; nobody where a machine did."""
    return every(
        Recipient,
        """
        select m.email as address, t.locale
          from app.members m join app.tenants t on t.id = m.tenant_id
         where m.tenant_id = %(tenant_id)s and m.status = 'active' and length(m.email) <= 254
           and ('member:' || m.id = %(principal)s
                or m.id = (select k.created_by from app.api_keys k
                            where k.tenant_id = %(tenant_id)s and 'api_key:' || k.id = %(principal)s))
        """,
        principal=principal,
    )


def invitee(invitation_id: UUID) -> Query[list[Recipient]]:
    """Whom a pending invitation is for, in its own language."""
    return every(
        Recipient,
        """
        select email as address, locale from app.invitations
         where tenant_id = %(tenant_id)s and id = %(id)s and status = 'pending'
        """,
        id=invitation_id,
    )


def write_mail(mail: NewMail) -> Statement[None]:
    """A mail that waits to be sent, or, where the tenant's day is full, never will be; the same cause again makes none.

    At most 500 mails of the day are counted, whichever they are: where there are more, each is too many. What was
    suppressed was not sent, and does not count. Units of work
    that write at the same moment do not see each other's, so that the day may end a few mails later.
    """
    return done(
        """
        insert into app.emails (tenant_id, id, cause, address, template, fields, locale, state, error)
        select %(tenant_id)s, %(id)s, %(cause)s, %(address)s, %(template)s, %(fields)s::jsonb, %(locale)s,
               case when too_much.why is null then 'waiting' else 'suppressed' end, too_much.why
          from (select count(*) as mails,
                       count(*) filter (where lower(address) = lower(%(address)s) and template = %(template)s) as alike
                  from (select address, template from app.emails
                         where tenant_id = %(tenant_id)s and created_at >= date_trunc('day', now(), 'UTC')
                           and state <> 'suppressed'
                         limit %(a_day)s) counted) today
         cross join lateral (
               select case when today.mails >= %(a_day)s
                           then format('The tenant has had its %%s mails of this day (UTC).', %(a_day)s::integer)
                           when today.alike >= %(alike_a_day)s
                           then format('The address has had %%s mails of this kind on this day (UTC).',
                                       %(alike_a_day)s::integer) end as why) too_much
        on conflict do nothing
        """,
        a_day=A_DAY,
        alike_a_day=ALIKE_A_DAY,
        id=mail.id,
        cause=mail.cause,
        address=mail.address,
        template=name_of(type(mail.says)),
        fields=mail.says.model_dump_json(),
        locale=mail.locale,
    )


def mail(mail_id: UUID) -> Query[KeptMail]:
    """A mail, in whose name it is written, and whether it must not or need not be sent any more."""
    return one(
        KeptMail,
        """
        select e.id, e.address, e.template, e.fields, e.locale, e.state, t.name as brand, t.logo_url, t.color,
               e.created_at < now() - interval '3 days' as overdue,
               exists (select from app.email_suppressions s
                        where s.tenant_id = %(tenant_id)s and s.address = lower(e.address)) as suppressed
          from app.emails e join app.tenants t on t.id = e.tenant_id
         where e.tenant_id = %(tenant_id)s and e.id = %(mail_id)s
        """,
        mail_id=mail_id,
    )


def mark_sent(mail_id: UUID, message_id: str) -> Statement[None]:
    """It was accepted. It may have come back by now."""
    return done(
        """
        update app.emails
           set state = case state when 'waiting' then 'sent' else state end, message_id = %(message_id)s,
               updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(mail_id)s
        """,
        mail_id=mail_id,
        message_id=message_id,
    )


def mark_unsent(mail_id: UUID, state: State, error: str | None = None) -> Statement[None]:
    """It will not be sent."""
    return done(
        """
        update app.emails set state = %(state)s, error = %(error)s, updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(mail_id)s and state = 'waiting'
        """,
        mail_id=mail_id,
        state=state.value,
        error=error,
    )


def mark_returned(mail_id: UUID, addresses: list[str], state: State) -> Statement[None]:
    """It came back from one of these addresses, if it went there. A complaint is the last word."""
    return done(
        """
        update app.emails set state = %(state)s, updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(mail_id)s and lower(address) = any(%(addresses)s)
           and state not in (%(state)s, 'complained')
        """,
        mail_id=mail_id,
        addresses=addresses,
        state=state.value,
    )


def suppress(mail_id: UUID, addresses: list[str], state: State) -> Statement[None]:
    """Nothing more is sent to the address that this mail came back from."""
    return done(
        """
        insert into app.email_suppressions (tenant_id, address, reason)
        select e.tenant_id, lower(e.address), %(state)s from app.emails e
         where e.tenant_id = %(tenant_id)s and e.id = %(mail_id)s and lower(e.address) = any(%(addresses)s)
        on conflict do nothing
        """,
        mail_id=mail_id,
        addresses=addresses,
        state=state.value,
    )
