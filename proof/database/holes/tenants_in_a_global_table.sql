-- A table that is everybody's lists in a column which tenants it is about.
-- focus: gate

create table app.planted_flags (name text primary key, tenants uuid[] not null default '{}');
comment on table app.planted_flags is 'global: what is switched on for whom';
alter table app.planted_flags owner to freehold_owner;
grant select on app.planted_flags to freehold_api;
