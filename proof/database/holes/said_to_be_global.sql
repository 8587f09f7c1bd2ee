-- A table with a tenant's rows says that it is everybody's.
-- focus: app.notes

create table app.notes (tenant_id uuid not null references app.tenants, id uuid not null, body text, primary key (tenant_id, id));
comment on table app.notes is 'global: the same for everybody';
grant select on app.notes to freehold_api;
