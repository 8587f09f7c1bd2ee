-- Deleting what is referred to takes the tenant away from the row that refers to it.
-- focus: app.projects

alter table app.projects drop constraint projects_tenant_id_created_by_fkey;
alter table app.projects add foreign key (tenant_id, created_by) references app.members on delete set null;
