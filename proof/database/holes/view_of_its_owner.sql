-- A view reads with the rights of whoever made it.
-- focus: app.planted_keys

create view app.planted_keys as select * from app.api_keys;
grant select on app.planted_keys to freehold_api;
