-- A table was made in the schema where nobody looks.
-- focus: public.notes

create table public.notes (tenant_id uuid not null references app.tenants, id uuid primary key, body text);
grant usage on schema public to freehold_api;
grant select, insert, update, delete on public.notes to freehold_api;
