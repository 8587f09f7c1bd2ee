-- The policy asks a function that claims to be immutable: a kept plan serves the next tenant with it.
-- focus: app.api_keys

create function app.planted_tenant() returns uuid language plpgsql immutable as
$$ begin return current_setting('app.tenant_id')::uuid; end $$;
grant execute on function app.planted_tenant to public;
alter policy tenant on app.api_keys using (tenant_id = app.planted_tenant()) with check (tenant_id = app.planted_tenant());
