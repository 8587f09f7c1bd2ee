-- The policy asks a function that claims to be immutable: a kept plan serves the next tenant with it.
-- focus: app.projects

create function app.current_tenant() returns uuid language plpgsql immutable as
$$ begin return current_setting('app.tenant_id')::uuid; end $$;
grant execute on function app.current_tenant to public;
alter policy tenant on app.projects using (tenant_id = app.current_tenant()) with check (tenant_id = app.current_tenant());
