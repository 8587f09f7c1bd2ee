-- Written by `make docs` from the migrations, which add up to it: write a migration instead.

CREATE SCHEMA app;

ALTER SCHEMA app OWNER TO freehold_owner;

CREATE SCHEMA directory;

ALTER SCHEMA directory OWNER TO freehold_owner;

CREATE SCHEMA migrations;

ALTER SCHEMA migrations OWNER TO freehold_owner;

CREATE TYPE app.access AS ENUM (
    'suspended',
    'restricted',
    'full'
);

ALTER TYPE app.access OWNER TO freehold_owner;

CREATE PROCEDURE app.add_part(IN target regclass, IN part name, IN bounds text)
    LANGUAGE plpgsql
    AS $$
declare
    made text;
    rule record;
    referred regclass;
begin
    select format('%I.%I', n.nspname, part) into made
      from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = target;
    execute format('create table %s (like %s including all excluding indexes excluding identity excluding comments'
                   ' excluding statistics)', made, target);
    if exists (select from app.retention r where r.table_name = target::text) then
        execute format('alter table %s set (autovacuum_vacuum_scale_factor = 0.02)', made);
    end if;
    execute format('alter table %s enable row level security, force row level security', made);
    for rule in
        select p.polname, pg_get_expr(p.polqual, target) as visible, pg_get_expr(p.polwithcheck, target) as checked,
               coalesce((select string_agg(quote_ident(r.rolname), ', ') from pg_roles r where r.oid = any (p.polroles)),
                        'public') as roles
          from pg_policy p where p.polrelid = target and not p.polpermissive
    loop
        execute format('create policy %I on %s as restrictive to %s using (%s)', rule.polname, made, rule.roles, rule.visible)
            || coalesce(' with check (' || rule.checked || ')', '');
    end loop;
    for referred in select distinct k.confrelid from pg_constraint k where k.conrelid = target and k.contype = 'f' order by 1 loop
        execute format('lock table %s in share row exclusive mode', referred);
    end loop;
    -- The part is empty; the look at its foreign keys asks for a tenant all the same.
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    execute format('alter table %s attach partition %s %s', target, made, bounds);
end $$;

ALTER PROCEDURE app.add_part(IN target regclass, IN part name, IN bounds text) OWNER TO freehold_owner;

CREATE FUNCTION app.admit(principal text, member uuid, held text[], permission text, epoch integer, access app.access, moved_to integer, needs app.access) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
begin
    if num_nulls(principal, member, held, permission, epoch) > 0 then
        raise sqlstate 'FH500' using message = 'missing_argument';
    elsif moved_to <> epoch then
        raise sqlstate 'FH409' using message = 'tenant_moved', detail = moved_to;
    elsif needs is null then
        raise sqlstate 'FH500' using message = 'unknown_permission', detail = permission;
    elsif not permission = any (held) then
        raise sqlstate 'FH403' using message = 'permission_denied', detail = permission;
    elsif access < needs then
        raise sqlstate 'FH402' using message = 'tenant_' || access;
    end if;
    return set_config('app.principal', principal, true) is not null
       and set_config('app.member_id', member::text, true) is not null
       and set_config('app.permissions', array_to_string(held, ' '), true) is not null;
end $$;

ALTER FUNCTION app.admit(principal text, member uuid, held text[], permission text, epoch integer, access app.access, moved_to integer, needs app.access) OWNER TO freehold_door;

CREATE PROCEDURE app.adopt_default(IN target regclass, IN part name, IN bounds text)
    LANGUAGE plpgsql
    AS $$
declare
    before regclass;
    before_name name;
    referred regclass;
begin
    select c.oid, c.relname into before, before_name
      from pg_partitioned_table p join pg_class c on c.oid = p.partdefid where p.partrelid = target;
    for referred in select distinct k.confrelid from pg_constraint k where k.conrelid = target and k.contype = 'f' order by 1 loop
        execute format('lock table %s in access exclusive mode', referred);
    end loop;
    execute format('alter table %s detach partition %s', target, before);
    execute format('alter table %s rename to %I', before, part);
    execute format('alter table %s attach partition %s %s', target, before, bounds);
    execute format('alter table %s drop constraint in_time', before);
    call app.add_part(target, before_name, 'default');
end $$;

ALTER PROCEDURE app.adopt_default(IN target regclass, IN part name, IN bounds text) OWNER TO freehold_owner;

CREATE PROCEDURE app.allow(IN target regclass, IN role name, VARIADIC verbs text[])
    LANGUAGE plpgsql
    AS $_$
declare
    verb text;
    columns text;
begin
    select string_agg(quote_ident(attname), ', ' order by attnum) into columns from pg_attribute
     where attrelid = target and attnum > 0 and not attisdropped and attgenerated = ''
       and attname not in ('tenant_id', 'id', 'created_at');
    foreach verb in array verbs loop
        execute format('grant %s on %s to %I',
            case verb when 'update' then format('update (%s)', columns) else verb end, target, role);
    end loop;
    if not exists (select from pg_policy where polrelid = target and polname = role) then
        execute format('create policy %1$I on %2$s to %1$I using (true) with check (true)', role, target);
    end if;
end $_$;

ALTER PROCEDURE app.allow(IN target regclass, IN role name, VARIADIC verbs text[]) OWNER TO freehold_owner;

