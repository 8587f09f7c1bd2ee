-- The tenant policy is permissive: the role's own policy, which is always true, opens what it closes.
-- focus: app.projects

drop policy tenant on app.projects;
create policy tenant on app.projects using (tenant_id = current_setting('app.tenant_id')::uuid)
    with check (tenant_id = current_setting('app.tenant_id')::uuid);
