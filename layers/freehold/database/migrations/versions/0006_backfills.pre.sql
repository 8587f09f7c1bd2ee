-- What a later migration needs to change rows of every tenant without going round row-level security: the list of tenants,
-- a policy by which the owner sees the rows of the one tenant that it has entered, and the procedures that enter each.

-- step: list the tenants
-- First the lock that makes everybody wait, so that nobody signs up in between. The keys come after the rows: one look
-- at the tenants is then enough for all of them.
alter table app.tenants no force row level security;

create table app.residents (id uuid not null);
comment on table app.residents is 'global: the ids of the tenants of this cell, for migrations that go through them one by one';
insert into app.residents (id) select id from app.tenants;
alter table app.residents
    add primary key (id),
    add foreign key (id) references app.tenants on delete cascade;
grant insert on app.residents to freehold_registrar;

create function app.reside() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    insert into app.residents (id) values (new.id);
    return null;
end $$;
create trigger reside after insert on app.tenants for each row execute function app.reside();
alter table app.tenants force row level security;

-- step: make the procedures
-- Whether a tenant is on the list, for a proof; to nobody else does it tell. Whoever inserts while a proof stands has to be
-- allowed to call it.
create function app.resides(tenant uuid) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    if current_setting('app.proof', true) is distinct from 'on' then
        return true;  -- in a statement of its own: one that names the list takes the right to read it
    end if;
    return exists (select from app.residents where id = tenant);
end $$;
grant execute on function app.resides to freehold_door, freehold_auditor, freehold_registrar,
    freehold_api, freehold_worker, freehold_system, freehold_report, freehold_operator;

-- As before, and with the owner's policy.
create or replace procedure app.tenant_table(target regclass, key name default 'tenant_id', unaudited text default null)
language plpgsql as $$
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
end $$;

-- The column that says whose row it is. Raises where the owner would not see the rows of the tenant that it enters.
create function app.tenant_key(target regclass) returns name
language plpgsql stable as $$
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

-- Enters a tenant for the rest of the transaction, as the migration that runs.
create function app.enter_resident(tenant uuid) returns void
language plpgsql as $$
declare
    migration text := coalesce(nullif(current_setting('app.migration', true), ''), 'by hand');
begin
    perform set_config('app.tenant_id', tenant::text, true), set_config('app.principal', 'migration:' || migration, true),
            set_config('app.request_id', 'migration:' || migration, true), set_config('app.address', '', true);
end $$;

-- Runs one statement that needs its lock for a moment only, again and again until it gets it, and commits. Between two
-- tries it ends an autovacuum of the table: PostgreSQL does that for whoever has waited for it for a second, and this wait
-- keeps no reader or writer.
create procedure app.patiently(target regclass, statement text)
language plpgsql as $$
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

-- Without this policy the owner would see no row, and a backfill would change none and report success. With it, the
-- restrictive policy `tenant` decides: it raises where no tenant is entered. One table at a time: requests lock them in
-- another order. Safe to repeat.
create procedure app.show_tables_to_the_owner()
language plpgsql as $$
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

-- Adds a constraint that binds nobody but its validation, to which row-level security does not reach.
create procedure app.state_proof(target regclass, condition text)
language plpgsql as $$
begin
    call app.forget_proof(target);
    call app.patiently(target, format(
        'alter table %s add constraint backfill_proof check (current_setting(''app.proof'', true) is distinct from ''on'''
        ' or (%s)) not valid', target, condition));
end $$;

create procedure app.forget_proof(target regclass)
language plpgsql as $$
begin
    if exists (select from pg_constraint where conrelid = target and conname = 'backfill_proof') then
        call app.patiently(target, format('alter table %s drop constraint backfill_proof', target));
    end if;
end $$;

-- Whether `condition` holds for every row of every tenant.
create procedure app.prove(target regclass, condition text, inout proved boolean default false)
language plpgsql as $$
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

-- Changes the rows of every tenant for which `condition` holds, in batches that are each committed:
--
--     call app.backfill('app.projects', $$ slug = lower(name) $$, $$ slug is null $$);
--
-- `assignment` has to make `condition` false. Each change is audited like any other; version and updated_at stay unless
-- they are assigned. New rows must come right by themselves by now, through a default or a trigger. In the end a scan that
-- knows no row-level security proves that no row is left. Safe to repeat, also after it was killed. Call it by itself.
create procedure app.backfill(target regclass, assignment text, condition text, batch integer default 1000)
language plpgsql as $$
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
end $$;

-- Validates a foreign key that was added `not valid`. The database alone would look as the tables' owner looks, who sees one
-- tenant at most; so it is proved that the list of tenants is whole, each tenant is entered, and the database's own look
-- comes last. Safe to repeat. Call it by itself.
create procedure app.validate_reference(target regclass, reference name)
language plpgsql as $$
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
end $$;

-- step: show the tenant tables to their owner
call app.show_tables_to_the_owner();
