-- A role may empty a table, which row-level security does not see.
-- focus: app.projects

grant truncate on app.projects to freehold_api;
