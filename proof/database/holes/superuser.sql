-- A role is a superuser.
-- focus: app.api_keys

alter role freehold_worker superuser;

-- undo: roles are the whole cluster's
alter role freehold_worker nosuperuser;
