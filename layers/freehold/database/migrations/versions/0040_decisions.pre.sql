-- Decisions: what a tenant may do, and why. What the whole stage goes by is one snapshot (the plans and the flags), what is known
-- of one tenant are its facts; both have versions, by which a process that keeps them knows that they still hold.

-- step: name who asks what the tenant may do
call app.permission('decisions:read', 'Ask what the tenant may do, and why', 'suspended',
    'owner', 'admin', 'member', 'viewer', 'billing');

-- step: keep what the whole stage goes by
-- What everybody's process reads holds no id: neither a tenant's nor a member's.
create function app.names_nobody(document jsonb) returns boolean
language sql immutable as $$
    select document::text !~* '\y[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\y';
$$;
grant execute on function app.names_nobody to freehold_registrar;

-- `catalog` is plans.toml without what was agreed with single tenants; `overridden` are those tenants.
create table app.snapshot (
    one boolean not null default true primary key check (one),
    version bigint not null default extract(epoch from clock_timestamp()) * 1000000,  -- no other database has the same
    catalog jsonb not null default '{}' check (app.names_nobody(catalog)),
    digest text not null default '',
    overridden uuid[] not null default '{}',
    published_at timestamptz
);
comment on table app.snapshot is 'global: the plans as they were published last, and the version of plans and flags together';
insert into app.snapshot default values;
grant select, update on app.snapshot to freehold_registrar;
grant select (one, version) on app.snapshot to freehold_door;
grant select (one, version, catalog, digest, published_at) on app.snapshot to freehold_api;

create table app.flags (
    key text not null primary key check (key ~ '^[a-z][a-z0-9_.-]{0,79}$'),
    definition jsonb not null check (length(definition::text) <= 65536 and app.names_nobody(definition)),
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table app.flags is 'global: what is shown to whom, in rules that name no tenant; operators change it';
grant select, insert, update on app.flags to freehold_registrar;
grant select on app.flags to freehold_api;

create table app.flag_changes (
    id uuid not null default uuidv7() primary key,
    key text not null references app.flags,
    at timestamptz not null default now(),
    operator text not null,
    reason text not null check (length(reason) between 10 and 500),
    request_id text not null,
    before jsonb,
    after jsonb not null
);
create index flag_changes_key on app.flag_changes (key, id desc);
comment on table app.flag_changes is 'global: who has changed which flag, when and why';
grant select, insert on app.flag_changes to freehold_registrar;

-- step: count what changes for a tenant
-- They begin with the time: of a row that went and came again they are others than before.
create table app.decision_versions (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    version bigint not null default extract(epoch from clock_timestamp()) * 1000000,
    primary key (tenant_id)
) with (fillfactor = 50);
call app.tenant_table('app.decision_versions', unaudited => 'a machine''s count of changes that are recorded themselves');
call app.allow('app.decision_versions', 'freehold_door', 'select');
call app.allow('app.decision_versions', 'freehold_registrar', 'select', 'insert', 'update (version)');

-- step: keep what was agreed with single tenants
-- A plan counts in place of the one that is paid for, limits and rates stand in place of the plan's, features come on top.
-- `source` is whether plans.toml says so, or an operator did.
create table app.overrides (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    source text not null check (source in ('file', 'operator')),
    plan text check (length(plan) between 1 and 60),
    features text[] not null default '{}' check (cardinality(features) <= 200),
    limits jsonb not null default '{}' check (jsonb_typeof(limits) = 'object' and length(limits::text) <= 8192),
    rates jsonb not null default '{}' check (jsonb_typeof(rates) = 'object' and length(rates::text) <= 8192),
    reason text not null check (length(reason) between 10 and 500),
    agreed_by text not null,
    until timestamptz,
    ended_at timestamptz,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id)
);
create unique index overrides_file on app.overrides (tenant_id) where source = 'file' and ended_at is null;
call app.tenant_table('app.overrides');
call app.allow('app.overrides', 'freehold_door', 'select');
call app.allow('app.overrides', 'freehold_registrar', 'select', 'insert', 'update (ended_at)');
call app.allow('app.overrides', 'freehold_api', 'select');
call app.allow('app.overrides', 'freehold_worker', 'select');

