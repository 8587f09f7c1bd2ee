-- Who may do what: roles of a tenant's own, grants on single resources, invitations, and one rule for every path that gives
-- power: nobody gives what they do not hold.

-- step: name what only owners and admins do
insert into app.builtin_roles (name, permissions) values ('billing', '{tenant:read,members:read}'), ('guest', '{tenant:read}');
call app.permission('tenant:own', 'Make and unmake owners, and hand the tenant over', 'restricted', 'owner');
call app.permission('members:invite', 'Invite people, and take invitations back', 'full', 'owner', 'admin');
call app.permission('members:write', 'Change roles, suspend and remove members', 'restricted', 'owner', 'admin');
call app.permission('roles:read', 'See which roles there are', 'restricted', 'owner', 'admin', 'member', 'viewer');
call app.permission('roles:write', 'Make and change the tenant''s own roles', 'full', 'owner', 'admin');

-- step: say on what permissions can be granted
alter table app.permissions add column resource text;

-- step: keep roles of a tenant's own
create table app.roles (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    name text not null check (length(name) between 1 and 60),
    description text not null default '' check (length(description) <= 500),
    permissions text[] not null check (cardinality(permissions) <= 200),
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, name)
);
call app.tenant_table('app.roles');
call app.allow('app.roles', 'freehold_door', 'select');
call app.allow('app.roles', 'freehold_registrar', 'select');
call app.allow('app.roles', 'freehold_api', 'select', 'insert', 'update', 'delete');

-- step: let members have them
alter table app.members alter column role drop not null;
alter table app.members add column custom_role uuid;

-- step: find the members of a role
create index concurrently members_custom_role on app.members (tenant_id, custom_role);

-- step: exactly one role
alter table app.members add constraint members_one_role check (num_nonnulls(role, custom_role) = 1) not valid;
alter table app.members add constraint members_custom_role foreign key (tenant_id, custom_role) references app.roles not valid;

-- step: check the one role
alter table app.members validate constraint members_one_role;

-- step: check the custom role
call app.validate_reference('app.members', 'members_custom_role');

-- step: let tenants say how their people sign in
alter table app.tenants
    add column sso_required boolean not null default false,
    add column mfa_required boolean not null default false;
call app.allow('app.tenants', 'freehold_api', 'update (name, sso_required, mfa_required, version, updated_at)');

-- step: let directories take members out
alter table app.members drop constraint members_status_check;
alter table app.members add constraint members_status_check
    check (status in ('active', 'suspended', 'deprovisioned', 'removed')) not valid;

-- step: check what becomes of members
alter table app.members validate constraint members_status_check;

-- step: let an owner in when single sign-on is broken
alter table app.members add column break_glass boolean not null default false;

-- step: find members by their address
create index concurrently members_email on app.members (tenant_id, lower(email));

-- step: let the API change members
call app.allow('app.members', 'freehold_api', 'update (role, custom_role, status, sessions_ended_at, version, updated_at)');

-- step: keep grants
-- A role on one resource: `resource` is the name of its table. A trigger of that table takes them along when it goes.
create table app.grants (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    member_id uuid not null,
    resource text not null,
    resource_id uuid not null,
    role text references app.builtin_roles,
    custom_role uuid,
    created_by uuid not null default current_setting('app.member_id')::uuid,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, member_id, resource, resource_id),
    constraint grants_one_role check (num_nonnulls(role, custom_role) = 1),
    foreign key (tenant_id, member_id) references app.members on delete cascade,
    foreign key (tenant_id, created_by) references app.members,
    constraint grants_custom_role foreign key (tenant_id, custom_role) references app.roles
);
create index grants_resource on app.grants (tenant_id, resource, resource_id);
create index grants_created_by on app.grants (tenant_id, created_by);
create index grants_custom_role on app.grants (tenant_id, custom_role);
call app.tenant_table('app.grants');
call app.allow('app.grants', 'freehold_door', 'select');
call app.allow('app.grants', 'freehold_registrar', 'select', 'delete');
call app.allow('app.grants', 'freehold_api', 'select', 'insert', 'update (role, custom_role, version, updated_at)', 'delete');

