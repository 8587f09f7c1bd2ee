-- Row-level security binds everybody but the table's owner.
-- focus: app.api_keys

alter table app.api_keys no force row level security;
