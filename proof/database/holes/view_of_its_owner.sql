-- A view reads with the rights of whoever made it.
-- focus: app.all_projects

create view app.all_projects as select * from app.projects;
grant select on app.all_projects to freehold_api;
