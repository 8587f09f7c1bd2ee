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
    end loop;
    call app.allow(target, 'freehold_relay', variadic verbs);
end $_$;

ALTER PROCEDURE app."cross"(IN target regclass, VARIADIC verbs text[]) OWNER TO freehold_owner;

CREATE FUNCTION app.end_turn(name text, period text, holder text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    update app.turns t set done_at = now()
     where t.name = end_turn.name and t.period = end_turn.period and t.holder = end_turn.holder;
end $$;

ALTER FUNCTION app.end_turn(name text, period text, holder text) OWNER TO freehold_relay;

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

CREATE PROCEDURE app.forget_proof(IN target regclass)
    LANGUAGE plpgsql
    AS $$
begin
    if exists (select from pg_constraint where conrelid = target and conname = 'backfill_proof') then
        call app.patiently(target, format('alter table %s drop constraint backfill_proof', target));
    end if;
end $$;

ALTER PROCEDURE app.forget_proof(IN target regclass) OWNER TO freehold_owner;

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
    AS $$
begin
    perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true);
    update app.outbox o set published_at = now()
      from unnest(published_of, published) p (tenant_id, id)
     where o.tenant_id = p.tenant_id and o.id = p.id and o.published_at is null;
    update app.outbox o
       set failures = o.failures + 1,
           due_at = now() + least(interval '1 second' * 2 ^ least(o.failures, 12), interval '1 hour') * (0.5 + random() / 2)
      from unnest(refused_of, refused) p (tenant_id, id)
     where o.tenant_id = p.tenant_id and o.id = p.id and o.published_at is null;
    if not app.take_turn('relay', '', holder, hold) then
        return;
    end if;
    return query
        select o.id, o.type, o.tenant_id, json_build_object(
                   'id', o.id, 'type', o.type, 'version', o.version, 'tenant_id', o.tenant_id, 'subject_id', o.subject_id,
                   'occurred_at', o.occurred_at, 'request_id', o.request_id, 'data', o.data)::text
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
    due_at timestamp with time zone DEFAULT now() NOT NULL,
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
    due_at timestamp with time zone DEFAULT now() CONSTRAINT outbox_due_at_not_null NOT NULL,
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

CREATE TABLE app.turns (
    name text NOT NULL,
    period text NOT NULL,
    holder text NOT NULL,
    until timestamp with time zone NOT NULL,
    done_at timestamp with time zone
);

ALTER TABLE app.turns OWNER TO freehold_owner;

COMMENT ON TABLE app.turns IS 'global: what the clock has done, and who is at it; of no tenant';

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

ALTER TABLE ONLY app.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (tenant_id, principal, route, key);

ALTER TABLE ONLY app.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (tenant_id, consumer, event_id);

ALTER TABLE ONLY app.inbox_default
    ADD CONSTRAINT inbox_default_pkey PRIMARY KEY (tenant_id, consumer, event_id);

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

ALTER TABLE ONLY app.tenants
    ADD CONSTRAINT tenants_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.turns
    ADD CONSTRAINT turns_pkey PRIMARY KEY (name, period);

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

CREATE INDEX idempotency_age ON app.idempotency USING btree (tenant_id, created_at);

CREATE INDEX outbox_waiting ON ONLY app.outbox USING btree (due_at, id) WHERE (published_at IS NULL);

CREATE INDEX outbox_default_waiting ON app.outbox_default USING btree (due_at, id) WHERE (published_at IS NULL);

CREATE INDEX projects_created_by ON app.projects USING btree (tenant_id, created_by);

CREATE INDEX memberships_tenant ON directory.memberships USING btree (tenant_id);

CREATE INDEX sign_ups_tenant ON directory.sign_ups USING btree (tenant_id);

ALTER INDEX app.audit_pkey ATTACH PARTITION app.audit_default_pkey;

ALTER INDEX app.inbox_pkey ATTACH PARTITION app.inbox_default_pkey;

ALTER INDEX app.outbox_pkey ATTACH PARTITION app.outbox_default_pkey;

