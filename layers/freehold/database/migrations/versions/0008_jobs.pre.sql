-- Jobs: work that takes longer than a request, as rows. Who picks them is fair to every tenant; who runs one holds a lease.

-- step: keep jobs
call app.permission('jobs:read', 'See jobs', 'restricted', 'owner', 'admin', 'member', 'viewer');
call app.permission('jobs:write', 'Cancel jobs', 'restricted', 'owner', 'admin', 'member');
call app.permission('jobs:retry', 'Run jobs again that failed or were canceled', 'full', 'owner', 'admin');
call app.worker('jobs', 'Runs jobs: takes one that was handed to it, does it, and says how it ended');

-- What a class gives to a tenant without a quota of its own. `backlog` is null where only our own machines add jobs.
-- `concurrency` is a quarter of a class's twenty workers at most, so that no tenant has all of them; a mail is a moment's work.
-- `handover` is how long a job may lie in the queue, `lease` how long its worker may be silent.
create table app.job_classes (
    name text primary key,
    public boolean not null,
    weight integer not null check (weight between 1 and 1000),
    concurrency integer not null check (concurrency between 0 and 1000),
    backlog integer check (backlog >= 0),
    handover interval not null,
    lease interval not null
);
comment on table app.job_classes is 'global: the same read-only rows for every tenant, written by migrations';
insert into app.job_classes (name, public, weight, concurrency, backlog, handover, lease) values
    ('interactive', true, 1, 5, 500, '1 minute', '1 minute'),
    ('standard', true, 1, 5, 5000, '1 minute', '2 minutes'),
    ('bulk', true, 1, 2, 500, '5 minutes', '5 minutes'),
    ('deliveries', false, 1, 5, null, '1 minute', '2 minutes'),
    ('mail', false, 1, 10, null, '1 minute', '2 minutes');
grant select on app.job_classes to freehold_api, freehold_worker, freehold_relay;

-- What a tenant has instead; null is what the class gives.
create table app.job_quotas (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    job_class text not null references app.job_classes,
    weight integer check (weight between 1 and 1000),
    concurrency integer check (concurrency between 0 and 1000),
    backlog integer check (backlog >= 0),
    primary key (tenant_id, job_class)
);
call app.tenant_table('app.job_quotas', unaudited => 'a machine''s copy of what the plan gives, which is audited there');
call app.allow('app.job_quotas', 'freehold_api', 'select');
call app.allow('app.job_quotas', 'freehold_worker', 'select');
call app.cross('app.job_quotas', 'select');

--     scheduled ─▶ waiting ─▶ queued ─▶ running ─▶ succeeded        scheduled: not before due_at
--         ▲           ▲         │          │                        queued: handed over, under `token`, until lease_until
--         │           └─────────┴──────────┤ lease, resume          running: by whoever holds `token`, until lease_until
--         └────────────────────────────────┴─▶ failed, canceled     failed: for good, until somebody says retry
create table app.jobs (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    kind text not null,
    job_class text not null references app.job_classes,
    state text not null
        check (state in ('scheduled', 'waiting', 'queued', 'running', 'succeeded', 'failed', 'canceled')),
    cause text,
    lane uuid,
    input jsonb not null,
    checkpoint jsonb,
    result jsonb,
    reason text,
    done bigint,
    total bigint,
    attempt integer not null default 0,
    attempts integer not null check (attempts > 0),
    cancel_asked boolean not null default false,
    due_at timestamptz not null default now(),
    deadline timestamptz,
    token uuid,
    lease_until timestamptz,
    created_by text not null default substring(current_setting('app.principal') from '[^/]*$'),
    request_id text not null default current_setting('app.request_id'),
    created_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz,
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    check ((state in ('queued', 'running')) = (token is not null)),
    check ((token is null) = (lease_until is null)),
    check ((state in ('succeeded', 'failed', 'canceled')) = (finished_at is not null))
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.2);
create unique index jobs_cause on app.jobs (tenant_id, kind, cause) where cause is not null;
create index jobs_visible on app.jobs (tenant_id, id) where job_class in ('interactive', 'standard', 'bulk');
create index jobs_lane on app.jobs (tenant_id, lane, state, due_at, id) where lane is not null and state in ('scheduled', 'waiting');
create index jobs_backlog on app.jobs (tenant_id, job_class)
    where state in ('scheduled', 'waiting') and job_class in ('interactive', 'standard', 'bulk');
