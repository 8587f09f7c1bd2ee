-- A table was made by hand, without policies.
-- focus: app.notes

create table app.notes (tenant_id uuid not null references app.tenants, id uuid primary key, body text);
grant select, insert, update, delete on app.notes to freehold_api;
