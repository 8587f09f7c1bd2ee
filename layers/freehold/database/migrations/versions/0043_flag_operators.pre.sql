-- What operators change of what is decided, without a deployment: flags for everybody, and for one tenant what was agreed with it
-- or what it is shown by name. A flag's change leaves a line in its history, and whatever concerns one tenant is an errand of a
-- visit, and so a line there.

-- step: let visits show what decides
call app.allow('app.subscriptions', 'freehold_registrar', 'select (tenant_id, stripe_id, started_at)');

-- step: let operators change it
grant create on schema app to freehold_door, freehold_registrar;
set local role freehold_door;
grant execute on function app.facts, app.usage_of to freehold_registrar;
set local role freehold_registrar;
alter default privileges revoke execute on functions from public;

-- As before, with two errands more.
create or replace function app.enter_operator(
    tenant uuid, epoch integer, operator text, reason text, permission text, request_id text, address text
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    held text[] := '{tenant:read,members:read,jobs:read,webhooks:read,audit:read,operators:act,access:grant,decisions:read,'
        'decisions:change}';
    moved_to integer;
    visit uuid := uuidv7();
    done boolean := app.open(tenant, request_id, address);
begin
    select t.epoch into moved_to from app.tenants t where t.id = tenant;
    if not found then
        raise sqlstate 'FH404' using message = 'tenant_gone';
    elsif (moved_to = epoch) is not true then
        raise sqlstate 'FH409' using message = 'tenant_moved', detail = moved_to;
    elsif (length(btrim(reason)) >= 10) is not true then
        raise sqlstate 'FH422' using message = 'reason_required';
    elsif (permission = any (held)) is not true then
        raise sqlstate 'FH403' using message = 'permission_denied', detail = coalesce(permission, 'none');
    end if;
    insert into app.operator_visits (id, operator, reason, permission)
    values (visit, enter_operator.operator, btrim(enter_operator.reason), enter_operator.permission);
    done := set_config('app.principal', 'operator:' || enter_operator.operator, true) is not null
        and set_config('app.permissions', array_to_string(held, ' '), true) is not null
        and set_config('app.visit_id', visit::text, true) is not null;
end $$;

-- Makes a flag, or gives it another definition; its new version is the answer. `expected` is the version that whoever changes it
-- has seen, 0 where they have seen none: somebody else's change is not overwritten. In force with the next request of anybody.
create function app.change_flag(
    operator text, reason text, key text, definition jsonb, expected integer, request_id text
) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    held app.flags;
begin
    if num_nulls(operator, key, definition, expected, request_id) > 0 or definition ->> 'key' is distinct from key then
        raise sqlstate 'FH500' using message = 'missing_argument';
    elsif operator !~ '^[A-Za-z0-9][A-Za-z0-9._@+=,-]{0,99}$' then
        raise sqlstate 'FH422' using message = 'operator_unfit';
    elsif (length(btrim(reason)) >= 10) is not true then
        raise sqlstate 'FH422' using message = 'reason_required';
    elsif not app.names_nobody(definition) then
        raise sqlstate 'FH422' using message = 'flag_names_somebody';
    elsif length(definition::text) > 65536 then
        raise sqlstate 'FH422' using message = 'flag_too_long';
    elsif exists (select from app.snapshot s
                   where s.catalog -> 'features' ? change_flag.key or s.catalog -> 'limits' ? change_flag.key) then
        raise sqlstate 'FH422' using message = 'flag_key_taken';
    end if;
    select f.* into held from app.flags f where f.key = change_flag.key for update;
    if coalesce(held.version, 0) <> expected then
        raise sqlstate 'FH409' using message = 'flag_changed';
    elsif held.definition = change_flag.definition then
        return held.version;
    elsif held.key is null then
        insert into app.flags (key, definition) values (change_flag.key, change_flag.definition) on conflict do nothing;
        if not found then
            raise sqlstate 'FH409' using message = 'flag_changed';
        end if;
    else
        update app.flags f set definition = change_flag.definition, version = f.version + 1, updated_at = now()
         where f.key = change_flag.key;
    end if;
    insert into app.flag_changes (key, operator, reason, request_id, before, after)
    values (change_flag.key, change_flag.operator, btrim(change_flag.reason), change_flag.request_id, held.definition,
            change_flag.definition);
    update app.snapshot s set version = s.version + 1;
    return expected + 1;
end $$;

-- What everybody's decisions go by: the plans as they were published, and the flags.
create function app.show_snapshot() returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select jsonb_build_object(
               'version', s.version, 'catalog', s.catalog, 'published_at', s.published_at,
               'flags', (select coalesce(jsonb_agg(to_jsonb(f) order by f.key), '[]') from app.flags f))
      from app.snapshot s;
$$;

-- The flags, or the one of this key.
create function app.show_flags(named text) returns setof jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select to_jsonb(f) from app.flags f where named is null or f.key = named order by f.key;
$$;

-- Who has changed a flag, when and why, and what it was before; newest first.
create function app.flag_history(named text) returns setof jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select to_jsonb(c) from app.flag_changes c where c.key = named order by c.id desc limit 200;
$$;

-- How many were shown which variant of a flag, in all tenants together. Whose they are is not told.
create function app.flag_exposures(named text)
returns table (variant text, units bigint, tenants bigint, first_at timestamptz, last_at timestamptz)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    tenant uuid;
    here record;
    counted jsonb := '{}';
    before jsonb;
begin
    if current_setting('app.tenant_id', true) <> '' then
        raise sqlstate 'FH500' using message = 'already_entered';
    elsif not exists (select from app.flags f where f.key = named) then
        return;
    end if;
    for tenant in select r.id from app.residents r order by r.id loop
        perform set_config('app.tenant_id', tenant::text, true);
        for here in
            select e.variant, count(*) as units, min(e.exposed_at) as first_at, max(e.exposed_at) as last_at
              from app.exposures e where e.tenant_id = tenant and e.flag = named group by e.variant
        loop
            before := counted -> here.variant;
            counted := counted || jsonb_build_object(here.variant, jsonb_build_object(
                'units', coalesce((before ->> 'units')::bigint, 0) + here.units,
                'tenants', coalesce((before ->> 'tenants')::bigint, 0) + 1,
                'first_at', least((before ->> 'first_at')::timestamptz, here.first_at),
                'last_at', greatest((before ->> 'last_at')::timestamptz, here.last_at)));
        end loop;
    end loop;
    perform set_config('app.tenant_id', '', true);
    return query
        select c.key, (c.value ->> 'units')::bigint, (c.value ->> 'tenants')::bigint, (c.value ->> 'first_at')::timestamptz,
               (c.value ->> 'last_at')::timestamptz
          from jsonb_each(counted) c order by c.key;
end $$;

-- All that decides for the tenant of the visit: its facts as that member has them, or nobody in particular, what was agreed and
-- who is shown what by name, with reasons, also what is over, how much of each limit is used,
-- and how many were shown which variant.
create function app.show_decisions(member uuid) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    visit app.operator_visits := app.this_visit();
    facts jsonb := app.facts();
    somebody record;
begin
    if visit.permission <> 'decisions:read' then
        raise sqlstate 'FH403' using message = 'permission_denied', detail = 'decisions:read';
    end if;
    if member is not null then
        select m.id, coalesce(m.role, m.custom_role::text) as role into somebody
          from app.members m where m.tenant_id = visit.tenant_id and m.id = show_decisions.member and m.status <> 'removed';
        if not found then
            raise sqlstate 'FH404' using message = 'no_such_member';
        end if;
        facts := jsonb_set(facts, '{who}', jsonb_build_object(
            'principal', 'member:' || somebody.id, 'member_id', somebody.id, 'role', somebody.role));
    end if;
    return jsonb_build_object(
        'facts', jsonb_set(facts, '{tenant,targets}', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'flag', f.flag, 'member_id', f.member_id, 'variant', f.variant, 'until', f.until) order by f.id), '[]')
              from app.flag_targets f
             where f.tenant_id = visit.tenant_id and (f.member_id is null or f.member_id = show_decisions.member))),
        'used', (
            select coalesce(jsonb_object_agg(l.key, app.usage_of(l.key, null)), '{}')
              from app.snapshot s, jsonb_object_keys(s.catalog -> 'limits') l (key)),
        'overrides', (
            select coalesce(jsonb_agg(to_jsonb(o) - 'tenant_id' order by o.id desc), '[]')
              from (select v.* from app.overrides v where v.tenant_id = visit.tenant_id order by v.id desc limit 50) o),
        'targets', (
            select coalesce(jsonb_agg(to_jsonb(f) - 'tenant_id' order by f.id desc), '[]')
              from (select v.* from app.flag_targets v where v.tenant_id = visit.tenant_id order by v.id desc limit 200) f),
        'exposures', (
            select coalesce(jsonb_agg(to_jsonb(e) order by e.flag, e.variant), '[]')
              from (select x.flag, x.variant, count(*) as units, min(x.exposed_at) as first_at, max(x.exposed_at) as last_at
                      from app.exposures x where x.tenant_id = visit.tenant_id group by x.flag, x.variant) e));
