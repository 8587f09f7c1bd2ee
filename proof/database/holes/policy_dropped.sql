-- The tenant policy of a table was dropped.
-- focus: app.api_keys

drop policy tenant on app.api_keys;
