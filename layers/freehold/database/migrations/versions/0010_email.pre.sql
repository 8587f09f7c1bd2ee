-- E-mail: what was to be said to whom and whether it was, who must not be written to, and how a tenant's mails look.

-- step: give tenants a letterhead
alter table app.tenants
    add column locale text not null default 'en' check (locale ~ '^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$' and length(locale) <= 35),
    add column logo_url text check (logo_url ~ '^https://[A-Za-z0-9.-]+(:[0-9]+)?/[!#-;=?-~]*$' and length(logo_url) <= 500),
    add column color text check (color ~ '^#[0-9a-f]{6}$');
call app.allow('app.tenants', 'freehold_worker', 'select');
call app.allow('app.members', 'freehold_worker', 'select (tenant_id, id, email, role, status)');
call app.allow('app.api_keys', 'freehold_worker', 'select (tenant_id, id, created_by)');

-- step: keep what is said
-- A mail is made with what it tells; its words come from its template when it is sent. One cause makes one mail to an address.
create table app.emails (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    cause text not null check (length(cause) between 1 and 200),
    address text not null check (length(address) <= 254),
    template text not null,
    fields jsonb not null,
    locale text not null,
    state text not null default 'waiting'
        check (state in ('waiting', 'sent', 'suppressed', 'refused', 'bounced', 'complained')),
    message_id text,
    error text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, cause, address)
);
create index emails_age on app.emails (tenant_id, created_at);
comment on column app.emails.address is 'personal';
comment on column app.emails.fields is 'personal';
comment on column app.emails.error is 'personal';
call app.tenant_table('app.emails', unaudited => 'a machine''s record of what it was to say, and what became of it');
call app.allow('app.emails', 'freehold_worker', 'select', 'insert', 'update (state, message_id, error, updated_at)');

-- step: keep who must not be written to
create table app.email_suppressions (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    address text not null check (address = lower(address)),
    reason text not null check (reason in ('bounced', 'complained')),
    created_at timestamptz not null default now(),
    primary key (tenant_id, address)
);
comment on column app.email_suppressions.address is 'personal';
call app.tenant_table('app.email_suppressions', unaudited => 'a machine''s memory of addresses that sent its mails back');
call app.allow('app.email_suppressions', 'freehold_worker', 'select', 'insert');

-- step: name who writes
call app.worker('notify', 'Writes mails to whoever hears of what has happened');
call app.worker('mail_feedback', 'Remembers addresses that send mails back');
