-- The tenant policy of a table was dropped.
-- focus: app.projects

drop policy tenant on app.projects;
