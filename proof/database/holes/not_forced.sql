-- Row-level security binds everybody but the table's owner.
-- focus: app.projects

alter table app.projects no force row level security;
