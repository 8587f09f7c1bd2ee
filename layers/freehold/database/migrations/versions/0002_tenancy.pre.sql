-- Who may do what: permissions and built-in roles (the same for everyone), members and API keys (a tenant's own).

create table app.permissions (name text primary key, description text not null, needs app.access not null);
create table app.builtin_roles (name text primary key, permissions text[] not null default '{}');
comment on table app.permissions is 'global: the same read-only rows for every tenant, written by migrations';
comment on table app.builtin_roles is 'global: the same read-only rows for every tenant, written by migrations';
insert into app.builtin_roles (name) values ('owner'), ('admin'), ('member'), ('viewer');

-- Declares a permission and gives it to built-in roles, as its constant in the code does.
create procedure app.permission(name text, description text, needs app.access, variadic held_by text[])
language sql as $$
    insert into app.permissions (name, description, needs) values (permission.name, permission.description, permission.needs);
    update app.builtin_roles r set permissions = r.permissions || permission.name where r.name = any (permission.held_by);
$$;
call app.permission('tenant:read', 'See the tenant''s settings', 'suspended', 'owner', 'admin', 'member', 'viewer');
call app.permission('tenant:write', 'Change the tenant''s settings', 'full', 'owner', 'admin');
call app.permission('members:read', 'See who belongs to the tenant', 'restricted', 'owner', 'admin', 'member', 'viewer');
call app.permission('api_keys:read', 'See which API keys exist', 'restricted', 'owner', 'admin');
call app.permission('api_keys:write', 'Create, rotate and revoke API keys', 'restricted', 'owner', 'admin');

create table app.members (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    issuer text not null,
    subject text not null,
    email text,
    name text,
    role text not null references app.builtin_roles,
    status text not null default 'active' check (status in ('active', 'suspended', 'removed')),
    sessions_ended_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, issuer, subject)
);
comment on column app.members.subject is 'personal';
comment on column app.members.email is 'personal';
comment on column app.members.name is 'personal';
call app.tenant_table('app.members');

create table app.api_keys (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    name text not null check (length(name) between 1 and 200),
    scopes text[] not null,
    secret_hash bytea not null,
    hint text not null,
    created_by uuid not null default current_setting('app.member_id')::uuid,
    expires_at timestamptz check (expires_at < '10000-01-01+00'),
    revoked_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, secret_hash),
    foreign key (tenant_id, created_by) references app.members
);
create index api_keys_created_by on app.api_keys (tenant_id, created_by);
comment on column app.api_keys.secret_hash is 'secret';
call app.tenant_table('app.api_keys');

grant select on app.permissions, app.builtin_roles to freehold_door;
call app.allow('app.tenants', 'freehold_door', 'select');
call app.allow('app.members', 'freehold_door', 'select');
call app.allow('app.api_keys', 'freehold_door', 'select');
call app.allow('app.tenants', 'freehold_api', 'select', 'update (name, version, updated_at)');
call app.allow('app.members', 'freehold_api', 'select');
call app.allow('app.api_keys', 'freehold_api', 'select', 'insert',
    'update (secret_hash, hint, created_by, revoked_at, version, updated_at)');
