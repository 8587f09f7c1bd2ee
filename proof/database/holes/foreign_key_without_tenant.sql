-- A foreign key without the tenant lets a row refer to another tenant's.
-- focus: app.projects

create unique index members_id on app.members (id);
alter table app.projects drop constraint projects_tenant_id_created_by_fkey;
alter table app.projects add foreign key (created_by) references app.members (id);