ALTER INDEX app.outbox_waiting ATTACH PARTITION app.outbox_default_waiting;

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.api_keys FOR EACH ROW EXECUTE FUNCTION app.audit_row('secret_hash');

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.members FOR EACH ROW EXECUTE FUNCTION app.audit_row();

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.projects FOR EACH ROW EXECUTE FUNCTION app.audit_row();

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON app.tenants FOR EACH ROW EXECUTE FUNCTION app.audit_row();

CREATE TRIGGER reside AFTER INSERT ON app.tenants FOR EACH ROW EXECUTE FUNCTION app.reside();

ALTER TABLE ONLY app.api_keys
    ADD CONSTRAINT api_keys_tenant_id_created_by_fkey FOREIGN KEY (tenant_id, created_by) REFERENCES app.members(tenant_id, id);

ALTER TABLE ONLY app.api_keys
    ADD CONSTRAINT api_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE app.audit
    ADD CONSTRAINT audit_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.idempotency
    ADD CONSTRAINT idempotency_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

ALTER TABLE app.inbox
    ADD CONSTRAINT inbox_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES app.tenants(id) ON DELETE CASCADE;

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

ALTER TABLE ONLY directory.memberships
    ADD CONSTRAINT memberships_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES directory.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY directory.sign_ups
    ADD CONSTRAINT sign_ups_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES directory.tenants(id) ON DELETE CASCADE;

ALTER TABLE app.api_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.audit ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.audit_default ENABLE ROW LEVEL SECURITY;

CREATE POLICY freehold_api ON app.api_keys TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.idempotency TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.members TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.outbox TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.projects TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_api ON app.tenants TO freehold_api USING (true) WITH CHECK (true);

CREATE POLICY freehold_auditor ON app.audit TO freehold_auditor USING (true) WITH CHECK (true);

CREATE POLICY freehold_auditor ON app.tenants TO freehold_auditor USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON app.api_keys TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON app.members TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_door ON app.tenants TO freehold_door USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.api_keys TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.audit TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.idempotency TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.inbox TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.members TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.outbox TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.projects TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_owner ON app.tenants TO freehold_owner USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.members TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.outbox TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_registrar ON app.tenants TO freehold_registrar USING (true) WITH CHECK (true);

CREATE POLICY freehold_relay ON app.outbox TO freehold_relay USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.inbox TO freehold_worker USING (true) WITH CHECK (true);

CREATE POLICY freehold_worker ON app.outbox TO freehold_worker USING (true) WITH CHECK (true);

ALTER TABLE app.idempotency ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.inbox ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.inbox_default ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.members ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.outbox ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.outbox_default ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.projects ENABLE ROW LEVEL SECURITY;

CREATE POLICY tenant ON app.api_keys AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.audit AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.audit_default AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.idempotency AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.inbox AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.inbox_default AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.members AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.outbox AS RESTRICTIVE USING (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid))) WITH CHECK (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid)));

CREATE POLICY tenant ON app.outbox_default AS RESTRICTIVE USING (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid))) WITH CHECK (((CURRENT_USER = 'freehold_relay'::name) OR (tenant_id = (current_setting('app.tenant_id'::text))::uuid)));

