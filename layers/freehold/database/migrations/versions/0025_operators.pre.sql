-- Operators: our own people, who help and keep things running. They have a role of the database that may use no table. Each
-- look of theirs leaves a line in the tenant that was looked at, with a reason, in the same transaction: no line, no look.

-- step: name who reads those lines, and who ends what operators do
call app.permission('operators:read', 'See when operators looked at the tenant, and why', 'restricted', 'owner', 'admin');
call app.permission('operators:write', 'End what an operator does as a member', 'restricted', 'owner', 'admin');

-- step: let tenants keep operators from acting as their members
alter table app.tenants add column support_access boolean not null default true;
call app.allow('app.tenants', 'freehold_api', 'update (support_access)');

-- step: keep visits
create table app.operator_visits (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    operator text not null check (operator ~ '^[A-Za-z0-9][A-Za-z0-9._@+=,-]{0,99}$'),
    reason text not null check (length(reason) between 10 and 500),
    permission text not null,
    at timestamptz not null default now(),
    request_id text not null default current_setting('app.request_id'),
    primary key (tenant_id, id)
);
call app.tenant_table('app.operator_visits', unaudited => 'it is a record itself: entrances write it, and nobody can change it');
call app.allow('app.operator_visits', 'freehold_registrar', 'select', 'insert');
call app.allow('app.operator_visits', 'freehold_api', 'select');

-- step: keep what operators do as members
-- It has the id of the visit that began it.
create table app.impersonations (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null,
    operator text not null,
    member_id uuid not null,
    reason text not null,
    token_hash bytea not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null default now() + interval '15 minutes',
    ended_at timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, token_hash),
    check (expires_at > created_at and expires_at <= created_at + interval '60 minutes'),
    foreign key (tenant_id, id) references app.operator_visits,
    foreign key (tenant_id, member_id) references app.members
);
create index impersonations_member on app.impersonations (tenant_id, member_id);
comment on column app.impersonations.token_hash is 'secret';
call app.tenant_table('app.impersonations');
call app.allow('app.impersonations', 'freehold_door', 'select');
call app.allow('app.impersonations', 'freehold_registrar', 'select', 'insert', 'update (ended_at)');
call app.allow('app.impersonations', 'freehold_api', 'select', 'update (ended_at)');

-- What has ended has ended: nobody makes it begin again, or says that it ended at another time.
create function app.keep_ended() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    new.ended_at := coalesce(old.ended_at, now());
    return new;
end $$;
-- Whom the tenant lets in no longer does not come back when it lets others in again.
create function app.end_support() returns trigger
language plpgsql as $$
begin
    update app.impersonations i set ended_at = now() where i.tenant_id = new.id and i.ended_at is null;
    return null;
end $$;
create trigger end_support after update of support_access on app.tenants for each row
    when (old.support_access and not new.support_access) execute function app.end_support();

create trigger keep_ended before update of ended_at on app.impersonations for each row execute function app.keep_ended();

-- step: let visits show a tenant's state
-- Neither addresses nor what the tenant works with: no e-mail, input, result, body, secret, and no value that was changed.
call app.allow('app.jobs', 'freehold_registrar', 'select (tenant_id, id, kind, job_class, state, cause, reason, attempt,'
    ' attempts, due_at, created_at, started_at, finished_at)');
call app.allow('app.webhook_endpoints', 'freehold_registrar', 'select (tenant_id, id, state, disabled_reason, disabled_at)');
call app.allow('app.webhook_failures', 'freehold_registrar', 'select');
call app.allow('app.deliveries', 'freehold_registrar', 'select (tenant_id, id, endpoint_id, event_type, state, attempts,'
    ' last_status, next_attempt_at, created_at, finished_at)');
call app.allow('app.audit', 'freehold_registrar', 'select (tenant_id, id, occurred_at, principal, action, row_id, request_id)');

-- step: open a door to operators
grant create on schema app to freehold_door, freehold_registrar;
set local role freehold_registrar;
alter default privileges revoke execute on functions from public;

