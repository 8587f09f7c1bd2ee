-- A primary key without the tenant tells which ids exist.
-- focus: app.api_keys

alter table app.api_keys drop constraint api_keys_pkey cascade;
alter table app.api_keys add primary key (id);
