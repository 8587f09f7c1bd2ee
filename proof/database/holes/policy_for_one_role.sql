-- The tenant policy binds one role, and another one uses the table too.
-- focus: app.api_keys

alter policy tenant on app.api_keys to freehold_worker;
