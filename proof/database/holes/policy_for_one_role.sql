-- The tenant policy binds one role, and another one uses the table too.
-- focus: app.projects

alter policy tenant on app.projects to freehold_worker;