create index jobs_waiting on app.jobs (job_class, tenant_id, due_at, id) where state = 'waiting';
create index jobs_flying on app.jobs (job_class, tenant_id) where state in ('queued', 'running');
create index jobs_due on app.jobs (job_class, due_at) where state = 'scheduled';
create index jobs_herd on app.jobs (job_class, tenant_id, due_at) where state = 'scheduled';
create index jobs_leased on app.jobs (lease_until) where state in ('queued', 'running');
create index jobs_deadline on app.jobs (deadline) where deadline is not null and started_at is null and state in ('scheduled', 'waiting', 'queued');
comment on column app.jobs.input is 'personal';
comment on column app.jobs.checkpoint is 'personal';
comment on column app.jobs.result is 'personal';
call app.tenant_table('app.jobs', unaudited => 'a machine''s list of work; what the work changes is audited where it does');
call app.allow('app.jobs', 'freehold_api', 'select', 'insert',
    'update (state, reason, attempt, cancel_asked, due_at, deadline, token, lease_until, finished_at, updated_at)');
call app.allow('app.jobs', 'freehold_worker', 'select', 'insert', 'update', 'delete');
call app.cross('app.jobs', 'select', 'update', 'delete');
call app.allow('app.outbox', 'freehold_relay', 'insert');

-- Raises when a worker's statement met no row: the job is not its own any more, and its whole transaction goes back.
create function app.hold_lease(kept bigint) returns void
language plpgsql as $$
begin
    if kept = 0 then
        raise sqlstate 'FH410' using message = 'lease_lost';
    end if;
end $$;
grant execute on function app.hold_lease to freehold_worker;

-- Whose turn it is in each class: after this tenant; or still this one's, for as many jobs as it has credit.
create table app.job_rings (
    job_class text primary key references app.job_classes,
    tenant uuid not null default '00000000-0000-0000-0000-000000000000',
    credit integer not null default 0
);
comment on table app.job_rings is 'global: the dispatcher''s own note of where it stands';
insert into app.job_rings (job_class) select name from app.job_classes;
grant select, update (tenant, credit) on app.job_rings to freehold_relay;

-- step: pick jobs fairly
grant create on schema app to freehold_relay;
set local role freehold_relay;
alter default privileges revoke execute on functions from public;

-- Hands jobs of a class over, so many that `room` of them are under way: by weighted deficit round robin over the tenants
-- that have some waiting and may have more under way. A tenant's turn is as many jobs as its weight. A job costs one and
-- weights are whole numbers, so that a deficit is left only where the room ends within a turn: it is the credit in
-- app.job_rings, and the next call begins there. Who waits for nothing, or has as many under way as it may, has no turn and
-- saves none up. After everybody's first turn, all further ones that the room is enough for are one. One call at a time works
-- on a class; another returns nothing. It goes by index whatever the statistics say, which are of another moment; so do the
-- two below.
create function app.dispatch(job_class text, room integer)
returns table (tenant_id uuid, id uuid, token uuid, request_id text)
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    turn record;
    next record;
    free integer;
    tenants uuid[] := '{}';
    weights integer[] := '{}';
    rooms integer[] := '{}';
    takes integer[] := '{}';
    more boolean[] := '{}';
    claims integer;
    share integer;
    given integer;