-- step: keep invitations
-- What is mailed is in app.invitation_tokens, and there as a hash.
create table app.invitations (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    email text not null check (length(email) between 3 and 254),
    role text references app.builtin_roles,
    custom_role uuid,
    invited_by uuid not null default current_setting('app.member_id')::uuid,
    locale text not null default 'en',
    status text not null default 'pending' check (status in ('pending', 'accepted', 'revoked')),
    accepted_by uuid,
    expires_at timestamptz not null default now() + interval '7 days',
    sent_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    constraint invitations_one_role check (num_nonnulls(role, custom_role) = 1),
    foreign key (tenant_id, invited_by) references app.members,
    foreign key (tenant_id, accepted_by) references app.members,
    constraint invitations_custom_role foreign key (tenant_id, custom_role) references app.roles
);
create unique index invitations_pending on app.invitations (tenant_id, lower(email)) where status = 'pending';
create index invitations_invited_by on app.invitations (tenant_id, invited_by);
create index invitations_accepted_by on app.invitations (tenant_id, accepted_by);
create index invitations_custom_role on app.invitations (tenant_id, custom_role);
comment on column app.invitations.email is 'personal';
call app.tenant_table('app.invitations');
call app.allow('app.invitations', 'freehold_door', 'select');
call app.allow('app.invitations', 'freehold_registrar', 'select',
    'update (role, custom_role, status, accepted_by, version, updated_at)');
call app.allow('app.invitations', 'freehold_worker', 'select', 'update (sent_at)');
call app.allow('app.invitations', 'freehold_api', 'select', 'insert',
    'update (role, custom_role, invited_by, status, expires_at, version, updated_at)');

create table app.invitation_tokens (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    token_hash bytea not null,
    invitation_id uuid not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, token_hash),
    foreign key (tenant_id, invitation_id) references app.invitations on delete cascade
);
create index invitation_tokens_invitation on app.invitation_tokens (tenant_id, invitation_id);
comment on column app.invitation_tokens.token_hash is 'secret';
call app.tenant_table('app.invitation_tokens', unaudited => 'what was mailed for an invitation, which is audited');
call app.allow('app.invitation_tokens', 'freehold_registrar', 'select');
call app.allow('app.invitation_tokens', 'freehold_worker', 'insert');
call app.allow('app.invitation_tokens', 'freehold_api', 'select (tenant_id, invitation_id)', 'delete');

-- step: let leavers' keys be ended
grant select on app.builtin_roles to freehold_registrar;
call app.allow('app.api_keys', 'freehold_registrar', 'select', 'update (revoked_at, version, updated_at)');
call app.allow('app.members', 'freehold_registrar', 'update (role, custom_role, status, email, version, updated_at)');

-- step: open the door to them
grant create on schema app to freehold_door, freehold_registrar;
set local role freehold_door;
alter default privileges revoke execute on functions from public;

-- As before, and until somebody is admitted to less, what is entered is the whole tenant.
create or replace function app.open(tenant uuid, request_id text, address text) returns boolean
language plpgsql as $$
begin
    if current_setting('app.tenant_id', true) <> '' then
        raise sqlstate 'FH500' using message = 'already_entered';
    elsif num_nulls(tenant, request_id, address) > 0 then
        raise sqlstate 'FH500' using message = 'missing_argument';
    end if;
    return set_config('app.tenant_id', tenant::text, true) is not null
       and set_config('app.request_id', open.request_id, true) is not null
       and set_config('app.address', open.address, true) is not null
       and set_config('app.scope', 'tenant', true) is not null
       and set_config('app.granted', '', true) is not null;
end $$;

-- What a role confers, in the tenant that is entered.
create function app.permissions_of(role text, custom_role uuid) returns text[]
language plpgsql stable as $$
begin
    if custom_role is null then
        return (select r.permissions from app.builtin_roles r where r.name = permissions_of.role);
    end if;
    return (select r.permissions from app.roles r
             where r.tenant_id = current_setting('app.tenant_id')::uuid and r.id = permissions_of.custom_role);
