-- Work after the response: the relay, which alone looks across tenants, events with their data, what each consumer has had,
-- and the entrances of workers and reports.

-- step: tell events what happened
alter table app.outbox
    add column version integer not null default 1,
    add column data jsonb not null default '{}',
    add column due_at timestamptz not null default now(),
    add column failures integer not null default 0,
    add column published_at timestamptz;
-- When it is written rather than when its transaction began: so what waits is in the order of each subject's changes.
alter table app.outbox alter column due_at set default clock_timestamp();
comment on column app.outbox.data is 'personal';

-- Announces a change with its data, from within the statement that makes it. The one with two arguments stays for code of
-- the version before.
create function app.announce(type text, subject uuid, version integer, data jsonb) returns void
language plpgsql as $$
begin
    insert into app.outbox (type, subject_id, version, data)
    values (announce.type, announce.subject, announce.version, announce.data);
end $$;
grant execute on function app.announce(text, uuid, integer, jsonb) to freehold_api, freehold_worker, freehold_registrar;

-- step: find the events that wait
-- Of the parent alone, so that the index of its one partition can be built while others write.
create index outbox_waiting on only app.outbox (due_at, id) where published_at is null;

-- step: build the index
create index concurrently outbox_default_waiting on app.outbox_default (due_at, id) where published_at is null;

-- step: attach the index
alter index app.outbox_waiting attach partition app.outbox_default_waiting;

-- step: let the relay look across tenants
grant usage on schema app to freehold_relay;

-- Lets the relay across tenants on a machine's table, and nobody else: the tenant policy has one exception, by name. Nobody
-- logs in as the relay. It owns the functions that pass work on, and freehold_system may call those.
-- For the roles of requests, workers and entrances the plain comparison stands beside it: it goes by index, and is asked once and
-- ahead of all rows, so that nobody who has entered no tenant can tell by an error which rows there are.
create procedure app.cross(target regclass, variadic verbs text[])
language plpgsql as $$
declare
    part regclass;
begin
    for part in select target union all select inhrelid from pg_inherits where inhparent = target loop
        execute format(
            'alter policy tenant on %1$s'
            ' using (current_user = ''freehold_relay'' or tenant_id = current_setting(''app.tenant_id'')::uuid)'
            ' with check (current_user = ''freehold_relay'' or tenant_id = current_setting(''app.tenant_id'')::uuid)', part);
        continue when exists (select from pg_policy where polrelid = part and polname = 'tenant_entered');
        execute format(
            'create policy tenant_entered on %1$s as restrictive to freehold_owner, freehold_door, freehold_registrar,'
            ' freehold_auditor, freehold_api, freehold_worker, freehold_report, freehold_system, freehold_operator'
            ' using (tenant_id = current_setting(''app.tenant_id'')::uuid)', part);
    end loop;
    call app.allow(target, 'freehold_relay', variadic verbs);
end $$;
call app.cross('app.outbox', 'select', 'update (due_at, failures, published_at)');
call app.allow('app.outbox', 'freehold_worker', 'insert');

-- step: remember what each consumer has had
-- An event's id tells its time, so that what is old goes with its partition.
create table app.inbox (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    consumer text not null,
    event_id uuid not null,
    primary key (tenant_id, consumer, event_id)
) partition by range (event_id);
create table app.inbox_default partition of app.inbox default;
call app.tenant_table('app.inbox', unaudited => 'a machine''s memory of the events that it has had');
call app.allow('app.inbox', 'freehold_worker', 'select', 'insert');

-- Takes an event for a consumer, ahead of what it does with it: raises when this consumer has had it.
create function app.receive(consumer text, event uuid) returns void
language plpgsql as $$
begin
    insert into app.inbox (consumer, event_id) values (receive.consumer, receive.event) on conflict do nothing;
    if not found then
        raise sqlstate 'FH208' using message = 'replay';
    end if;
end $$;
grant execute on function app.receive to freehold_worker;

-- step: name the workers
create table app.workers (name text primary key, description text not null);
comment on table app.workers is 'global: the same read-only rows for every tenant, written by migrations';
grant select on app.workers to freehold_door;

-- Declares a worker: a function that may enter any tenant, one at a time, under this name.
create procedure app.worker(name text, description text)
language sql as $$
    insert into app.workers (name, description) values (worker.name, worker.description);
$$;

-- step: open the door to workers and reports
grant create on schema app to freehold_door, freehold_registrar;
set local role freehold_door;
alter default privileges revoke execute on functions from public;