begin
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    if not pg_try_advisory_xact_lock(hashtextextended('dispatch ' || dispatch.job_class, 0)) then
        return;
    end if;
    select room - count(*) into free from app.jobs j
     where j.job_class = dispatch.job_class and j.state in ('queued', 'running');
    select r.tenant, r.credit, c.weight, c.concurrency, c.handover into turn
      from app.job_rings r join app.job_classes c on c.name = r.job_class where r.job_class = dispatch.job_class;
    if free <= 0 or turn.tenant is null then
        return;
    end if;
    for next in
        with recursive ahead (tenant) as (
            select turn.tenant
            union all
            select (select j.tenant_id from app.jobs j
                     where j.job_class = dispatch.job_class and j.state = 'waiting' and j.tenant_id > a.tenant
                     order by j.tenant_id limit 1)
              from ahead a where a.tenant is not null
        ), behind (tenant) as (
            select '00000000-0000-0000-0000-000000000000'::uuid
            union all
            select (select j.tenant_id from app.jobs j
                     where j.job_class = dispatch.job_class and j.state = 'waiting' and j.tenant_id > b.tenant
                       and j.tenant_id < turn.tenant
                     order by j.tenant_id limit 1)
              from behind b where b.tenant is not null
        ), ring (tenant, credit) as (
            select turn.tenant, turn.credit where turn.credit > 0
            union all select a.tenant, null from ahead a where a.tenant <> turn.tenant
            union all select b.tenant, null from behind b where b.tenant is not null
            union all select turn.tenant, null where turn.credit = 0
        )
        select r.tenant, q.weight, f.room, coalesce(r.credit, q.weight) as share, w.waiting from ring r
         cross join lateral (
            select coalesce(max(q.weight), turn.weight) as weight, coalesce(max(q.concurrency), turn.concurrency) as concurrency
              from app.job_quotas q where q.tenant_id = r.tenant and q.job_class = dispatch.job_class) q
         cross join lateral (
            select q.concurrency - count(*) as room from app.jobs j
             where j.job_class = dispatch.job_class and j.tenant_id = r.tenant and j.state in ('queued', 'running')) f
         cross join lateral (
            select count(*) as waiting from (
                select from app.jobs j
                 where j.job_class = dispatch.job_class and j.tenant_id = r.tenant and j.state = 'waiting'
                 limit greatest(0, least(f.room, coalesce(r.credit, q.weight)))) j) w
         where w.waiting > 0
    loop
        given := least(next.waiting, free);
        tenants := tenants || next.tenant;
        weights := weights || next.weight;
        rooms := rooms || next.room::integer;
        takes := takes || given;
        more := more || (next.waiting = next.share);
        free := free - given;
        turn.tenant := next.tenant;
        turn.credit := next.waiting - given;
        exit when free = 0;
    end loop;
    while free > 0 loop
        select sum(s.weight) into claims from unnest(weights, more) s (weight, more) where s.more;
        exit when claims is null;
        claims := free / claims;
        for place in 1 .. cardinality(tenants) loop
            continue when not more[place];
            share := weights[place] * greatest(claims, 1);
            select count(*) - takes[place] into given from (
                select from app.jobs j
                 where j.job_class = dispatch.job_class and j.tenant_id = tenants[place] and j.state = 'waiting'
                 limit least(rooms[place], takes[place] + share)) j;
            more[place] := given = share;
            takes[place] := takes[place] + least(given, free);
            if claims = 0 then
                turn.tenant := tenants[place];
                turn.credit := given - least(given, free);
            end if;
            free := free - least(given, free);
            exit when free = 0;
        end loop;
    end loop;
    update app.job_rings r set tenant = turn.tenant, credit = turn.credit
     where r.job_class = dispatch.job_class and (r.tenant, r.credit) <> (turn.tenant, turn.credit);
    return query
        with picked as materialized (
            select p.tenant_id, p.id from unnest(tenants, takes) s (tenant, take)
             cross join lateral (
                select j.tenant_id, j.id from app.jobs j
                 where j.job_class = dispatch.job_class and j.tenant_id = s.tenant and j.state = 'waiting'
                 order by j.due_at, j.id limit s.take for update skip locked) p)
        update app.jobs j
           set state = 'queued', token = gen_random_uuid(), lease_until = now() + turn.handover, updated_at = now()
          from picked p where j.tenant_id = p.tenant_id and j.id = p.id
        returning j.tenant_id, j.id, j.token, j.request_id;
end $$;

