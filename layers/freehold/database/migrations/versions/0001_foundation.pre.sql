-- The schema of a cell, the template that every tenant table follows, and the audit trail behind it.

create schema app authorization freehold_owner;
alter default privileges revoke execute on functions from public;  -- procedures too: each is granted by name or not at all
grant usage on schema app to freehold_door, freehold_auditor, freehold_registrar,
    freehold_api, freehold_worker, freehold_system, freehold_report, freehold_operator;

create type app.access as enum ('suspended', 'restricted', 'full');  -- ordered: more access is greater

-- Makes a table a tenant table. Call it once, after the comments on its columns ('personal', 'secret') are written.
-- `unaudited` is the reason why changes of a machine's table are not recorded; without one, they are.
create procedure app.tenant_table(target regclass, key name default 'tenant_id', unaudited text default null)
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
    if unaudited is not null then
        execute format('comment on table %s is %L', target, 'unaudited: ' || unaudited);
        return;
    end if;
    select string_agg(quote_literal(attname), ', ' order by attnum) into secrets from pg_attribute
     where attrelid = target and attnum > 0 and not attisdropped and col_description(attrelid, attnum) = 'secret';
    execute format('create trigger audit after insert or update or delete on %s for each row execute function app.audit_row(%s)',
        target, coalesce(secrets, ''));
end $$;

-- Lets a role use a tenant table: its privileges, and the permissive policy without which it would see nothing.
-- 'update' never includes the tenant or the id, so that no row can move; 'update (a, b)' names the columns. Call it again
-- after adding a column.
create procedure app.allow(target regclass, role name, variadic verbs text[])
language plpgsql as $$
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
end $$;

create table app.tenants (
    id uuid not null primary key,
    name text not null check (length(name) between 1 and 200),
    access app.access not null default 'full',
    epoch integer not null default 1,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create table app.audit (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    occurred_at timestamptz not null default now(),
    principal text not null default current_setting('app.principal'),
    request_id text not null default current_setting('app.request_id'),
    address text not null default current_setting('app.address'),
    action text not null,
    row_id uuid not null,
    change jsonb not null,
    primary key (tenant_id, id)
) partition by range (id);
create table app.audit_default partition of app.audit default;
comment on column app.audit.address is 'personal';
comment on column app.audit.change is 'personal';
call app.tenant_table('app.audit', unaudited => 'it is the record of changes itself');
call app.allow('app.audit', 'freehold_auditor', 'insert');

-- Writes what changed, as {column: [before, after]}. Its arguments name the secret columns: that they changed is
-- recorded, what they held is not. It belongs to a role of its own, so that request roles cannot reach the audit table.
grant create on schema app to freehold_auditor;
set local role freehold_auditor;
alter default privileges revoke execute on functions from public;
create function app.audit_row() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
grant execute on function app.audit_row to freehold_owner;
set local role freehold_owner;
revoke create on schema app from freehold_auditor;

call app.tenant_table('app.tenants', key => 'id');
call app.allow('app.tenants', 'freehold_auditor', 'select');
