-- A role is exempt from row-level security.
-- focus: app.api_keys

alter role freehold_api bypassrls;

-- undo: roles are the whole cluster's
alter role freehold_api nobypassrls;
