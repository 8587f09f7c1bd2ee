-- The policy casts the tenant's column, so that no index answers it.
-- focus: gate

alter policy tenant on app.api_keys using (tenant_id::text = current_setting('app.tenant_id'))
    with check (tenant_id::text = current_setting('app.tenant_id'));
