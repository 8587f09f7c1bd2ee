-- A role owns a table, and can switch its policies off.
-- focus: app.api_keys

alter table app.api_keys owner to freehold_api;
