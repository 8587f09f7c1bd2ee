-- The tenant policy is permissive: the role's own policy, which is always true, opens what it closes.
-- focus: app.api_keys

drop policy tenant on app.api_keys;
create policy tenant on app.api_keys using (tenant_id = current_setting('app.tenant_id')::uuid)
    with check (tenant_id = current_setting('app.tenant_id')::uuid);
