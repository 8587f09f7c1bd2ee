-- Billing: what Stripe says of each tenant, kept here as a copy; whose a customer of Stripe's is; and what Stripe has told us.

-- step: name who sees the bill, and who pays it
call app.permission('billing:read', 'See the plan, the bill and what was used', 'suspended', 'owner', 'admin', 'billing');
call app.permission('billing:write', 'Subscribe, change the plan, pay and cancel', 'suspended', 'owner', 'billing');
call app.worker('billing', 'Keeps what we know of subscriptions as Stripe has it');

-- step: name what billing does
-- `billing` is our own machine's: what Stripe holds is fetched, what was used is reported. `payments` is what people asked for.
insert into app.job_classes (name, public, weight, concurrency, backlog, handover, lease) values
    ('billing', false, 1, 2, null, '1 minute', '2 minutes'),
    ('payments', true, 1, 1, 50, '1 minute', '2 minutes');
insert into app.job_rings (job_class) values ('billing'), ('payments');
alter table app.job_quotas add constraint one_payment_at_once
    check (job_class <> 'payments' or concurrency <= 1) not valid;

-- step: let no quota have two changes of a subscription read the same state
alter table app.job_quotas validate constraint one_payment_at_once;

-- step: find the jobs that a tenant sees
create index concurrently jobs_shown on app.jobs (tenant_id, id)
    where job_class in ('interactive', 'standard', 'bulk', 'payments');

-- step: find the jobs that wait
create index concurrently jobs_in_line on app.jobs (tenant_id, job_class)
    where state in ('scheduled', 'waiting') and job_class in ('interactive', 'standard', 'bulk', 'payments');

-- step: know whose a customer is before there is a tenant
-- A customer of Stripe's has one tenant; a test clock may have several.
create table directory.stripe_links (
    issuer text not null default 'stripe',
    subject text not null check (length(subject) between 1 and 255),
    tenant_id uuid not null references directory.tenants on delete cascade,
    primary key (issuer, subject, tenant_id)
);
create index stripe_links_tenant on directory.stripe_links (tenant_id);
call app.identity_table('directory.stripe_links', 'which tenant a customer of Stripe''s is, or one on a test clock');
call app.allow('directory.stripe_links', 'freehold_registrar', 'select', 'insert', 'delete');

-- step: keep what Stripe tells
-- One row for each event, under whom it is about: a customer, or whatever else. The id is made of the event's own moment and
-- name, so that the same event has the same one, and what is old goes with its time.
create table directory.stripe_events (
    issuer text not null default 'stripe',
    subject text not null,
    id uuid not null,
    event_id text not null check (length(event_id) between 1 and 255),
    type text not null,
    api_version text,
    livemode boolean not null,
    object_id text,
    idempotency_key text,
    state text not null check (state in ('waiting', 'taken', 'quarantined')),
    payload jsonb not null,
    created_at timestamptz not null,
    received_at timestamptz not null default now(),
    primary key (issuer, subject, id)
) partition by range (id);
create table directory.stripe_events_default partition of directory.stripe_events default;
comment on column directory.stripe_events.payload is 'personal';
call app.identity_table('directory.stripe_events', 'what Stripe has told of one customer, until it is old');
call app.identity_table('directory.stripe_events_default', 'what Stripe has told of one customer, until it is old');
call app.allow('directory.stripe_events', 'freehold_registrar', 'select', 'insert', 'update (state)');
call app.retain('directory.stripe_events', '90 days');

-- step: remember who has had a trial
create table directory.trials (
    issuer text not null default 'trial',
    subject text not null check (length(subject) between 1 and 255),
    tenant_id uuid not null references directory.tenants on delete cascade,
    primary key (issuer, subject)
);
create index trials_tenant on directory.trials (tenant_id);
call app.identity_table('directory.trials', 'what tells that somebody has had a trial, as a digest');
call app.allow('directory.trials', 'freehold_registrar', 'select', 'insert');

-- step: keep accounts
-- What a tenant has subscribed to, as of the last look. `access` is what that gives; what holds is in app.tenants.
create table app.billing_accounts (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    plan text not null check (length(plan) between 1 and 60),
    add_ons text[] not null default '{}',
    "interval" text check ("interval" in ('month', 'year')),
    status text not null check (length(status) between 1 and 40),
    access app.access not null,
    seats integer check (seats >= 0),
    currency text check (currency ~ '^[a-z]{3}$'),
    subscription_id text,
    current_period_start timestamptz,
    current_period_end timestamptz,
    trial_end timestamptz,
    trial_used_at timestamptz,
    cancel_at timestamptz,
    ended_at timestamptz,
    past_due_since timestamptz,
    pending_change jsonb,
    discount jsonb,
    payment_method jsonb,
    balance bigint not null default 0,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id),
    unique (tenant_id, id)
);
call app.tenant_table('app.billing_accounts');
call app.allow('app.billing_accounts', 'freehold_api', 'select');
call app.allow('app.billing_accounts', 'freehold_worker', 'select', 'insert', 'update');
call app.allow('app.billing_accounts', 'freehold_registrar', 'select');

