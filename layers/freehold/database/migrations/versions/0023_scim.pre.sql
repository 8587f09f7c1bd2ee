-- People and groups from a customer's own directory, by SCIM 2.0: who it names become members, whom it takes out goes.

-- step: name what only owners and admins do, and what only a directory does
call app.permission('scim:read', 'See the connections to the tenant''s directory', 'restricted', 'owner', 'admin');
call app.permission('scim:write', 'Connect the tenant''s directory, and give roles to its groups', 'restricted', 'owner', 'admin');
call app.permission('scim:provision', 'Keep members and groups as the directory has them', 'restricted', variadic '{}');
grant select on app.builtin_roles to freehold_api;

-- step: let people be members before they sign in
-- An identity is both, or neither until the first sign-in.
alter table app.members alter column issuer drop not null;
alter table app.members alter column subject drop not null;
alter table app.members add constraint members_identity check (num_nulls(issuer, subject) in (0, 2)) not valid;

-- step: check the identities
alter table app.members validate constraint members_identity;

-- step: keep what the directory calls them
-- `emails` is the directory's list, of which members.email is the one that counts. `deprovisioned_from` is what they go
-- back to when the directory lets them in again. `provisioned_by` is the connection that made or changed them last; it refers
-- to none, because connections refer to members, and are never deleted.
alter table app.members
    add column user_name text,
    add column external_id text,
    add column given_name text,
    add column family_name text,
    add column emails jsonb,
    add column provisioned_by uuid,
    add column deprovisioned_from text;
comment on column app.members.user_name is 'personal';
comment on column app.members.external_id is 'personal';
comment on column app.members.given_name is 'personal';
comment on column app.members.family_name is 'personal';
comment on column app.members.emails is 'personal';
alter table app.members add constraint members_deprovisioned_from
    check (deprovisioned_from in ('active', 'suspended')) not valid;

-- step: check what they go back to
alter table app.members validate constraint members_deprovisioned_from;

-- step: one of each name
create unique index concurrently members_user_name on app.members (tenant_id, lower(user_name)) where status <> 'removed';

-- step: one of each external id
create unique index concurrently members_external_id on app.members (tenant_id, external_id) where status <> 'removed';

-- step: find them by their name
create index concurrently members_directory_name on app.members (tenant_id, lower(coalesce(user_name, email)));

-- step: keep the connections
create table app.scim_tokens (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    name text not null check (length(name) between 1 and 200),
    role text references app.builtin_roles check (role <> 'owner'),
    custom_role uuid,
    token_hash bytea not null,
    hint text not null,
    made_as text,
    made_as_custom uuid,
    created_by uuid not null default current_setting('app.member_id')::uuid,
    expires_at timestamptz check (expires_at < '10000-01-01+00'),
    revoked_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, token_hash),
    constraint scim_tokens_one_role check (num_nonnulls(role, custom_role) = 1),
    foreign key (tenant_id, created_by) references app.members,
    constraint scim_tokens_custom_role foreign key (tenant_id, custom_role) references app.roles
);
create index scim_tokens_created_by on app.scim_tokens (tenant_id, created_by);
create index scim_tokens_custom_role on app.scim_tokens (tenant_id, custom_role);
comment on column app.scim_tokens.token_hash is 'secret';
call app.tenant_table('app.scim_tokens');
create trigger guard_power after insert or update on app.scim_tokens for each row execute function app.guard_power();
call app.allow('app.scim_tokens', 'freehold_door', 'select');
call app.allow('app.scim_tokens', 'freehold_api', 'select',
    'insert (tenant_id, name, role, custom_role, token_hash, hint, expires_at)', 'update (revoked_at, version, updated_at)');

-- What whoever connects it is then, it can be at the most from then on.
create function app.made_as() returns trigger
language plpgsql as $$
begin
    select m.role, m.custom_role into new.made_as, new.made_as_custom from app.members m
     where m.tenant_id = new.tenant_id and m.id = new.created_by;
    return new;
end $$;
create trigger made_as before insert on app.scim_tokens for each row execute function app.made_as();

