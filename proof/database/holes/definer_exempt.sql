-- A function reads with the rights of a superuser.
-- focus: functions

create function app.planted_everything(tenant uuid) returns setof app.api_keys language sql security definer as
$$ select * from app.api_keys $$;
grant execute on function app.planted_everything to freehold_api;