CREATE POLICY tenant ON app.projects AS RESTRICTIVE USING ((tenant_id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((tenant_id = (current_setting('app.tenant_id'::text))::uuid));

CREATE POLICY tenant ON app.tenants AS RESTRICTIVE USING ((id = (current_setting('app.tenant_id'::text))::uuid)) WITH CHECK ((id = (current_setting('app.tenant_id'::text))::uuid));

ALTER TABLE app.tenants ENABLE ROW LEVEL SECURITY;

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

REVOKE ALL ON FUNCTION app.admit(principal text, member uuid, held text[], permission text, epoch integer, access app.access, moved_to integer, needs app.access) FROM PUBLIC;

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

REVOKE ALL ON FUNCTION app.end_turn(name text, period text, holder text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.end_turn(name text, period text, holder text) TO freehold_system;

REVOKE ALL ON FUNCTION app.enter(tenant uuid, epoch integer, issuer text, subject text, issued_at timestamp with time zone, permission text, request_id text, address text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.enter(tenant uuid, epoch integer, issuer text, subject text, issued_at timestamp with time zone, permission text, request_id text, address text) TO freehold_api;

REVOKE ALL ON FUNCTION app.enter_key(tenant uuid, epoch integer, secret_hash bytea, permission text, request_id text, address text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.enter_key(tenant uuid, epoch integer, secret_hash bytea, permission text, request_id text, address text) TO freehold_api;

REVOKE ALL ON FUNCTION app.enter_report(tenant uuid, epoch integer, worker text, request_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.enter_report(tenant uuid, epoch integer, worker text, request_id text) TO freehold_report;

REVOKE ALL ON FUNCTION app.enter_resident(tenant uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.enter_worker(tenant uuid, epoch integer, worker text, behalf text, permission text, request_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.enter_worker(tenant uuid, epoch integer, worker text, behalf text, permission text, request_id text) TO freehold_worker;

REVOKE ALL ON PROCEDURE app.forget_proof(IN target regclass) FROM PUBLIC;

REVOKE ALL ON PROCEDURE app.identity_table(IN target regclass, IN reason text) FROM PUBLIC;

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

REVOKE ALL ON PROCEDURE app.show_tables_to_the_owner() FROM PUBLIC;

GRANT SELECT ON TABLE app.tenants TO freehold_auditor;
GRANT SELECT ON TABLE app.tenants TO freehold_door;
GRANT SELECT ON TABLE app.tenants TO freehold_api;
GRANT SELECT,INSERT ON TABLE app.tenants TO freehold_registrar;

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

REVOKE ALL ON PROCEDURE app.worker(IN name text, IN description text) FROM PUBLIC;

GRANT SELECT ON TABLE app.api_keys TO freehold_door;
GRANT SELECT,INSERT ON TABLE app.api_keys TO freehold_api;

GRANT UPDATE(secret_hash) ON TABLE app.api_keys TO freehold_api;

GRANT UPDATE(hint) ON TABLE app.api_keys TO freehold_api;

GRANT UPDATE(created_by) ON TABLE app.api_keys TO freehold_api;

GRANT UPDATE(revoked_at) ON TABLE app.api_keys TO freehold_api;

GRANT UPDATE(version) ON TABLE app.api_keys TO freehold_api;

GRANT UPDATE(updated_at) ON TABLE app.api_keys TO freehold_api;

GRANT INSERT ON TABLE app.audit TO freehold_auditor;

GRANT SELECT ON TABLE app.builtin_roles TO freehold_door;

GRANT SELECT,INSERT,DELETE ON TABLE app.idempotency TO freehold_api;

GRANT SELECT,INSERT ON TABLE app.inbox TO freehold_worker;

GRANT SELECT ON TABLE app.members TO freehold_door;
GRANT SELECT ON TABLE app.members TO freehold_api;
GRANT SELECT,INSERT ON TABLE app.members TO freehold_registrar;

GRANT INSERT ON TABLE app.outbox TO freehold_api;
GRANT INSERT ON TABLE app.outbox TO freehold_registrar;
GRANT SELECT ON TABLE app.outbox TO freehold_relay;
GRANT INSERT ON TABLE app.outbox TO freehold_worker;

GRANT UPDATE(due_at) ON TABLE app.outbox TO freehold_relay;

GRANT UPDATE(failures) ON TABLE app.outbox TO freehold_relay;

GRANT UPDATE(published_at) ON TABLE app.outbox TO freehold_relay;

GRANT SELECT ON TABLE app.permissions TO freehold_door;

GRANT SELECT,INSERT,DELETE ON TABLE app.projects TO freehold_api;

GRANT UPDATE(name) ON TABLE app.projects TO freehold_api;

GRANT UPDATE(description) ON TABLE app.projects TO freehold_api;

GRANT UPDATE(archived_at) ON TABLE app.projects TO freehold_api;

GRANT UPDATE(created_by) ON TABLE app.projects TO freehold_api;

GRANT UPDATE(version) ON TABLE app.projects TO freehold_api;

GRANT UPDATE(updated_at) ON TABLE app.projects TO freehold_api;

GRANT INSERT ON TABLE app.residents TO freehold_registrar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.turns TO freehold_relay;

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