-- Lets an operator into one tenant, for one thing, and writes down that they came. What they may is the same everywhere and
-- whatever the tenant has paid.
create function app.enter_operator(
    tenant uuid, epoch integer, operator text, reason text, permission text, request_id text, address text
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    held text[] := '{tenant:read,members:read,jobs:read,webhooks:read,audit:read,operators:act}';
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

-- The visit of this very transaction: whoever only sets what an entrance sets has made none.
create function app.this_visit() returns app.operator_visits
language plpgsql stable as $$
declare
    visit app.operator_visits;
begin
    select v.* into visit from app.operator_visits v
     where v.tenant_id = current_setting('app.tenant_id')::uuid and v.id = current_setting('app.visit_id')::uuid and v.at = now();
    if not found then
        raise sqlstate 'FH500' using message = 'not_entered';
    end if;
    return visit;
end $$;

-- What a visit shows: that for which it was allowed.
create function app.show_tenant() returns setof jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    tenant uuid := (app.this_visit()).tenant_id;
begin
    case (app.this_visit()).permission
        when 'tenant:read' then
            return query select to_jsonb(s) from (
                select t.id, t.name, t.access, t.sso_required, t.mfa_required, t.support_access, t.created_at, t.updated_at
                  from app.tenants t where t.id = tenant) s;
        when 'members:read' then
            return query select to_jsonb(s) from (
                select m.id, m.name, coalesce(m.role, m.custom_role::text) as role, m.status, m.created_at
                  from app.members m where m.tenant_id = tenant order by m.id limit 200) s;
        when 'jobs:read' then
            return query select to_jsonb(s) from (
                select j.id, j.kind, j.job_class as class, j.state, j.cause, j.reason, j.attempt, j.attempts, j.due_at,
                       j.created_at, j.started_at, j.finished_at
                  from app.jobs j where j.tenant_id = tenant order by j.id desc limit 50) s;
        when 'webhooks:read' then
            return query select to_jsonb(s) from (
                select e.id as endpoint_id, e.state, e.disabled_reason, e.disabled_at, f.failures, f.timeouts, f.paused_until
                  from app.webhook_endpoints e
                  left join app.webhook_failures f on f.tenant_id = e.tenant_id and f.endpoint_id = e.id
                 where e.tenant_id = tenant order by e.id limit 50) s;
            return query select to_jsonb(s) from (
                select d.id as delivery_id, d.endpoint_id, d.event_type, d.state, d.attempts, d.last_status, d.next_attempt_at,
                       d.created_at, d.finished_at
                  from app.deliveries d where d.tenant_id = tenant order by d.id desc limit 50) s;
        when 'audit:read' then
            return query select to_jsonb(s) from (
                select a.id, a.occurred_at, a.principal, a.action, a.row_id, a.request_id
                  from app.audit a where a.tenant_id = tenant order by a.id desc limit 50) s;
        else
            raise sqlstate 'FH403' using message = 'permission_denied', detail = (app.this_visit()).permission;
    end case;
end $$;

-- Which tenants there are: by a part of the name, the id, or an owner's address. Each that is shown is entered and has a line
-- of it, like any other visit.
create function app.find_tenants(operator text, reason text, words text, request_id text)
returns table (id uuid, name text, access app.access, created_at timestamptz)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    tenant uuid;
    wanted text := lower(btrim(words));
    shown integer := 0;
begin
    if current_setting('app.tenant_id', true) <> '' then
        raise sqlstate 'FH500' using message = 'already_entered';
    elsif (length(btrim(reason)) >= 10) is not true then
        raise sqlstate 'FH422' using message = 'reason_required';
    elsif (length(wanted) >= 3) is not true or request_id is null then
        raise sqlstate 'FH500' using message = 'missing_argument';
    end if;
    perform set_config('app.request_id', find_tenants.request_id, true);
    for tenant in select r.id from app.residents r order by r.id loop
        perform set_config('app.tenant_id', tenant::text, true);
        for id, name, access, created_at in
            select t.id, t.name, t.access, t.created_at from app.tenants t
             where t.id = tenant and (position(wanted in lower(t.name)) > 0 or t.id::text = wanted or exists (
                       select from app.members m where m.tenant_id = tenant and m.role = 'owner' and m.status = 'active'
                          and lower(m.email) = wanted))
        loop
            insert into app.operator_visits (operator, reason, permission)
            values (find_tenants.operator, btrim(find_tenants.reason), 'operators:find');
            shown := shown + 1;
            return next;
        end loop;
        exit when shown = 20;
    end loop;
    perform set_config('app.tenant_id', '', true);
end $$;

-- Begins to act as a member, within the visit that says why. The token's hash is kept, and the token nowhere.
create function app.act_as(member uuid, token_hash bytea, minutes integer)
returns table (id uuid, expires_at timestamptz)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    visit app.operator_visits := app.this_visit();
    ends timestamptz := visit.at + make_interval(mins => minutes);
begin
    if visit.permission <> 'operators:act' then
        raise sqlstate 'FH403' using message = 'permission_denied', detail = 'operators:act';
    elsif not (select t.support_access from app.tenants t where t.id = visit.tenant_id) then
        raise sqlstate 'FH403' using message = 'support_refused';
    elsif not exists (select from app.members m
                       where m.tenant_id = visit.tenant_id and m.id = act_as.member and m.status = 'active') then
        raise sqlstate 'FH404' using message = 'no_such_member';
    end if;
    insert into app.impersonations (id, operator, member_id, reason, token_hash, expires_at)
    values (visit.id, visit.operator, act_as.member, visit.reason, act_as.token_hash, ends);
    perform app.announce('operator_acting.started', visit.id, 1, to_jsonb(made)) from (
        select visit.id, visit.operator, act_as.member as member_id, visit.reason, visit.at as created_at, ends as expires_at,
               null::timestamptz as ended_at) made;
    return query select visit.id, ends;
end $$;

-- Ends it, by an operator; whether it was at work is the answer.
create function app.end_acting(acting uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    visit app.operator_visits := app.this_visit();
    ended app.impersonations;
begin
    if visit.permission <> 'operators:act' then
        raise sqlstate 'FH403' using message = 'permission_denied', detail = 'operators:act';
    end if;
    update app.impersonations i set ended_at = now()
     where i.tenant_id = visit.tenant_id and i.id = end_acting.acting and i.ended_at is null returning i.* into ended;
    if ended.id is null then
        return false;
    end if;
    perform app.announce('operator_acting.ended', ended.id, 1, to_jsonb(made)) from (
        select ended.id, ended.operator, ended.member_id, ended.reason, ended.created_at, ended.expires_at, ended.ended_at) made;
    return true;
end $$;
grant execute on function app.enter_operator, app.show_tenant, app.find_tenants, app.act_as, app.end_acting to freehold_operator;

set local role freehold_door;
alter default privileges revoke execute on functions from public;

-- An operator who acts as a member holds what the member holds, but no power over who may what, and nothing that would go on
-- without them: neither settings of the tenant, nor keys, nor endpoints that its data is sent to. Nor by a grant.
create function app.enter_acting(
    tenant uuid, epoch integer, token_hash bytea, permission text, granted boolean, request_id text, address text
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    caller record;
    kept text := '^(tenant|members|roles|api_keys|webhooks|sso|scim|operators):(own|write|invite)$|:share$';
    done boolean := app.open(tenant, request_id, address);
begin
    select m.id as member, 'operator:' || i.operator || '/member:' || m.id as principal, t.access, t.epoch, p.needs, p.resource,
           array(select h from unnest(coalesce(r.permissions, c.permissions)) h where h !~ kept) as held
      into caller
      from app.impersonations i
      join app.members m on m.tenant_id = i.tenant_id and m.id = i.member_id and m.status = 'active'
      join app.tenants t on t.id = i.tenant_id and t.support_access
      left join app.builtin_roles r on r.name = m.role
      left join app.roles c on c.tenant_id = m.tenant_id and c.id = m.custom_role
      left join app.permissions p on p.name = enter_acting.permission
     where i.tenant_id = tenant and i.token_hash = enter_acting.token_hash and i.ended_at is null and i.expires_at > now();
    if not found then
        raise sqlstate 'FH401' using message = 'acting_ended';
    end if;
    done := app.admit(caller.principal, caller.member, caller.held, case when permission ~ kept then '{}'::text[] end,
                      permission, granted, caller.resource, epoch, caller.access, caller.epoch, caller.needs);
end $$;
grant execute on function app.enter_acting to freehold_api;

set local role freehold_owner;
revoke create on schema app from freehold_door, freehold_registrar;