-- Takes jobs back that could not be sent to whoever runs them.
create function app.return_jobs(tenants uuid[], ids uuid[], tokens uuid[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set enable_hashjoin = off set enable_mergejoin = off
as $$
begin
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    update app.jobs j set state = 'waiting', token = null, lease_until = null, updated_at = now()
      from unnest(tenants, ids, tokens) r (tenant_id, id, token)
     where j.tenant_id = r.tenant_id and j.id = r.id and j.token = r.token and j.state = 'queued';
end $$;

-- Moves what time moves, `batch` jobs of each sort: those that are due wait, of each class the first; where those are so many
-- that others of the class may stand behind them, each tenant's share as well; those that nobody took up in time wait again;
-- those whose worker fell silent are tried again later, or failed; those that have not begun by their deadline have failed. A machine's
-- own goes to a worker once more instead of failing here, for what its kind does about that; with more attempts than it has
-- it is not run.
create function app.wake_jobs(batch integer) returns table (due integer, returned integer, lost integer, late integer)
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    class text;
    herd uuid[];
    moved integer;
begin
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    with late as materialized (
        select j.tenant_id, j.id from app.jobs j
         where j.deadline <= now() and j.started_at is null and j.state in ('scheduled', 'waiting', 'queued')
         order by j.deadline limit batch for update skip locked
    ), failed as (
        update app.jobs j
           set state = 'failed', reason = 'Its deadline passed before it began.', token = null, lease_until = null,
               finished_at = now(), updated_at = now()
          from late l where j.tenant_id = l.tenant_id and j.id = l.id
        returning j.*
    ), announced as (
        insert into app.outbox (tenant_id, type, subject_id, request_id, data)
        select f.tenant_id, 'job.failed', f.id, f.request_id, to_jsonb(f) - 'tenant_id' - 'cause' - 'lane' - 'input'
               - 'checkpoint' - 'token' - 'lease_until'
          from failed f join app.job_classes c on c.name = f.job_class and c.public
    )
    select count(*) into late from failed;
    with silent as materialized (
        select j.tenant_id, j.id from app.jobs j
         where j.lease_until < now() and j.state = 'running' order by j.lease_until limit batch for update skip locked
    ), moved as (
        update app.jobs j
           set state = case when j.cancel_asked then 'canceled' when j.attempt >= j.attempts and c.public then 'failed'
                       else 'scheduled' end,
               reason = 'The worker that ran it was lost.',
               due_at = now() + least(interval '10 seconds' * 4 ^ least(j.attempt, 9), interval '1 hour') * random(),
               finished_at = case when j.cancel_asked or j.attempt >= j.attempts and c.public then now() end,
               token = null, lease_until = null, updated_at = now()
          from silent s, app.job_classes c where j.tenant_id = s.tenant_id and j.id = s.id and c.name = j.job_class
        returning j.*
    ), announced as (
        insert into app.outbox (tenant_id, type, subject_id, request_id, data)
        select m.tenant_id, 'job.failed', m.id, m.request_id, to_jsonb(m) - 'tenant_id' - 'cause' - 'lane' - 'input'
               - 'checkpoint' - 'token' - 'lease_until'
          from moved m join app.job_classes c on c.name = m.job_class and c.public where m.state = 'failed'
    )
    select count(*) into lost from moved;
    with untaken as materialized (
        select j.tenant_id, j.id from app.jobs j
         where j.lease_until < now() and j.state = 'queued' order by j.lease_until limit batch for update skip locked)
    update app.jobs j set state = 'waiting', token = null, lease_until = null, updated_at = now()
      from untaken u where j.tenant_id = u.tenant_id and j.id = u.id;
    get diagnostics returned = row_count;
    due := 0;
    for class in select c.name from app.job_classes c loop
        with ready as materialized (
            select j.tenant_id, j.id from app.jobs j
             where j.job_class = class and j.due_at <= now() and j.state = 'scheduled'
             order by j.due_at limit batch for update skip locked)
        update app.jobs j set state = 'waiting', updated_at = now()
          from ready r where j.tenant_id = r.tenant_id and j.id = r.id;
        get diagnostics moved = row_count;
        due := due + moved;
        continue when moved < batch;
        with recursive tenants (tenant) as (
            select '00000000-0000-0000-0000-000000000000'::uuid
            union all
            select (select j.tenant_id from app.jobs j
                     where j.job_class = class and j.state = 'scheduled' and j.tenant_id > t.tenant
                     order by j.tenant_id limit 1)
              from tenants t where t.tenant is not null
        )
        select array_agg(t.tenant) into herd from tenants t
         where exists (select from app.jobs j
                        where j.job_class = class and j.state = 'scheduled'
                          and (j.tenant_id, j.due_at) >= (t.tenant, '-infinity'::timestamptz)
                          and (j.tenant_id, j.due_at) <= (t.tenant, now()));
        with ready as materialized (
            select r.tenant_id, r.id from unnest(herd) h (tenant)
             cross join lateral (
                select j.tenant_id, j.id from app.jobs j
                 where j.job_class = class and j.state = 'scheduled'
                   and (j.tenant_id, j.due_at) >= (h.tenant, '-infinity'::timestamptz)
                   and (j.tenant_id, j.due_at) <= (h.tenant, now())
                 order by j.tenant_id, j.due_at limit greatest(1, batch / cardinality(herd)) for update skip locked) r)
        update app.jobs j set state = 'waiting', updated_at = now()
          from ready r where j.tenant_id = r.tenant_id and j.id = r.id;
        get diagnostics moved = row_count;
        due := due + moved;
    end loop;
    return next;
end $$;
grant execute on function app.dispatch, app.return_jobs, app.wake_jobs to freehold_system;
set local role freehold_owner;
revoke create on schema app from freehold_relay;
