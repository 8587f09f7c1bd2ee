-- Rows that come with the time, and go with it: how long they are kept, and how a part for a coming time is made.

-- step: say how long rows are kept
create table app.retention (table_name text primary key, keep interval not null check (keep > interval '0'));
comment on table app.retention is 'global: for how long the rows of partitioned tables are kept, written by migrations';

-- Declares for how long a partitioned table keeps its rows. One without keeps them for good.
create procedure app.retain(target regclass, keep interval)
language plpgsql as $$
begin
    if not exists (select from pg_partitioned_table where partrelid = target) then
        raise exception '% is not partitioned: its rows cannot go with their time', target;
    end if;
    insert into app.retention (table_name, keep) values (target::text, retain.keep);
end $$;
call app.retain('app.outbox', '30 days');
call app.retain('app.inbox', '30 days');
call app.retain('app.deliveries', '30 days');
call app.retain('app.delivery_attempts', '30 days');

-- step: make parts
-- A part of a partitioned table, as app.tenant_table leaves one: bound by the table's restrictive policies, and given to
-- nobody. Foreign keys, indexes and triggers come with the attachment. It locks what the table refers to first, in the order
-- of requests, which enter before they write. Rows that go again are changed meanwhile (published, delivered): a vacuum comes as
-- early as to the jobs.
create procedure app.add_part(target regclass, part name, bounds text)
language plpgsql as $$
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

-- What lies in the default part becomes the part of its time, and the default begins anew. A valid constraint `in_time` has
-- to say that all of it is of that time: then nobody waits while rows are looked at.
create procedure app.adopt_default(target regclass, part name, bounds text)
language plpgsql as $$
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

-- step: forget what is over
-- Each of these does one deletion, of rows of every tenant, whose age stands in it: whoever calls it can choose nothing. It
-- deletes a part of what is over, and returns how many that were; none is left when it returns 0.
call app.cross('app.idempotency', 'select', 'delete');
call app.cross('app.emails', 'select', 'delete');
grant create on schema app to freehold_relay, freehold_registrar;
grant select on app.residents to freehold_registrar;
set local role freehold_relay;
alter default privileges revoke execute on functions from public;

-- Answers that a repeated request cannot ask for any more. From tenant to tenant, along the index.
create function app.forget_answers() returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
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

-- Jobs that ended a month ago. Ids tell when a job was made: of the older ones, few are left that have not ended.
create function app.forget_jobs() returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
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

-- Mails of three months ago. What must not be sent to an address stays.
create function app.forget_mails() returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
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

-- Turns that nobody has had for a week.
create function app.forget_turns() returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    forgotten integer;
begin
    delete from app.turns t where t.until < now() - interval '7 days';
    get diagnostics forgotten = row_count;
    return forgotten;
end $$;

set local role freehold_registrar;
-- Keys of sign-ups, which a day later nobody repeats. They are the identities' own: it becomes the founder of each tenant
-- that is younger than a month, one after the other, and so is bound like anybody who asks.
create function app.forget_sign_ups() returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
grant execute on function app.forget_sign_ups to freehold_system;
set local role freehold_relay;
grant execute on function app.forget_answers, app.forget_jobs, app.forget_mails, app.forget_turns to freehold_system;
set local role freehold_owner;
revoke create on schema app from freehold_relay, freehold_registrar;