CREATE FUNCTION app.announce(type text, subject uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    insert into app.outbox (type, subject_id) values (announce.type, announce.subject);
end $$;

ALTER FUNCTION app.announce(type text, subject uuid) OWNER TO freehold_owner;

CREATE FUNCTION app.announce(type text, subject uuid, version integer, data jsonb) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    insert into app.outbox (type, subject_id, version, data)
    values (announce.type, announce.subject, announce.version, announce.data);
end $$;

ALTER FUNCTION app.announce(type text, subject uuid, version integer, data jsonb) OWNER TO freehold_owner;

CREATE FUNCTION app.audit_row() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    before jsonb := to_jsonb(old);
    after jsonb := to_jsonb(new);
begin
    if tg_op = 'DELETE' and not exists (select from app.tenants where id = current_setting('app.tenant_id')::uuid) then
        return null;  -- the tenant itself goes, and its trail with it
    end if;
    insert into app.audit (action, row_id, change)
    select tg_table_name || '.' || lower(tg_op), coalesce(new.id, old.id),
           jsonb_object_agg(name, case when name = any (tg_argv) then '["***", "***"]'::jsonb
                                       else jsonb_build_array(before -> name, after -> name) end)
      from jsonb_object_keys(coalesce(after, before)) name
     where coalesce(before -> name, 'null') <> coalesce(after -> name, 'null')
    having count(*) > 0;
    return null;
end $$;

ALTER FUNCTION app.audit_row() OWNER TO freehold_auditor;

CREATE PROCEDURE app.backfill(IN target regclass, IN assignment text, IN condition text, IN batch integer DEFAULT 1000)
    LANGUAGE plpgsql
    AS $_$
declare
    key name := app.tenant_key(target);
    tenant uuid;
    tenants bigint;
    entered bigint;
    found bigint;
    changed bigint;
    still bigint;
    idle integer;
    total bigint := 0;
    told timestamptz := clock_timestamp();
    proved boolean;
    resident boolean;
begin
    if batch < 1 then
        raise exception 'a batch has at least one row';
    end if;
    -- What no constraint can say could not be proved in the end: that is refused before any row is changed.
    call app.forget_proof(target);
    execute 'create schema backfill_trial';
    execute format('create table backfill_trial.%I (like %s)', (select relname from pg_class where oid = target), target);
    execute format('alter table backfill_trial.%I add check ((%s) is not true)',
        (select relname from pg_class where oid = target), condition);
    execute format('drop table backfill_trial.%I', (select relname from pg_class where oid = target));
    execute 'drop schema backfill_trial';
    commit;
    for pass in 1..3 loop
        select count(*) into tenants from app.residents;
        entered := 0;
        for tenant in select id from app.residents order by id loop
            idle := 0;
            loop
                perform app.enter_resident(tenant);
                execute format(
                    'with found as materialized (select ctid as place from %1$s where %2$I = $1 and (%4$s) limit $2 for no key update),'
                    ' changed as (update %1$s set %3$s where %2$I = $1 and ctid = any (array(select place from found)) and (%4$s)'
                    ' returning (%4$s) as still)'
                    ' select (select count(*) from found), count(*), count(*) filter (where still) from changed',
                    target, key, assignment, condition) into found, changed, still using tenant, batch;
                if still > 0 then
                    raise exception 'the backfill of % would never end: after set %, % still holds for % rows',
                        target, btrim(assignment), btrim(condition), still;
                end if;
                exit when found = 0;
                total := total + changed;
                idle := case changed when 0 then idle + 1 else 0 end;
                if idle = 10 then
                    raise exception 'the backfill of % would never end: % rows of tenant % stay as they are: does a trigger keep them?',
                        target, found, tenant;
                end if;
                commit;
            end loop;
            entered := entered + 1;
            if clock_timestamp() > told + interval '3 seconds' then
                raise notice '%: % of % tenants, % rows changed', target, entered, tenants, total;
                told := clock_timestamp();
            end if;
        end loop;
        commit;
        call app.prove(target, format('(%s) is not true', condition), proved);
        exit when proved;
    end loop;
    if not proved then
        call app.prove(target, format('app.resides(%I)', key), resident);
        if not resident then
            raise exception '% has rows of tenants that are not in app.residents, and nobody can enter those: put them on the list',
                target;
        end if;
        raise exception '% keeps getting rows for which % holds: let a default or a trigger make new ones right, then backfill',
            target, btrim(condition);
    end if;
    raise notice '%: all % tenants, % rows changed, none left', target, tenants, total;
end $_$;

ALTER PROCEDURE app.backfill(IN target regclass, IN assignment text, IN condition text, IN batch integer) OWNER TO freehold_owner;

CREATE FUNCTION app.claim(route text, key text, request_hash bytea) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
    caller text := current_setting('app.principal');
    stored record;
begin
    if not pg_try_advisory_xact_lock(hashtextextended(concat_ws(chr(31), tenant, caller, claim.route, claim.key), 0)) then
        raise sqlstate 'FH425' using message = 'idempotency_in_flight';
    end if;
    select i.request_hash, i.created_at < now() - interval '24 hours' as expired into stored from app.idempotency i
     where i.tenant_id = tenant and i.principal = caller and i.route = claim.route and i.key = claim.key;
    if not found then
        return;
    elsif stored.expired then
        delete from app.idempotency i
         where i.tenant_id = tenant and i.principal = caller and i.route = claim.route and i.key = claim.key;
    elsif stored.request_hash is distinct from claim.request_hash then
        raise sqlstate 'FH422' using message = 'idempotency_mismatch';
    else
        raise sqlstate 'FH208' using message = 'replay';
    end if;
end $$;

ALTER FUNCTION app.claim(route text, key text, request_hash bytea) OWNER TO freehold_owner;

CREATE PROCEDURE app."cross"(IN target regclass, VARIADIC verbs text[])
    LANGUAGE plpgsql
    AS $_$
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
end $_$;

ALTER PROCEDURE app."cross"(IN target regclass, VARIADIC verbs text[]) OWNER TO freehold_owner;

CREATE FUNCTION app.dispatch(job_class text, room integer) RETURNS TABLE(tenant_id uuid, id uuid, token uuid, request_id text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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

ALTER FUNCTION app.dispatch(job_class text, room integer) OWNER TO freehold_relay;

CREATE FUNCTION app.end_turn(name text, period text, holder text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    update app.turns t set done_at = now()
     where t.name = end_turn.name and t.period = end_turn.period and t.holder = end_turn.holder;
end $$;

ALTER FUNCTION app.end_turn(name text, period text, holder text) OWNER TO freehold_relay;

CREATE FUNCTION app.enqueue_delivery() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

ALTER FUNCTION app.enqueue_delivery() OWNER TO freehold_owner;

CREATE FUNCTION app.enter(tenant uuid, epoch integer, issuer text, subject text, issued_at timestamp with time zone, permission text, request_id text, address text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    caller record;
    done boolean := app.open(tenant, request_id, address);
begin
    select m.id, m.sessions_ended_at, r.permissions, t.access, t.epoch, p.needs into caller
      from app.members m
      join app.builtin_roles r on r.name = m.role
      join app.tenants t on t.id = m.tenant_id
      left join app.permissions p on p.name = enter.permission
     where m.tenant_id = tenant and m.issuer = enter.issuer and m.subject = enter.subject and m.status = 'active';
    if not found then
        raise sqlstate 'FH403' using message = 'not_a_member';
    elsif (issued_at > coalesce(caller.sessions_ended_at, '-infinity')) is not true then
        raise sqlstate 'FH401' using message = 'session_ended';
    end if;
    done := app.admit('member:' || caller.id, caller.id, caller.permissions, permission, epoch,
                      caller.access, caller.epoch, caller.needs);
end $$;

ALTER FUNCTION app.enter(tenant uuid, epoch integer, issuer text, subject text, issued_at timestamp with time zone, permission text, request_id text, address text) OWNER TO freehold_door;

CREATE FUNCTION app.enter_key(tenant uuid, epoch integer, secret_hash bytea, permission text, request_id text, address text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    caller record;
    done boolean := app.open(tenant, request_id, address);
begin
    select k.id, m.id as member, array(select unnest(k.scopes) intersect select unnest(r.permissions)) as held,
           t.access, t.epoch, p.needs into caller
      from app.api_keys k
      join app.members m on m.tenant_id = k.tenant_id and m.id = k.created_by and m.status = 'active'
      join app.builtin_roles r on r.name = m.role
      join app.tenants t on t.id = k.tenant_id
      left join app.permissions p on p.name = enter_key.permission
     where k.tenant_id = tenant and k.secret_hash = enter_key.secret_hash
       and k.revoked_at is null and (k.expires_at is null or k.expires_at > now());
    if not found then
        raise sqlstate 'FH401' using message = 'api_key_refused';
    end if;
    done := app.admit('api_key:' || caller.id, caller.member, caller.held, permission, epoch,
                      caller.access, caller.epoch, caller.needs);
end $$;

ALTER FUNCTION app.enter_key(tenant uuid, epoch integer, secret_hash bytea, permission text, request_id text, address text) OWNER TO freehold_door;

CREATE FUNCTION app.enter_report(tenant uuid, epoch integer, worker text, request_id text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION app.enter_report(tenant uuid, epoch integer, worker text, request_id text) OWNER TO freehold_door;

CREATE FUNCTION app.enter_resident(tenant uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
    migration text := coalesce(nullif(current_setting('app.migration', true), ''), 'by hand');
begin
    perform set_config('app.tenant_id', tenant::text, true), set_config('app.principal', 'migration:' || migration, true),
            set_config('app.request_id', 'migration:' || migration, true), set_config('app.address', '', true);
end $$;

ALTER FUNCTION app.enter_resident(tenant uuid) OWNER TO freehold_owner;

CREATE FUNCTION app.enter_worker(tenant uuid, epoch integer, worker text, behalf text, permission text, request_id text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION app.enter_worker(tenant uuid, epoch integer, worker text, behalf text, permission text, request_id text) OWNER TO freehold_door;

CREATE FUNCTION app.forget_answers() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
declare
    forgotten integer;
begin
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    with recursive tenants (id) as (
        (select i.tenant_id from app.idempotency i order by i.tenant_id limit 1)
        union all
        select (select i.tenant_id from app.idempotency i where i.tenant_id > t.id order by i.tenant_id limit 1)
          from tenants t where t.id is not null
    ), old as materialized (
        select o.* from tenants t cross join lateral (
            select i.tenant_id, i.principal, i.route, i.key from app.idempotency i
             where i.tenant_id = t.id and i.created_at < now() - interval '24 hours' limit 1000) o limit 1000
    )
    delete from app.idempotency i using old o
     where i.tenant_id = o.tenant_id and i.principal = o.principal and i.route = o.route and i.key = o.key
       and i.created_at < now() - interval '24 hours';
    get diagnostics forgotten = row_count;
    return forgotten;
end $$;

ALTER FUNCTION app.forget_answers() OWNER TO freehold_relay;

CREATE FUNCTION app.forget_jobs() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
declare
    forgotten integer;
    month_ago timestamptz := now() - interval '30 days';
    then_made uuid := rpad(lpad(to_hex((extract(epoch from month_ago) * 1000)::bigint), 12, '0'), 32, '0');
begin
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    with recursive tenants (id) as (
        (select j.tenant_id from app.jobs j order by j.tenant_id limit 1)
        union all
        select (select j.tenant_id from app.jobs j where j.tenant_id > t.id order by j.tenant_id limit 1)
          from tenants t where t.id is not null
    ), old as materialized (
        select o.* from tenants t cross join lateral (
            select j.tenant_id, j.id from app.jobs j
             where j.tenant_id = t.id and j.id < then_made and j.finished_at < month_ago limit 1000) o limit 1000
    )
    delete from app.jobs j using old o where j.tenant_id = o.tenant_id and j.id = o.id and j.finished_at < month_ago;
    get diagnostics forgotten = row_count;
    return forgotten;
end $$;

ALTER FUNCTION app.forget_jobs() OWNER TO freehold_relay;

CREATE FUNCTION app.forget_mails() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
declare
    forgotten integer;
begin
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    with recursive tenants (id) as (
        (select e.tenant_id from app.emails e order by e.tenant_id limit 1)
        union all
        select (select e.tenant_id from app.emails e where e.tenant_id > t.id order by e.tenant_id limit 1)
          from tenants t where t.id is not null
    ), old as materialized (
        select o.* from tenants t cross join lateral (
            select e.tenant_id, e.id from app.emails e
             where e.tenant_id = t.id and e.created_at < now() - interval '90 days' limit 1000) o limit 1000
    )
    delete from app.emails e using old o
     where e.tenant_id = o.tenant_id and e.id = o.id and e.created_at < now() - interval '90 days';
    get diagnostics forgotten = row_count;
    return forgotten;
end $$;

ALTER FUNCTION app.forget_mails() OWNER TO freehold_relay;

CREATE PROCEDURE app.forget_proof(IN target regclass)
    LANGUAGE plpgsql
    AS $$
begin
    if exists (select from pg_constraint where conrelid = target and conname = 'backfill_proof') then
        call app.patiently(target, format('alter table %s drop constraint backfill_proof', target));
    end if;
end $$;

ALTER PROCEDURE app.forget_proof(IN target regclass) OWNER TO freehold_owner;

CREATE FUNCTION app.forget_sign_ups() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    forgotten integer := 0;
    gone integer;
    month_ago timestamptz := now() - interval '30 days';
    then_made uuid := rpad(lpad(to_hex((extract(epoch from month_ago) * 1000)::bigint), 12, '0'), 32, '0');
    tenant uuid;
    founder record;
begin
    for tenant in select r.id from app.residents r where r.id > then_made order by r.id loop
        perform set_config('app.tenant_id', tenant::text, true);
        for founder in select m.issuer, m.subject from app.members m where m.tenant_id = tenant order by m.id limit 1 loop
            perform set_config('app.issuer', founder.issuer, true), set_config('app.subject', founder.subject, true);
            delete from directory.sign_ups s
             where s.issuer = founder.issuer and s.subject = founder.subject and s.created_at < now() - interval '24 hours';
            get diagnostics gone = row_count;
            forgotten := forgotten + gone;
        end loop;
    end loop;
    return forgotten;
end $$;

ALTER FUNCTION app.forget_sign_ups() OWNER TO freehold_registrar;

CREATE FUNCTION app.forget_turns() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    forgotten integer;
begin
    delete from app.turns t where t.until < now() - interval '7 days';
    get diagnostics forgotten = row_count;
    return forgotten;
end $$;

ALTER FUNCTION app.forget_turns() OWNER TO freehold_relay;

CREATE FUNCTION app.hold_lease(kept bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    if kept = 0 then
        raise sqlstate 'FH410' using message = 'lease_lost';
    end if;
end $$;

ALTER FUNCTION app.hold_lease(kept bigint) OWNER TO freehold_owner;

CREATE PROCEDURE app.identity_table(IN target regclass, IN reason text)
    LANGUAGE plpgsql
    AS $_$
begin
    execute format('alter table %s enable row level security', target);
    execute format('alter table %s force row level security', target);
    execute format(
        'create policy identity on %1$s as restrictive'
        ' using (issuer = current_setting(''app.issuer'') and subject = current_setting(''app.subject''))'
        ' with check (issuer = current_setting(''app.issuer'') and subject = current_setting(''app.subject''))', target);
    execute format('comment on table %s is %L', target, 'identity: ' || reason);
end $_$;

ALTER PROCEDURE app.identity_table(IN target regclass, IN reason text) OWNER TO freehold_owner;

CREATE FUNCTION app.limit_deliveries() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if exists (select from app.deliveries d where d.tenant_id = new.tenant_id and d.state = 'pending' offset 99999) then
        raise sqlstate 'FH409' using message = 'backlog_full';
    end if;
    return new;
end $$;

ALTER FUNCTION app.limit_deliveries() OWNER TO freehold_owner;

CREATE FUNCTION app.limit_replays() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

ALTER FUNCTION app.limit_replays() OWNER TO freehold_owner;

CREATE FUNCTION app.limit_webhook_endpoints() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform pg_advisory_xact_lock(hashtextextended('webhook_endpoints ' || new.tenant_id, 0));
    if (select count(*) from app.webhook_endpoints e where e.tenant_id = new.tenant_id)
       >= coalesce((select q.endpoints from app.webhook_quotas q where q.tenant_id = new.tenant_id), 20) then
        raise sqlstate 'FH409' using message = 'too_many_endpoints';
    end if;
    return new;
end $$;

ALTER FUNCTION app.limit_webhook_endpoints() OWNER TO freehold_owner;

CREATE FUNCTION app.mend_endpoint() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

ALTER FUNCTION app.mend_endpoint() OWNER TO freehold_owner;

CREATE FUNCTION app.open(tenant uuid, request_id text, address text) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
begin
    if current_setting('app.tenant_id', true) <> '' then
        raise sqlstate 'FH500' using message = 'already_entered';
    elsif num_nulls(tenant, request_id, address) > 0 then
        raise sqlstate 'FH500' using message = 'missing_argument';
    end if;
    return set_config('app.tenant_id', tenant::text, true) is not null
       and set_config('app.request_id', open.request_id, true) is not null
       and set_config('app.address', open.address, true) is not null;
end $$;

ALTER FUNCTION app.open(tenant uuid, request_id text, address text) OWNER TO freehold_door;

CREATE PROCEDURE app.patiently(IN target regclass, IN statement text)
    LANGUAGE plpgsql
    AS $$
declare
    done boolean;
begin
    for try in 1..30 loop
        done := true;
        begin
            execute statement;
        exception when lock_not_available then
            if try = 30 then
                raise;
            end if;
            done := false;
        end;
        commit;
        exit when done;
        perform pg_sleep(least(try, 8) * (0.25 + random() / 4));
        begin
            perform set_config('lock_timeout', '3s', true);
            execute format('lock table %s in share update exclusive mode', target);
        exception when lock_not_available then
            null;
        end;
        commit;
    end loop;
end $$;

ALTER PROCEDURE app.patiently(IN target regclass, IN statement text) OWNER TO freehold_owner;

CREATE PROCEDURE app.permission(IN name text, IN description text, IN needs app.access, VARIADIC held_by text[])
    LANGUAGE sql
    AS $$
    insert into app.permissions (name, description, needs) values (permission.name, permission.description, permission.needs);
    update app.builtin_roles r set permissions = r.permissions || permission.name where r.name = any (permission.held_by);
$$;

ALTER PROCEDURE app.permission(IN name text, IN description text, IN needs app.access, VARIADIC held_by text[]) OWNER TO freehold_owner;

CREATE PROCEDURE app.prove(IN target regclass, IN condition text, INOUT proved boolean DEFAULT false)
    LANGUAGE plpgsql
    AS $$
begin
    call app.state_proof(target, condition);
    begin
        perform set_config('app.proof', 'on', true), set_config('lock_timeout', '300s', true);
        execute format('alter table %s validate constraint backfill_proof', target);
        proved := true;
    exception when check_violation then
        proved := false;
    end;
    commit;
    call app.forget_proof(target);
end $$;

ALTER PROCEDURE app.prove(IN target regclass, IN condition text, INOUT proved boolean) OWNER TO freehold_owner;

CREATE FUNCTION app.receive(consumer text, event uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    insert into app.inbox (consumer, event_id) values (receive.consumer, receive.event) on conflict do nothing;
    if not found then
        raise sqlstate 'FH208' using message = 'replay';
    end if;
end $$;

ALTER FUNCTION app.receive(consumer text, event uuid) OWNER TO freehold_owner;

CREATE FUNCTION app.relay(holder text, hold interval, published uuid[], published_of uuid[], refused uuid[], refused_of uuid[], batch integer) RETURNS TABLE(id uuid, type text, tenant_id uuid, envelope text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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

ALTER FUNCTION app.relay(holder text, hold interval, published uuid[], published_of uuid[], refused uuid[], refused_of uuid[], batch integer) OWNER TO freehold_relay;

CREATE FUNCTION app.reside() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    insert into app.residents (id) values (new.id);
    return null;
end $$;

ALTER FUNCTION app.reside() OWNER TO freehold_owner;

CREATE FUNCTION app.resides(tenant uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if current_setting('app.proof', true) is distinct from 'on' then
        return true;  -- in a statement of its own: one that names the list takes the right to read it
    end if;
    return exists (select from app.residents where id = tenant);
end $$;

ALTER FUNCTION app.resides(tenant uuid) OWNER TO freehold_owner;

CREATE PROCEDURE app.retain(IN target regclass, IN keep interval)
    LANGUAGE plpgsql
    AS $$
begin
    if not exists (select from pg_partitioned_table where partrelid = target) then
        raise exception '% is not partitioned: its rows cannot go with their time', target;
    end if;
    insert into app.retention (table_name, keep) values (target::text, retain.keep);
end $$;

ALTER PROCEDURE app.retain(IN target regclass, IN keep interval) OWNER TO freehold_owner;

CREATE FUNCTION app.return_jobs(tenants uuid[], ids uuid[], tokens uuid[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
begin
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    update app.jobs j set state = 'waiting', token = null, lease_until = null, updated_at = now()
      from unnest(tenants, ids, tokens) r (tenant_id, id, token)
     where j.tenant_id = r.tenant_id and j.id = r.id and j.token = r.token and j.state = 'queued';
end $$;

ALTER FUNCTION app.return_jobs(tenants uuid[], ids uuid[], tokens uuid[]) OWNER TO freehold_relay;

CREATE PROCEDURE app.show_tables_to_the_owner()
    LANGUAGE plpgsql
    AS $$
declare
    target regclass;
begin
    for target in select t.polrelid from pg_policy t join pg_class c on c.oid = t.polrelid
                   where t.polname = 'tenant' and not c.relispartition
                     and not exists (select from pg_policy o where o.polrelid = t.polrelid and o.polname = 'freehold_owner')
                   order by t.polrelid loop
        call app.patiently(target,
            format('create policy freehold_owner on %s to freehold_owner using (true) with check (true)', target));
    end loop;
end $$;

ALTER PROCEDURE app.show_tables_to_the_owner() OWNER TO freehold_owner;

CREATE TABLE app.tenants (
    id uuid NOT NULL,
    name text NOT NULL,
    access app.access DEFAULT 'full'::app.access NOT NULL,
    epoch integer DEFAULT 1 NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    locale text DEFAULT 'en'::text NOT NULL,
    logo_url text,
    color text,
    CONSTRAINT tenants_color_check CHECK ((color ~ '^#[0-9a-f]{6}$'::text)),
    CONSTRAINT tenants_locale_check CHECK (((locale ~ '^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$'::text) AND (length(locale) <= 35))),
    CONSTRAINT tenants_logo_url_check CHECK (((logo_url ~ '^https://[A-Za-z0-9.-]+(:[0-9]+)?/[!#-;=?-~]*$'::text) AND (length(logo_url) <= 500))),
    CONSTRAINT tenants_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);

ALTER TABLE ONLY app.tenants FORCE ROW LEVEL SECURITY;

ALTER TABLE app.tenants OWNER TO freehold_owner;

CREATE FUNCTION app.sign_up(issuer text, subject text, issued_at timestamp with time zone, email text, person text, tenant_name text, request_id text, address text, key text, request_hash bytea) RETURNS TABLE(tenant app.tenants, replayed boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION app.sign_up(issuer text, subject text, issued_at timestamp with time zone, email text, person text, tenant_name text, request_id text, address text, key text, request_hash bytea) OWNER TO freehold_registrar;

CREATE PROCEDURE app.state_proof(IN target regclass, IN condition text)
    LANGUAGE plpgsql
    AS $$
begin
    call app.forget_proof(target);
    call app.patiently(target, format(
        'alter table %s add constraint backfill_proof check (current_setting(''app.proof'', true) is distinct from ''on'''
        ' or (%s)) not valid', target, condition));
end $$;

ALTER PROCEDURE app.state_proof(IN target regclass, IN condition text) OWNER TO freehold_owner;

CREATE FUNCTION app.take_turn(name text, period text, holder text, hold interval) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    insert into app.turns as t (name, period, holder, until)
    values (take_turn.name, take_turn.period, take_turn.holder, now() + hold)
    on conflict on constraint turns_pkey do update set holder = excluded.holder, until = excluded.until
     where t.done_at is null and (t.holder = excluded.holder or t.until < now());
    return found;
end $$;

ALTER FUNCTION app.take_turn(name text, period text, holder text, hold interval) OWNER TO freehold_relay;

CREATE FUNCTION app.tenant_key(target regclass) RETURNS name
    LANGUAGE plpgsql STABLE
    AS $$
begin
    if not exists (select from pg_policy where polrelid = target and polname = 'tenant' and not polpermissive) then
        raise exception '% is no tenant table: change it with a plain statement', target;
    elsif not exists (select from pg_policy where polrelid = target and polpermissive and polcmd = '*'
                         and current_user::regrole = any (polroles)) then
        raise exception '% shows its owner no row: create policy freehold_owner on % to freehold_owner using (true) with check (true)',
            target, target;
    end if;
    return coalesce((select attname from pg_attribute where attrelid = target and attname = 'tenant_id'), 'id');
end $$;

ALTER FUNCTION app.tenant_key(target regclass) OWNER TO freehold_owner;

CREATE PROCEDURE app.tenant_table(IN target regclass, IN key name DEFAULT 'tenant_id'::name, IN unaudited text DEFAULT NULL::text)
    LANGUAGE plpgsql
    AS $_$
declare
    part regclass;
    secrets text;
begin
    for part in select target union all select inhrelid from pg_inherits where inhparent = target loop
        execute format('alter table %s enable row level security', part);
        execute format('alter table %s force row level security', part);
        execute format(
            'create policy tenant on %1$s as restrictive using (%2$I = current_setting(''app.tenant_id'')::uuid)'
            ' with check (%2$I = current_setting(''app.tenant_id'')::uuid)', part, key);
    end loop;
    execute format('create policy freehold_owner on %s to freehold_owner using (true) with check (true)', target);
    if unaudited is not null then
        execute format('comment on table %s is %L', target, 'unaudited: ' || unaudited);
        return;
    end if;
    select string_agg(quote_literal(attname), ', ' order by attnum) into secrets from pg_attribute
     where attrelid = target and attnum > 0 and not attisdropped and col_description(attrelid, attnum) = 'secret';
    execute format('create trigger audit after insert or update or delete on %s for each row execute function app.audit_row(%s)',
        target, coalesce(secrets, ''));
end $_$;

ALTER PROCEDURE app.tenant_table(IN target regclass, IN key name, IN unaudited text) OWNER TO freehold_owner;

CREATE FUNCTION app.tenants_of(issuer text, subject text, issued_at timestamp with time zone) RETURNS TABLE(id uuid, name text, access app.access, role text, member_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    tenant uuid;
    over boolean;
    ended boolean := false;
    shown integer := 0;
begin
    if current_setting('app.tenant_id', true) <> '' then
        raise sqlstate 'FH500' using message = 'already_entered';
    end if;
    perform set_config('app.issuer', issuer, true), set_config('app.subject', subject, true);
    for tenant in
        select d.tenant_id from directory.memberships d
         where d.issuer = tenants_of.issuer and d.subject = tenants_of.subject order by d.tenant_id
    loop
        perform set_config('app.tenant_id', tenant::text, true);
        for id, name, access, role, member_id, over in
            select t.id, t.name, t.access, m.role, m.id,
                   (issued_at > coalesce(m.sessions_ended_at, '-infinity')) is not true
              from app.tenants t join app.members m on m.tenant_id = t.id
             where t.id = tenant and m.issuer = tenants_of.issuer and m.subject = tenants_of.subject and m.status = 'active'
        loop
            ended := ended or over;
            continue when over;
            shown := shown + 1;
            return next;
        end loop;
    end loop;
    if ended and shown = 0 then
        raise sqlstate 'FH401' using message = 'session_ended';
    end if;
    perform set_config('app.tenant_id', '', true);
end $$;

ALTER FUNCTION app.tenants_of(issuer text, subject text, issued_at timestamp with time zone) OWNER TO freehold_door;

CREATE PROCEDURE app.validate_reference(IN target regclass, IN reference name)
    LANGUAGE plpgsql
    AS $_$
declare
    key name;
    tenant uuid;
    wanted pg_constraint;
    columns text;
    matches text;
    dangling bigint;
    resident boolean;
begin
    select * into wanted from pg_constraint where conrelid = target and conname = reference and contype = 'f';
    if not found then
        raise exception '% has no foreign key %', target, reference;
    elsif exists (select from pg_policy where polrelid in (target, wanted.confrelid) and polname = 'identity') then
        raise exception '% of % cannot be proved, because nobody sees all rows of an identity table: make it with the table',
            reference, target;
    elsif not exists (select from pg_class where oid in (target, wanted.confrelid) and relrowsecurity) then
        perform set_config('lock_timeout', '300s', true);
        execute format('alter table %s validate constraint %I', target, reference);
        return;
    end if;
    key := app.tenant_key(target);
    if (select relrowsecurity from pg_class where oid = wanted.confrelid) then
        perform app.tenant_key(wanted.confrelid);
    end if;
    call app.prove(target, format('app.resides(%I)', key), resident);
    if not resident then
        raise exception '% has rows of tenants that are not in app.residents, and nobody can enter those: put them on the list',
            target;
    end if;
    select string_agg(format('f.%I is not null', a.attname), ' and ' order by k.place),
           string_agg(format('t.%I = f.%I', b.attname, a.attname), ' and ' order by k.place) into columns, matches
      from unnest(wanted.conkey, wanted.confkey) with ordinality k (own, other, place)
      join pg_attribute a on a.attrelid = target and a.attnum = k.own
      join pg_attribute b on b.attrelid = wanted.confrelid and b.attnum = k.other;
    for tenant in select id from app.residents order by id loop
        perform app.enter_resident(tenant);
        execute format('select count(*) from %s f where f.%I = $1 and %s and not exists (select from %s t where %s)',
            target, key, columns, wanted.confrelid::regclass, matches) into dangling using tenant;
        if dangling > 0 then
            raise foreign_key_violation using message =
                format('%s rows of tenant %s break %s of %s: they name what does not exist', dangling, tenant, reference, target);
        end if;
    end loop;
    perform app.enter_resident('00000000-0000-0000-0000-000000000000');
    perform set_config('lock_timeout', '300s', true);
    execute format('alter table %s validate constraint %I', target, reference);
    perform set_config('app.tenant_id', '', true);
end $_$;

ALTER PROCEDURE app.validate_reference(IN target regclass, IN reference name) OWNER TO freehold_owner;

CREATE FUNCTION app.wake_jobs(batch integer) RETURNS TABLE(due integer, returned integer, lost integer, late integer)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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

ALTER FUNCTION app.wake_jobs(batch integer) OWNER TO freehold_relay;

CREATE FUNCTION app.within_yours(needed text[]) RETURNS boolean
    LANGUAGE plpgsql STABLE
    AS $$
begin
    if not needed <@ string_to_array(current_setting('app.permissions'), ' ') then
        raise sqlstate 'FH403' using message = 'events_exceed_yours';
    end if;
    return true;
end $$;

ALTER FUNCTION app.within_yours(needed text[]) OWNER TO freehold_owner;

CREATE PROCEDURE app.worker(IN name text, IN description text)
    LANGUAGE sql
    AS $$
    insert into app.workers (name, description) values (worker.name, worker.description);
$$;

ALTER PROCEDURE app.worker(IN name text, IN description text) OWNER TO freehold_owner;

CREATE TABLE app.api_keys (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    scopes text[] NOT NULL,
    secret_hash bytea NOT NULL,
    hint text NOT NULL,
    created_by uuid DEFAULT (current_setting('app.member_id'::text))::uuid NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT api_keys_expires_at_check CHECK ((expires_at < '10000-01-01 00:00:00+00'::timestamp with time zone)),
    CONSTRAINT api_keys_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);

ALTER TABLE ONLY app.api_keys FORCE ROW LEVEL SECURITY;

ALTER TABLE app.api_keys OWNER TO freehold_owner;

COMMENT ON COLUMN app.api_keys.secret_hash IS 'secret';

CREATE TABLE app.audit (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    occurred_at timestamp with time zone DEFAULT now() NOT NULL,
    principal text DEFAULT current_setting('app.principal'::text) NOT NULL,
    request_id text DEFAULT current_setting('app.request_id'::text) NOT NULL,
    address text DEFAULT current_setting('app.address'::text) NOT NULL,
    action text NOT NULL,
    row_id uuid NOT NULL,
    change jsonb NOT NULL
)
PARTITION BY RANGE (id);

ALTER TABLE ONLY app.audit FORCE ROW LEVEL SECURITY;

ALTER TABLE app.audit OWNER TO freehold_owner;

COMMENT ON TABLE app.audit IS 'unaudited: it is the record of changes itself';

COMMENT ON COLUMN app.audit.address IS 'personal';

COMMENT ON COLUMN app.audit.change IS 'personal';

CREATE TABLE app.audit_default (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid CONSTRAINT audit_tenant_id_not_null NOT NULL,
    id uuid DEFAULT uuidv7() CONSTRAINT audit_id_not_null NOT NULL,
    occurred_at timestamp with time zone DEFAULT now() CONSTRAINT audit_occurred_at_not_null NOT NULL,
    principal text DEFAULT current_setting('app.principal'::text) CONSTRAINT audit_principal_not_null NOT NULL,
    request_id text DEFAULT current_setting('app.request_id'::text) CONSTRAINT audit_request_id_not_null NOT NULL,
    address text DEFAULT current_setting('app.address'::text) CONSTRAINT audit_address_not_null NOT NULL,
    action text CONSTRAINT audit_action_not_null NOT NULL,
    row_id uuid CONSTRAINT audit_row_id_not_null NOT NULL,
    change jsonb CONSTRAINT audit_change_not_null NOT NULL
);

ALTER TABLE ONLY app.audit_default FORCE ROW LEVEL SECURITY;

ALTER TABLE app.audit_default OWNER TO freehold_owner;

CREATE TABLE app.builtin_roles (
    name text NOT NULL,
    permissions text[] DEFAULT '{}'::text[] NOT NULL
);

ALTER TABLE app.builtin_roles OWNER TO freehold_owner;

COMMENT ON TABLE app.builtin_roles IS 'global: the same read-only rows for every tenant, written by migrations';

CREATE TABLE app.deliveries (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    endpoint_id uuid NOT NULL,
    event_id uuid NOT NULL,
    event_type text NOT NULL,
    body text NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    last_status integer,
    last_error text,
    next_attempt_at timestamp with time zone DEFAULT now(),
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    replay_id uuid,
    CONSTRAINT deliveries_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'succeeded'::text, 'failed'::text])))
)
PARTITION BY RANGE (id);

ALTER TABLE ONLY app.deliveries FORCE ROW LEVEL SECURITY;

ALTER TABLE app.deliveries OWNER TO freehold_owner;

COMMENT ON TABLE app.deliveries IS 'unaudited: a machine''s list of what it sends; each attempt is a row of its own';

COMMENT ON COLUMN app.deliveries.body IS 'personal';

CREATE TABLE app.deliveries_default (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid CONSTRAINT deliveries_tenant_id_not_null NOT NULL,
    id uuid DEFAULT uuidv7() CONSTRAINT deliveries_id_not_null NOT NULL,
    endpoint_id uuid CONSTRAINT deliveries_endpoint_id_not_null NOT NULL,
    event_id uuid CONSTRAINT deliveries_event_id_not_null NOT NULL,
    event_type text CONSTRAINT deliveries_event_type_not_null NOT NULL,
    body text CONSTRAINT deliveries_body_not_null NOT NULL,
    state text DEFAULT 'pending'::text CONSTRAINT deliveries_state_not_null NOT NULL,
    attempts integer DEFAULT 0 CONSTRAINT deliveries_attempts_not_null NOT NULL,
    last_status integer,
    last_error text,
    next_attempt_at timestamp with time zone DEFAULT now(),
    created_at timestamp with time zone DEFAULT now() CONSTRAINT deliveries_created_at_not_null NOT NULL,
    finished_at timestamp with time zone,
    replay_id uuid,
    CONSTRAINT deliveries_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'succeeded'::text, 'failed'::text])))
);

ALTER TABLE ONLY app.deliveries_default FORCE ROW LEVEL SECURITY;

ALTER TABLE app.deliveries_default OWNER TO freehold_owner;

CREATE TABLE app.delivery_attempts (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    delivery_id uuid NOT NULL,
    attempted_at timestamp with time zone DEFAULT now() NOT NULL,
    url text NOT NULL,
    request_headers jsonb NOT NULL,
    status integer,
    response_headers jsonb,
    response_excerpt text,
    error text,
    milliseconds integer NOT NULL
)
PARTITION BY RANGE (id);

ALTER TABLE ONLY app.delivery_attempts FORCE ROW LEVEL SECURITY;

ALTER TABLE app.delivery_attempts OWNER TO freehold_owner;

COMMENT ON TABLE app.delivery_attempts IS 'unaudited: a machine''s log of what it has tried';

COMMENT ON COLUMN app.delivery_attempts.response_headers IS 'personal';

COMMENT ON COLUMN app.delivery_attempts.response_excerpt IS 'personal';

CREATE TABLE app.delivery_attempts_default (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid CONSTRAINT delivery_attempts_tenant_id_not_null NOT NULL,
    id uuid DEFAULT uuidv7() CONSTRAINT delivery_attempts_id_not_null NOT NULL,
    delivery_id uuid CONSTRAINT delivery_attempts_delivery_id_not_null NOT NULL,
    attempted_at timestamp with time zone DEFAULT now() CONSTRAINT delivery_attempts_attempted_at_not_null NOT NULL,
    url text CONSTRAINT delivery_attempts_url_not_null NOT NULL,
    request_headers jsonb CONSTRAINT delivery_attempts_request_headers_not_null NOT NULL,
    status integer,
    response_headers jsonb,
    response_excerpt text,
    error text,
    milliseconds integer CONSTRAINT delivery_attempts_milliseconds_not_null NOT NULL
);

ALTER TABLE ONLY app.delivery_attempts_default FORCE ROW LEVEL SECURITY;

ALTER TABLE app.delivery_attempts_default OWNER TO freehold_owner;

CREATE TABLE app.email_suppressions (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    address text NOT NULL,
    reason text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT email_suppressions_address_check CHECK ((address = lower(address))),
    CONSTRAINT email_suppressions_reason_check CHECK ((reason = ANY (ARRAY['bounced'::text, 'complained'::text])))
);

ALTER TABLE ONLY app.email_suppressions FORCE ROW LEVEL SECURITY;

ALTER TABLE app.email_suppressions OWNER TO freehold_owner;

COMMENT ON TABLE app.email_suppressions IS 'unaudited: a machine''s memory of addresses that sent its mails back';

COMMENT ON COLUMN app.email_suppressions.address IS 'personal';

CREATE TABLE app.emails (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    cause text NOT NULL,
    address text NOT NULL,
    template text NOT NULL,
    fields jsonb NOT NULL,
    locale text NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    message_id text,
    error text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT emails_address_check CHECK ((length(address) <= 254)),
    CONSTRAINT emails_cause_check CHECK (((length(cause) >= 1) AND (length(cause) <= 200))),
    CONSTRAINT emails_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'suppressed'::text, 'refused'::text, 'bounced'::text, 'complained'::text])))
);

ALTER TABLE ONLY app.emails FORCE ROW LEVEL SECURITY;

ALTER TABLE app.emails OWNER TO freehold_owner;

COMMENT ON TABLE app.emails IS 'unaudited: a machine''s record of what it was to say, and what became of it';

COMMENT ON COLUMN app.emails.address IS 'personal';

COMMENT ON COLUMN app.emails.fields IS 'personal';

COMMENT ON COLUMN app.emails.error IS 'personal';

CREATE TABLE app.idempotency (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    principal text DEFAULT current_setting('app.principal'::text) NOT NULL,
    route text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    result jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY app.idempotency FORCE ROW LEVEL SECURITY;

ALTER TABLE app.idempotency OWNER TO freehold_owner;

COMMENT ON TABLE app.idempotency IS 'unaudited: a machine''s memory of answers, kept for a day';

COMMENT ON COLUMN app.idempotency.result IS 'personal';

CREATE TABLE app.inbox (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    consumer text NOT NULL,
    event_id uuid NOT NULL
)
PARTITION BY RANGE (event_id);

ALTER TABLE ONLY app.inbox FORCE ROW LEVEL SECURITY;

ALTER TABLE app.inbox OWNER TO freehold_owner;

COMMENT ON TABLE app.inbox IS 'unaudited: a machine''s memory of the events that it has had';

CREATE TABLE app.inbox_default (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid CONSTRAINT inbox_tenant_id_not_null NOT NULL,
    consumer text CONSTRAINT inbox_consumer_not_null NOT NULL,
    event_id uuid CONSTRAINT inbox_event_id_not_null NOT NULL
);

ALTER TABLE ONLY app.inbox_default FORCE ROW LEVEL SECURITY;

ALTER TABLE app.inbox_default OWNER TO freehold_owner;

CREATE TABLE app.job_classes (
    name text NOT NULL,
    public boolean NOT NULL,
    weight integer NOT NULL,
    concurrency integer NOT NULL,
    backlog integer,
    handover interval NOT NULL,
    lease interval NOT NULL,
    CONSTRAINT job_classes_backlog_check CHECK ((backlog >= 0)),
    CONSTRAINT job_classes_concurrency_check CHECK (((concurrency >= 0) AND (concurrency <= 1000))),
    CONSTRAINT job_classes_weight_check CHECK (((weight >= 1) AND (weight <= 1000)))
);

ALTER TABLE app.job_classes OWNER TO freehold_owner;

COMMENT ON TABLE app.job_classes IS 'global: the same read-only rows for every tenant, written by migrations';

CREATE TABLE app.job_quotas (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    job_class text NOT NULL,
    weight integer,
    concurrency integer,
    backlog integer,
    CONSTRAINT job_quotas_backlog_check CHECK ((backlog >= 0)),
    CONSTRAINT job_quotas_concurrency_check CHECK (((concurrency >= 0) AND (concurrency <= 1000))),
    CONSTRAINT job_quotas_weight_check CHECK (((weight >= 1) AND (weight <= 1000)))
);

ALTER TABLE ONLY app.job_quotas FORCE ROW LEVEL SECURITY;

ALTER TABLE app.job_quotas OWNER TO freehold_owner;

COMMENT ON TABLE app.job_quotas IS 'unaudited: a machine''s copy of what the plan gives, which is audited there';

CREATE TABLE app.job_rings (
    job_class text NOT NULL,
    tenant uuid DEFAULT '00000000-0000-0000-0000-000000000000'::uuid NOT NULL,
    credit integer DEFAULT 0 NOT NULL
);

ALTER TABLE app.job_rings OWNER TO freehold_owner;

COMMENT ON TABLE app.job_rings IS 'global: the dispatcher''s own note of where it stands';

CREATE TABLE app.jobs (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    kind text NOT NULL,
    job_class text NOT NULL,
    state text NOT NULL,
    cause text,
    lane uuid,
    input jsonb NOT NULL,
    checkpoint jsonb,
    result jsonb,
    reason text,
    done bigint,
    total bigint,
    attempt integer DEFAULT 0 NOT NULL,
    attempts integer NOT NULL,
    cancel_asked boolean DEFAULT false NOT NULL,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    deadline timestamp with time zone,
    token uuid,
    lease_until timestamp with time zone,
    created_by text DEFAULT "substring"(current_setting('app.principal'::text), '[^/]*$'::text) NOT NULL,
    request_id text DEFAULT current_setting('app.request_id'::text) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT jobs_attempts_check CHECK ((attempts > 0)),
    CONSTRAINT jobs_check CHECK (((state = ANY (ARRAY['queued'::text, 'running'::text])) = (token IS NOT NULL))),
    CONSTRAINT jobs_check1 CHECK (((token IS NULL) = (lease_until IS NULL))),
    CONSTRAINT jobs_check2 CHECK (((state = ANY (ARRAY['succeeded'::text, 'failed'::text, 'canceled'::text])) = (finished_at IS NOT NULL))),
    CONSTRAINT jobs_state_check CHECK ((state = ANY (ARRAY['scheduled'::text, 'waiting'::text, 'queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'canceled'::text])))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_insert_scale_factor='0.2');

ALTER TABLE ONLY app.jobs FORCE ROW LEVEL SECURITY;

ALTER TABLE app.jobs OWNER TO freehold_owner;

COMMENT ON TABLE app.jobs IS 'unaudited: a machine''s list of work; what the work changes is audited where it does';

COMMENT ON COLUMN app.jobs.input IS 'personal';

COMMENT ON COLUMN app.jobs.checkpoint IS 'personal';

COMMENT ON COLUMN app.jobs.result IS 'personal';

CREATE TABLE app.members (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    email text,
    name text,
    role text NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    sessions_ended_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT members_status_check CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text, 'removed'::text])))
);

ALTER TABLE ONLY app.members FORCE ROW LEVEL SECURITY;

ALTER TABLE app.members OWNER TO freehold_owner;

COMMENT ON COLUMN app.members.subject IS 'personal';

COMMENT ON COLUMN app.members.email IS 'personal';

COMMENT ON COLUMN app.members.name IS 'personal';

CREATE TABLE app.outbox (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    type text NOT NULL,
    subject_id uuid NOT NULL,
    request_id text DEFAULT current_setting('app.request_id'::text) NOT NULL,
    occurred_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    data jsonb DEFAULT '{}'::jsonb NOT NULL,
    due_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    published_at timestamp with time zone
)
PARTITION BY RANGE (id);

ALTER TABLE ONLY app.outbox FORCE ROW LEVEL SECURITY;

ALTER TABLE app.outbox OWNER TO freehold_owner;

COMMENT ON TABLE app.outbox IS 'unaudited: a machine''s copy of changes that are audited where they happen';

COMMENT ON COLUMN app.outbox.data IS 'personal';

CREATE TABLE app.outbox_default (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid CONSTRAINT outbox_tenant_id_not_null NOT NULL,
    id uuid DEFAULT uuidv7() CONSTRAINT outbox_id_not_null NOT NULL,
    type text CONSTRAINT outbox_type_not_null NOT NULL,
    subject_id uuid CONSTRAINT outbox_subject_id_not_null NOT NULL,
    request_id text DEFAULT current_setting('app.request_id'::text) CONSTRAINT outbox_request_id_not_null NOT NULL,
    occurred_at timestamp with time zone DEFAULT now() CONSTRAINT outbox_occurred_at_not_null NOT NULL,
    version integer DEFAULT 1 CONSTRAINT outbox_version_not_null NOT NULL,
    data jsonb DEFAULT '{}'::jsonb CONSTRAINT outbox_data_not_null NOT NULL,
    due_at timestamp with time zone DEFAULT clock_timestamp() CONSTRAINT outbox_due_at_not_null NOT NULL,
    failures integer DEFAULT 0 CONSTRAINT outbox_failures_not_null NOT NULL,
    published_at timestamp with time zone
);

ALTER TABLE ONLY app.outbox_default FORCE ROW LEVEL SECURITY;

ALTER TABLE app.outbox_default OWNER TO freehold_owner;

CREATE TABLE app.permissions (
    name text NOT NULL,
    description text NOT NULL,
    needs app.access NOT NULL
);

ALTER TABLE app.permissions OWNER TO freehold_owner;

COMMENT ON TABLE app.permissions IS 'global: the same read-only rows for every tenant, written by migrations';

CREATE TABLE app.projects (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    archived_at timestamp with time zone,
    created_by uuid DEFAULT (current_setting('app.member_id'::text))::uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT projects_description_check CHECK ((length(description) <= 2000)),
    CONSTRAINT projects_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);

ALTER TABLE ONLY app.projects FORCE ROW LEVEL SECURITY;

ALTER TABLE app.projects OWNER TO freehold_owner;

CREATE TABLE app.residents (
    id uuid NOT NULL
);

ALTER TABLE app.residents OWNER TO freehold_owner;

COMMENT ON TABLE app.residents IS 'global: the ids of the tenants of this cell, for migrations that go through them one by one';

CREATE TABLE app.retention (
    table_name text NOT NULL,
    keep interval NOT NULL,
    CONSTRAINT retention_keep_check CHECK ((keep > '00:00:00'::interval))
);

ALTER TABLE app.retention OWNER TO freehold_owner;

COMMENT ON TABLE app.retention IS 'global: for how long the rows of partitioned tables are kept, written by migrations';

CREATE TABLE app.turns (
    name text NOT NULL,
    period text NOT NULL,
    holder text NOT NULL,
    until timestamp with time zone NOT NULL,
    done_at timestamp with time zone
);

ALTER TABLE app.turns OWNER TO freehold_owner;

COMMENT ON TABLE app.turns IS 'global: what the clock has done, and who is at it; of no tenant';

CREATE TABLE app.webhook_endpoints (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    url text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    events text[] NOT NULL,
    permissions text[] NOT NULL,
    secret text NOT NULL,
    former_secrets jsonb DEFAULT '[]'::jsonb NOT NULL,
    state text DEFAULT 'active'::text NOT NULL,
    disabled_reason text,
    disabled_at timestamp with time zone,
    created_by uuid DEFAULT (current_setting('app.member_id'::text))::uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT webhook_endpoints_description_check CHECK ((length(description) <= 2000)),
    CONSTRAINT webhook_endpoints_disabled_reason_check CHECK ((disabled_reason = ANY (ARRAY['gone'::text, 'failing'::text]))),
    CONSTRAINT webhook_endpoints_state_check CHECK ((state = ANY (ARRAY['active'::text, 'disabled'::text]))),
    CONSTRAINT webhook_endpoints_url_check CHECK ((length(url) <= 2048))
);

ALTER TABLE ONLY app.webhook_endpoints FORCE ROW LEVEL SECURITY;

ALTER TABLE app.webhook_endpoints OWNER TO freehold_owner;

COMMENT ON COLUMN app.webhook_endpoints.secret IS 'secret';

COMMENT ON COLUMN app.webhook_endpoints.former_secrets IS 'secret';

CREATE TABLE app.webhook_failures (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    timeouts integer DEFAULT 0 NOT NULL,
    pauses integer DEFAULT 0 NOT NULL,
    paused_since timestamp with time zone,
    paused_until timestamp with time zone,
    recovers boolean DEFAULT false NOT NULL
);

ALTER TABLE ONLY app.webhook_failures FORCE ROW LEVEL SECURITY;

ALTER TABLE app.webhook_failures OWNER TO freehold_owner;

COMMENT ON TABLE app.webhook_failures IS 'unaudited: a machine''s memory of how a receiver answers';

CREATE TABLE app.webhook_quotas (
    tenant_id uuid DEFAULT (current_setting('app.tenant_id'::text))::uuid NOT NULL,
    endpoints integer DEFAULT 20 NOT NULL,
    CONSTRAINT webhook_quotas_endpoints_check CHECK (((endpoints >= 20) AND (endpoints <= 10000)))
);

ALTER TABLE ONLY app.webhook_quotas FORCE ROW LEVEL SECURITY;

ALTER TABLE app.webhook_quotas OWNER TO freehold_owner;

COMMENT ON TABLE app.webhook_quotas IS 'unaudited: a machine''s copy of what the plan gives, which is audited there';

CREATE TABLE app.workers (
    name text NOT NULL,
    description text NOT NULL
);

ALTER TABLE app.workers OWNER TO freehold_owner;

COMMENT ON TABLE app.workers IS 'global: the same read-only rows for every tenant, written by migrations';

CREATE TABLE directory.memberships (
    issuer text NOT NULL,
    subject text NOT NULL,
    tenant_id uuid NOT NULL
);

ALTER TABLE ONLY directory.memberships FORCE ROW LEVEL SECURITY;

ALTER TABLE directory.memberships OWNER TO freehold_owner;

COMMENT ON TABLE directory.memberships IS 'identity: which tenants may know this person; the tenant''s cell has the truth';

COMMENT ON COLUMN directory.memberships.subject IS 'personal';

CREATE TABLE directory.sign_ups (
    issuer text NOT NULL,
    subject text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    tenant_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY directory.sign_ups FORCE ROW LEVEL SECURITY;

ALTER TABLE directory.sign_ups OWNER TO freehold_owner;

COMMENT ON TABLE directory.sign_ups IS 'identity: idempotency keys of sign-ups, which happen before there is a tenant';

COMMENT ON COLUMN directory.sign_ups.subject IS 'personal';

CREATE TABLE directory.tenants (
    id uuid NOT NULL,
    cell text DEFAULT 'pool'::text NOT NULL,
    epoch integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY directory.tenants FORCE ROW LEVEL SECURITY;

ALTER TABLE directory.tenants OWNER TO freehold_owner;

COMMENT ON TABLE directory.tenants IS 'unaudited: a machine''s index of where tenants live';

CREATE TABLE migrations.applied (
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE migrations.applied OWNER TO freehold_owner;

COMMENT ON TABLE migrations.applied IS 'global: which migrations ran';

CREATE TABLE migrations.steps (
    name text NOT NULL,
    step integer NOT NULL,
    checksum text NOT NULL,
    done_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE migrations.steps OWNER TO freehold_owner;

COMMENT ON TABLE migrations.steps IS 'global: which steps ran of a migration that has some';

ALTER TABLE ONLY app.audit ATTACH PARTITION app.audit_default DEFAULT;

ALTER TABLE ONLY app.deliveries ATTACH PARTITION app.deliveries_default DEFAULT;

ALTER TABLE ONLY app.delivery_attempts ATTACH PARTITION app.delivery_attempts_default DEFAULT;

ALTER TABLE ONLY app.inbox ATTACH PARTITION app.inbox_default DEFAULT;

ALTER TABLE ONLY app.outbox ATTACH PARTITION app.outbox_default DEFAULT;

ALTER TABLE ONLY app.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.api_keys
    ADD CONSTRAINT api_keys_tenant_id_secret_hash_key UNIQUE (tenant_id, secret_hash);

ALTER TABLE ONLY app.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.audit_default
    ADD CONSTRAINT audit_default_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.builtin_roles
    ADD CONSTRAINT builtin_roles_pkey PRIMARY KEY (name);

ALTER TABLE ONLY app.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.deliveries_default
    ADD CONSTRAINT deliveries_default_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.delivery_attempts
    ADD CONSTRAINT delivery_attempts_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.delivery_attempts_default
    ADD CONSTRAINT delivery_attempts_default_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.email_suppressions
    ADD CONSTRAINT email_suppressions_pkey PRIMARY KEY (tenant_id, address);

ALTER TABLE ONLY app.emails
    ADD CONSTRAINT emails_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.emails
    ADD CONSTRAINT emails_tenant_id_cause_address_key UNIQUE (tenant_id, cause, address);

ALTER TABLE ONLY app.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (tenant_id, principal, route, key);

ALTER TABLE ONLY app.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (tenant_id, consumer, event_id);

ALTER TABLE ONLY app.inbox_default
    ADD CONSTRAINT inbox_default_pkey PRIMARY KEY (tenant_id, consumer, event_id);

ALTER TABLE ONLY app.job_classes
    ADD CONSTRAINT job_classes_pkey PRIMARY KEY (name);

ALTER TABLE ONLY app.job_quotas
    ADD CONSTRAINT job_quotas_pkey PRIMARY KEY (tenant_id, job_class);

ALTER TABLE ONLY app.job_rings
    ADD CONSTRAINT job_rings_pkey PRIMARY KEY (job_class);

ALTER TABLE ONLY app.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.members
    ADD CONSTRAINT members_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.members
    ADD CONSTRAINT members_tenant_id_issuer_subject_key UNIQUE (tenant_id, issuer, subject);

ALTER TABLE ONLY app.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.outbox_default
    ADD CONSTRAINT outbox_default_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.permissions
    ADD CONSTRAINT permissions_pkey PRIMARY KEY (name);

ALTER TABLE ONLY app.projects
    ADD CONSTRAINT projects_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.residents
    ADD CONSTRAINT residents_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.retention
    ADD CONSTRAINT retention_pkey PRIMARY KEY (table_name);

ALTER TABLE ONLY app.tenants
    ADD CONSTRAINT tenants_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.turns
    ADD CONSTRAINT turns_pkey PRIMARY KEY (name, period);

ALTER TABLE ONLY app.webhook_endpoints
    ADD CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY app.webhook_failures
    ADD CONSTRAINT webhook_failures_pkey PRIMARY KEY (tenant_id, endpoint_id);

ALTER TABLE ONLY app.webhook_quotas
    ADD CONSTRAINT webhook_quotas_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY app.workers
    ADD CONSTRAINT workers_pkey PRIMARY KEY (name);

ALTER TABLE ONLY directory.memberships
    ADD CONSTRAINT memberships_pkey PRIMARY KEY (issuer, subject, tenant_id);

ALTER TABLE ONLY directory.sign_ups
    ADD CONSTRAINT sign_ups_pkey PRIMARY KEY (issuer, subject, key);

ALTER TABLE ONLY directory.tenants
    ADD CONSTRAINT tenants_pkey PRIMARY KEY (id);

ALTER TABLE ONLY migrations.applied
    ADD CONSTRAINT applied_pkey PRIMARY KEY (name);

ALTER TABLE ONLY migrations.steps
    ADD CONSTRAINT steps_pkey PRIMARY KEY (name, step);

CREATE INDEX api_keys_created_by ON app.api_keys USING btree (tenant_id, created_by);

CREATE INDEX deliveries_endpoint ON ONLY app.deliveries USING btree (tenant_id, endpoint_id, id);

CREATE INDEX deliveries_default_tenant_id_endpoint_id_id_idx ON app.deliveries_default USING btree (tenant_id, endpoint_id, id);

CREATE INDEX deliveries_replay ON ONLY app.deliveries USING btree (tenant_id, replay_id, event_id) WHERE (replay_id IS NOT NULL);

CREATE INDEX deliveries_default_tenant_id_replay_id_event_id_idx ON app.deliveries_default USING btree (tenant_id, replay_id, event_id) WHERE (replay_id IS NOT NULL);

CREATE INDEX deliveries_state ON ONLY app.deliveries USING btree (tenant_id, state, id);

CREATE INDEX deliveries_default_tenant_id_state_id_idx ON app.deliveries_default USING btree (tenant_id, state, id);

CREATE INDEX delivery_attempts_delivery ON ONLY app.delivery_attempts USING btree (tenant_id, delivery_id, id);

CREATE INDEX delivery_attempts_default_tenant_id_delivery_id_id_idx ON app.delivery_attempts_default USING btree (tenant_id, delivery_id, id);

CREATE INDEX emails_age ON app.emails USING btree (tenant_id, created_at);

CREATE INDEX idempotency_age ON app.idempotency USING btree (tenant_id, created_at);

CREATE INDEX jobs_backlog ON app.jobs USING btree (tenant_id, job_class) WHERE ((state = ANY (ARRAY['scheduled'::text, 'waiting'::text])) AND (job_class = ANY (ARRAY['interactive'::text, 'standard'::text, 'bulk'::text])));

CREATE UNIQUE INDEX jobs_cause ON app.jobs USING btree (tenant_id, kind, cause) WHERE (cause IS NOT NULL);

CREATE INDEX jobs_deadline ON app.jobs USING btree (deadline) WHERE ((deadline IS NOT NULL) AND (started_at IS NULL) AND (state = ANY (ARRAY['scheduled'::text, 'waiting'::text, 'queued'::text])));

CREATE INDEX jobs_due ON app.jobs USING btree (job_class, due_at) WHERE (state = 'scheduled'::text);

CREATE INDEX jobs_flying ON app.jobs USING btree (job_class, tenant_id) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text]));

CREATE INDEX jobs_herd ON app.jobs USING btree (job_class, tenant_id, due_at) WHERE (state = 'scheduled'::text);

CREATE INDEX jobs_lane ON app.jobs USING btree (tenant_id, lane, state, due_at, id) WHERE ((lane IS NOT NULL) AND (state = ANY (ARRAY['scheduled'::text, 'waiting'::text])));

CREATE INDEX jobs_leased ON app.jobs USING btree (lease_until) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text]));

CREATE INDEX jobs_visible ON app.jobs USING btree (tenant_id, id) WHERE (job_class = ANY (ARRAY['interactive'::text, 'standard'::text, 'bulk'::text]));

CREATE INDEX jobs_waiting ON app.jobs USING btree (job_class, tenant_id, due_at, id) WHERE (state = 'waiting'::text);

CREATE INDEX outbox_waiting ON ONLY app.outbox USING btree (due_at, id) WHERE (published_at IS NULL);

CREATE INDEX outbox_default_waiting ON app.outbox_default USING btree (due_at, id) WHERE (published_at IS NULL);

CREATE INDEX projects_created_by ON app.projects USING btree (tenant_id, created_by);

CREATE INDEX webhook_endpoints_created_by ON app.webhook_endpoints USING btree (tenant_id, created_by);

CREATE INDEX memberships_tenant ON directory.memberships USING btree (tenant_id);

CREATE INDEX sign_ups_tenant ON directory.sign_ups USING btree (tenant_id);

ALTER INDEX app.audit_pkey ATTACH PARTITION app.audit_default_pkey;

ALTER INDEX app.deliveries_pkey ATTACH PARTITION app.deliveries_default_pkey;

ALTER INDEX app.deliveries_endpoint ATTACH PARTITION app.deliveries_default_tenant_id_endpoint_id_id_idx;

ALTER INDEX app.deliveries_replay ATTACH PARTITION app.deliveries_default_tenant_id_replay_id_event_id_idx;

ALTER INDEX app.deliveries_state ATTACH PARTITION app.deliveries_default_tenant_id_state_id_idx;

ALTER INDEX app.delivery_attempts_pkey ATTACH PARTITION app.delivery_attempts_default_pkey;

ALTER INDEX app.delivery_attempts_delivery ATTACH PARTITION app.delivery_attempts_default_tenant_id_delivery_id_id_idx;

ALTER INDEX app.inbox_pkey ATTACH PARTITION app.inbox_default_pkey;

ALTER INDEX app.outbox_pkey ATTACH PARTITION app.outbox_default_pkey;

ALTER INDEX app.outbox_waiting ATTACH PARTITION app.outbox_default_waiting;

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.api_keys FOR EACH ROW EXECUTE FUNCTION app.audit_row('secret_hash');

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.members FOR EACH ROW EXECUTE FUNCTION app.audit_row();

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.projects FOR EACH ROW EXECUTE FUNCTION app.audit_row();

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.tenants FOR EACH ROW EXECUTE FUNCTION app.audit_row();

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.webhook_endpoints FOR EACH ROW EXECUTE FUNCTION app.audit_row('secret', 'former_secrets');

CREATE TRIGGER enabled AFTER UPDATE OF state ON app.webhook_endpoints FOR EACH ROW WHEN ((new.state = 'active'::text)) EXECUTE FUNCTION app.mend_endpoint();

CREATE TRIGGER enqueue AFTER INSERT ON app.deliveries FOR EACH ROW EXECUTE FUNCTION app.enqueue_delivery();

CREATE TRIGGER limited BEFORE INSERT ON app.deliveries FOR EACH ROW WHEN ((CURRENT_USER = 'freehold_api'::name)) EXECUTE FUNCTION app.limit_deliveries();

CREATE TRIGGER limited BEFORE INSERT ON app.webhook_endpoints FOR EACH ROW EXECUTE FUNCTION app.limit_webhook_endpoints();

CREATE TRIGGER moved AFTER UPDATE OF url ON app.webhook_endpoints FOR EACH ROW WHEN ((old.url <> new.url)) EXECUTE FUNCTION app.mend_endpoint();

CREATE TRIGGER replays_limited BEFORE INSERT ON app.jobs FOR EACH ROW WHEN ((new.kind = 'webhooks.replay'::text)) EXECUTE FUNCTION app.limit_replays();

CREATE TRIGGER reside AFTER INSERT ON app.tenants FOR EACH ROW EXECUTE FUNCTION app.reside();

ALTER TABLE ONLY app.api_keys
    ADD CONSTRAINT api_keys_tenant_id_created_by_fkey FOREIGN KEY (tenant_id, created_by) REFERENCES app.members(tenant_id, id);

ALTER TABLE ONLY app.api_keys
    ADD CONSTRAINT api_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE app.audit
    ADD CONSTRAINT audit_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE app.deliveries
    ADD CONSTRAINT deliveries_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE app.delivery_attempts
    ADD CONSTRAINT delivery_attempts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.email_suppressions
    ADD CONSTRAINT email_suppressions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.emails
    ADD CONSTRAINT emails_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.idempotency
    ADD CONSTRAINT idempotency_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE app.inbox
    ADD CONSTRAINT inbox_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.job_quotas
    ADD CONSTRAINT job_quotas_job_class_fkey FOREIGN KEY (job_class) REFERENCES app.job_classes(name);

ALTER TABLE ONLY app.job_quotas
    ADD CONSTRAINT job_quotas_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.job_rings
    ADD CONSTRAINT job_rings_job_class_fkey FOREIGN KEY (job_class) REFERENCES app.job_classes(name);

ALTER TABLE ONLY app.jobs
    ADD CONSTRAINT jobs_job_class_fkey FOREIGN KEY (job_class) REFERENCES app.job_classes(name);

ALTER TABLE ONLY app.jobs
    ADD CONSTRAINT jobs_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.members
    ADD CONSTRAINT members_role_fkey FOREIGN KEY (role) REFERENCES app.builtin_roles(name);

ALTER TABLE ONLY app.members
    ADD CONSTRAINT members_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE app.outbox
    ADD CONSTRAINT outbox_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.projects
    ADD CONSTRAINT projects_tenant_id_created_by_fkey FOREIGN KEY (tenant_id, created_by) REFERENCES app.members(tenant_id, id);

ALTER TABLE ONLY app.projects
    ADD CONSTRAINT projects_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.residents
    ADD CONSTRAINT residents_id_fkey FOREIGN KEY (id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.webhook_endpoints
    ADD CONSTRAINT webhook_endpoints_tenant_id_created_by_fkey FOREIGN KEY (tenant_id, created_by) REFERENCES app.members(tenant_id, id);

ALTER TABLE ONLY app.webhook_endpoints
    ADD CONSTRAINT webhook_endpoints_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.webhook_failures
    ADD CONSTRAINT webhook_failures_tenant_id_endpoint_id_fkey FOREIGN KEY (tenant_id, endpoint_id) REFERENCES app.webhook_endpoints(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY app.webhook_failures
    ADD CONSTRAINT webhook_failures_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.webhook_quotas
    ADD CONSTRAINT webhook_quotas_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY directory.memberships
    ADD CONSTRAINT memberships_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES directory.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY directory.sign_ups
    ADD CONSTRAINT sign_ups_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES directory.tenants(id) ON DELETE CASCADE;

ALTER TABLE app.api_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.audit ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.audit_default ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.deliveries ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.deliveries_default ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.delivery_attempts ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.delivery_attempts_default ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.email_suppressions ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.emails ENABLE ROW LEVEL SECURITY;

CREATE POLICY freehold_api ON app.api_keys TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.deliveries TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.delivery_attempts TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.idempotency TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.job_quotas TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.jobs TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.members TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.outbox TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.projects TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.tenants TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.webhook_endpoints TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.webhook_failures TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.webhook_quotas TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_auditor ON app.audit TO freehold_auditor USING (true) WITH CHECK (true);

CREATE POLICY freehold_auditor ON app.tenants TO freehold_auditor USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON app.api_keys TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON app.members TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON app.tenants TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.api_keys TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.audit TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.deliveries TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.delivery_attempts TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.email_suppressions TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.emails TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.idempotency TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.inbox TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.job_quotas TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.jobs TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.members TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.outbox TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.projects TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.tenants TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.webhook_endpoints TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.webhook_failures TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.webhook_quotas TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.members TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.outbox TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.tenants TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_relay ON app.emails TO freehold_relay USING (true) WITH CHECK (true);

CREATE POLICY freehold_relay ON app.idempotency TO freehold_relay USING (true) WITH CHECK (true);

CREATE POLICY freehold_relay ON app.job_quotas TO freehold_relay USING (true) WITH CHECK (true);

CREATE POLICY freehold_relay ON app.jobs TO freehold_relay USING (true) WITH CHECK (true);

CREATE POLICY freehold_relay ON app.outbox TO freehold_relay USING (true) WITH CHECK (true);

CREATE POLICY freehold_report ON app.audit TO freehold_report USING (true) WITH CHECK (true);

CREATE POLICY freehold_report ON app.projects TO freehold_report USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.api_keys TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.deliveries TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.delivery_attempts TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.email_suppressions TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.emails TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.inbox TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.job_quotas TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.jobs TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.members TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.outbox TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.tenants TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.webhook_endpoints TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.webhook_failures TO freehold_worker USING (true) WITH CHECK (true);

ALTER TABLE app.idempotency ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.inbox ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.inbox_default ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.job_quotas ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.jobs ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.members ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.outbox ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.outbox_default ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.projects ENABLE ROW LEVEL SECURITY;

CREATE POLICY tenant ON app.api_keys AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.audit AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.audit_default AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.deliveries AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.deliveries_default AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.delivery_attempts AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.delivery_attempts_default AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.email_suppressions AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.emails AS RESTRICTIVE USING (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid))) WITH CHECK (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid)));

CREATE POLICY tenant ON app.idempotency AS RESTRICTIVE USING (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid))) WITH CHECK (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid)));

