-- A table was made by hand, without policies.
-- focus: app.planted_notes

create table app.planted_notes (tenant_id uuid not null references app.tenants, id uuid primary key, body text);
grant select, insert, update, delete on app.planted_notes to freehold_api;
