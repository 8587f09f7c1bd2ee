-- How long jobs have waited, told where they are handed over.

-- step: tell how long
grant create on schema app to freehold_relay;
set local role freehold_relay;
alter default privileges revoke execute on functions from public;

-- As app.dispatch, whose turns these are too, and with each job for how many seconds it was due: null where that may be its tenant's own doing, who has as many
-- under way now as it may, and where the job was begun before, because then it does not wait since it was due. A job that was handed
-- over in vain is ours, and so is one of a class that runs one at a time, where every job is all that its tenant may have.
create function app.hand_over(job_class text, room integer)
returns table (tenant_id uuid, id uuid, token uuid, request_id text, waited double precision)
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
    if not pg_try_advisory_xact_lock(hashtextextended('dispatch ' || hand_over.job_class, 0)) then
        return;
    end if;
    select room - count(*) into free from app.jobs j
     where j.job_class = hand_over.job_class and j.state in ('queued', 'running');
    select r.tenant, r.credit, c.weight, c.concurrency, c.handover into turn
      from app.job_rings r join app.job_classes c on c.name = r.job_class where r.job_class = hand_over.job_class;
    if free <= 0 or turn.tenant is null then
        return;
    end if;
    for next in
        with recursive ahead (tenant) as (
            select turn.tenant
            union all
            select (select j.tenant_id from app.jobs j
                     where j.job_class = hand_over.job_class and j.state = 'waiting' and j.tenant_id > a.tenant
                     order by j.tenant_id limit 1)
              from ahead a where a.tenant is not null
        ), behind (tenant) as (
            select '00000000-0000-0000-0000-000000000000'::uuid
            union all
            select (select j.tenant_id from app.jobs j
                     where j.job_class = hand_over.job_class and j.state = 'waiting' and j.tenant_id > b.tenant
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
              from app.job_quotas q where q.tenant_id = r.tenant and q.job_class = hand_over.job_class) q
         cross join lateral (
            select q.concurrency - count(*) as room from app.jobs j
             where j.job_class = hand_over.job_class and j.tenant_id = r.tenant and j.state in ('queued', 'running')) f
         cross join lateral (
            select count(*) as waiting from (
                select from app.jobs j
                 where j.job_class = hand_over.job_class and j.tenant_id = r.tenant and j.state = 'waiting'
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
                 where j.job_class = hand_over.job_class and j.tenant_id = tenants[place] and j.state = 'waiting'
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
     where r.job_class = hand_over.job_class and (r.tenant, r.credit) <> (turn.tenant, turn.credit);
    return query
        with picked as materialized (
            select p.tenant_id, p.id, s.take < s.room or turn.concurrency = 1 or p.updated_at >= p.due_at + turn.handover as is_ours
              from unnest(tenants, takes, rooms) s (tenant, take, room)
             cross join lateral (
                select j.tenant_id, j.id, j.due_at, j.updated_at from app.jobs j
                 where j.job_class = hand_over.job_class and j.tenant_id = s.tenant and j.state = 'waiting'
                 order by j.due_at, j.id limit s.take for update skip locked) p)
        update app.jobs j
           set state = 'queued', token = gen_random_uuid(), lease_until = now() + turn.handover, updated_at = now()
          from picked p where j.tenant_id = p.tenant_id and j.id = p.id
        returning j.tenant_id, j.id, j.token, j.request_id,
                  case when p.is_ours and j.checkpoint is null then extract(epoch from now() - j.due_at)::double precision end;
end $$;
grant execute on function app.hand_over to freehold_system;
set local role freehold_owner;
revoke create on schema app from freehold_relay;
