-- Without a unit of work the policy lets everything through.
-- focus: app.projects

alter policy tenant on app.projects
    using (coalesce(current_setting('app.tenant_id', true), '') = '' or tenant_id = current_setting('app.tenant_id')::uuid);
