-- Webhooks: where a tenant has its events sent, what was sent there, and what came back.

call app.permission('webhooks:read', 'See webhook endpoints and what was sent to them', 'restricted', 'owner', 'admin');
call app.permission('webhooks:write', 'Create, change, test and replay webhook endpoints', 'full', 'owner', 'admin');
call app.worker('fan_out', 'Makes a delivery of an event for each endpoint that is to have it');

-- `permissions` is what whoever chose the events held then: an endpoint is sent nothing that they could not have seen.
create table app.webhook_endpoints (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    url text not null check (length(url) <= 2048),
    description text not null default '' check (length(description) <= 2000),
    events text[] not null,
    permissions text[] not null,
    secret text not null,
    former_secrets jsonb not null default '[]',
    state text not null default 'active' check (state in ('active', 'disabled')),
    disabled_reason text check (disabled_reason in ('gone', 'failing')),
    disabled_at timestamptz,
    created_by uuid not null default current_setting('app.member_id')::uuid,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, created_by) references app.members
);
create index webhook_endpoints_created_by on app.webhook_endpoints (tenant_id, created_by);
comment on column app.webhook_endpoints.secret is 'secret';
comment on column app.webhook_endpoints.former_secrets is 'secret';
call app.tenant_table('app.webhook_endpoints');
call app.allow('app.webhook_endpoints', 'freehold_api', 'select', 'insert', 'delete',
    'update (url, description, events, permissions, secret, former_secrets, state,'
    ' disabled_reason, disabled_at, version, updated_at)');
call app.allow('app.webhook_endpoints', 'freehold_worker', 'select',
    'update (state, disabled_reason, disabled_at, version, updated_at)');

-- Whether whoever acts may see all of it; raises where they may not.
create function app.within_yours(needed text[]) returns boolean
language plpgsql stable as $$
begin
    if not needed <@ string_to_array(current_setting('app.permissions'), ' ') then
        raise sqlstate 'FH403' using message = 'events_exceed_yours';
    end if;
    return true;
end $$;
grant execute on function app.within_yours to freehold_api;

-- How many endpoints a tenant may have, if more than twenty.
create table app.webhook_quotas (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    endpoints integer not null default 20 check (endpoints between 20 and 10000),
    primary key (tenant_id)
);
call app.tenant_table('app.webhook_quotas', unaudited => 'a machine''s copy of what the plan gives, which is audited there');
call app.allow('app.webhook_quotas', 'freehold_api', 'select');

-- One after the other, so that two requests do not both take the last place.
create function app.limit_webhook_endpoints() returns trigger
language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('webhook_endpoints ' || new.tenant_id, 0));
    if (select count(*) from app.webhook_endpoints e where e.tenant_id = new.tenant_id)
       >= coalesce((select q.endpoints from app.webhook_quotas q where q.tenant_id = new.tenant_id), 20) then
        raise sqlstate 'FH409' using message = 'too_many_endpoints';
    end if;
    return new;
end $$;
create trigger limited before insert on app.webhook_endpoints
    for each row execute function app.limit_webhook_endpoints();

-- How an endpoint fails; one that has answered well has no row. While `paused_until` is not over, nothing is sent there.
-- When that has ended, the row stays as long as part of what was held is: it `recovers`, and each success lets the next go.
create table app.webhook_failures (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    endpoint_id uuid not null,
    since timestamptz not null default now(),
    failures integer not null default 0,
    timeouts integer not null default 0,
    pauses integer not null default 0,
    paused_since timestamptz,
    paused_until timestamptz,
    recovers boolean not null default false,
    primary key (tenant_id, endpoint_id),
    foreign key (tenant_id, endpoint_id) references app.webhook_endpoints on delete cascade
);
call app.tenant_table('app.webhook_failures', unaudited => 'a machine''s memory of how a receiver answers');
call app.allow('app.webhook_failures', 'freehold_api', 'select',
    'update (failures, timeouts, pauses, paused_since, paused_until, recovers)');
call app.allow('app.webhook_failures', 'freehold_worker', 'select', 'insert', 'delete',
    'update (since, failures, timeouts, pauses, paused_since, paused_until, recovers)');

-- Whoever enables an endpoint or moves it says that it is mended: nothing that it did before counts, and what was held goes,
-- the first hundred now and the others as these succeed.
create function app.mend_endpoint() returns trigger
language plpgsql as $$
begin
    update app.webhook_failures f
       set failures = 0, timeouts = 0, pauses = 0, paused_since = null, paused_until = null, recovers = true
     where f.tenant_id = new.tenant_id and f.endpoint_id = new.id;
    if found then
        with held as materialized (
            select h.id from app.jobs h where h.tenant_id = new.tenant_id and h.lane = new.id and h.state = 'scheduled'
             order by h.id limit 100 for update skip locked)
        update app.jobs j set state = 'waiting', due_at = now(), updated_at = now()
          from held where j.tenant_id = new.tenant_id and j.id = held.id;
    end if;
    return null;
end $$;
create trigger enabled after update of state on app.webhook_endpoints
    for each row when (new.state = 'active') execute function app.mend_endpoint();