-- A worker, which enters the tenant that its message names. On somebody's behalf (`member:…` or `api_key:…`) it holds what
-- that one holds now, and nothing once they are gone.
create function app.enter_worker(tenant uuid, epoch integer, worker text, behalf text, permission text, request_id text)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    caller record;
    kind text := split_part(behalf, ':', 1);
    done boolean := app.open(tenant, request_id, '');
begin
    select w.name as worker, t.access, t.epoch, p.needs, m.id as member, r.permissions, k.id as api_key, k.scopes into caller
      from app.tenants t
      left join app.workers w on w.name = enter_worker.worker
      left join app.permissions p on p.name = enter_worker.permission
      left join app.api_keys k on kind = 'api_key' and k.tenant_id = t.id and 'api_key:' || k.id = behalf
           and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
      left join app.members m on m.tenant_id = t.id and m.status = 'active'
           and (kind = 'member' and 'member:' || m.id = behalf or m.id = k.created_by)
      left join app.builtin_roles r on r.name = m.role
     where t.id = tenant;
    if not found then
        raise sqlstate 'FH404' using message = 'tenant_gone';
    elsif caller.worker is null then
        raise sqlstate 'FH500' using message = 'unknown_worker', detail = enter_worker.worker;
    elsif caller.epoch is distinct from enter_worker.epoch then
        raise sqlstate 'FH409' using message = 'tenant_moved', detail = caller.epoch;
    elsif behalf is null then
        done := set_config('app.principal', 'worker:' || caller.worker, true) is not null;
        return;
    elsif caller.member is null then
        raise sqlstate 'FH403' using message = 'not_a_member';
    elsif kind = 'api_key' then
        caller.permissions := array(select unnest(caller.permissions) intersect select unnest(caller.scopes));
    end if;
    done := app.admit(format('worker:%s/%s', caller.worker, behalf), caller.member, caller.permissions, permission, epoch,
                      caller.access, caller.epoch, caller.needs);
end $$;
grant execute on function app.enter_worker to freehold_worker;