end $$;

-- Shows a variant to the tenant of the visit, or to one of its members, whatever the rules say; in place of what was chosen for
-- them before.
create function app.target_flag(flag text, member uuid, variant text, until timestamptz) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    visit app.operator_visits := app.this_visit();
    aimed jsonb;
begin
    if visit.permission <> 'decisions:change' then
        raise sqlstate 'FH403' using message = 'permission_denied', detail = 'decisions:change';
    end if;
    select f.definition into aimed from app.flags f where f.key = target_flag.flag;
    if not found then
        raise sqlstate 'FH404' using message = 'unknown_flag';
    elsif aimed ->> 'state' = 'archived' then
        raise sqlstate 'FH409' using message = 'flag_archived';
    elsif not coalesce(aimed -> 'variants' ? variant, false) then
        raise sqlstate 'FH422' using message = 'no_such_variant';
    elsif until <= visit.at then
        raise sqlstate 'FH422' using message = 'until_over';
    elsif member is not null and not exists (
        select from app.members m where m.tenant_id = visit.tenant_id and m.id = target_flag.member and m.status <> 'removed') then
        raise sqlstate 'FH404' using message = 'no_such_member';
    end if;
    delete from app.flag_targets t
     where t.tenant_id = visit.tenant_id and t.flag = target_flag.flag and t.member_id is not distinct from target_flag.member;
    insert into app.flag_targets (id, flag, member_id, variant, reason, targeted_by, until)
    values (visit.id, target_flag.flag, target_flag.member, target_flag.variant, visit.reason, visit.operator,
            target_flag.until);
    return visit.id;
