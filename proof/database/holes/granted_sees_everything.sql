-- Who was granted one project sees all of them.
-- focus: door

drop policy tenant_granted on app.projects;
