-- Row-level security of a table was switched off.
-- focus: app.api_keys

alter table app.api_keys disable row level security;
