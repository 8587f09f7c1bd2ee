-- Limits: how many a tenant may have of what is counted, and how much it may use of what is metered, by the plans that are
-- published and by what was agreed with it. The tables themselves refuse what would be more, whatever writes there.

-- step: know what is counted
-- Written by app.limited alone, in migrations; app.limited_rows is made of it.
create table app.limited_tables (
    key text not null primary key check (key ~ '^[a-z][a-z0-9_]{0,59}$'),
    target text not null,
    condition text not null
);
comment on table app.limited_tables is 'global: which rows a limit counts; the same read-only rows for every tenant, written by migrations';
grant select on app.limited_tables to freehold_door;

-- Everything that is counted, under the policies of whoever counts.
create view app.limited_rows with (security_invoker = true) as select null::text as key, null::uuid as tenant_id where false;
grant select on app.limited_rows to freehold_door;

-- step: remember what was worked out
-- Which limits are refused beyond, as it holds for one version of what decides, of one snapshot, until some moment.
alter table app.decision_versions
    add column hard jsonb,
    add column hard_version bigint,
    add column hard_snapshot bigint,
    add column hard_until timestamptz;
call app.allow('app.decision_versions', 'freehold_door', 'update (hard, hard_version, hard_snapshot, hard_until)');

-- step: work out what holds, and count
grant select on app.snapshot to freehold_door;
call app.allow('app.usage_hours', 'freehold_door', 'select');
grant create on schema app to freehold_door;
set local role freehold_door;
alter default privileges revoke execute on functions from public;

-- The plan that counts for the tenant that is entered, the rule that names it, and whether it was agreed or given: as was agreed,
-- as the newest grant says, as is paid for, or the one that everybody has. One that is not published counts for nothing.
create function app.plan_of(catalog jsonb, out plan text, out rule text, out given boolean)
language plpgsql stable as $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
begin
    select found.plan, found.rule, found.place < 3 into plan, rule, given from (
        select 1 as place, o.id, o.plan, 'override:' || o.id as rule from app.overrides o
         where o.tenant_id = tenant and o.ended_at is null and coalesce(o.until, 'infinity') > now()
        union all
        (select 2, g.id, g.plan, 'grant:' || g.id from app.access_grants g
          where g.tenant_id = tenant and g.ended_at is null and g.until > now() order by g.id desc limit 1)
        union all
        select 3, tenant, a.plan, 'plan:' || a.plan from app.billing_accounts a where a.tenant_id = tenant
        union all
        select 4, tenant, catalog ->> 'fallback', 'fallback:' || (catalog ->> 'fallback')) found
     where catalog -> 'plans' ? found.plan order by found.place, found.id desc limit 1;
end $$;

-- What the published plans and what was agreed say of each limit, as freehold/entitlements/resolution.py does. `most` is null
-- where there is no limit, `until` the moment from which on it may be another by itself.
create function app.limits() returns table (key text, most bigint, rule text, hard boolean, meter text, until timestamptz)
language plpgsql stable as $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
    plans jsonb := (select s.catalog from app.snapshot s);
    base record := app.plan_of(plans);
    paid record;
    another timestamptz;
