-- Requests may take out which rows a limit counts.
-- focus: door

grant select, delete on app.limited_tables to freehold_api;
