-- A table was made in the schema where nobody looks.
-- focus: public.planted_notes

create table public.planted_notes (tenant_id uuid not null references app.tenants, id uuid primary key, body text);
grant usage on schema public to freehold_api;
grant select, insert, update, delete on public.planted_notes to freehold_api;
