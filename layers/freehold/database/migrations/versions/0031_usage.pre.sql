-- Usage: what was used, counted in the statement that records it, and told to Stripe once.

-- step: name who records usage, and who sees it
call app.permission('usage:write', 'Record usage', 'full', 'owner', 'admin');
call app.permission('usage:read', 'See what was used', 'restricted', 'owner', 'admin', 'member', 'viewer', 'billing');
call app.worker('usage', 'Has reported to Stripe what was used');

-- step: keep what was used
-- An id is made of the moment at which the event was recorded and of its digest.
create table app.usage_events (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    meter text not null,
    source text not null,
    event_id text not null,
    quantity bigint not null check (quantity >= 0),
    occurred_at timestamptz not null,
    subject text,
    properties jsonb,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id)
) partition by range (id);
create table app.usage_events_default partition of app.usage_events default;
comment on column app.usage_events.subject is 'personal';
comment on column app.usage_events.properties is 'personal';
call app.tenant_table('app.usage_events', unaudited => 'it is a record itself: what is in it is never changed');
call app.allow('app.usage_events', 'freehold_api', 'select', 'insert');
call app.allow('app.usage_events', 'freehold_worker', 'select');
call app.allow('app.usage_events', 'freehold_report', 'select');
call app.retain('app.usage_events', '400 days');

-- step: know what was recorded already
-- A digest of source and id. The table is not partitioned: a key has to be unique whenever it came. It refers to no tenant: to look
-- for one a thousand times costs a third of recording a thousand events. The door has seen the tenant, and keys go by their age.
create table app.usage_keys (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid,
    digest uuid not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, digest)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.2);
create index usage_keys_age on app.usage_keys (tenant_id, created_at);
call app.tenant_table('app.usage_keys', unaudited => 'a machine''s memory of what it has recorded, kept for 36 days');
call app.allow('app.usage_keys', 'freehold_api', 'select', 'insert');
call app.cross('app.usage_keys', 'select', 'delete');

-- A key of no tenant is none. Row-level security has seen that all of them are the entered one's: so it is asked once for each
-- statement, as a foreign key would be asked for each row.
create function app.tenant_is_there() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if not exists (select from app.tenants t where t.id = current_setting('app.tenant_id')::uuid) then
        raise foreign_key_violation using message = 'insert or update on table "usage_keys" refers to a tenant that is not there';
    end if;
    return null;
end $$;
create trigger tenant_is_there after insert on app.usage_keys for each statement execute function app.tenant_is_there();

-- step: count by the hour
-- `claimed` is what reports to Stripe stand for, `free` what was used before there was anything to pay.
create table app.usage_hours (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    meter text not null,
    hour timestamptz not null,
    quantity numeric not null default 0 check (quantity >= 0),
    events bigint not null default 0,
    claimed numeric not null default 0,
    free numeric not null default 0,
    primary key (tenant_id, meter, hour)
) with (fillfactor = 50);
call app.tenant_table('app.usage_hours', unaudited => 'a machine''s sums of what it records');
call app.allow('app.usage_hours', 'freehold_api', 'select', 'insert', 'update (quantity, events)');
call app.allow('app.usage_hours', 'freehold_worker', 'select', 'update (claimed, free)');
call app.allow('app.usage_hours', 'freehold_report', 'select');

-- step: keep what Stripe is told
--     sending ─▶ reported          Stripe has it
--        ├─────▶ refused           Stripe does not take it; tried anew each hour
--        ├─────▶ void              it never arrived; what it stood for is reported anew
--        └─────▶ doubtful          nobody can tell; somebody has to look
-- `id` tells Stripe that it is the same report again. `counted_at` is the moment that Stripe counts it at, `first_counted_at`
-- the one that it was told first. `since` is when the subscription began that pays for it.
create table app.usage_reports (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    meter text not null,
    hour timestamptz not null,
    part integer not null,
    since timestamptz not null,
    quantity numeric not null check (quantity > 0),
    customer_id text not null,
    counted_at timestamptz not null,
    first_counted_at timestamptz not null,
    state text not null default 'sending' check (state in ('sending', 'reported', 'refused', 'void', 'doubtful')),
    reason text,
    sent_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, meter, hour, part),
    check ((state = 'sending') = (finished_at is null))
);
create unique index usage_reports_under_way on app.usage_reports (tenant_id) where state = 'sending';
create index usage_reports_counted on app.usage_reports (tenant_id, meter, counted_at);
create index usage_reports_failed on app.usage_reports (tenant_id, state) where state in ('refused', 'doubtful');
call app.tenant_table('app.usage_reports', unaudited => 'a machine''s note of what it has told Stripe');
call app.allow('app.usage_reports', 'freehold_api', 'select');
call app.allow('app.usage_reports', 'freehold_worker', 'select', 'insert', 'update (counted_at, state, reason, finished_at)');