-- step: keep what is to be looked at
-- `wanted` counts what asked for a look at Stripe, `done` how far the last look reached, `job_id` is whoever looks. What a look
-- brings is taken only if it began after the one before: `synced_from` is when that was. `gone_id` is the customer that it found deleted.
create table app.billing_syncs (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    customer_id text,
    clock_id text,
    gone_id text,
    seats_follow boolean not null default false,
    wanted bigint not null default 0,
    done bigint not null default 0,
    job_id uuid,
    synced_from timestamptz,
    primary key (tenant_id)
) with (fillfactor = 80);
call app.tenant_table('app.billing_syncs', unaudited => 'a machine''s note of what it has to look at; what it finds is audited');
call app.allow('app.billing_syncs', 'freehold_api', 'select');
call app.allow('app.billing_syncs', 'freehold_worker', 'select', 'update (gone_id, seats_follow, synced_from)');
call app.allow('app.billing_syncs', 'freehold_registrar', 'select', 'insert',
    'update (customer_id, clock_id, wanted, done, job_id)');
call app.cross('app.billing_syncs', 'select');
call app.allow('app.jobs', 'freehold_registrar', 'insert', 'update (state, due_at, updated_at)');

-- step: keep copies of subscriptions
-- `id` is made of Stripe's own name for it, here and of invoices.
create table app.subscriptions (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null,
    stripe_id text not null,
    status text not null,
    currency text not null,
    items jsonb not null,
    discounts jsonb not null default '[]',
    pending_update jsonb,
    current_period_start timestamptz,
    current_period_end timestamptz,
    trial_start timestamptz,
    trial_end timestamptz,
    cancel_at timestamptz,
    canceled_at timestamptz,
    ended_at timestamptz,
    past_due_since timestamptz,
    started_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, stripe_id)
);
call app.tenant_table('app.subscriptions', unaudited => 'a machine''s copy of what Stripe holds');
call app.allow('app.subscriptions', 'freehold_api', 'select');
call app.allow('app.subscriptions', 'freehold_worker', 'select', 'insert', 'update');

-- step: keep copies of invoices
-- Money is in the currency's smallest unit.
create table app.invoices (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null,
    stripe_id text not null,
    subscription_id text,
    number text,
    status text not null,
    billing_reason text,
    currency text not null check (currency ~ '^[a-z]{3}$'),
    subtotal bigint not null,
    discount bigint not null default 0,
    tax bigint not null default 0,
    total bigint not null,
    amount_due bigint not null,
    amount_paid bigint not null,
    amount_remaining bigint not null,
    amount_refunded bigint not null default 0,
    disputed boolean not null default false,
    attempt_count integer not null default 0,
    next_payment_attempt timestamptz,
    hosted_url text,
    pdf_url text,
    period_start timestamptz,
    period_end timestamptz,
    issued_at timestamptz not null,
    due_at timestamptz,
    paid_at timestamptz,
    lines jsonb not null default '[]',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, stripe_id)
);
create index invoices_newest on app.invoices (tenant_id, issued_at desc, id desc);
comment on column app.invoices.hosted_url is 'personal';
comment on column app.invoices.pdf_url is 'personal';
call app.tenant_table('app.invoices', unaudited => 'a machine''s copy of what Stripe holds');
call app.allow('app.invoices', 'freehold_api', 'select');
call app.allow('app.invoices', 'freehold_worker', 'select', 'insert', 'update');

-- step: keep what operators give
create table app.access_grants (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    access app.access not null,
    plan text check (length(plan) between 1 and 60),
    reason text not null check (length(reason) between 10 and 500),
    granted_by text not null,
    until timestamptz not null,
    ended_at timestamptz,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id)
);
call app.tenant_table('app.access_grants');
call app.allow('app.access_grants', 'freehold_api', 'select');
call app.allow('app.access_grants', 'freehold_worker', 'select');
call app.allow('app.access_grants', 'freehold_registrar', 'select', 'insert', 'update (ended_at)');