-- step: keep who is shown what by name
create table app.flag_targets (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    flag text not null references app.flags,
    member_id uuid,
    variant text not null check (length(variant) between 1 and 80),
    reason text not null check (length(reason) between 10 and 500),
    targeted_by text not null,
    until timestamptz,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique nulls not distinct (tenant_id, flag, member_id),
    foreign key (tenant_id, member_id) references app.members on delete cascade
);
create index flag_targets_member on app.flag_targets (tenant_id, member_id);
call app.tenant_table('app.flag_targets');
call app.allow('app.flag_targets', 'freehold_door', 'select');
call app.allow('app.flag_targets', 'freehold_registrar', 'select', 'insert', 'delete');

-- step: keep who was shown which variant
create table app.exposures (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    flag text not null check (length(flag) <= 80),
    unit text not null check (length(unit) <= 200),
    variant text not null check (length(variant) <= 80),
    exposed_at timestamptz not null default now(),
    primary key (tenant_id, flag, unit, variant)
);
comment on column app.exposures.unit is 'personal';
call app.tenant_table('app.exposures', unaudited => 'it is a record itself: who was shown what first when');
call app.allow('app.exposures', 'freehold_api', 'select', 'insert');
call app.allow('app.exposures', 'freehold_registrar', 'select');

-- step: say what is known of a tenant
call app.allow('app.billing_accounts', 'freehold_door', 'select');
call app.allow('app.access_grants', 'freehold_door', 'select');
call app.allow('app.subscriptions', 'freehold_door', 'select (tenant_id, stripe_id, started_at)');
grant create on schema app to freehold_door, freehold_registrar;
set local role freehold_door;
alter default privileges revoke execute on functions from public;

-- All that decides for the tenant that is entered, and for whoever has entered it. Of what is over, nothing.
create function app.facts() returns jsonb
language plpgsql stable as $$
declare
    tenant uuid := current_setting('app.tenant_id')::uuid;
    principal text := coalesce(current_setting('app.principal', true), '');
    member uuid := case when principal ~ '(^|/)member:' then nullif(current_setting('app.member_id', true), '')::uuid end;
begin
    return (
        select jsonb_build_object(
            'version', coalesce((select v.version from app.decision_versions v where v.tenant_id = tenant), 0),
            'snapshot', (select s.version from app.snapshot s),
            'tenant', jsonb_build_object(
                'id', t.id, 'created_at', t.created_at, 'access', t.access, 'plan', a.plan,
                'add_ons', coalesce(a.add_ons, '{}'), 'status', a.status, 'interval', a."interval",
                'past_due_since', a.past_due_since, 'trial_end', a.trial_end, 'period_start', a.current_period_start,
                'period_end', a.current_period_end, 'subscribed_at', b.started_at,
                'grants', (
                    select coalesce(jsonb_agg(jsonb_build_object(
                               'id', g.id, 'access', g.access, 'until', g.until, 'plan', g.plan) order by g.id), '[]')
                      from app.access_grants g where g.tenant_id = tenant and g.ended_at is null and g.until > now()),
                'overrides', (
                    select coalesce(jsonb_agg(jsonb_build_object(
                               'id', o.id, 'plan', o.plan, 'features', o.features, 'limits', o.limits, 'rates', o.rates,
                               'until', o.until, 'source', o.source) order by o.id), '[]')
                      from app.overrides o
                     where o.tenant_id = tenant and o.ended_at is null and coalesce(o.until, 'infinity') > now()),
                'targets', (
                    select coalesce(jsonb_agg(jsonb_build_object(
                               'flag', f.flag, 'member_id', f.member_id, 'variant', f.variant, 'until', f.until)), '[]')
                      from app.flag_targets f
                     where f.tenant_id = tenant and (f.member_id is null or f.member_id = member)
                       and coalesce(f.until, 'infinity') > now())),
            'who', jsonb_build_object(
                'principal', principal, 'member_id', member,
                'role', (select coalesce(m.role, m.custom_role::text) from app.members m
                          where m.tenant_id = tenant and m.id = member)))
          from app.tenants t
          left join app.billing_accounts a on a.tenant_id = t.id
          left join app.subscriptions b on b.tenant_id = t.id and b.stripe_id = a.subscription_id
         where t.id = tenant);
end $$;

-- Goes on where what somebody has decided by still holds. Where it does not, or they know nothing yet, the unit of work ends
-- with what holds now.
create function app.confirm(facts bigint, snapshot bigint) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if coalesce((select v.version from app.decision_versions v where v.tenant_id = current_setting('app.tenant_id')::uuid), 0)
           is distinct from facts
       or (select s.version from app.snapshot s) is distinct from snapshot then
        raise sqlstate 'FH409' using message = 'decisions_stale', detail = app.facts();
    end if;
end $$;
grant execute on function app.confirm to freehold_api;