-- step: keep the directory's groups
create table app.groups (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    display_name text not null check (length(display_name) between 1 and 256),
    external_id text,
    role text references app.builtin_roles check (role <> 'owner'),
    custom_role uuid,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    constraint groups_one_role check (num_nonnulls(role, custom_role) <= 1),
    constraint groups_custom_role foreign key (tenant_id, custom_role) references app.roles
);
create unique index groups_external_id on app.groups (tenant_id, external_id);
create index groups_custom_role on app.groups (tenant_id, custom_role);
call app.tenant_table('app.groups');
create trigger guard_power after insert or update on app.groups for each row execute function app.guard_power();
call app.allow('app.groups', 'freehold_door', 'select');
call app.allow('app.groups', 'freehold_api', 'select', 'insert',
    'update (display_name, external_id, role, custom_role, version, updated_at)', 'delete');

create table app.group_members (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    group_id uuid not null,
    member_id uuid not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, group_id, member_id),
    foreign key (tenant_id, group_id) references app.groups on delete cascade,
    foreign key (tenant_id, member_id) references app.members on delete cascade
);
create index group_members_member on app.group_members (tenant_id, member_id);
call app.tenant_table('app.group_members');
call app.allow('app.group_members', 'freehold_api', 'select', 'insert', 'delete');

-- step: let directories make members and change them
-- Who they are when they sign in, nobody but the door says.
call app.allow('app.members', 'freehold_api',
    'insert (tenant_id, email, name, role, custom_role, status, deprovisioned_from, user_name, external_id, given_name,
             family_name, emails, provisioned_by)',
    'update (email, name, user_name, external_id, given_name, family_name, emails, provisioned_by, deprovisioned_from)');

-- step: open the door to them
call app.allow('app.scim_tokens', 'freehold_registrar', 'select', 'update (role, custom_role, version, updated_at)');
grant create on schema app to freehold_door, freehold_registrar;
set local role freehold_door;
alter default privileges revoke execute on functions from public;

-- As far as whoever connected it could: what they were then, with what that role holds now.
create function app.power_of_directory(directory uuid) returns text[]
language sql stable set search_path = pg_catalog, pg_temp
return coalesce((select app.permissions_of(k.made_as, k.made_as_custom) from app.scim_tokens k
                  where k.tenant_id = current_setting('app.tenant_id')::uuid and k.id = directory), '{}');

-- A directory holds what its connection's default role and the roles of groups confer, so that it can give no more, as far as
-- whoever connected it held that, and what no role confers: to provision. It is nobody's: it lives on when they have left.
create function app.enter_scim(
    tenant uuid, epoch integer, token_hash bytea, permission text, request_id text, address text
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    caller record;
    done boolean := app.open(tenant, request_id, address);
begin
    select k.id, t.access, t.epoch, p.needs, array(
               ((select unnest(app.permissions_of(k.role, k.custom_role))
                 union select unnest(app.permissions_of(g.role, g.custom_role)) from app.groups g
                  where g.tenant_id = tenant and num_nonnulls(g.role, g.custom_role) = 1)
                intersect select unnest(app.power_of_directory(k.id)))
               union select 'scim:provision') as held into caller
      from app.scim_tokens k
      join app.tenants t on t.id = k.tenant_id
      left join app.permissions p on p.name = enter_scim.permission
     where k.tenant_id = tenant and k.token_hash = enter_scim.token_hash
       and k.revoked_at is null and (k.expires_at is null or k.expires_at > now());
    if not found then
        raise sqlstate 'FH401' using message = 'scim_token_refused';
    elsif permission <> 'scim:provision' then  -- what else it holds is there to be given, not to be used
        raise sqlstate 'FH403' using message = 'permission_denied', detail = permission;
    end if;
    done := app.admit('scim:' || caller.id, caller.id, caller.held, null, permission, false, null, epoch,
                      caller.access, caller.epoch, caller.needs);
end $$;
grant execute on function app.enter_scim to freehold_api;

set local role freehold_registrar;

-- As before, and from connections that were ended.
create or replace function app.end_role() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update app.members m set role = 'guest', custom_role = null, version = version + 1, updated_at = now()
     where m.tenant_id = old.tenant_id and m.custom_role = old.id and m.status = 'removed';
    update app.invitations i set role = 'guest', custom_role = null, version = version + 1, updated_at = now()
     where i.tenant_id = old.tenant_id and i.custom_role = old.id and i.status <> 'pending';
    update app.scim_tokens k set role = 'guest', custom_role = null, version = version + 1, updated_at = now()
     where k.tenant_id = old.tenant_id and k.custom_role = old.id and k.revoked_at is not null;
    return old;
end $$;

set local role freehold_owner;
revoke create on schema app from freehold_door, freehold_registrar;