end $$;

-- Decides, for a principal that was found in the open tenant. `held` is what it may do everywhere in the tenant, `within`
-- what a grant may add to that (null: whatever the grant says). Only a unit that asks for it (`granted`) is let in by grants,
-- and then sees of the tables of that resource no more than what was granted.
create function app.admit(
    principal text, member uuid, held text[], within text[], permission text, granted boolean, resource text, epoch integer,
    access app.access, moved_to integer, needs app.access
) returns boolean
language plpgsql as $$
declare
    ids text;
begin
    if num_nulls(principal, member, held, permission, granted, epoch) > 0 then
        raise sqlstate 'FH500' using message = 'missing_argument';
    elsif moved_to <> epoch then
        raise sqlstate 'FH409' using message = 'tenant_moved', detail = moved_to;
    elsif needs is null then
        raise sqlstate 'FH500' using message = 'unknown_permission', detail = permission;
    elsif not permission = any (held) then
        if granted and resource is not null and (within is null or permission = any (within)) then
            select string_agg(g.resource_id::text, ' ') into ids
              from app.grants g
              left join app.builtin_roles r on r.name = g.role
              left join app.roles c on c.tenant_id = g.tenant_id and c.id = g.custom_role
             where g.tenant_id = current_setting('app.tenant_id')::uuid and g.member_id = admit.member
               and g.resource = admit.resource and admit.permission = any (coalesce(r.permissions, c.permissions));
        end if;
        if ids is null then
            raise sqlstate 'FH403' using message = 'permission_denied', detail = permission;
        end if;
        granted := set_config('app.scope', 'granted', true) is not null and set_config('app.granted', ids, true) is not null;
    end if;
    if access < needs then
        raise sqlstate 'FH402' using message = 'tenant_' || access;
    end if;
    return set_config('app.principal', principal, true) is not null
       and set_config('app.member_id', member::text, true) is not null
       and set_config('app.permissions', array_to_string(held, ' '), true) is not null;
end $$;