-- step: keep what Stripe is asked for
-- Written before Stripe is asked: `key` tells Stripe that it is the same request again. `asked` counts how often it was, up to
-- `asked_at`; of what requests ask, where somebody waits, a tenant has only so much, and it is forgotten after a day.
create table app.billing_operations (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    kind text not null check (length(kind) between 1 and 60),
    key text not null check (length(key) between 1 and 255),
    state text not null default 'begun' check (state in ('begun', 'done', 'failed')),
    request jsonb not null default '{}',
    result jsonb,
    asked integer not null default 1 check (asked > 0),
    asked_at timestamptz not null default now(),
    created_at timestamptz not null default now(),
    finished_at timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, key),
    check ((state = 'begun') = (finished_at is null))
);
create index billing_operations_latest on app.billing_operations (tenant_id, id desc)
    where kind in ('change', 'cancel', 'resume');
create index billing_operations_asked on app.billing_operations (tenant_id, asked_at)
    where kind in ('checkout', 'portal', 'preview');
comment on column app.billing_operations.request is 'personal';
comment on column app.billing_operations.result is 'personal';
call app.tenant_table('app.billing_operations', unaudited => 'a machine''s note of what it asks Stripe; what comes of it is audited');
call app.allow('app.billing_operations', 'freehold_api', 'select', 'insert', 'delete',
    'update (key, state, request, result, asked, asked_at, finished_at)');
call app.allow('app.billing_operations', 'freehold_worker', 'select', 'insert', 'update (key, state, request, result, finished_at)');
call app.allow('app.billing_operations', 'freehold_registrar', 'select (tenant_id, id, finished_at)');

-- step: remember what was told
create table app.billing_notices (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    subject text not null check (length(subject) between 1 and 200),
    told_at timestamptz not null default now(),
    primary key (tenant_id, subject)
);
call app.tenant_table('app.billing_notices', unaudited => 'a machine''s memory of what it has told once');
call app.allow('app.billing_notices', 'freehold_worker', 'select', 'insert');

-- step: let billing say what a tenant may do
call app.allow('app.tenants', 'freehold_worker', 'update (access, version, updated_at)');

-- step: open the ways in
grant create on schema app to freehold_registrar, freehold_relay;
set local role freehold_registrar;
alter default privileges revoke execute on functions from public;

