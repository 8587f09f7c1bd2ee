-- A role may read the planner's statistics, which hold values of everybody's rows.
-- focus: gate

grant select on pg_catalog.pg_statistic to freehold_api;
