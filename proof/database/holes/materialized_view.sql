-- A materialized view keeps every tenant's rows, and has no policies.
-- focus: app.all_projects

create materialized view app.all_projects as select * from app.projects;
grant select on app.all_projects to freehold_api;
