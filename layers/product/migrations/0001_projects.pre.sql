-- Projects: the sample product's one table. Yours follow the same recipe (CONTRIBUTING, "Add a table").

call app.permission('projects:read', 'See projects', 'restricted', 'owner', 'admin', 'member', 'viewer');
call app.permission('projects:write', 'Create, change and archive projects', 'full', 'owner', 'admin', 'member');
call app.permission('projects:delete', 'Delete projects', 'full', 'owner', 'admin');

create table app.projects (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    name text not null check (length(name) between 1 and 200),
    description text not null default '' check (length(description) <= 2000),
    archived_at timestamptz,
    created_by uuid not null default current_setting('app.member_id')::uuid,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, created_by) references app.members
);
create index projects_created_by on app.projects (tenant_id, created_by);
call app.tenant_table('app.projects');
call app.allow('app.projects', 'freehold_api', 'select', 'insert', 'update', 'delete');