-- step: know who has something to report
-- Each batch that is recorded adds to `changes`: whoever has reported all of it says up to which change that was.
-- They begin with the time: of a row that went and came again they are others than before.
create table app.usage_unreported (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    changes bigint not null default extract(epoch from clock_timestamp()) * 1000000,
    due_at timestamptz not null default now(),
    job_id uuid,
    primary key (tenant_id)
) with (fillfactor = 50);
call app.tenant_table('app.usage_unreported', unaudited => 'a machine''s note of what it still has to do');
call app.allow('app.usage_unreported', 'freehold_api', 'select', 'insert', 'update (changes)');
call app.allow('app.usage_unreported', 'freehold_worker', 'select', 'insert', 'update', 'delete');
call app.cross('app.usage_unreported', 'select');

-- Whoever pays for no meter has nothing to report, and is noted again as soon as a subscription does. So is whoever waits for news of one.
create function app.usage_is_paid_for() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    insert into app.usage_unreported as u (tenant_id)
    select new.tenant_id
     where exists (select from app.usage_hours h where h.tenant_id = new.tenant_id and h.quantity > h.claimed + h.free)
    on conflict (tenant_id) do update set changes = u.changes + 1, due_at = least(u.due_at, now());
    return null;
end $$;
create trigger usage_is_paid_for after insert or update of status, items on app.subscriptions
    for each row when (new.status in ('trialing', 'active', 'past_due', 'unpaid')
                       and jsonb_path_exists(new.items, '$[*].price.metadata.freehold_component ? (@ starts with "usage:")'))
    execute function app.usage_is_paid_for();

-- step: look across tenants
grant create on schema app to freehold_relay;
set local role freehold_relay;
alter default privileges revoke execute on functions from public;

-- Which tenants have used something that Stripe has not been told, of those whom it knows; first whose turn it has been for longest.
create function app.usage_due(batch integer) returns table (tenant_id uuid)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    return query
        select u.tenant_id from app.usage_unreported u join app.billing_syncs s on s.tenant_id = u.tenant_id
         where u.due_at <= now() and s.customer_id is not null
         order by u.due_at, u.tenant_id limit batch;
end $$;

-- Whose usage is to be compared next, of those whom Stripe knows or who were given something: from behind the place that was
-- reached last, which is kept as the holder of a turn.
create function app.usage_uncompared(batch integer) returns table (tenant_id uuid)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    return query
        select s.tenant_id from app.billing_syncs s
         where s.tenant_id > coalesce(
                   (select t.holder::uuid from app.turns t where t.name = 'usage_compared' and t.period = ''),
                   '00000000-0000-0000-0000-000000000000')
         order by s.tenant_id limit batch;
end $$;

-- Keys of events that would be refused for their age by now. From tenant to tenant, along the index.
create function app.forget_usage_keys() returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
    forgotten integer;
begin
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    with recursive tenants (id) as (
        (select k.tenant_id from app.usage_keys k order by k.tenant_id limit 1)
        union all
        select (select k.tenant_id from app.usage_keys k where k.tenant_id > t.id order by k.tenant_id limit 1)
          from tenants t where t.id is not null
    ), old as materialized (
        select o.* from tenants t cross join lateral (
            select k.tenant_id, k.digest from app.usage_keys k
             where k.tenant_id = t.id and k.created_at < now() - interval '36 days' limit 10000) o limit 10000
    )
    delete from app.usage_keys k using old o
     where k.tenant_id = o.tenant_id and k.digest = o.digest and k.created_at < now() - interval '36 days';
    get diagnostics forgotten = row_count;
    return forgotten;
end $$;
grant execute on function app.usage_due, app.usage_uncompared, app.forget_usage_keys to freehold_system;
set local role freehold_owner;
revoke create on schema app from freehold_relay;
