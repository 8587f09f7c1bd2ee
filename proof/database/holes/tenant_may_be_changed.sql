-- A role may give a row another tenant, and the policy checks nothing on the way in.
-- focus: app.projects

grant update (tenant_id) on app.projects to freehold_api;
alter policy tenant on app.projects with check (true);