end $$;

-- Lets the rules decide again; whether something else did is the answer.
create function app.end_target(flag text, member uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    visit app.operator_visits := app.this_visit();
begin
    if visit.permission <> 'decisions:change' then
        raise sqlstate 'FH403' using message = 'permission_denied', detail = 'decisions:change';
    end if;
    delete from app.flag_targets t
     where t.tenant_id = visit.tenant_id and t.flag = end_target.flag and t.member_id is not distinct from end_target.member;
    return found;
end $$;

-- Writes down what was agreed with the tenant of the visit. It has the id of the visit that says who and why.
create function app.override_plan(plan text, features text[], limits jsonb, rates jsonb, until timestamptz) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    visit app.operator_visits := app.this_visit();
begin
    if visit.permission <> 'decisions:change' then
        raise sqlstate 'FH403' using message = 'permission_denied', detail = 'decisions:change';
    elsif num_nulls(features, limits, rates) > 0 then
        raise sqlstate 'FH500' using message = 'missing_argument';
    elsif until <= visit.at then
        raise sqlstate 'FH422' using message = 'until_over';
    elsif plan is null and features = '{}' and limits = '{}' and rates = '{}'
          or jsonb_path_exists(limits, 'strict $.* ? (@.type() != "null"'
              ' && !(@.type() == "number" && @ >= 0 && @ <= 9007199254740992 && @.floor() == @))')
          or jsonb_path_exists(rates, 'strict $.* ? (@.type() != "null" && !(@.type() == "array" && @.size() == 2'
              ' && @[0].type() == "number" && @[0] >= 1 && @[0] <= 999999999 && @[0].floor() == @[0]'
              ' && (@[1] == 1 || @[1] == 60 || @[1] == 3600)))') then
        raise sqlstate 'FH422' using message = 'override_unfit';
    end if;
    insert into app.overrides (id, source, plan, features, limits, rates, reason, agreed_by, until)
    values (visit.id, 'operator', override_plan.plan, override_plan.features, override_plan.limits, override_plan.rates,
            visit.reason, visit.operator, override_plan.until);
    return visit.id;
end $$;

-- Ends it before its time, but for what plans.toml says; whether there was something to end is the answer.
create function app.end_override(agreed uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    visit app.operator_visits := app.this_visit();
begin
    if visit.permission <> 'decisions:change' then
        raise sqlstate 'FH403' using message = 'permission_denied', detail = 'decisions:change';
    end if;
    update app.overrides o set ended_at = now()
     where o.tenant_id = visit.tenant_id and o.id = end_override.agreed and o.source = 'operator' and o.ended_at is null
       and coalesce(o.until, 'infinity') > now();
    return found;
end $$;
grant execute on function app.change_flag, app.show_snapshot, app.show_flags, app.flag_history, app.flag_exposures,
    app.show_decisions, app.target_flag, app.end_target, app.override_plan, app.end_override to freehold_operator;

set local role freehold_owner;
revoke create on schema app from freehold_door, freehold_registrar;
