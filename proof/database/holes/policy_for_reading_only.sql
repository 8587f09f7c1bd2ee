-- The tenant policy covers SELECT and nothing else.
-- focus: app.projects

drop policy tenant on app.projects;
create policy tenant on app.projects as restrictive for select using (tenant_id = current_setting('app.tenant_id')::uuid);
