-- The tenant policy covers SELECT and nothing else.
-- focus: app.api_keys

drop policy tenant on app.api_keys;
create policy tenant on app.api_keys as restrictive for select using (tenant_id = current_setting('app.tenant_id')::uuid);
