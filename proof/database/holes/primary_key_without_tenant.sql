-- A primary key without the tenant tells which ids exist.
-- focus: app.projects

alter table app.projects drop constraint projects_pkey;
alter table app.projects add primary key (id);