CREATE POLICY tenant ON app.inbox AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.inbox_default AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.job_quotas AS RESTRICTIVE USING (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid))) WITH CHECK (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid)));

CREATE POLICY tenant ON app.jobs AS RESTRICTIVE USING (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid))) WITH CHECK (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid)));

CREATE POLICY tenant ON app.members AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.outbox AS RESTRICTIVE USING (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid))) WITH CHECK (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid)));

CREATE POLICY tenant ON app.outbox_default AS RESTRICTIVE USING (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid))) WITH CHECK (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid)));

CREATE POLICY tenant ON app.projects AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.tenants AS RESTRICTIVE USING ((id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.webhook_endpoints AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.webhook_failures AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.webhook_quotas AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant_entered ON app.emails AS RESTRICTIVE TO freehold_owner, freehold_door, freehold_auditor, freehold_registrar, freehold_api, freehold_worker, freehold_system, freehold_report, freehold_operator USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant_entered ON app.idempotency AS RESTRICTIVE TO freehold_owner, freehold_door, freehold_auditor, freehold_registrar, freehold_api, freehold_worker, freehold_system, freehold_report, freehold_operator USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant_entered ON app.job_quotas AS RESTRICTIVE TO freehold_owner, freehold_door, freehold_auditor, freehold_registrar, freehold_api, freehold_worker, freehold_system, freehold_report, freehold_operator USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant_entered ON app.jobs AS RESTRICTIVE TO freehold_owner, freehold_door, freehold_auditor, freehold_registrar, freehold_api, freehold_worker, freehold_system, freehold_report, freehold_operator USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant_entered ON app.outbox AS RESTRICTIVE TO freehold_owner, freehold_door, freehold_auditor, freehold_registrar, freehold_api, freehold_worker, freehold_system, freehold_report, freehold_operator USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant_entered ON app.outbox_default AS RESTRICTIVE TO freehold_owner, freehold_door, freehold_auditor, freehold_registrar, freehold_api, freehold_worker, freehold_system, freehold_report, freehold_operator USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

ALTER TABLE app.tenants ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.webhook_endpoints ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.webhook_failures ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.webhook_quotas ENABLE ROW LEVEL SECURITY;

CREATE POLICY freehold_door ON directory.memberships TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON directory.tenants TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON directory.memberships TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON directory.sign_ups TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON directory.tenants TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY identity ON directory.memberships AS RESTRICTIVE USING (((issuer = current_setting('app.issuer'::text)) AND (subject = current_setting('app.subject'::text)))) WITH CHECK (((issuer = current_setting('app.issuer'::text)) AND (subject = current_setting('app.subject'::text))));

CREATE POLICY identity ON directory.sign_ups AS RESTRICTIVE USING (((issuer = current_setting('app.issuer'::text)) AND (subject = current_setting('app.subject'::text)))) WITH CHECK (((issuer = current_setting('app.issuer'::text)) AND (subject = current_setting('app.subject'::text))));

ALTER TABLE directory.memberships ENABLE ROW LEVEL SECURITY;

ALTER TABLE directory.sign_ups ENABLE ROW LEVEL SECURITY;

CREATE POLICY tenant ON directory.tenants AS RESTRICTIVE USING ((id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((id = (current_setting('app.tenant_id'::text))::uuid));

ALTER TABLE directory.tenants ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA app TO freehold_door;
GRANT USAGE ON SCHEMA app TO freehold_auditor;
GRANT USAGE ON SCHEMA app TO freehold_registrar;
GRANT USAGE ON SCHEMA app TO freehold_api;
GRANT USAGE ON SCHEMA app TO freehold_worker;
GRANT USAGE ON SCHEMA app TO freehold_system;
GRANT USAGE ON SCHEMA app TO freehold_report;
GRANT USAGE ON SCHEMA app TO freehold_operator;
GRANT USAGE ON SCHEMA app TO freehold_relay;

GRANT USAGE ON SCHEMA directory TO freehold_door;
GRANT USAGE ON SCHEMA directory TO freehold_registrar;

REVOKE USAGE ON SCHEMA public FROM PUBLIC;

REVOKE ALL ON PROCEDURE app.add_part(IN target regclass, IN part name, IN bounds text) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.admit(principal text, member uuid, held text[], permission text, epoch integer, access app.access, moved_to integer, needs app.access) FROM PUBLIC;

REVOKE ALL ON PROCEDURE app.adopt_default(IN target regclass, IN part name, IN bounds text) FROM PUBLIC;

REVOKE ALL ON PROCEDURE app.allow(IN target regclass, IN role name, VARIADIC verbs text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.announce(type text, subject uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.announce(type text, subject uuid) TO freehold_api;

REVOKE ALL ON FUNCTION app.announce(type text, subject uuid, version integer, data jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION app.announce(type text, subject uuid, version integer, data jsonb) TO freehold_api;
GRANT ALL ON FUNCTION app.announce(type text, subject uuid, version integer, data jsonb) TO freehold_worker;
GRANT ALL ON FUNCTION app.announce(type text, subject uuid, version integer, data jsonb) TO freehold_registrar;

REVOKE ALL ON FUNCTION app.audit_row() FROM PUBLIC;
GRANT ALL ON FUNCTION app.audit_row() TO freehold_owner;

REVOKE ALL ON PROCEDURE app.backfill(IN target regclass, IN assignment text, IN condition text, IN batch integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.claim(route text, key text, request_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION app.claim(route text, key text, request_hash bytea) TO freehold_api;

REVOKE ALL ON PROCEDURE app."cross"(IN target regclass, VARIADIC verbs text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.dispatch(job_class text, room integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.dispatch(job_class text, room integer) TO freehold_system;

REVOKE ALL ON FUNCTION app.end_turn(name text, period text, holder text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.end_turn(name text, period text, holder text) TO freehold_system;

REVOKE ALL ON FUNCTION app.enqueue_delivery() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.enter(tenant uuid, epoch integer, issuer text, subject text, issued_at timestamp with time zone, permission text, request_id text, address text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.enter(tenant uuid, epoch integer, issuer text, subject text, issued_at timestamp with time zone, permission text, request_id text, address text) TO freehold_api;

REVOKE ALL ON FUNCTION app.enter_key(tenant uuid, epoch integer, secret_hash bytea, permission text, request_id text, address text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.enter_key(tenant uuid, epoch integer, secret_hash bytea, permission text, request_id text, address text) TO freehold_api;

REVOKE ALL ON FUNCTION app.enter_report(tenant uuid, epoch integer, worker text, request_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.enter_report(tenant uuid, epoch integer, worker text, request_id text) TO freehold_report;

REVOKE ALL ON FUNCTION app.enter_resident(tenant uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.enter_worker(tenant uuid, epoch integer, worker text, behalf text, permission text, request_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.enter_worker(tenant uuid, epoch integer, worker text, behalf text, permission text, request_id text) TO freehold_worker;

REVOKE ALL ON FUNCTION app.forget_answers() FROM PUBLIC;
GRANT ALL ON FUNCTION app.forget_answers() TO freehold_system;

REVOKE ALL ON FUNCTION app.forget_jobs() FROM PUBLIC;
GRANT ALL ON FUNCTION app.forget_jobs() TO freehold_system;

REVOKE ALL ON FUNCTION app.forget_mails() FROM PUBLIC;
GRANT ALL ON FUNCTION app.forget_mails() TO freehold_system;

REVOKE ALL ON PROCEDURE app.forget_proof(IN target regclass) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.forget_sign_ups() FROM PUBLIC;
GRANT ALL ON FUNCTION app.forget_sign_ups() TO freehold_system;

REVOKE ALL ON FUNCTION app.forget_turns() FROM PUBLIC;
GRANT ALL ON FUNCTION app.forget_turns() TO freehold_system;

REVOKE ALL ON FUNCTION app.hold_lease(kept bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION app.hold_lease(kept bigint) TO freehold_worker;

REVOKE ALL ON PROCEDURE app.identity_table(IN target regclass, IN reason text) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.limit_deliveries() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.limit_replays() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.limit_webhook_endpoints() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.mend_endpoint() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.open(tenant uuid, request_id text, address text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.open(tenant uuid, request_id text, address text) TO freehold_registrar;

REVOKE ALL ON PROCEDURE app.patiently(IN target regclass, IN statement text) FROM PUBLIC;

REVOKE ALL ON PROCEDURE app.permission(IN name text, IN description text, IN needs app.access, VARIADIC held_by text[]) FROM PUBLIC;

REVOKE ALL ON PROCEDURE app.prove(IN target regclass, IN condition text, INOUT proved boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.receive(consumer text, event uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.receive(consumer text, event uuid) TO freehold_worker;

REVOKE ALL ON FUNCTION app.relay(holder text, hold interval, published uuid[], published_of uuid[], refused uuid[], refused_of uuid[], batch integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.relay(holder text, hold interval, published uuid[], published_of uuid[], refused uuid[], refused_of uuid[], batch integer) TO freehold_system;

REVOKE ALL ON FUNCTION app.reside() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.resides(tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.resides(tenant uuid) TO freehold_door;
GRANT ALL ON FUNCTION app.resides(tenant uuid) TO freehold_auditor;
GRANT ALL ON FUNCTION app.resides(tenant uuid) TO freehold_registrar;
GRANT ALL ON FUNCTION app.resides(tenant uuid) TO freehold_api;
GRANT ALL ON FUNCTION app.resides(tenant uuid) TO freehold_worker;
GRANT ALL ON FUNCTION app.resides(tenant uuid) TO freehold_system;
GRANT ALL ON FUNCTION app.resides(tenant uuid) TO freehold_report;
GRANT ALL ON FUNCTION app.resides(tenant uuid) TO freehold_operator;

REVOKE ALL ON PROCEDURE app.retain(IN target regclass, IN keep interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.return_jobs(tenants uuid[], ids uuid[], tokens uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.return_jobs(tenants uuid[], ids uuid[], tokens uuid[]) TO freehold_system;

REVOKE ALL ON PROCEDURE app.show_tables_to_the_owner() FROM PUBLIC;

GRANT SELECT ON TABLE app.tenants TO freehold_auditor;
GRANT SELECT ON TABLE app.tenants TO freehold_door;
GRANT SELECT ON TABLE app.tenants TO freehold_api;
GRANT SELECT,INSERT ON TABLE app.tenants TO freehold_registrar;
GRANT SELECT ON TABLE app.tenants TO freehold_worker;

GRANT UPDATE(name) ON TABLE app.tenants TO freehold_api;

GRANT UPDATE(version) ON TABLE app.tenants TO freehold_api;

GRANT UPDATE(updated_at) ON TABLE app.tenants TO freehold_api;

REVOKE ALL ON FUNCTION app.sign_up(issuer text, subject text, issued_at timestamp with time zone, email text, person text, tenant_name text, request_id text, address text, key text, request_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION app.sign_up(issuer text, subject text, issued_at timestamp with time zone, email text, person text, tenant_name text, request_id text, address text, key text, request_hash bytea) TO freehold_api;

REVOKE ALL ON PROCEDURE app.state_proof(IN target regclass, IN condition text) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.take_turn(name text, period text, holder text, hold interval) FROM PUBLIC;
GRANT ALL ON FUNCTION app.take_turn(name text, period text, holder text, hold interval) TO freehold_system;

REVOKE ALL ON FUNCTION app.tenant_key(target regclass) FROM PUBLIC;

REVOKE ALL ON PROCEDURE app.tenant_table(IN target regclass, IN key name, IN unaudited text) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.tenants_of(issuer text, subject text, issued_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION app.tenants_of(issuer text, subject text, issued_at timestamp with time zone) TO freehold_api;

REVOKE ALL ON PROCEDURE app.validate_reference(IN target regclass, IN reference name) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.wake_jobs(batch integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.wake_jobs(batch integer) TO freehold_system;

REVOKE ALL ON FUNCTION app.within_yours(needed text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.within_yours(needed text[]) TO freehold_api;

REVOKE ALL ON PROCEDURE app.worker(IN name text, IN description text) FROM PUBLIC;

GRANT SELECT ON TABLE app.api_keys TO freehold_door;
GRANT SELECT,INSERT ON TABLE app.api_keys TO freehold_api;

GRANT SELECT(tenant_id) ON TABLE app.api_keys TO freehold_worker;

GRANT SELECT(id) ON TABLE app.api_keys TO freehold_worker;

GRANT UPDATE(secret_hash) ON TABLE app.api_keys TO freehold_api;

GRANT UPDATE(hint) ON TABLE app.api_keys TO freehold_api;

GRANT UPDATE(created_by) ON TABLE app.api_keys TO freehold_api;
GRANT SELECT(created_by) ON TABLE app.api_keys TO freehold_worker;

GRANT UPDATE(revoked_at) ON TABLE app.api_keys TO freehold_api;

GRANT UPDATE(version) ON TABLE app.api_keys TO freehold_api;

GRANT UPDATE(updated_at) ON TABLE app.api_keys TO freehold_api;

GRANT INSERT ON TABLE app.audit TO freehold_auditor;
GRANT SELECT ON TABLE app.audit TO freehold_report;

GRANT SELECT ON TABLE app.builtin_roles TO freehold_door;

GRANT SELECT,INSERT ON TABLE app.deliveries TO freehold_api;
GRANT SELECT,INSERT ON TABLE app.deliveries TO freehold_worker;

GRANT UPDATE(state) ON TABLE app.deliveries TO freehold_worker;

GRANT UPDATE(attempts) ON TABLE app.deliveries TO freehold_worker;

GRANT UPDATE(last_status) ON TABLE app.deliveries TO freehold_worker;

GRANT UPDATE(last_error) ON TABLE app.deliveries TO freehold_worker;

GRANT UPDATE(next_attempt_at) ON TABLE app.deliveries TO freehold_worker;

GRANT UPDATE(finished_at) ON TABLE app.deliveries TO freehold_worker;

GRANT SELECT ON TABLE app.delivery_attempts TO freehold_api;
GRANT INSERT ON TABLE app.delivery_attempts TO freehold_worker;

GRANT SELECT,INSERT ON TABLE app.email_suppressions TO freehold_worker;

GRANT SELECT,INSERT ON TABLE app.emails TO freehold_worker;
GRANT SELECT,DELETE ON TABLE app.emails TO freehold_relay;

GRANT UPDATE(state) ON TABLE app.emails TO freehold_worker;

GRANT UPDATE(message_id) ON TABLE app.emails TO freehold_worker;

GRANT UPDATE(error) ON TABLE app.emails TO freehold_worker;

GRANT UPDATE(updated_at) ON TABLE app.emails TO freehold_worker;

GRANT SELECT,INSERT,DELETE ON TABLE app.idempotency TO freehold_api;
GRANT SELECT,DELETE ON TABLE app.idempotency TO freehold_relay;

GRANT SELECT,INSERT ON TABLE app.inbox TO freehold_worker;

GRANT SELECT ON TABLE app.job_classes TO freehold_api;
GRANT SELECT ON TABLE app.job_classes TO freehold_worker;
GRANT SELECT ON TABLE app.job_classes TO freehold_relay;

GRANT SELECT ON TABLE app.job_quotas TO freehold_api;
GRANT SELECT ON TABLE app.job_quotas TO freehold_worker;
GRANT SELECT ON TABLE app.job_quotas TO freehold_relay;

GRANT SELECT ON TABLE app.job_rings TO freehold_relay;

GRANT UPDATE(tenant) ON TABLE app.job_rings TO freehold_relay;

GRANT UPDATE(credit) ON TABLE app.job_rings TO freehold_relay;

GRANT SELECT,INSERT ON TABLE app.jobs TO freehold_api;
GRANT SELECT,INSERT,DELETE ON TABLE app.jobs TO freehold_worker;
GRANT SELECT,DELETE ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(kind) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(kind) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(job_class) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(job_class) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(state) ON TABLE app.jobs TO freehold_api;
GRANT UPDATE(state) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(state) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(cause) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(cause) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(lane) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(lane) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(input) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(input) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(checkpoint) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(checkpoint) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(result) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(result) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(reason) ON TABLE app.jobs TO freehold_api;
GRANT UPDATE(reason) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(reason) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(done) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(done) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(total) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(total) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(attempt) ON TABLE app.jobs TO freehold_api;
GRANT UPDATE(attempt) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(attempt) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(attempts) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(attempts) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(cancel_asked) ON TABLE app.jobs TO freehold_api;
GRANT UPDATE(cancel_asked) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(cancel_asked) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(due_at) ON TABLE app.jobs TO freehold_api;
GRANT UPDATE(due_at) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(due_at) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(deadline) ON TABLE app.jobs TO freehold_api;
GRANT UPDATE(deadline) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(deadline) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(token) ON TABLE app.jobs TO freehold_api;
GRANT UPDATE(token) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(token) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(lease_until) ON TABLE app.jobs TO freehold_api;
GRANT UPDATE(lease_until) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(lease_until) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(created_by) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(created_by) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(request_id) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(request_id) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(started_at) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(started_at) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(finished_at) ON TABLE app.jobs TO freehold_api;
GRANT UPDATE(finished_at) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(finished_at) ON TABLE app.jobs TO freehold_relay;

GRANT UPDATE(updated_at) ON TABLE app.jobs TO freehold_api;
GRANT UPDATE(updated_at) ON TABLE app.jobs TO freehold_worker;
GRANT UPDATE(updated_at) ON TABLE app.jobs TO freehold_relay;

GRANT SELECT ON TABLE app.members TO freehold_door;
GRANT SELECT ON TABLE app.members TO freehold_api;
GRANT SELECT,INSERT ON TABLE app.members TO freehold_registrar;

GRANT SELECT(tenant_id) ON TABLE app.members TO freehold_worker;

GRANT SELECT(id) ON TABLE app.members TO freehold_worker;

GRANT SELECT(email) ON TABLE app.members TO freehold_worker;

GRANT SELECT(role) ON TABLE app.members TO freehold_worker;

GRANT SELECT(status) ON TABLE app.members TO freehold_worker;

GRANT INSERT ON TABLE app.outbox TO freehold_api;
GRANT INSERT ON TABLE app.outbox TO freehold_registrar;
GRANT SELECT,INSERT ON TABLE app.outbox TO freehold_relay;
GRANT SELECT,INSERT ON TABLE app.outbox TO freehold_worker;

GRANT UPDATE(due_at) ON TABLE app.outbox TO freehold_relay;

GRANT UPDATE(failures) ON TABLE app.outbox TO freehold_relay;

GRANT UPDATE(published_at) ON TABLE app.outbox TO freehold_relay;

GRANT SELECT ON TABLE app.permissions TO freehold_door;

GRANT SELECT,INSERT,DELETE ON TABLE app.projects TO freehold_api;
GRANT SELECT ON TABLE app.projects TO freehold_report;

GRANT UPDATE(name) ON TABLE app.projects TO freehold_api;

GRANT UPDATE(description) ON TABLE app.projects TO freehold_api;

GRANT UPDATE(archived_at) ON TABLE app.projects TO freehold_api;

GRANT UPDATE(created_by) ON TABLE app.projects TO freehold_api;

GRANT UPDATE(version) ON TABLE app.projects TO freehold_api;

GRANT UPDATE(updated_at) ON TABLE app.projects TO freehold_api;

GRANT SELECT,INSERT ON TABLE app.residents TO freehold_registrar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.turns TO freehold_relay;

GRANT SELECT,INSERT,DELETE ON TABLE app.webhook_endpoints TO freehold_api;
GRANT SELECT ON TABLE app.webhook_endpoints TO freehold_worker;

GRANT UPDATE(url) ON TABLE app.webhook_endpoints TO freehold_api;

GRANT UPDATE(description) ON TABLE app.webhook_endpoints TO freehold_api;

GRANT UPDATE(events) ON TABLE app.webhook_endpoints TO freehold_api;

GRANT UPDATE(permissions) ON TABLE app.webhook_endpoints TO freehold_api;

GRANT UPDATE(secret) ON TABLE app.webhook_endpoints TO freehold_api;

GRANT UPDATE(former_secrets) ON TABLE app.webhook_endpoints TO freehold_api;

GRANT UPDATE(state) ON TABLE app.webhook_endpoints TO freehold_api;
GRANT UPDATE(state) ON TABLE app.webhook_endpoints TO freehold_worker;

GRANT UPDATE(disabled_reason) ON TABLE app.webhook_endpoints TO freehold_api;
GRANT UPDATE(disabled_reason) ON TABLE app.webhook_endpoints TO freehold_worker;

GRANT UPDATE(disabled_at) ON TABLE app.webhook_endpoints TO freehold_api;
GRANT UPDATE(disabled_at) ON TABLE app.webhook_endpoints TO freehold_worker;

GRANT UPDATE(version) ON TABLE app.webhook_endpoints TO freehold_api;
GRANT UPDATE(version) ON TABLE app.webhook_endpoints TO freehold_worker;

GRANT UPDATE(updated_at) ON TABLE app.webhook_endpoints TO freehold_api;
GRANT UPDATE(updated_at) ON TABLE app.webhook_endpoints TO freehold_worker;

GRANT SELECT ON TABLE app.webhook_failures TO freehold_api;
GRANT SELECT,INSERT,DELETE ON TABLE app.webhook_failures TO freehold_worker;

GRANT UPDATE(since) ON TABLE app.webhook_failures TO freehold_worker;

GRANT UPDATE(failures) ON TABLE app.webhook_failures TO freehold_api;
GRANT UPDATE(failures) ON TABLE app.webhook_failures TO freehold_worker;

GRANT UPDATE(timeouts) ON TABLE app.webhook_failures TO freehold_api;
GRANT UPDATE(timeouts) ON TABLE app.webhook_failures TO freehold_worker;

GRANT UPDATE(pauses) ON TABLE app.webhook_failures TO freehold_api;
GRANT UPDATE(pauses) ON TABLE app.webhook_failures TO freehold_worker;

GRANT UPDATE(paused_since) ON TABLE app.webhook_failures TO freehold_api;
GRANT UPDATE(paused_since) ON TABLE app.webhook_failures TO freehold_worker;

GRANT UPDATE(paused_until) ON TABLE app.webhook_failures TO freehold_api;
GRANT UPDATE(paused_until) ON TABLE app.webhook_failures TO freehold_worker;

GRANT UPDATE(recovers) ON TABLE app.webhook_failures TO freehold_api;
GRANT UPDATE(recovers) ON TABLE app.webhook_failures TO freehold_worker;

GRANT SELECT ON TABLE app.webhook_quotas TO freehold_api;

GRANT SELECT ON TABLE app.workers TO freehold_door;

GRANT SELECT ON TABLE directory.memberships TO freehold_door;
GRANT INSERT ON TABLE directory.memberships TO freehold_registrar;

GRANT SELECT,INSERT,DELETE ON TABLE directory.sign_ups TO freehold_registrar;

GRANT INSERT ON TABLE directory.tenants TO freehold_registrar;

ALTER DEFAULT PRIVILEGES FOR ROLE freehold_auditor REVOKE ALL ON FUNCTIONS FROM PUBLIC;

ALTER DEFAULT PRIVILEGES FOR ROLE freehold_door REVOKE ALL ON FUNCTIONS FROM PUBLIC;

ALTER DEFAULT PRIVILEGES FOR ROLE freehold_owner REVOKE ALL ON FUNCTIONS FROM PUBLIC;

ALTER DEFAULT PRIVILEGES FOR ROLE freehold_registrar REVOKE ALL ON FUNCTIONS FROM PUBLIC;

ALTER DEFAULT PRIVILEGES FOR ROLE freehold_relay REVOKE ALL ON FUNCTIONS FROM PUBLIC;
