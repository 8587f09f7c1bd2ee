-- The policy asks a volatile function, once for each row.
-- focus: app.projects

create function app.current_tenant() returns uuid language sql volatile as $$ select current_setting('app.tenant_id')::uuid $$;
grant execute on function app.current_tenant to public;
alter policy tenant on app.projects using (tenant_id = app.current_tenant()) with check (tenant_id = app.current_tenant());
