-- The relay may look across tenants on a table that people work with.
-- focus: app.projects

alter policy tenant on app.projects
    using (current_user = 'freehold_relay' or tenant_id = current_setting('app.tenant_id')::uuid)
    with check (current_user = 'freehold_relay' or tenant_id = current_setting('app.tenant_id')::uuid);
call app.allow('app.projects', 'freehold_relay', 'select');
