-- A role owns a table, and can switch its policies off.
-- focus: app.projects

alter table app.projects owner to freehold_api;
