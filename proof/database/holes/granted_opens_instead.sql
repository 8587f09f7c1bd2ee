-- The policy of what was granted opens rows, where it should close the others.
-- focus: door

drop policy tenant_granted on app.projects;
create policy tenant_granted on app.projects to freehold_api using (position(id::text in current_setting('app.granted')) > 0);
