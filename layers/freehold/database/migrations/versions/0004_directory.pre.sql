-- Where each tenant lives and which tenants an identity may have; in the pool cell's database only.
-- No request role reads it: the entrances without a tenant do, through policies keyed by the identity that asks.

create schema directory authorization freehold_owner;
grant usage on schema directory to freehold_door, freehold_registrar;

create table directory.tenants (
    id uuid not null primary key,
    cell text not null default 'pool',
    epoch integer not null default 1,
    created_at timestamptz not null default now()
);
call app.tenant_table('directory.tenants', key => 'id', unaudited => 'a machine''s index of where tenants live');
call app.allow('directory.tenants', 'freehold_registrar', 'insert');

-- Makes a table visible to one identity only, whatever tenant it acts in.
create procedure app.identity_table(target regclass, reason text)
language plpgsql as $$
begin
    execute format('alter table %s enable row level security', target);
    execute format('alter table %s force row level security', target);
    execute format(
        'create policy identity on %1$s as restrictive'
        ' using (issuer = current_setting(''app.issuer'') and subject = current_setting(''app.subject''))'
        ' with check (issuer = current_setting(''app.issuer'') and subject = current_setting(''app.subject''))', target);
    execute format('comment on table %s is %L', target, 'identity: ' || reason);
end $$;

create table directory.memberships (
    issuer text not null,
    subject text not null,
    tenant_id uuid not null references directory.tenants on delete cascade,
    primary key (issuer, subject, tenant_id)
);
create index memberships_tenant on directory.memberships (tenant_id);
comment on column directory.memberships.subject is 'personal';
call app.identity_table('directory.memberships', 'which tenants may know this person; the tenant''s cell has the truth');
call app.allow('directory.memberships', 'freehold_door', 'select');
call app.allow('directory.memberships', 'freehold_registrar', 'insert');

create table directory.sign_ups (
    issuer text not null,
    subject text not null,
    key text not null,
    request_hash bytea not null,
    tenant_id uuid not null references directory.tenants on delete cascade,
    created_at timestamptz not null default now(),
    primary key (issuer, subject, key)
);
create index sign_ups_tenant on directory.sign_ups (tenant_id);
comment on column directory.sign_ups.subject is 'personal';
call app.identity_table('directory.sign_ups', 'idempotency keys of sign-ups, which happen before there is a tenant');
call app.allow('directory.sign_ups', 'freehold_registrar', 'select', 'insert', 'delete');

call app.allow('app.tenants', 'freehold_registrar', 'select', 'insert');
call app.allow('app.members', 'freehold_registrar', 'select', 'insert');
call app.allow('app.outbox', 'freehold_registrar', 'insert');