-- A report, on a database that only reads. Whether whoever asked for it may see it was checked where the job began.
create function app.enter_report(tenant uuid, epoch integer, worker text, request_id text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    caller record;
    done boolean := app.open(tenant, request_id, '');
begin
    select w.name as worker, t.epoch into caller
      from app.tenants t left join app.workers w on w.name = enter_report.worker where t.id = tenant;
    if not found then
        raise sqlstate 'FH404' using message = 'tenant_gone';
    elsif caller.worker is null then
        raise sqlstate 'FH500' using message = 'unknown_worker', detail = enter_report.worker;
    elsif caller.epoch is distinct from enter_report.epoch then
        raise sqlstate 'FH409' using message = 'tenant_moved', detail = caller.epoch;
    end if;
    done := set_config('app.principal', 'worker:' || caller.worker, true) is not null;
end $$;
grant execute on function app.enter_report to freehold_report;

set local role freehold_registrar;
-- As before, and the event tells of the tenant.
create or replace function app.sign_up(
    issuer text, subject text, issued_at timestamptz, email text, person text, tenant_name text,
    request_id text, address text, key text, request_hash bytea
) returns table (tenant app.tenants, replayed boolean)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    new_tenant uuid := uuidv7();
    new_member uuid := uuidv7();
    stored record;
begin
    perform set_config('app.issuer', issuer, true), set_config('app.subject', subject, true);
    if key is not null then
        if not pg_try_advisory_xact_lock(hashtextextended(concat_ws(chr(31), 'sign_up', issuer, subject, key), 0)) then
            raise sqlstate 'FH425' using message = 'idempotency_in_flight';
        end if;
        delete from directory.sign_ups s
         where s.issuer = sign_up.issuer and s.subject = sign_up.subject and s.key = sign_up.key
           and s.created_at < now() - interval '24 hours';
        select s.tenant_id, s.request_hash into stored from directory.sign_ups s
         where s.issuer = sign_up.issuer and s.subject = sign_up.subject and s.key = sign_up.key;
        if found and stored.request_hash is distinct from sign_up.request_hash then
            raise sqlstate 'FH422' using message = 'idempotency_mismatch';
        elsif found then
            perform app.open(stored.tenant_id, request_id, address);
            return query
                select t, true from app.tenants t join app.members m on m.tenant_id = t.id
                 where t.id = stored.tenant_id and m.status = 'active'
                   and m.issuer = sign_up.issuer and m.subject = sign_up.subject
                   and issued_at > coalesce(m.sessions_ended_at, '-infinity');
            if found then
                return;
            elsif exists (select from app.members m where m.tenant_id = stored.tenant_id and m.status = 'active'
                             and m.issuer = sign_up.issuer and m.subject = sign_up.subject) then
                raise sqlstate 'FH401' using message = 'session_ended';
            end if;
            raise sqlstate 'FH403' using message = 'not_a_member';
        end if;
    end if;
    perform app.open(new_tenant, request_id, address);
    perform set_config('app.principal', 'member:' || new_member, true);
    insert into directory.tenants (id) values (new_tenant);
    insert into directory.memberships (issuer, subject, tenant_id) values (issuer, subject, new_tenant);
    insert into app.tenants (id, name) values (new_tenant, tenant_name);
    insert into app.members (id, issuer, subject, email, name, role)
    values (new_member, issuer, subject, email, person, 'owner');
    perform app.announce('tenant.created', new_tenant, 1, to_jsonb(made)) from (
        select t.id, t.name, t.access, t.version, t.created_at, t.updated_at from app.tenants t where t.id = new_tenant) made;
    if key is not null then
        insert into directory.sign_ups (issuer, subject, key, request_hash, tenant_id)
        values (issuer, subject, key, request_hash, new_tenant);
    end if;
    return query select t, false from app.tenants t where t.id = new_tenant;
end $$;

set local role freehold_owner;
revoke create on schema app from freehold_door, freehold_registrar;

-- step: take turns
-- Whose turn it is to do what one alone should do, and what is done for a period.
create table app.turns (
    name text not null,
    period text not null,
    holder text not null,
    until timestamptz not null,
    done_at timestamptz,
    primary key (name, period)
);
comment on table app.turns is 'global: what the clock has done, and who is at it; of no tenant';
grant select, insert, update, delete on app.turns to freehold_relay;

-- step: pass events on
grant create on schema app to freehold_relay;
set local role freehold_relay;
alter default privileges revoke execute on functions from public;

-- Takes or keeps the turn to do something, for as long as `hold`. Not while somebody else has it, nor once it is done.
create function app.take_turn(name text, period text, holder text, hold interval) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into app.turns as t (name, period, holder, until)
    values (take_turn.name, take_turn.period, take_turn.holder, now() + hold)
    on conflict on constraint turns_pkey do update set holder = excluded.holder, until = excluded.until
     where t.done_at is null and (t.holder = excluded.holder or t.until < now());
    return found;
end $$;

-- What was to be done in this period is done, and whoever comes late or twice need not do it.
create function app.end_turn(name text, period text, holder text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update app.turns t set done_at = now()
     where t.name = end_turn.name and t.period = end_turn.period and t.holder = end_turn.holder;
end $$;

-- One turn of the relay, in one trip: marks what was published and puts off what was refused, then gives the next events
-- that wait, the oldest first, as the JSON that is published. Nothing is forgotten when it ends in the middle: what was not
-- marked waits. It goes by index whatever the statistics say, which are of another moment: how many rows wait changes by
-- the second, and a plan for few of them reads the whole table for each batch of many.
create function app.relay(
    holder text, hold interval, published uuid[], published_of uuid[], refused uuid[], refused_of uuid[], batch integer
) returns table (id uuid, type text, tenant_id uuid, envelope text)
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set enable_hashjoin = off set enable_mergejoin = off
as $$
begin
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    update app.outbox o set published_at = now()
      from unnest(published_of, published) p (tenant_id, id)
     where o.tenant_id = p.tenant_id and o.id = p.id;
    update app.outbox o
       set failures = o.failures + 1,
           due_at = now() + least(interval '1 second' * 2 ^ least(o.failures, 12), interval '1 hour') * (0.5 + random() / 2)
      from unnest(refused_of, refused) p (tenant_id, id)
     where o.tenant_id = p.tenant_id and o.id = p.id;
    if not app.take_turn('relay', '', holder, hold) then
        return;
    end if;
    return query
        select o.id, o.type, o.tenant_id, format(  -- a tenth faster than json_build_object
                   '{"id": "%s", "type": %s, "version": %s, "tenant_id": "%s", "subject_id": "%s", "occurred_at": %s,'
                   ' "request_id": %s, "data": %s}',
                   o.id, to_json(o.type), o.version, o.tenant_id, o.subject_id, to_json(o.occurred_at),
                   to_json(o.request_id), o.data)
          from app.outbox o where o.published_at is null and o.due_at <= now() order by o.due_at, o.id limit batch;
end $$;
grant execute on function app.take_turn, app.end_turn, app.relay to freehold_system;
set local role freehold_owner;
revoke create on schema app from freehold_relay;