begin
    select coalesce(a.add_ons, '{}') as add_ons, b.started_at as since into paid
      from (select) nothing
      left join app.billing_accounts a on a.tenant_id = tenant
      left join app.subscriptions b on b.tenant_id = tenant and b.stripe_id = a.subscription_id;
    another := least(
        (select min(o.until) from app.overrides o where o.tenant_id = tenant and o.ended_at is null and o.until > now()),
        (select min(g.until) from app.access_grants g where g.tenant_id = tenant and g.ended_at is null and g.until > now()),
        (select min((k ->> 'until')::timestamptz) from jsonb_array_elements(plans -> 'grandfathered') k
          where (k ->> 'until')::timestamptz > now()));
    return query
        select l.key, case when agreed.rule is null then sold.most + coalesce(added.more, 0) else agreed.most end,
               case when agreed.rule is not null then agreed.rule
                    when sold.most is not null and added.rule is not null then added.rule else sold.rule end,
               coalesce(l.value -> 'soft', 'false') <> 'true', l.value ->> 'meter', another
          from jsonb_each(plans -> 'limits') l
         cross join lateral (
            select each.most, each.rule from (
                select 1 as place, 0::bigint as entry, base.rule as rule,
                       (plans #>> array['plans', base.plan, 'limits', l.key])::bigint as most
                union all
                select 2, k.entry, 'grandfathered:' || (k.value ->> 'id'), (k.value #>> array['limits', l.key])::bigint
                  from jsonb_array_elements(plans -> 'grandfathered') with ordinality k (value, entry)
                 where k.value ->> 'plan' = base.plan and k.value -> 'limits' ? l.key
                   and paid.since < (k.value ->> 'before')::timestamptz
                   and coalesce((k.value ->> 'until')::timestamptz, 'infinity') > now()) each
             order by coalesce(each.most, 9223372036854775807) desc, each.place, each.entry limit 1) sold
         cross join lateral (
            select sum((a.value #>> array['limits', l.key])::bigint)::bigint as more,
                   'add_on:' || (array_agg(b.id order by b.place desc))[1] as rule
              from unnest(paid.add_ons) with ordinality b (id, place) join jsonb_each(plans -> 'add_ons') a on a.key = b.id
             where a.value -> 'limits' ? l.key) added
          left join lateral (
            select 'override:' || o.id as rule, (o.limits ->> l.key)::bigint as most from app.overrides o
             where o.tenant_id = tenant and o.ended_at is null and coalesce(o.until, 'infinity') > now() and o.limits ? l.key
             order by o.id desc limit 1) agreed on true;
end $$;

-- The most that the tenant may have of something; null is no limit.
create function app.limit_of(key text) returns bigint
language sql stable as $$
    select l.most from app.limits() l where l.key = limit_of.key;
$$;

-- The limits that are refused beyond, with the most and the meter of each. It is worked out once for each version of what
-- decides. The versions are read first: what is newer than they are is worked out again. To remember it waits for nobody.
create function app.hard_limits() returns jsonb
language plpgsql as $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
    held record;
begin
    select v.version, s.version as snapshot, v.hard, v.hard_until,
           v.hard_version = v.version and v.hard_snapshot = s.version and v.hard_until > now() as lasts
      into held from app.snapshot s left join app.decision_versions v on v.tenant_id = tenant;
    if held.lasts then
        return held.hard;
    end if;
    select coalesce(jsonb_object_agg(l.key, jsonb_build_object('most', l.most, 'meter', l.meter))
                    filter (where l.hard and l.most is not null), '{}'),
           coalesce(min(l.until), 'infinity')
      into held.hard, held.hard_until from app.limits() l;
    if held.version is null or current_setting('transaction_read_only')::boolean then
        return held.hard;
    end if;
    with free as materialized (
        select v.tenant_id from app.decision_versions v
         where v.tenant_id = tenant and v.version = held.version for update skip locked)
    update app.decision_versions v set hard = held.hard, hard_version = held.version, hard_snapshot = held.snapshot,
           hard_until = held.hard_until
      from free where v.tenant_id = free.tenant_id;
    return held.hard;
end $$;

-- How many of the tenant's rows a limit counts, and no more than are asked about.
create function app.counted(key text, most bigint) returns bigint
language plpgsql stable set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
    return (select count(*) from (
        select from app.limited_rows r
         where r.key = counted.key and r.tenant_id = current_setting('app.tenant_id')::uuid limit counted.most) there);
end $$;

-- What was used of a meter in the current period: that of a subscription that lives, or else the month.
create function app.metered(meter text) returns numeric
language plpgsql stable as $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
    span tstzrange := app.period();
begin
    return (select coalesce(sum(h.quantity), 0) from app.usage_hours h
             where h.tenant_id = tenant and h.meter = metered.meter and h.hour >= lower(span) and h.hour < upper(span));
end $$;

-- The hours that the current period is made of.
create function app.period() returns tstzrange
language plpgsql stable as $$
declare
    month timestamptz := date_trunc('month', now(), 'UTC');
    live record;
begin
    select a.current_period_start as first, a.current_period_end as last into live from app.billing_accounts a
     where a.tenant_id = current_setting('app.tenant_id')::uuid
       and a.status in ('trialing', 'active', 'past_due', 'unpaid', 'paused');
    return tstzrange(date_trunc('hour', coalesce(live.first, month), 'UTC'), coalesce(live.last, month + interval '1 month'));
end $$;

-- How much of a limit is used now; of what is counted, no more than are asked about. Null: nothing counts it.
create function app.usage_of(key text, most bigint) returns numeric
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    meter text := (select s.catalog #>> array['limits', usage_of.key, 'meter'] from app.snapshot s);
begin
    if meter is not null then
        return app.metered(meter);
    end if;
    return case when exists (select from app.limited_tables t where t.key = usage_of.key)
                then app.counted(usage_of.key, usage_of.most) end;
end $$;

-- What would give more of a limit than `has`, as freehold/entitlements/resolution.py says: plans that are sold, the least one first,
-- and then add-ons. Nothing does where the limit was agreed, and no plan does where one was given that counts in its place.
create function app.lifts(key text, has bigint) returns jsonb
language plpgsql stable as $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
    catalog jsonb := (select s.catalog from app.snapshot s);
    base record := app.plan_of(catalog);
    paid record;
    plans text[];
    others text[];
    at_once text[];
begin
    if exists (select from app.overrides o
                where o.tenant_id = tenant and o.ended_at is null and coalesce(o.until, 'infinity') > now()
                  and o.limits ? lifts.key) then
        return '[]';
    end if;
    select a.plan, coalesce(a.add_ons, '{}') as add_ons into paid
      from (select) nothing left join app.billing_accounts a on a.tenant_id = tenant;
    select coalesce(array_agg(p.key order by (p.value -> 'rank')::integer), '{}') into plans
      from jsonb_each(catalog -> 'plans') p
     where not base.given and p.value -> 'sold' = 'true'
       and coalesce((p.value #>> array['limits', lifts.key])::bigint + (
               select coalesce(sum((a.value #>> array['limits', lifts.key])::bigint), 0) from jsonb_each(catalog -> 'add_ons') a
                where a.key = any (paid.add_ons) and a.value -> 'plans' ? p.key), 9223372036854775807) > has;
    select coalesce(array_agg(a.key order by a.place), '{}'),
           coalesce(array_agg(a.key order by a.place) filter (where a.value -> 'plans' ? paid.plan), '{}')
      into others, at_once
      from jsonb_each(catalog -> 'add_ons') with ordinality a (key, value, place)
     where a.value -> 'limits' ? lifts.key and a.key <> all (paid.add_ons);
    return to_jsonb(plans || case when cardinality(plans || at_once) > 0 then at_once else others end);
end $$;

-- Ends the unit of work: this is the most that there may be.
create function app.refuse(key text, most bigint, used numeric) returns void
language plpgsql stable as $$
begin
    raise sqlstate 'FH402' using message = 'limit_reached', detail = jsonb_build_object(
        'limit', key, 'most', most, 'used', used, 'rule', (select l.rule from app.limits() l where l.key = refuse.key),
        'lifts', app.lifts(key, most));
end $$;

-- Goes on where there is room within a limit. Where there is none, it ends the unit of work. A soft limit, or none, always has;
-- one that the published plans do not know is a mistake in the code that asks, and lets nobody by.
create function app.within(key text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    held jsonb := app.hard_limits() -> key;
    most bigint := held -> 'most';
    used numeric;
begin
    if most is null then
        if exists (select from app.snapshot s where s.catalog <> '{}' and not coalesce(s.catalog -> 'limits' ? within.key, false)) then
            raise sqlstate 'FH500' using message = 'unknown_limit', detail = key;
        end if;
        return;
    elsif held ->> 'meter' is not null then
        used := app.metered(held ->> 'meter');
    else
        used := app.counted(key, most);
    end if;
    if used >= most then
        perform app.refuse(key, most, used);
    end if;
end $$;
grant execute on function app.usage_of, app.within to freehold_api, freehold_worker;

-- Refuses rows that would be more than the tenant may have: made, or made to count. Of several that make some at the same time,
-- each waits for the one before, and then counts what that has made. It goes by the rows' tenant: a statement that
-- claims another one behind them is a mistake or worse. Its arguments are the limit, and which rows count.
create function app.refuse_more() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    most bigint;
    same boolean;
    more bigint;
    less bigint := 0;
    there bigint;
begin
    select bool_and(m.tenant_id = current_setting('app.tenant_id')::uuid), count(*) into same, more from made m;
    if more = 0 then
        return null;
    elsif same is not true then
        raise sqlstate 'FH500' using message = 'another_tenant';
    end if;
    most := app.hard_limits() #> array[tg_argv[0], 'most'];
    if most is null then
        return null;
    end if;
    if tg_argv[1] <> 'true' then
        execute format('select count(*) from made where %s', tg_argv[1]) into more;
    end if;
    if tg_op = 'UPDATE' then
        execute format('select count(*) from was where %s', tg_argv[1]) into less;
    end if;
    if more <= less then
        return null;
    end if;
    perform pg_advisory_xact_lock(hashtextextended(concat_ws(chr(31), 'limit', current_setting('app.tenant_id'), tg_argv[0]), 0));
    most := app.hard_limits() #> array[tg_argv[0], 'most'];  -- it may be another by now
    if most is null then
        return null;
    end if;
    there := app.counted(tg_argv[0], most + more - less);
    if there > most then
        perform app.refuse(tg_argv[0], most, there - more + less);
    end if;
    return null;
end $$;

-- Likewise for what is used: recorded as a whole, or not at all.
create function app.refuse_more_usage() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    same boolean;
    span tstzrange;
    of_meter record;
    more numeric;
    less numeric := 0;
    used numeric;
begin
    select bool_and(m.tenant_id = current_setting('app.tenant_id')::uuid) into same from made m;
    if same is null then
        return null;
    elsif not same then
        raise sqlstate 'FH500' using message = 'another_tenant';
    end if;
    for of_meter in
        select l.key, (l.value -> 'most')::bigint as most, l.value ->> 'meter' as meter
          from jsonb_each(app.hard_limits()) l where l.value ->> 'meter' is not null order by l.key
    loop
        span := coalesce(span, app.period());
        more := (select coalesce(sum(m.quantity), 0) from made m where m.meter = of_meter.meter and span @> m.hour);
        if tg_op = 'UPDATE' then
            less := (select coalesce(sum(w.quantity), 0) from was w where w.meter = of_meter.meter and span @> w.hour);
        end if;
        continue when more <= less;
        perform pg_advisory_xact_lock(
            hashtextextended(concat_ws(chr(31), 'limit', current_setting('app.tenant_id'), of_meter.key), 0));
        used := app.metered(of_meter.meter);
        if used > of_meter.most then
            perform app.refuse(of_meter.key, of_meter.most, used - more + less);
        end if;
    end loop;
    return null;
end $$;
grant execute on function app.refuse_more, app.refuse_more_usage to freehold_owner;

set local role freehold_owner;
revoke create on schema app from freehold_door;

-- Has a table's rows counted for a limit of plans.toml, or those of them that meet a condition on its columns, and refuses what
-- would be more. Call it once for a limit, in the migration that makes the table or in a later one.
create procedure app.limited(target regclass, key name, condition text default 'true')
language plpgsql as $$
declare
    columns text := (
        select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
         where attrelid = target and attnum > 0 and not attisdropped
           and (attname = 'tenant_id' or condition ~ ('\m' || attname || '\M')));
begin
    call app.allow(target, 'freehold_door', format('select (%s)', columns));
    insert into app.limited_tables (key, target, condition) values (limited.key, target::text, limited.condition);
    execute 'create or replace view app.limited_rows with (security_invoker = true) as ' || (
        select string_agg(format('select %L::text as key, tenant_id from %s where %s', t.key, t.target, t.condition), ' union all ')
          from app.limited_tables t);
    execute format('create trigger limited after insert on %s referencing new table as made'
                   ' for each statement execute function app.refuse_more(%L, %L)', target, key, condition);
    if condition <> 'true' then
        execute format('create trigger limited_again after update on %s referencing old table as was new table as made'
                       ' for each statement execute function app.refuse_more(%L, %L)', target, key, condition);
    end if;
end $$;

-- step: count seats
call app.limited('app.members', 'seats', $$status = 'active'$$);

-- step: hold what is used to its limits
create trigger limited after insert on app.usage_hours referencing new table as made
    for each statement execute function app.refuse_more_usage();
create trigger limited_again after update on app.usage_hours referencing old table as was new table as made
    for each statement execute function app.refuse_more_usage();
