-- A materialized view keeps every tenant's rows, and has no policies.
-- focus: app.planted_keys

create materialized view app.planted_keys as select * from app.api_keys;
grant select on app.planted_keys to freehold_api;
