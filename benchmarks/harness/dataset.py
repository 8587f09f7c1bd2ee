"""The data: so many tenants with 500 projects each, with the members, keys and trails that come with them.

It is loaded past triggers and foreign keys, in the order in which time would have brought it: the rows of one tenant
lie among those of all others. Ids are uuidv7 by shape, made from their position: every run has the same data.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, LiteralString

import psycopg

PROJECTS, MEMBERS, KEYS, ANSWERS, RECORDS, SHARED, WORK = 500, 25, 20, 10, 100, 50, 40
"""For each tenant: projects, members, API keys, remembered answers, entries of the audit trail and of the outbox,
projects that are shared with one member and invitations; and of jobs, deliveries and attempts at them, where somebody
asks for work."""
ISSUER: Final = "https://identity.example.test"

_ID: LiteralString = """
    create function pg_temp.id(kind text, tenant integer, number integer) returns uuid immutable language sql as $$
        select (lpad(to_hex(1760000000000 + number * 3600000 + tenant), 12, '0') || '7'
            || overlay(substr(md5(kind || tenant || '.' || number), 1, 19) placing 'a' from 4))::uuid $$
"""
_LOAD: tuple[LiteralString, ...] = (
    """
    insert into app.tenants (id, name)
    select pg_temp.id('tenant', t, 0), 'Tenant ' || t from generate_series(1, %(tenants)s) t
    """,
    "insert into directory.tenants (id) select id from app.tenants",
    """
    insert into app.members (tenant_id, id, issuer, subject, email, name, role)
    select pg_temp.id('tenant', t, 0), pg_temp.id('member', t, m), %(issuer)s, 'member-' || t || '-' || m,
           'member-' || m || '@tenant-' || t || '.test', 'Member ' || m,
           (array['owner', 'owner', 'admin', 'member', 'viewer'])[least(m, 5)]
      from generate_series(1, %(members)s) m, generate_series(1, %(tenants)s) t
    """,
    "insert into directory.memberships (issuer, subject, tenant_id) select issuer, subject, tenant_id from app.members",
    """
    insert into directory.sign_ups (issuer, subject, key, request_hash, tenant_id)
    select %(issuer)s, 'member-' || t || '-1', 'sign-up', '\\x00', pg_temp.id('tenant', t, 0)
      from generate_series(1, %(tenants)s) t
    """,
    """
    insert into app.api_keys (tenant_id, id, name, scopes, secret_hash, hint, created_by, revoked_at)
    select pg_temp.id('tenant', t, 0), pg_temp.id('key', t, k), 'Key ' || k, '{projects:read}',
           sha256((t || '.' || k)::bytea), '…abcd', pg_temp.id('member', t, 1),
           case when k %% 5 = 0 then now() end
      from generate_series(1, %(keys)s) k, generate_series(1, %(tenants)s) t
    """,
    """
    insert into app.projects (tenant_id, id, name, description, created_by, archived_at)
    select pg_temp.id('tenant', t, 0), pg_temp.id('project', t, p), 'Project ' || p, 'What it is about: ' || p,
           pg_temp.id('member', t, 1 + p %% %(members)s), case when p %% 10 = 0 then now() end
      from generate_series(1, %(projects)s) p, generate_series(1, %(tenants)s) t
    """,
    """
    insert into app.idempotency (tenant_id, principal, route, key, request_hash, result)
    select pg_temp.id('tenant', t, 0), 'member:' || pg_temp.id('member', t, 1), 'POST /v1/projects', 'key-' || n,
           '\\x00', '{"id": "00000000-0000-7000-8000-000000000000", "name": "A project"}'
      from generate_series(1, %(answers)s) n, generate_series(1, %(tenants)s) t
    """,
    """
    insert into app.audit (tenant_id, id, principal, request_id, address, action, row_id, change)
    select pg_temp.id('tenant', t, 0), pg_temp.id('audit', t, n), 'member:' || pg_temp.id('member', t, 1), 'r-' || n,
           '192.0.2.1', 'projects.update', pg_temp.id('project', t, n), '{"name": ["A", "B"]}'
      from generate_series(1, %(records)s) n, generate_series(1, %(tenants)s) t
    """,
    """
    insert into app.outbox (tenant_id, id, type, subject_id, request_id)
    select pg_temp.id('tenant', t, 0), pg_temp.id('event', t, n), 'project.changed', pg_temp.id('project', t, n),
           'r-' || n
      from generate_series(1, %(records)s) n, generate_series(1, %(tenants)s) t
    """,
)
_ACCESS: tuple[LiteralString, ...] = (
    """
    insert into app.roles (tenant_id, id, name, permissions)
    select pg_temp.id('tenant', t, 0), pg_temp.id('role', t, r), 'Role ' || r, '{projects:read}'
      from generate_series(1, 10) r, generate_series(1, %(tenants)s) t
    """,
    """
    insert into app.grants (tenant_id, member_id, resource, resource_id, role, created_by)
    select pg_temp.id('tenant', t, 0), pg_temp.id('member', t, 4 + g %% (%(members)s - 4)), 'project',
           pg_temp.id('project', t, g), 'viewer', pg_temp.id('member', t, 1)
      from generate_series(1, %(shared)s) g, generate_series(1, %(tenants)s) t
    """,
    """
    insert into app.invitations (tenant_id, id, email, role, invited_by, status)
    select pg_temp.id('tenant', t, 0), pg_temp.id('invitation', t, i), 'invited-' || i || '@tenant-' || t || '.test',
           'member', pg_temp.id('member', t, 1), case when i %% 2 = 0 then 'revoked' else 'pending' end
      from generate_series(1, %(shared)s) i, generate_series(1, %(tenants)s) t
    """,
    """
    insert into app.invitation_tokens (tenant_id, token_hash, invitation_id)
    select tenant_id, sha256(id::text::bytea), id from app.invitations
    """,
    """
    insert into app.groups (tenant_id, id, display_name, external_id, role)
    select pg_temp.id('tenant', t, 0), pg_temp.id('group', t, g), 'Group ' || g, 'external-' || g, 'viewer'
      from generate_series(1, 10) g, generate_series(1, %(tenants)s) t
    """,
    """
    insert into app.group_members (tenant_id, group_id, member_id)
    select pg_temp.id('tenant', t, 0), pg_temp.id('group', t, 1 + m %% 10), pg_temp.id('member', t, m)
      from generate_series(2, %(members)s) m, generate_series(1, %(tenants)s) t
    """,
    """
    insert into app.scim_tokens (tenant_id, id, name, role, token_hash, hint, made_as, created_by)
    select pg_temp.id('tenant', t, 0), pg_temp.id('directory', t, d), 'Directory ' || d, 'viewer',
           sha256(('directory' || t || '.' || d)::bytea), '…abcd', 'owner', pg_temp.id('member', t, 1)
      from generate_series(1, 2) d, generate_series(1, %(tenants)s) t
    """,
    """
    insert into app.sso_connections (tenant_id, id, issuer, audience, role, jit, status, answered_by)
    select pg_temp.id('tenant', t, 0), pg_temp.id('connection', t, 1), 'https://provider-' || t || '.test', 'freehold',
           'viewer', true, 'enabled', pg_temp.id('member', t, 1)
      from generate_series(1, %(tenants)s) t
    """,
    """
    insert into directory.issuers (issuer, audience, tenant_id, connection_id, enabled)
    select issuer, audience, tenant_id, id, true from app.sso_connections
    """,
    """
    insert into app.domains (tenant_id, id, name, challenge, verified_at)
    select pg_temp.id('tenant', t, 0), pg_temp.id('domain', t, d), 'domain-' || d || '-of-' || t || '.test', 'x', now()
      from generate_series(1, 3) d, generate_series(1, %(tenants)s) t
    """,
    "insert into directory.domains (subject, tenant_id) select name, tenant_id from app.domains",
)
_USE: tuple[LiteralString, ...] = (
    "insert into app.api_key_uses (tenant_id, api_key_id) select tenant_id, id from app.api_keys",
    """
    insert into app.operator_visits (tenant_id, id, operator, reason, permission, request_id)
    select pg_temp.id('tenant', t, 0), pg_temp.id('visit', t, v), 'ada', 'A reason of some length', 'operators:act',
           'r-' || v
      from generate_series(1, 10) v, generate_series(1, %(tenants)s) t
    """,
    """
    insert into app.impersonations (tenant_id, id, operator, member_id, reason, token_hash, created_at, expires_at)
    select tenant_id, id, operator, (select m.id from app.members m where m.tenant_id = v.tenant_id limit 1), reason,
           sha256(id::text::bytea), now() - interval '1 hour', now() - interval '45 minutes'
      from app.operator_visits v
    """,
)
_BILLING: tuple[LiteralString, ...] = (
    "insert into app.billing_syncs (tenant_id) select id from app.tenants",
    """
    insert into app.billing_accounts (tenant_id, plan, "interval", status, access, seats, currency, subscription_id,
                                      current_period_start, current_period_end)
    select pg_temp.id('tenant', t, 0), 'pro', 'month', 'active', 'full', %(members)s, 'usd', 'sub_' || t, now(),
           now() + interval '30 days'
      from generate_series(1, %(tenants)s) t
    """,
    """
    insert into app.subscriptions (tenant_id, id, stripe_id, status, currency, items)
    select pg_temp.id('tenant', t, 0), pg_temp.id('subscription', t, s), 'sub_' || t || '_' || s,
           case s when 1 then 'active' else 'canceled' end, 'usd', '[]'
      from generate_series(1, 3) s, generate_series(1, %(tenants)s) t
    """,
    """
    insert into app.invoices (tenant_id, id, stripe_id, status, currency, subtotal, total, amount_due, amount_paid,
                              amount_remaining, issued_at)
    select pg_temp.id('tenant', t, 0), pg_temp.id('invoice', t, i), 'in_' || t || '_' || i, 'paid', 'usd', 4900, 4900,
           4900, 4900, 0, now() - i * interval '30 days'
      from generate_series(1, %(shared)s) i, generate_series(1, %(tenants)s) t
    """,
    """
    insert into app.access_grants (tenant_id, access, reason, granted_by, until)
    select id, 'full', 'A reason of some length', 'ada', now() - interval '1 day' from app.tenants
    """,
    """
    insert into app.billing_operations (tenant_id, id, kind, key, state, finished_at)
    select pg_temp.id('tenant', t, 0), pg_temp.id('operation', t, o), 'preview', 'key-' || o, 'done', now()
      from generate_series(1, 10) o, generate_series(1, %(tenants)s) t
    """,
)
_USAGE: tuple[LiteralString, ...] = (
    """
    insert into app.usage_events (tenant_id, id, meter, source, event_id, quantity, occurred_at)
    select pg_temp.id('tenant', t, 0), pg_temp.id('usage', t, n), 'api_calls', 'api', 'event-' || n, n,
           now() - n * interval '1 hour'
      from generate_series(1, %(records)s) n, generate_series(1, %(tenants)s) t
    """,
    """
    insert into app.usage_keys (tenant_id, digest, created_at)
    select tenant_id, md5(source || event_id)::uuid, occurred_at from app.usage_events
    """,
    """
    insert into app.usage_hours (tenant_id, meter, hour, quantity, events)
    select tenant_id, meter, date_trunc('hour', occurred_at, 'UTC'), sum(quantity), count(*) from app.usage_events
     group by 1, 2, 3
    """,
    "insert into app.usage_unreported (tenant_id) select id from app.tenants",
    """
    insert into app.usage_reports (tenant_id, meter, hour, part, since, quantity, customer_id, counted_at,
                                   first_counted_at, state, finished_at)
    select tenant_id, meter, hour, 1, hour, quantity, 'cus_' || tenant_id, hour, hour, 'reported', now()
      from app.usage_hours
    """,
)
_WORK: tuple[LiteralString, ...] = (
    """
    insert into app.webhook_endpoints (tenant_id, id, url, events, permissions, secret, created_by)
    select pg_temp.id('tenant', t, 0), pg_temp.id('endpoint', t, e), 'https://receiver.example.test/' || e, '{*}',
           '{projects:read}', 'whsec_', pg_temp.id('member', t, 1)
      from generate_series(1, 4) e, generate_series(1, %(tenants)s) t
    """,
    """
    insert into app.webhook_failures (tenant_id, endpoint_id, failures)
    select tenant_id, id, 1 from app.webhook_endpoints
    """,
    """
    insert into app.job_quotas (tenant_id, job_class, weight)
    select t.id, c.name, 1 from app.job_classes c, app.tenants t
    """,
    """
    insert into app.deliveries (tenant_id, id, endpoint_id, event_id, event_type, body, state, replay_id)
    select pg_temp.id('tenant', t, 0), pg_temp.id('delivery', t, n), pg_temp.id('endpoint', t, 1 + n %% 4),
           pg_temp.id('event', t, n), 'project.changed', '{}', (array['succeeded', 'failed', 'pending'])[1 + n %% 3],
           case when n %% 10 = 0 then pg_temp.id('job', t, 1) end
      from generate_series(1, %(work)s) n, generate_series(1, %(tenants)s) t
    """,
    """
    insert into app.delivery_attempts (tenant_id, id, delivery_id, url, request_headers, status, milliseconds)
    select pg_temp.id('tenant', t, 0), pg_temp.id('attempt', t, n), pg_temp.id('delivery', t, n),
           'https://receiver.example.test/', '{}', 200, 12
      from generate_series(1, %(work)s) n, generate_series(1, %(tenants)s) t
    """,
    """
    insert into app.jobs (tenant_id, id, kind, job_class, state, cause, lane, input, attempts, created_by, request_id,
                          token, lease_until, finished_at)
    select pg_temp.id('tenant', t, 0), pg_temp.id('job', t, n), 'bench.job', c.name, s.state, 'cause-' || n,
           case when c.name = 'deliveries' then pg_temp.id('endpoint', t, 1 + n %% 4) end, '{}', 10,
           'member:' || pg_temp.id('member', t, 1), 'r-' || n,
           case when s.state in ('queued', 'running') then pg_temp.id('token', t, n) end,
           case when s.state in ('queued', 'running') then now() + interval '1 hour' end,
           case when s.state in ('succeeded', 'failed', 'canceled') then now() end
      from generate_series(1, %(work)s) n, generate_series(1, %(tenants)s) t,
           lateral (select (array['interactive', 'standard', 'bulk', 'deliveries', 'mail'])[1 + n %% 5] as name) c,
           lateral (select case n %% 8 when 0 then 'scheduled' when 1 then 'waiting' when 2 then 'queued'
                                when 3 then 'running' when 4 then 'failed' when 5 then 'canceled' else 'succeeded' end
                    as state) s
    """,
)


def load(superuser: psycopg.Connection, *, tenants: int, after_step: Callable[[int, int], None]) -> None:
    """Fill an empty database."""
    sizes = {
        "tenants": tenants,
        "projects": PROJECTS,
        "members": MEMBERS,
        "keys": KEYS,
        "answers": ANSWERS,
        "records": RECORDS,
        "shared": SHARED,
        "issuer": ISSUER,
    }
    superuser.execute("set session_replication_role = replica")  # no triggers, no foreign keys
    superuser.execute(_ID)
    for number, statement in enumerate(
        steps := (*_LOAD, *_ACCESS, *_USE, *_BILLING, *_USAGE, "vacuum (analyze, freeze)")
    ):
        superuser.execute(statement, sizes if "%(" in statement else None)
        after_step(number + 1, len(steps))


@contextmanager
def work(superuser: psycopg.Connection, *, tenants: int) -> Iterator[None]:
    """With jobs and deliveries in each state, for as long as that takes: whoever measures workers begins with none."""
    superuser.execute("set session_replication_role = replica")
    superuser.execute(_ID)
    for statement in _WORK:
        superuser.execute(statement, {"tenants": tenants, "work": WORK} if "%(" in statement else None)
    superuser.execute("set session_replication_role = origin")
    superuser.execute("analyze")
    try:
        yield
    finally:
        superuser.execute(
            "truncate app.jobs, app.job_quotas, app.delivery_attempts, app.deliveries, app.webhook_endpoints cascade"
        )
