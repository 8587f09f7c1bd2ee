-- The policy asks a volatile function, once for each row.
-- focus: gate

create function app.planted_tenant() returns uuid language sql volatile as $$ select current_setting('app.tenant_id')::uuid $$;
grant execute on function app.planted_tenant to public;
alter policy tenant on app.api_keys using (tenant_id = app.planted_tenant()) with check (tenant_id = app.planted_tenant());
