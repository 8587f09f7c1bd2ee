-- Without a unit of work the policy lets everything through.
-- focus: app.api_keys

alter policy tenant on app.api_keys
    using (coalesce(current_setting('app.tenant_id', true), '') = '' or tenant_id = current_setting('app.tenant_id')::uuid);
