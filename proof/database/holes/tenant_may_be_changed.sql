-- A role may give a row another tenant, and the policy checks nothing on the way in.
-- focus: app.api_keys

grant update (tenant_id) on app.api_keys to freehold_api;
alter policy tenant on app.api_keys with check (true);
