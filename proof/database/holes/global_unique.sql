-- A name is unique among all tenants: whoever takes one learns that somebody has it.
-- focus: app.projects

create unique index projects_name on app.projects (name);
