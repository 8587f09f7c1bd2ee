-- Row-level security of a table was switched off.
-- focus: app.projects

alter table app.projects disable row level security;
