-- A copy of a table has its columns and indexes, and none of its policies.
-- focus: app.planted_copy

create table app.planted_copy (like app.api_keys including all);
grant select on app.planted_copy to freehold_api;
