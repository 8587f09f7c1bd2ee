-- A role is a member of PostgreSQL's role that reads everything.
-- focus: gate

grant pg_read_all_data to freehold_report;
grant usage on schema app to freehold_report;

-- undo: roles are the whole cluster's
revoke pg_read_all_data from freehold_report;
