-- A copy of a table has its columns and indexes, and none of its policies.
-- focus: app.projects_old

create table app.projects_old (like app.projects including all);
grant select on app.projects_old to freehold_api;
