-- A role may empty a table, which row-level security does not see.
-- focus: app.api_keys

grant truncate on app.api_keys to freehold_api;