-- Asks for a look at Stripe, in the tenant that is entered: one job at a time looks, and looks again where somebody asked while it
-- did. One that waits for its time looks now; one that failed keeps the wait before its next attempt, unless an operator's `grant` asks,
-- which does not depend on Stripe. `seats` asks only where the subscription's seats follow the members.
create function app.want_sync(reason text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
    sync app.billing_syncs;
begin
    select s.* into sync from app.billing_syncs s
     where s.tenant_id = tenant and (reason <> 'seats' or s.seats_follow) for update;
    if sync.tenant_id is null then
        return;
    end if;
    update app.jobs j set state = 'waiting', due_at = now(), updated_at = now()
     where j.tenant_id = tenant and j.id = sync.job_id and j.state = 'scheduled' and (j.attempt = 0 or want_sync.reason = 'grant');
    if not exists (select from app.jobs j where j.tenant_id = tenant and j.id = sync.job_id
                      and j.state in ('scheduled', 'waiting', 'queued', 'running')) then
        sync.job_id := uuidv7();
        insert into app.jobs (tenant_id, id, kind, job_class, state, input, attempts, created_by, request_id)
        values (tenant, sync.job_id, 'billing.sync', 'billing', 'waiting', '{}', 12, 'worker:billing',
                current_setting('app.request_id'));
    end if;
    update app.billing_syncs s set wanted = s.wanted + 1, job_id = sync.job_id where s.tenant_id = tenant;
end $$;

-- Says how far a look reached, in the transaction that writes what it found. The next one follows at once where more was asked
-- for, and else at `review`, when time alone changes what holds, and not within a minute: clocks differ. Who looks besides the
-- job that does so leaves that one to it.
create function app.sync_done(upto bigint, review timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
    sync app.billing_syncs;
    due timestamptz;
begin
    update app.billing_syncs s set done = greatest(s.done, upto) where s.tenant_id = tenant returning s.* into sync;
    due := case when sync.wanted > sync.done then now() when review is not null then greatest(now() + interval '1 minute', review) end;
    update app.jobs j set state = case when due > now() then 'scheduled' else 'waiting' end, due_at = due, updated_at = now()
     where j.tenant_id = tenant and j.id = sync.job_id and j.state = 'scheduled' and j.attempt = 0 and due is not null;
    if exists (select from app.jobs j where j.tenant_id = tenant and j.id = sync.job_id
                  and j.state in ('scheduled', 'waiting', 'queued', 'running')) then
        return;
    end if;
    update app.billing_syncs s set job_id = case when due is not null then uuidv7() end
     where s.tenant_id = tenant returning s.* into sync;
    if due is not null then
        insert into app.jobs (tenant_id, id, kind, job_class, state, due_at, input, attempts, created_by, request_id)
        values (tenant, sync.job_id, 'billing.sync', 'billing', case when due > now() then 'scheduled' else 'waiting' end, due,
                '{}', 12, 'worker:billing', current_setting('app.request_id'));
    end if;
end $$;

-- An entrance without a tenant: what Stripe tells is written down once, and asks for a look in each tenant that it is about.
-- What is about nobody whom we know waits for app.link_customer; told again, it is looked at again, and so is what was kept apart
-- once it is told in the right version. The lock keeps a link that is made at this moment from passing the event by. What a tenant has itself made Stripe do, and has looked at since, is no news.
create function app.receive_stripe(
    event_id text, subject text, type text, created timestamptz, api_version text, livemode boolean, object_id text,
    idempotency_key text, quarantined boolean, payload jsonb
) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    digest text := encode(sha256(convert_to(event_id, 'UTF8')), 'hex');
    made uuid := lpad(to_hex((extract(epoch from created) * 1000)::bigint), 12, '0') || '8' || substr(digest, 1, 3) || '8'
                 || substr(digest, 4, 15);
    known text;
    tenant uuid;
begin
    if current_setting('app.tenant_id', true) <> '' then
        raise sqlstate 'FH500' using message = 'already_entered';
    elsif num_nulls(event_id, subject, type, created, livemode, quarantined, payload) > 0 then
        raise sqlstate 'FH500' using message = 'missing_argument';
    end if;
    perform set_config('app.issuer', 'stripe', true), set_config('app.subject', subject, true),
            set_config('app.request_id', 'stripe:' || event_id, true), set_config('app.principal', 'worker:billing', true);
    perform pg_advisory_xact_lock(hashtextextended('stripe ' || subject, 0));
    insert into directory.stripe_events (subject, id, event_id, type, api_version, livemode, object_id, idempotency_key, state,
                                         payload, created_at)
    values (receive_stripe.subject, made, receive_stripe.event_id, receive_stripe.type, receive_stripe.api_version,
            receive_stripe.livemode, receive_stripe.object_id, receive_stripe.idempotency_key,
            case when quarantined then 'quarantined' else 'waiting' end, receive_stripe.payload, created)
    on conflict do nothing;
    if not found then
        select e.state into known from directory.stripe_events e
         where e.issuer = 'stripe' and e.subject = receive_stripe.subject and e.id = made;
        if known = 'taken' or known = 'quarantined' and quarantined then
            return 'duplicate';
        end if;
    elsif quarantined then
        return 'quarantined';
    end if;
    for tenant in select l.tenant_id from directory.stripe_links l
                   where l.issuer = 'stripe' and l.subject = receive_stripe.subject order by l.tenant_id loop
        perform set_config('app.tenant_id', tenant::text, true);
        if not exists (
            select from app.billing_operations o join app.billing_syncs s on s.tenant_id = o.tenant_id
             where o.tenant_id = tenant and o.finished_at < s.synced_from
               and o.id = substring(receive_stripe.idempotency_key from
                                    '^fh-' || tenant || '-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})')::uuid) then
            perform app.want_sync(receive_stripe.type);
        end if;
    end loop;
    perform set_config('app.tenant_id', '', true);
    known := case when tenant is null then 'waiting' else 'taken' end;
    update directory.stripe_events e set state = known
     where e.issuer = 'stripe' and e.subject = receive_stripe.subject and e.id = made and e.state <> known;
    return known;
end $$;

-- Says whose a customer is, in the tenant that is entered, and takes what has waited for that. A customer stays its tenant's, and a
-- tenant gets another only where Stripe has told that the one before was deleted, or a look has found it so.
create function app.link_customer(customer text, clock text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
    former_issuer text := current_setting('app.issuer', true);
    former_subject text := current_setting('app.subject', true);
    former text := (select s.customer_id from app.billing_syncs s where s.tenant_id = current_setting('app.tenant_id')::uuid);
    is_gone boolean;
    linked text;
begin
    if customer !~ '^cus_' or clock !~ '^clock_' or customer is null then
        raise sqlstate 'FH422' using message = 'no_customer';
    end if;
    perform set_config('app.issuer', 'stripe', true);
    foreach linked in array array_remove(array[customer, clock], null) loop
        perform pg_advisory_xact_lock(hashtextextended('stripe ' || linked, 0));
        perform set_config('app.subject', linked, true);
        if linked = customer and exists (select from directory.stripe_links l where l.issuer = 'stripe' and l.subject = linked
                                            and l.tenant_id <> tenant) then
            raise sqlstate 'FH409' using message = 'customer_taken';
        end if;
        insert into directory.stripe_links (subject, tenant_id) values (linked, tenant) on conflict do nothing;
        update directory.stripe_events e set state = 'taken'
         where e.issuer = 'stripe' and e.subject = linked and e.state = 'waiting';
    end loop;
    perform set_config('app.subject', coalesce(former, ''), true);
    is_gone := exists (select from directory.stripe_events e
                        where e.issuer = 'stripe' and e.subject = former and e.type = 'customer.deleted' and e.state = 'taken')
               or exists (select from app.billing_syncs s where s.tenant_id = tenant and s.gone_id = former);
    perform set_config('app.issuer', coalesce(former_issuer, ''), true),
            set_config('app.subject', coalesce(former_subject, ''), true);
    insert into app.billing_syncs as s (customer_id, clock_id) values (customer, clock)
    on conflict on constraint billing_syncs_pkey do update set customer_id = excluded.customer_id, clock_id = excluded.clock_id
     where s.customer_id is null or s.customer_id = excluded.customer_id or is_gone and s.customer_id = former;
    if not found then
        raise sqlstate 'FH409' using message = 'customer_taken';
    end if;
    perform app.want_sync('linked');
end $$;

-- Whether the tenant that is entered may have a trial: nobody else has had one with any of these marks. Then they are its own, unless it
-- only looks.
create function app.take_trial(marks text[], look boolean default false) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
    former_issuer text := current_setting('app.issuer', true);
    former_subject text := current_setting('app.subject', true);
    mark text;
    free boolean := true;
begin
    perform set_config('app.issuer', 'trial', true);
    for mark in select distinct encode(sha256(convert_to(m, 'UTF8')), 'hex') from unnest(marks) m order by 1 loop
        perform pg_advisory_xact_lock(hashtextextended('trial ' || mark, 0));
        perform set_config('app.subject', mark, true);
        free := free and not exists (select from directory.trials t
                                      where t.issuer = 'trial' and t.subject = mark and t.tenant_id <> tenant);
    end loop;
    if free and not look then
        for mark in select distinct encode(sha256(convert_to(m, 'UTF8')), 'hex') from unnest(marks) m order by 1 loop
            perform set_config('app.subject', mark, true);
            insert into directory.trials (subject, tenant_id) values (mark, tenant) on conflict do nothing;
        end loop;
    end if;
    perform set_config('app.issuer', coalesce(former_issuer, ''), true),
            set_config('app.subject', coalesce(former_subject, ''), true);
    return free;
end $$;

-- Seats follow the members. A tenant that goes takes its members along, and has nothing left to look at.
create function app.seats_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if exists (select from app.tenants t where t.id = current_setting('app.tenant_id')::uuid) then
        perform app.want_sync('seats');
    end if;
    return null;
end $$;
grant execute on function app.want_sync, app.link_customer, app.take_trial to freehold_api, freehold_worker;
grant execute on function app.sync_done to freehold_worker;
grant execute on function app.receive_stripe to freehold_api, freehold_worker;
grant execute on function app.seats_changed to freehold_owner;

set local role freehold_relay;
alter default privileges revoke execute on functions from public;

-- Which tenants are at Stripe or have been given something, page by page, and as of when we know them. Without `after` from
-- behind the place that was reached the last time, which reconcile keeps as the holder of a turn.
create function app.billing_tenants(after uuid, batch integer)
returns table (tenant_id uuid, customer_id text, synced_from timestamptz)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    return query
        select s.tenant_id, s.customer_id, s.synced_from from app.billing_syncs s
         where s.tenant_id > coalesce(
                   billing_tenants.after,
                   (select t.holder::uuid from app.turns t where t.name = 'billing_reached' and t.period = ''),
                   '00000000-0000-0000-0000-000000000000')
         order by s.tenant_id limit batch;
end $$;
grant execute on function app.billing_tenants to freehold_system;
set local role freehold_owner;
revoke create on schema app from freehold_registrar, freehold_relay;

-- step: let seats follow members
create trigger seats after insert or delete or update of status on app.members
    for each row execute function app.seats_changed();