create trigger moved after update of url on app.webhook_endpoints
    for each row when (old.url <> new.url) execute function app.mend_endpoint();

-- What was to be sent: `body` is the same at each attempt, byte for byte. It outlives its endpoint, and goes with its partition.
create table app.deliveries (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    endpoint_id uuid not null,
    event_id uuid not null,
    event_type text not null,
    body text not null,
    state text not null default 'pending' check (state in ('pending', 'succeeded', 'failed')),
    attempts integer not null default 0,
    last_status integer,
    last_error text,
    next_attempt_at timestamptz default now(),
    created_at timestamptz not null default now(),
    finished_at timestamptz,
    replay_id uuid,
    primary key (tenant_id, id)
) partition by range (id);
create table app.deliveries_default partition of app.deliveries default;
create index deliveries_endpoint on app.deliveries (tenant_id, endpoint_id, id);
create index deliveries_replay on app.deliveries (tenant_id, replay_id, event_id) where replay_id is not null;
create index deliveries_state on app.deliveries (tenant_id, state, id);
comment on column app.deliveries.body is 'personal';
call app.tenant_table('app.deliveries', unaudited => 'a machine''s list of what it sends; each attempt is a row of its own');
call app.allow('app.deliveries', 'freehold_api', 'select', 'insert');
call app.allow('app.deliveries', 'freehold_worker', 'select', 'insert',
    'update (state, attempts, last_status, last_error, next_attempt_at, finished_at)');

create table app.delivery_attempts (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    delivery_id uuid not null,
    attempted_at timestamptz not null default now(),
    url text not null,
    request_headers jsonb not null,
    status integer,
    response_headers jsonb,
    response_excerpt text,
    error text,
    milliseconds integer not null,
    primary key (tenant_id, id)
) partition by range (id);
create table app.delivery_attempts_default partition of app.delivery_attempts default;
create index delivery_attempts_delivery on app.delivery_attempts (tenant_id, delivery_id, id);
comment on column app.delivery_attempts.response_headers is 'personal';
comment on column app.delivery_attempts.response_excerpt is 'personal';
call app.tenant_table('app.delivery_attempts', unaudited => 'a machine''s log of what it has tried');
call app.allow('app.delivery_attempts', 'freehold_api', 'select');
call app.allow('app.delivery_attempts', 'freehold_worker', 'insert');

-- Each delivery has its job, whoever makes the delivery. For an endpoint that is paused it waits until the pause is over; a
-- test is in nobody's lane, for who sends one wants to know now.
create function app.enqueue_delivery() returns trigger
language plpgsql as $$
declare
    due timestamptz;
    lane uuid := case when new.event_type <> 'webhook_endpoint.tested' then new.endpoint_id end;
begin
    select f.paused_until + interval '1 minute' into due from app.webhook_failures f
     where f.tenant_id = new.tenant_id and f.endpoint_id = lane and f.paused_until > now();
    insert into app.jobs (kind, job_class, state, lane, input, attempts, due_at)
    values ('webhooks.deliver', 'deliveries', case when due is null then 'waiting' else 'scheduled' end, lane,
            jsonb_build_object('delivery_id', new.id), 20, coalesce(due, now()));
    return null;
end $$;
create trigger enqueue after insert on app.deliveries for each row execute function app.enqueue_delivery();

-- What a request adds has an end: a hundred thousand deliveries of a tenant that are pending, counted no further. Fan-out
-- has none, for it would lose events.
create function app.limit_deliveries() returns trigger
language plpgsql as $$
begin
    if exists (select from app.deliveries d where d.tenant_id = new.tenant_id and d.state = 'pending' offset 99999) then
        raise sqlstate 'FH409' using message = 'backlog_full';
    end if;
    return new;
end $$;
create trigger limited before insert on app.deliveries
    for each row when (current_user = 'freehold_api') execute function app.limit_deliveries();

-- One replay of an endpoint at a time, and no more jobs than the class admits; one request after the other.
create function app.limit_replays() returns trigger
language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('webhook replays ' || new.tenant_id, 0));
    if exists (select from app.jobs j
                where j.tenant_id = new.tenant_id and j.kind = new.kind and j.job_class in ('interactive', 'standard', 'bulk')
                  and j.state in ('scheduled', 'waiting', 'queued', 'running')
                  and j.input ->> 'endpoint_id' = new.input ->> 'endpoint_id')
       or (select count(*) from app.jobs j
            where j.tenant_id = new.tenant_id and j.job_class = new.job_class and j.state in ('scheduled', 'waiting'))
          >= (select coalesce(max(q.backlog), max(c.backlog)) from app.job_classes c
                left join app.job_quotas q on q.tenant_id = new.tenant_id and q.job_class = c.name
               where c.name = new.job_class) then
        raise sqlstate 'FH409' using message = 'backlog_full';
    end if;
    return new;
end $$;
create trigger replays_limited before insert on app.jobs
    for each row when (new.kind = 'webhooks.replay') execute function app.limit_replays();

-- What happened in a time can be sent again.
call app.allow('app.outbox', 'freehold_worker', 'select');
