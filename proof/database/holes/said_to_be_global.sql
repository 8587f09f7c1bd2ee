-- A table with a tenant's rows says that it is everybody's.
-- focus: app.planted_notes

create table app.planted_notes (tenant_id uuid not null references app.tenants, id uuid not null, body text, primary key (tenant_id, id));
comment on table app.planted_notes is 'global: the same for everybody';
grant select on app.planted_notes to freehold_api;
