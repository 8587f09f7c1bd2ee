-- A table with rows in it, for the examples that follow.

create table app.notes (
    tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
    id uuid not null default uuidv7(),
    body text not null,
    old text,
    project_id uuid,
    primary key (tenant_id, id)
);
call app.tenant_table('app.notes');
call app.allow('app.notes', 'freehold_api', 'select', 'insert', 'update', 'delete');
