-- A foreign key's index does not begin with the tenant.
-- focus: app.projects

drop index app.projects_created_by;
create index projects_created_by on app.projects (created_by);
