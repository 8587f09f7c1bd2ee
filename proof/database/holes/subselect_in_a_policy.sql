-- The policy asks another table, which has a policy of its own.
-- focus: gate

alter policy tenant on app.api_keys
    using (tenant_id in (select t.id from app.tenants t where t.id = current_setting('app.tenant_id')::uuid))
    with check (tenant_id in (select t.id from app.tenants t where t.id = current_setting('app.tenant_id')::uuid));
