-- A role may empty a table, which row-level security does not see.
-- focus: app.webhook_failures

grant truncate on app.webhook_failures to freehold_api;