-- People; `mfa` is whether they signed in with a second factor. An identity of a tenant's own provider begins with `sso:`. The
-- entrances with fewer arguments stay for code of the version before.
create function app.enter(
    tenant uuid, epoch integer, issuer text, subject text, issued_at timestamptz, mfa boolean, permission text,
    granted boolean, request_id text, address text
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    caller record;
    done boolean := app.open(tenant, request_id, address);
begin
    select m.id, m.sessions_ended_at, r.permissions as held, m.custom_role, t.access, t.epoch, p.needs, p.resource,
           case when t.sso_required and not m.break_glass and not starts_with(m.issuer, 'sso:') then 'sso_required'
                when t.mfa_required and mfa is not true then 'mfa_required' end as barred
      into caller
      from app.members m
      join app.tenants t on t.id = m.tenant_id
      left join app.builtin_roles r on r.name = m.role
      left join app.permissions p on p.name = enter.permission
     where m.tenant_id = tenant and m.issuer = enter.issuer and m.subject = enter.subject and m.status = 'active';
    if not found then
        raise sqlstate 'FH403' using message = 'not_a_member';
    elsif (issued_at > coalesce(caller.sessions_ended_at, '-infinity')) is not true then
        raise sqlstate 'FH401' using message = 'session_ended';
    elsif caller.barred is not null then
        raise sqlstate 'FH403' using message = caller.barred;
    elsif caller.custom_role is not null then  -- asked for by itself: a join would cost those who have none
        caller.held := app.permissions_of(null, caller.custom_role);
    end if;
    done := app.admit('member:' || caller.id, caller.id, caller.held, null, permission, granted, caller.resource, epoch,
                      caller.access, caller.epoch, caller.needs);
end $$;

-- A key holds its scopes, and never more than the member who answers for it; it ends when that member does.
create function app.enter_key(
    tenant uuid, epoch integer, secret_hash bytea, permission text, granted boolean, request_id text, address text
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    caller record;
    done boolean := app.open(tenant, request_id, address);
begin
    select k.id, m.id as member, k.scopes,
           array(select unnest(k.scopes) intersect select unnest(r.permissions)) as held, m.custom_role,
           t.access, t.epoch, p.needs, p.resource into caller
      from app.api_keys k
      join app.members m on m.tenant_id = k.tenant_id and m.id = k.created_by and m.status = 'active'
      join app.tenants t on t.id = k.tenant_id
      left join app.builtin_roles r on r.name = m.role
      left join app.permissions p on p.name = enter_key.permission
     where k.tenant_id = tenant and k.secret_hash = enter_key.secret_hash
       and k.revoked_at is null and (k.expires_at is null or k.expires_at > now());
    if not found then
        raise sqlstate 'FH401' using message = 'api_key_refused';
    elsif caller.custom_role is not null then
        caller.held := array(
            select unnest(caller.scopes) intersect select unnest(app.permissions_of(null, caller.custom_role)));
    end if;
    done := app.admit('api_key:' || caller.id, caller.member, caller.held, caller.scopes, permission, granted,
                      caller.resource, epoch, caller.access, caller.epoch, caller.needs);
end $$;
grant execute on function
    app.enter(uuid, integer, text, text, timestamptz, boolean, text, boolean, text, text),
    app.enter_key(uuid, integer, bytea, text, boolean, text, text) to freehold_api;

-- As before, with custom roles. Workers are not let in by grants: what they do, they do anywhere in the tenant.
create or replace function app.enter_worker(tenant uuid, epoch integer, worker text, behalf text, permission text, request_id text)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    caller record;
    kind text := split_part(behalf, ':', 1);
    done boolean := app.open(tenant, request_id, '');
begin
    select w.name as worker, t.access, t.epoch, p.needs, m.id as member, coalesce(r.permissions, c.permissions) as permissions,
           k.id as api_key, k.scopes into caller
      from app.tenants t
      left join app.workers w on w.name = enter_worker.worker
      left join app.permissions p on p.name = enter_worker.permission
      left join app.api_keys k on kind = 'api_key' and k.tenant_id = t.id and 'api_key:' || k.id = behalf
           and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
      left join app.members m on m.tenant_id = t.id and m.status = 'active'
           and (kind = 'member' and 'member:' || m.id = behalf or m.id = k.created_by)
      left join app.builtin_roles r on r.name = m.role
      left join app.roles c on c.tenant_id = m.tenant_id and c.id = m.custom_role
     where t.id = tenant;
    if not found then
        raise sqlstate 'FH404' using message = 'tenant_gone';
    elsif caller.worker is null then
        raise sqlstate 'FH500' using message = 'unknown_worker', detail = enter_worker.worker;
    elsif caller.epoch is distinct from enter_worker.epoch then
        raise sqlstate 'FH409' using message = 'tenant_moved', detail = caller.epoch;
    elsif behalf is null then
        done := set_config('app.principal', 'worker:' || caller.worker, true) is not null;
        return;
    elsif caller.member is null then
        raise sqlstate 'FH403' using message = 'not_a_member';
    elsif kind = 'api_key' then
        caller.permissions := array(select unnest(caller.permissions) intersect select unnest(caller.scopes));
    end if;
    done := app.admit(format('worker:%s/%s', caller.worker, behalf), caller.member, caller.permissions, null, permission, false,
                      null, epoch, caller.access, caller.epoch, caller.needs);
end $$;

-- As before; a role of the tenant's own shows by its id.
create or replace function app.tenants_of(issuer text, subject text, issued_at timestamptz)
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
            select t.id, t.name, t.access, coalesce(m.role, m.custom_role::text), m.id,
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

-- The one rule: whoever acts can give, change or take what they hold themselves, and no more. `also` is what they hold on the
-- resource in question.
create function app.can_grant(wanted text[], also text[] default '{}') returns boolean
language plpgsql stable as $$
begin
    return wanted = '{}' or coalesce(wanted <@ (string_to_array(current_setting('app.permissions', true), ' ') || also), false);
end $$;

-- Holds every path to that rule: the triggers of members, invitations, grants, roles and API keys. They fire after the change,
-- which is undone when they raise; what somebody has just given themselves does not count.
create function app.guard_power() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    principal text := coalesce(current_setting('app.principal', true), '');
    actor uuid := nullif(current_setting('app.member_id', true), '')::uuid;
    before text[];
    after text[];
    also text[] := '{}';
begin
    if tg_op = 'DELETE' and pg_trigger_depth() > 1 then
        return null;  -- what it belonged to goes
    end if;
    case tg_table_name
        when 'members' then  -- to end somebody's sessions, or to let them past single sign-on, is to change what they can do
            if tg_op = 'UPDATE' and (old.role, old.custom_role, old.status, old.sessions_ended_at, old.break_glass)
               is not distinct from (new.role, new.custom_role, new.status, new.sessions_ended_at, new.break_glass) then
                return null;
            elsif tg_op = 'UPDATE' and new.status in ('deprovisioned', 'removed') and (old.role, old.custom_role)
               is not distinct from (new.role, new.custom_role) and starts_with(principal, 'scim:')
               and app.permissions_of(old.role, old.custom_role) <@ app.power_of_directory(substring(principal from 6)::uuid) then
                return null;  -- a directory takes out whom whoever connected it could
            end if;
            if tg_op <> 'INSERT' and old.status <> 'removed' then
                before := app.permissions_of(old.role, old.custom_role);
            end if;
            if new.status <> 'removed' then
                after := app.permissions_of(new.role, new.custom_role);
            end if;
        when 'invitations' then
            if tg_op = 'UPDATE' and new.status = 'pending' then
                if to_jsonb(old) - '{locale,sent_at,version,updated_at}'::text[]
                   = to_jsonb(new) - '{locale,sent_at,version,updated_at}'::text[] then
                    return null;
                elsif new.invited_by is distinct from actor then  -- whoever is named answers for it when it is accepted
                    raise sqlstate 'FH403' using message = 'exceeds_yours';
                elsif old.status = 'pending' then
                    before := app.permissions_of(old.role, old.custom_role);
                end if;
            end if;
            if new.status = 'pending' then
                after := app.permissions_of(new.role, new.custom_role);
            end if;
        when 'grants' then
            if starts_with(principal, 'member:') or starts_with(principal, 'api_key:') then
                also := array(
                    select unnest(app.permissions_of(g.role, g.custom_role)) from app.grants g
                     where g.tenant_id = current_setting('app.tenant_id')::uuid and g.id <> coalesce(new.id, old.id)
                       and g.resource = coalesce(new.resource, old.resource)
                       and g.resource_id = coalesce(new.resource_id, old.resource_id) and g.member_id = actor);
            end if;
            if starts_with(principal, 'member:') and old.member_id = actor and (
                tg_op = 'DELETE' or (old.member_id, old.resource, old.resource_id) = (new.member_id, new.resource, new.resource_id)) then
                also := also || app.permissions_of(old.role, old.custom_role);  -- anybody can let go of what they were given
            elsif starts_with(principal, 'api_key:') then
                also := array(
                    select unnest(also) intersect
                    select unnest(k.scopes) from app.api_keys k
                     where k.tenant_id = current_setting('app.tenant_id')::uuid and 'api_key:' || k.id = principal);
            end if;
            if tg_op <> 'INSERT' then
                before := app.permissions_of(old.role, old.custom_role);
            end if;
            if tg_op <> 'DELETE' then
                after := app.permissions_of(new.role, new.custom_role);
            end if;
        when 'roles' then
            if tg_op <> 'INSERT' then
                before := old.permissions;
            end if;
            if tg_op <> 'DELETE' then
                after := new.permissions;
            end if;
        when 'api_keys' then
            if tg_op = 'UPDATE' and (new.revoked_at is not null
               or to_jsonb(old) - '{name,last_used_at,version,updated_at}'::text[]
                  = to_jsonb(new) - '{name,last_used_at,version,updated_at}'::text[]) then
                return null;
            elsif tg_op = 'UPDATE' and new.created_by <> old.created_by and new.created_by is distinct from actor then
                raise sqlstate 'FH403' using message = 'exceeds_yours';  -- a key acts with the power of whoever is named
            end if;
            after := new.scopes;
        else  -- whatever confers a role
            if tg_table_name = 'sso_connections' and tg_op <> 'DELETE' and starts_with(principal, 'api_key:') then
                raise sqlstate 'FH403' using message = 'exceeds_yours';  -- a person answers for it, with all that they hold
            elsif tg_op = 'UPDATE' and to_jsonb(new) ->> 'revoked_at' is not null then
                return null;  -- it was ended, and confers nothing
            end if;
            if tg_op <> 'INSERT' then
                before := app.permissions_of(to_jsonb(old) ->> 'role', (to_jsonb(old) ->> 'custom_role')::uuid);
            end if;
            if tg_op <> 'DELETE' then
                after := app.permissions_of(to_jsonb(new) ->> 'role', (to_jsonb(new) ->> 'custom_role')::uuid);
            end if;
    end case;
    if not app.can_grant(coalesce(before, '{}') || coalesce(after, '{}'), also) then
        raise sqlstate 'FH403' using message = 'exceeds_yours';
    end if;
    return null;
end $$;

-- What somebody was granted is looked up when they enter, and travels with the unit of work: it has a measure.
create function app.limit_grants() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform pg_advisory_xact_lock(hashtextextended(concat_ws(chr(31), 'grants', new.tenant_id, new.member_id), 0));
    if (select count(*) from app.grants g where g.tenant_id = new.tenant_id and g.member_id = new.member_id) > 1000 then
        raise sqlstate 'FH409' using message = 'too_many_grants';
    end if;
    return null;
end $$;

-- A tenant always keeps an active owner: whoever takes the last but one waits for whoever takes the other.
create function app.keep_owner() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if not exists (select from app.tenants t where t.id = old.tenant_id) then
        return null;  -- the tenant itself goes
    end if;
    perform pg_advisory_xact_lock(hashtextextended('owners' || chr(31) || old.tenant_id, 0));
    if not exists (select from app.members m where m.tenant_id = old.tenant_id and m.role = 'owner' and m.status = 'active') then
        raise sqlstate 'FH409' using message = 'last_owner';
    end if;
    return null;
end $$;

grant execute on function app.guard_power, app.keep_owner, app.limit_grants to freehold_owner;
grant execute on function app.permissions_of to freehold_registrar;
set local role freehold_registrar;
alter default privileges revoke execute on functions from public;

-- Whoever leaves takes their way in along, in the same commit: sessions end where the member does, keys and what waits for
-- their answer end here. Who is removed loses what they were granted too: if they come back, it is for what is given then.
create function app.end_access() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update app.api_keys k set revoked_at = now(), version = version + 1, updated_at = now()
     where k.tenant_id = new.tenant_id and k.created_by = new.id and k.revoked_at is null;
    update app.invitations i set status = 'revoked', version = version + 1, updated_at = now()
     where i.tenant_id = new.tenant_id and lower(i.email) = lower(new.email) and i.status = 'pending';
    if new.status = 'removed' then
        delete from app.grants g where g.tenant_id = new.tenant_id and g.member_id = new.id;
    end if;
    return null;
end $$;

-- A role of the tenant's own can go when nobody has it any more. Who was removed, and invitations that were answered, have
-- none to keep.
create function app.end_role() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update app.members m set role = 'guest', custom_role = null, version = version + 1, updated_at = now()
     where m.tenant_id = old.tenant_id and m.custom_role = old.id and m.status = 'removed';
    update app.invitations i set role = 'guest', custom_role = null, version = version + 1, updated_at = now()
     where i.tenant_id = old.tenant_id and i.custom_role = old.id and i.status <> 'pending';
    return old;
end $$;

-- What was granted on a resource goes with it. Its trigger names the table.
create function app.end_grants() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    delete from app.grants g where g.tenant_id = old.tenant_id and g.resource = tg_argv[0] and g.resource_id = old.id;
    return null;
end $$;
grant execute on function app.end_access, app.end_grants, app.end_role to freehold_owner;

-- As before, and who signs up acts as the owner that they become.
create or replace function app.sign_up(
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
    perform set_config('app.principal', 'member:' || new_member, true),
            set_config('app.permissions', array_to_string(app.permissions_of('owner', null), ' '), true);
    insert into directory.tenants (id) values (new_tenant);
    insert into directory.memberships (issuer, subject, tenant_id) values (issuer, subject, new_tenant);
    insert into app.tenants (id, name) values (new_tenant, tenant_name);
    insert into app.members (id, issuer, subject, email, name, role)
    values (new_member, issuer, subject, email, person, 'owner');
    perform app.announce('tenant.created', new_tenant, 1, to_jsonb(made)) from (
        select t.id, t.name, t.access, t.version, t.created_at, t.updated_at from app.tenants t where t.id = new_tenant) made;
    if key is not null then
        insert into directory.sign_ups (issuer, subject, key, request_hash, tenant_id)
        values (issuer, subject, key, request_hash, new_tenant);
    end if;
    return query select t, false from app.tenants t where t.id = new_tenant;
end $$;

-- Makes this identity a member, or one again, by a token that was mailed to its address. Whoever invited it must still be able
-- to give what the invitation gives: they act here, as far as power goes. `email` is what the identity provider has verified.
create function app.accept_invitation(
    tenant uuid, token_hash bytea, issuer text, subject text, issued_at timestamptz, email text, person text,
    request_id text, address text
) returns table (member_id uuid, tenant_id uuid, replayed boolean)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    invited record;
    known record;
    inviter record;
    done boolean := app.open(tenant, request_id, address);
begin
    perform set_config('app.issuer', issuer, true), set_config('app.subject', subject, true);
    select i.* into invited from app.invitation_tokens k
      join app.invitations i on i.tenant_id = k.tenant_id and i.id = k.invitation_id
     where k.tenant_id = tenant and k.token_hash = accept_invitation.token_hash for update of i;
    if not found or invited.status = 'revoked' or invited.status = 'pending' and invited.expires_at <= now() then
        raise sqlstate 'FH404' using message = 'invitation_gone';
    end if;
    select m.* into known from app.members m
     where m.tenant_id = tenant and m.issuer = accept_invitation.issuer and m.subject = accept_invitation.subject for update;
    if invited.status = 'accepted' then
        if known.id is distinct from invited.accepted_by or known.status <> 'active' then
            raise sqlstate 'FH404' using message = 'invitation_gone';
        end if;
        return query select known.id, tenant, true;
        return;
    elsif lower(email) is distinct from lower(invited.email) then
        raise sqlstate 'FH403' using message = 'invitation_for_another';
    elsif known.status = 'active' then
        raise sqlstate 'FH409' using message = 'already_a_member';
    elsif known.status <> 'removed' then
        raise sqlstate 'FH403' using message = 'not_a_member';
    end if;
    select m.id, app.permissions_of(m.role, m.custom_role) as held into inviter from app.members m
     where m.tenant_id = tenant and m.id = invited.invited_by and m.status = 'active';
    if not found or not 'members:invite' = any (inviter.held) then
        raise sqlstate 'FH404' using message = 'invitation_gone';
    end if;
    perform set_config('app.principal', 'member:' || coalesce(known.id, invited.id), true),
            set_config('app.member_id', coalesce(known.id, invited.id)::text, true),
            set_config('app.permissions', array_to_string(inviter.held, ' '), true);
    if known.id is null then  -- the member has the invitation's id: two acceptances would be one row
        insert into directory.memberships (issuer, subject, tenant_id) values (issuer, subject, tenant) on conflict do nothing;
        insert into app.members (id, issuer, subject, email, name, role, custom_role)
        values (invited.id, issuer, subject, invited.email, person, invited.role, invited.custom_role);
    else
        update app.members m set status = 'active', role = invited.role, custom_role = invited.custom_role,
               email = invited.email, version = version + 1, updated_at = now()
         where m.tenant_id = tenant and m.id = known.id;
    end if;
    update app.invitations i set status = 'accepted', accepted_by = coalesce(known.id, invited.id), version = version + 1,
           updated_at = now()
     where i.tenant_id = tenant and i.id = invited.id;
    perform app.announce('member.joined', coalesce(known.id, invited.id), 1, to_jsonb(made)) from (
        select m.id, m.email, m.name, coalesce(m.role, m.custom_role::text) as role, m.status, m.created_at, m.updated_at
          from app.members m where m.tenant_id = tenant and m.id = coalesce(known.id, invited.id)) made;
    return query select coalesce(known.id, invited.id), tenant, false;
end $$;
grant execute on function app.accept_invitation to freehold_api;

set local role freehold_owner;
revoke create on schema app from freehold_door, freehold_registrar;

-- step: hold members to the rule
create trigger guard_power after insert or update on app.members for each row execute function app.guard_power();
create trigger keep_owner after update or delete on app.members for each row
    when (old.role = 'owner' and old.status = 'active') execute function app.keep_owner();
create trigger end_access after update of status on app.members for each row
    when (old.status <> new.status and new.status in ('deprovisioned', 'removed')) execute function app.end_access();

-- step: hold keys to the rule
create trigger guard_power after insert or update on app.api_keys for each row execute function app.guard_power();

-- step: hold invitations, grants and roles to the rule
create trigger guard_power after insert or update on app.invitations for each row execute function app.guard_power();
create trigger guard_power after insert or update or delete on app.grants for each row execute function app.guard_power();
create trigger limited after insert on app.grants for each row execute function app.limit_grants();
create trigger guard_power after insert or update or delete on app.roles for each row execute function app.guard_power();
create trigger end_role before delete on app.roles for each row when (pg_trigger_depth() = 0) execute function app.end_role();

-- step: show those whom a grant let in no other grants
create policy tenant_granted on app.grants as restrictive to freehold_api
    using (current_setting('app.scope') = 'tenant' or position(resource_id::text in current_setting('app.granted')) > 0);

-- step: let the tenant see what its roles can be made of
grant select on app.permissions, app.builtin_roles to freehold_api;

-- One after the other, so that two requests do not both take the last place.
create function app.limit_roles() returns trigger
language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('roles ' || new.tenant_id, 0));
    if (select count(*) from app.roles r where r.tenant_id = new.tenant_id) >= 100 then
        raise sqlstate 'FH409' using message = 'too_many_roles';
    end if;
    return new;
end $$;
create trigger limited before insert on app.roles for each row execute function app.limit_roles();

-- step: let tables be granted on
-- Makes a table one whose rows can be granted singly, `key` being the column that holds what was granted (its own `id`, or
-- that of what it belongs to), by these permissions. A unit of work that was let in by grants sees only their rows. The ids
-- are searched as text: to make an array of them for each row costs fifteen times as much, with a hundred of them.
create procedure app.grantable(target regclass, key name, variadic permissions text[])
language plpgsql as $$
declare
    named text := (select relname from pg_class where oid = target);
begin
    execute format(
        'create policy tenant_granted on %s as restrictive to freehold_api using (current_setting(''app.scope'') = ''tenant'''
        ' or position(%I::text in current_setting(''app.granted'')) > 0)', target, key);
    if key = 'id' then
        update app.permissions p set resource = named where p.name = any (grantable.permissions);
        execute format('create trigger end_grants after delete on %s for each row execute function app.end_grants(%L)',
            target, named);
    end if;
end $$;
