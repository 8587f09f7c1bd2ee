-- What operators give a tenant for a while, whatever it has paid: an errand of a visit of its own, and so a line of its own.

grant create on schema app to freehold_door, freehold_registrar;
set local role freehold_registrar;
alter default privileges revoke execute on functions from public;

create or replace function app.enter_operator(
    tenant uuid, epoch integer, operator text, reason text, permission text, request_id text, address text
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    held text[] := '{tenant:read,members:read,jobs:read,webhooks:read,audit:read,operators:act,access:grant}';
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

-- As before, but for what people asked to be paid or changed: why that failed says where to pay.
create or replace function app.show_tenant() returns setof jsonb
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
                  from app.jobs j where j.tenant_id = tenant and j.job_class <> 'payments' order by j.id desc limit 50) s;
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

-- Gives a tenant access, and a plan where one is named, until then. It has the id of the visit that says who and why. What holds
-- changes with the next look at billing, which is asked for at once.
create function app.grant_access(given app.access, plan text, until timestamptz) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    visit app.operator_visits := app.this_visit();
begin
    if visit.permission <> 'access:grant' then
        raise sqlstate 'FH403' using message = 'permission_denied', detail = 'access:grant';
    elsif (until > visit.at and until <= visit.at + interval '400 days') is not true then
        raise sqlstate 'FH422' using message = 'until_unfit';
    end if;
    insert into app.access_grants (id, access, plan, reason, granted_by, until)
    values (visit.id, given, grant_access.plan, visit.reason, visit.operator, grant_access.until);
    insert into app.billing_syncs default values on conflict do nothing;
    perform app.want_sync('grant');
    return visit.id;
end $$;

-- Ends it before its time; whether there was something to end is the answer.
create function app.end_grant(given uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    visit app.operator_visits := app.this_visit();
    ended uuid;
begin
    if visit.permission <> 'access:grant' then
        raise sqlstate 'FH403' using message = 'permission_denied', detail = 'access:grant';
    end if;
    update app.access_grants g set ended_at = now()
     where g.tenant_id = visit.tenant_id and g.id = end_grant.given and g.ended_at is null and g.until > now()
    returning g.id into ended;
    if ended is null then
        return false;
    end if;
    perform app.want_sync('grant');
    return true;
end $$;
grant execute on function app.grant_access, app.end_grant to freehold_operator;
set local role freehold_door;
alter default privileges revoke execute on functions from public;

-- As before. Nor do they pay, cancel what is paid for, or record what is billed.
create or replace function app.enter_acting(
    tenant uuid, epoch integer, token_hash bytea, permission text, granted boolean, request_id text, address text
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    caller record;
    kept text := '^(tenant|members|roles|api_keys|webhooks|sso|scim|operators|billing|usage):(own|write|invite)$|:share$';
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

set local role freehold_owner;
revoke create on schema app from freehold_door, freehold_registrar;
