-- The door: the only ways into a tenant. Each entrance sets the tenant first and then reads through the same row-level
-- security as everybody, so nothing here is exempt from it. Everything it sets ends with the transaction.
--
--     enter          people, by issuer and subject             freehold_api
--     enter_key      API keys, by the hash of their secret     freehold_api
--     sign_up        an identity that makes a new tenant       freehold_api
--     tenants_of     an identity that asks where it belongs    freehold_api
--
-- Ending a member's sessions ends them in that tenant: the identity provider's token still signs up a new one.
--
-- Workers, reports and operators get entrances of their own beside these; custom roles join in `enter` and `enter_key`
-- where the built-in role is read, grants on single resources in `admit` where a permission is missing.

grant create on schema app to freehold_door, freehold_registrar;
set local role freehold_door;
alter default privileges revoke execute on functions from public;

-- What is called for its effect returns true, because plpgsql evaluates an assignment without the executor's help and a
-- PERFORM with it: each entrance runs one query, and the rest costs next to nothing.

-- Opens the unit of work for a tenant. A connection that is in one already is refused: that is a leak or a mistake.
create function app.open(tenant uuid, request_id text, address text) returns boolean
language plpgsql as $$
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

-- Decides, for a principal that was found in the open tenant, and tells the rest of the transaction who it is. `access`
-- and `moved_to` are the tenant's, `needs` is the permission's.
create function app.admit(
    principal text, member uuid, held text[], permission text, epoch integer, access app.access, moved_to integer,
    needs app.access
) returns boolean
language plpgsql as $$
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

create function app.enter(
    tenant uuid, epoch integer, issuer text, subject text, issued_at timestamptz, permission text, request_id text, address text
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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

-- A key holds its scopes, and never more than the member who answers for it; it ends when that member does.
create function app.enter_key(
    tenant uuid, epoch integer, secret_hash bytea, permission text, request_id text, address text
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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

-- The tenants that know this identity as an active member, each read through its own tenant's policy.
create function app.tenants_of(issuer text, subject text, issued_at timestamptz)
returns table (id uuid, name text, access app.access, role text, member_id uuid)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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

grant execute on function app.enter, app.enter_key, app.tenants_of to freehold_api;
grant execute on function app.open to freehold_registrar;
set local role freehold_registrar;
alter default privileges revoke execute on functions from public;

-- Makes a tenant with this identity as its owner. The same key gives the same tenant again, for a day.
create function app.sign_up(
    issuer text, subject text, issued_at timestamptz, email text, person text, tenant_name text,
    request_id text, address text, key text, request_hash bytea
) returns table (tenant app.tenants, replayed boolean)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
    insert into app.outbox (type, subject_id) values ('tenant.created', new_tenant);
    if key is not null then
        insert into directory.sign_ups (issuer, subject, key, request_hash, tenant_id)
        values (issuer, subject, key, request_hash, new_tenant);
    end if;
    return query select t, false from app.tenants t where t.id = new_tenant;
end $$;
grant execute on function app.sign_up to freehold_api;

set local role freehold_owner;
revoke create on schema app from freehold_door, freehold_registrar;
