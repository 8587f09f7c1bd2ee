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

-- step: make parts
-- A part of a partitioned table, as app.tenant_table leaves one: bound by the table's restrictive policies, and given to
-- nobody. Foreign keys, indexes and triggers come with the attachment. It locks what the table refers to first, in the order
-- of requests, which enter before they write.
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
    execute format('alter table %s enable row level security, force row level security', made);
    for rule in
        select p.polname, pg_get_expr(p.polqual, target) as visible, pg_get_expr(p.polwithcheck, target) as checked
          from pg_policy p where p.polrelid = target and not p.polpermissive
    loop
        execute format('create policy %I on %s as restrictive using (%s) with check (%s)',
                       rule.polname, made, rule.visible, rule.checked);
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