set local role freehold_registrar;
alter default privileges revoke execute on functions from public;

-- Counts a change of what decides for the tenant, in its own transaction. Whatever else a transaction does, it holds the note
-- of what is to be looked at in billing before the count: of two that need both, neither waits for the other.
create function app.decide_anew() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform from app.billing_syncs s where s.tenant_id = current_setting('app.tenant_id')::uuid for update;
    insert into app.decision_versions as v (tenant_id)
    select t.id from app.tenants t where t.id = current_setting('app.tenant_id')::uuid
    on conflict (tenant_id) do update set version = v.version + 1;
    return null;
end $$;
grant execute on function app.decide_anew to freehold_owner;

-- Puts plans into force: what they say, and what they say of single tenants. Whether that was another than before is the answer.
-- Of several that publish at once, each waits for the one before.
create function app.publish_catalog(document jsonb, digest text, overrides jsonb) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    held app.snapshot;
    named uuid[];
    tenant uuid;
    agreed jsonb;
begin
    if num_nulls(document, digest, overrides) > 0 then
        raise sqlstate 'FH500' using message = 'missing_argument';
    end if;
    select s.* into held from app.snapshot s for update;
    if held.digest = publish_catalog.digest then
        return false;
    end if;
    select coalesce(array_agg((o ->> 'tenant')::uuid), '{}') into named from jsonb_array_elements(overrides) o;
    for tenant in select r.id from app.residents r where r.id = any (named || held.overridden) order by r.id loop
        perform app.open(tenant, 'publish ' || publish_catalog.digest, ''), set_config('app.principal', 'system:plans', true);
        select o into agreed from jsonb_array_elements(overrides) o where (o ->> 'tenant')::uuid = tenant;
        update app.overrides v set ended_at = now()
         where v.tenant_id = tenant and v.source = 'file' and v.ended_at is null
           and (v.plan, v.features, v.limits, v.rates, v.until) is distinct from (
               agreed ->> 'plan', array(select jsonb_array_elements_text(agreed -> 'features')), agreed -> 'limits',
               agreed -> 'rates', (agreed ->> 'until')::timestamptz);
        if agreed is not null then
            insert into app.overrides (source, plan, features, limits, rates, until, reason, agreed_by)
            values ('file', agreed ->> 'plan', array(select jsonb_array_elements_text(agreed -> 'features')),
                    agreed -> 'limits', agreed -> 'rates', (agreed ->> 'until')::timestamptz, 'As plans.toml says', 'plans.toml')
            on conflict (tenant_id) where source = 'file' and ended_at is null do nothing;
        end if;
        perform set_config('app.tenant_id', '', true), set_config('app.principal', '', true);
    end loop;
    update app.snapshot s set catalog = document, digest = publish_catalog.digest, overridden = named,
           version = s.version + 1, published_at = now();
    return true;
end $$;
grant execute on function app.publish_catalog to freehold_owner;

set local role freehold_owner;
revoke create on schema app from freehold_door, freehold_registrar;

-- step: notice what a tenant pays for
create trigger decide_anew after insert or delete on app.billing_accounts for each row execute function app.decide_anew();
create trigger decide_anew_again after update on app.billing_accounts for each row
    when (old is distinct from new) execute function app.decide_anew();

-- step: notice what operators give
create trigger decide_anew after insert or delete on app.access_grants for each row execute function app.decide_anew();
create trigger decide_anew_again after update on app.access_grants for each row
    when (old is distinct from new) execute function app.decide_anew();

-- step: notice what is agreed
create trigger decide_anew after insert or delete on app.overrides for each row execute function app.decide_anew();
create trigger decide_anew_again after update on app.overrides for each row
    when (old is distinct from new) execute function app.decide_anew();

-- step: notice who is shown what by name
create trigger decide_anew after insert or delete on app.flag_targets for each row execute function app.decide_anew();
create trigger decide_anew_again after update on app.flag_targets for each row
    when (old is distinct from new) execute function app.decide_anew();

-- step: notice who gets another role, and who is somebody else
create trigger decide_anew after update of role, custom_role, issuer, subject on app.members for each row
    when ((old.role, old.custom_role, old.issuer, old.subject) is distinct from (new.role, new.custom_role, new.issuer, new.subject))
    execute function app.decide_anew();

-- step: notice another access, and begin to count
create trigger decide_anew after insert on app.tenants for each row execute function app.decide_anew();
create trigger decide_anew_again after update of access on app.tenants for each row
    when (old.access <> new.access) execute function app.decide_anew();
